/**
 * A series as one line of characters of eight heights, from zero to its maximum. It shows a shape; figures stand beside
 * it.
 */
import { at } from '../../base/assert.ts';

const HEIGHTS = '▁▂▃▄▅▆▇█';
/** An interval that was not measured. */
const GAP = ' ';

/**
 * @param values one per interval; null if it was not measured.
 * @param cells maximum of characters; a longer series has several intervals per character, of which the highest counts.
 */
export function sparkline(values: readonly (number | null)[], cells: number): string {
  const count = Math.min(cells, values.length);
  const highest = (part: readonly (number | null)[]): number | null => {
    const known = part.filter((value) => value !== null);
    return known.length === 0 ? null : known.reduce((max, value) => Math.max(max, value), 0);
  };
  const thinned = Array.from({ length: count }, (_, n) => {
    const [from, to] = [n, n + 1].map((end) => Math.floor((end * values.length) / count)) as [number, number]; // two ends
    return highest(values.slice(from, to));
  });
  const max = highest(thinned) ?? 0;
  return thinned.map((value) => (value === null ? GAP : heightOf(value, max))).join('');
}

function heightOf(value: number, max: number): string {
  const height = max > 0 ? Math.round((value / max) * (HEIGHTS.length - 1)) : 0;
  return at([...HEIGHTS], Math.max(0, height));
}
