/**
 * Noise floors: per metric the difference that a machine reports without a change, beside the smallest that matters.
 */
import { bottomAxis } from '../svg/axes.ts';
import { linearScale } from '../svg/scale.ts';
import { arrowHead, box, drawing, fittedWords, line, mark, NARROW } from '../svg/svg.ts';
import { linearTicks } from '../svg/ticks.ts';

export interface NoiseRow {
  readonly metric: string;
  /** Null with too few pairs. */
  readonly floorShare: number | null;
  readonly smallestDetectableShare: number | null;
  readonly smallestDifferenceShare: number;
  readonly isUsable: boolean;
  readonly said: string;
}

/** A metric noisier than this is drawn with an arrow: it does not gate anyway. */
const SHARE_MAX = 0.3;
const SHARE_MIN = 0.05;
const AXIS_HEIGHT = 26;

export function noisePlot(rows: readonly NoiseRow[], width: number, label: string): string {
  const isNarrow = width <= NARROW;
  const rowHeight = isNarrow ? 40 : 26;
  const [left, right] = isNarrow ? [8, width - 16] : [270, width - 20];
  const shares = rows.flatMap(({ floorShare, smallestDifferenceShare }) => [floorShare ?? 0, smallestDifferenceShare]);
  const most = Math.min(SHARE_MAX, Math.max(SHARE_MIN, ...shares) * 1.1);
  const x = linearScale(0, most, [left, right]);
  const bottom = Math.max(1, rows.length) * rowHeight;
  const ticks = linearTicks(x, 6).map((value) => ({ value, label: `${Number((value * 100).toPrecision(3))} %` }));
  return drawing(
    { width, height: bottom + AXIS_HEIGHT, label },
    bottomAxis(x, ticks, 0, bottom),
    ...rows.flatMap((row, i) => {
      const top = i * rowHeight;
      const y = isNarrow ? top + 27 : top + rowHeight / 2;
      const name = isNarrow
        ? fittedWords(left, top + 14, row.metric, width - 16)
        : fittedWords(0, y + 4, row.metric, left - 12);
      return [name, noiseMarks(row, y, x.at, most)];
    }),
  );
}

function noiseMarks(row: NoiseRow, y: number, at: (share: number) => number, most: number): string {
  const { floorShare, smallestDetectableShare: detectable, smallestDifferenceShare, isUsable, said } = row;
  const tone = isUsable ? 'good' : 'bad';
  const parts: string[] = [];
  if (floorShare !== null) parts.push(box(at(0), y - 5, at(floorShare), y + 5, tone, said));
  if (floorShare !== null && floorShare > most) parts.push(arrowHead(at(most) + 10, y, 1, tone));
  if (detectable !== null && detectable <= most) parts.push(mark('ring', at(detectable), y, 4, 'even', said));
  if (smallestDifferenceShare <= most) {
    parts.push(line(at(smallestDifferenceShare), y - 9, at(smallestDifferenceShare), y + 9, 'limit'));
  }
  return parts.join('');
}
