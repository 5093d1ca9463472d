/**
 * Memory per connection as a stacked bar: the switch, the kernel's sockets, the driver, and what the machine used
 * besides. Parts come from different sources, so each names its own.
 */
import type { Result } from '../../../result/result-schema.ts';
import { isDriverAlone } from '../../run/lines/is-driver-alone.ts';
import { plainBytes } from '../../run/lines/memory-lines.ts';
import { type Markup, markup } from '../markup.ts';
import { fixed } from '../svg-plot.ts';

export interface MemoryPart {
  readonly name: string;
  /** Class of its colour. */
  readonly colour: 'switch' | 'kernel' | 'driver' | 'rest';
  /** Null if it was not measured; the reason is then in the source. */
  readonly bytesPerConnection: number | null;
  /** Where the figure comes from. */
  readonly source: string;
}

const BAR_WIDTH = 600;
const BAR_HEIGHT = 26;
/** A part that is there stays visible. */
const PART_WIDTH_MIN = 2;

/** The parts in the order in which they are stacked. */
export function memoryParts(result: Result): MemoryPart[] {
  const { memory } = result;
  const isDriver = isDriverAlone(result);
  const parts: MemoryPart[] = [
    isDriver
      ? { name: 'switch', colour: 'switch', bytesPerConnection: null, source: 'on the other side' }
      : sidePart('switch', memory.switch),
    kernelPart(result),
    sidePart('driver', memory.driver),
  ];
  const whole = memory.machine?.bytesPerConnection ?? null;
  const known = parts.reduce((sum, { bytesPerConnection }) => sum + (bytesPerConnection ?? 0), 0);
  if (whole === null || memory.isSimulated || whole <= known) return parts;
  return [
    ...parts,
    {
      name: 'rest of the machine',
      colour: 'rest',
      bytesPerConnection: whole - known,
      source: 'so much more went from free memory',
    },
  ];
}

/** The sum of the parts; null if none was measured. */
export function memorySum(parts: readonly MemoryPart[]): number | null {
  const known = parts.flatMap(({ bytesPerConnection }) => (bytesPerConnection === null ? [] : [bytesPerConnection]));
  return known.length === 0 ? null : known.reduce((sum, bytes) => sum + bytes, 0);
}

/** RSS contains everything but is coarse: where it shows no slope, or does not grow along a line, the tables do. */
function sidePart(name: 'switch' | 'driver', { ledger, rss }: Result['memory']['switch']): MemoryPart {
  const resident = rss?.isLinear === true ? rss.bytesPerConnection : null;
  if (resident !== null) return { name, colour: name, bytesPerConnection: resident, source: 'RSS' };
  const tables = ledger?.bytesPerConnection ?? null;
  const source = tables === null ? (ledger?.reason ?? 'not measured') : 'tables';
  return { name, colour: name, bytesPerConnection: tables, source };
}

function kernelPart({ memory, sockets, scenario }: Result): MemoryPart {
  const part = { name: 'kernel', colour: 'kernel' } as const;
  if (scenario.isSimulated) return { ...part, bytesPerConnection: null, source: 'simulated: no sockets' };
  const bytes = memory.kernel?.bytesPerConnection ?? null;
  if (bytes === null) return { ...part, bytesPerConnection: null, source: memory.kernel?.reason ?? 'not measured' };
  return { ...part, bytesPerConnection: bytes, source: sockets?.endsHere === 1 ? 'one end' : 'both ends' };
}

/** The bar with its legend. */
export function memoryBar(parts: readonly MemoryPart[]): Markup {
  const sum = memorySum(parts);
  let left = 0;
  const pieces = parts.flatMap(({ bytesPerConnection, colour }) => {
    if (bytesPerConnection === null || sum === null || sum <= 0) return [];
    const width = Math.max(PART_WIDTH_MIN, (bytesPerConnection / sum) * BAR_WIDTH);
    const piece = markup`<rect class="part-${colour}" x="${fixed(left)}" y="0" width="${fixed(width)}" height="${BAR_HEIGHT}"/>`;
    left += width;
    return [piece];
  });
  const label = parts.map((part) => `${part.name}: ${partFigure(part)}`).join(', ');
  const picture = markup`<svg class="memory-bar" viewBox="0 0 ${fixed(Math.max(left, BAR_WIDTH))} ${BAR_HEIGHT}" preserveAspectRatio="none" role="img" aria-label="Memory per connection: ${label}">${
    pieces.length === 0
      ? markup`<rect class="part-none" x="0.5" y="0.5" width="${BAR_WIDTH - 1}" height="${BAR_HEIGHT - 1}"/>`
      : pieces
  }</svg>`;
  const legend = parts.map(
    (part) =>
      markup`<li><span class="swatch-part part-${part.colour}"></span><b>${part.name}</b> ${partFigure(part)} <span class="faint">${part.source}</span></li>`,
  );
  return markup`${picture}
<ul class="parts">${legend}</ul>`;
}

function partFigure({ bytesPerConnection }: MemoryPart): string {
  return bytesPerConnection === null ? '–' : `${plainBytes(bytesPerConnection)} B`;
}
