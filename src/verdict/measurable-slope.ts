/**
 * Which lines through memory are figures. What a connection takes is more than nothing: a slope that is negative, or
 * whose interval spans zero, is noise, and a number that is printed is quoted. In its place stands how many connections
 * it would take to tell.
 */
import { formatBytes, formatCount, formatShort } from '../base/units.ts';
import type { Slope } from '../result/result-schema.ts';
import type { MemoryLine } from './memory-levels.ts';

/** What is looked for where the readings show nothing: user memory of a connection over `tcp`, a side. */
const SOUGHT_BYTES = 64;
/** Slab of an idle connection with both ends here: 8,350 to 8,370 B at 2.0 and 2.6 million (Linux 6.18). */
export const KERNEL_PAIR_BYTES = 8370;

export interface SlopeContext {
  /** Connections at the highest level. */
  readonly connections: number;
  /** What is looked for where the readings show nothing. */
  readonly soughtBytes?: number;
  /** Why the readings say nothing, whatever they are; null where nothing is known against them. */
  readonly disturbed?: string | null;
}

/** So many times the connections at which the interval would just leave zero. */
const MARGIN = 2;

/** The slope of a result. */
export function measurableSlope(line: MemoryLine | null, context: SlopeContext): Slope | null {
  if (line === null) return null;
  const reason = context.disturbed ?? (isMeasurable(line) ? null : unmeasurable(line, context));
  return {
    ...line,
    bytes: [...line.bytes],
    bytesPerConnection: reason === null ? line.bytesPerConnection : null,
    reason,
  };
}

/** Readings that are all the same are exact: nothing was added, and that is known. */
function isMeasurable({
  bytesPerConnection,
  lowBytesPerConnection: low,
  highBytesPerConnection: high,
}: MemoryLine): boolean {
  return (bytesPerConnection > 0 && low > 0) || (low === 0 && high === 0);
}

function unmeasurable(line: MemoryLine, context: SlopeContext): string {
  const { connections } = context;
  const needed = formatShort(roundUp(connectionsNeeded(line, context)));
  const { highBytesPerConnection: high } = line;
  const bound = high > 0 ? ` (here at most ${formatBytes(high)})` : '';
  return `not measurable at ${formatCount(connections)} connections; needs about ${needed}${bound}`;
}

/**
 * Noise in bytes does not grow with connections, so the interval of a slope narrows as they grow: at n times as many it is
 * an n-th as wide. Sought is what the slope seems to be, or the most that it may be, as far as that is worth looking for.
 */
function connectionsNeeded(line: MemoryLine, { connections, soughtBytes = SOUGHT_BYTES }: SlopeContext): number {
  const { bytesPerConnection: slope, lowBytesPerConnection: low, highBytesPerConnection: high } = line;
  const noise = Math.max(slope - low, high - slope, -slope);
  const sought = high > 0 ? Math.max(slope, Math.min(high, soughtBytes)) : soughtBytes;
  return MARGIN * connections * Math.max(1, noise / sought);
}

/** Two significant digits, upwards: the noise of another run is another. */
function roundUp(value: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1);
  return Math.ceil(value / unit) * unit;
}
