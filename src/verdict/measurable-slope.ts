/**
 * Which slopes of memory are figures. A connection takes more than 0 bytes, so a slope that is negative, or whose
 * interval includes zero, is noise, and a printed number would be quoted. The result then says how many connections
 * would be needed.
 */
import { formatBytes, formatCount, formatShort } from '../base/units.ts';
import type { Slope } from '../result/sections/memory-schema.ts';
import type { MemoryLine } from './record/memory-levels.ts';

/** The slope to detect if the readings show none: user memory per connection over `tcp`, per side. */
const SOUGHT_BYTES = 64;
/**
 * Slab memory of an idle connection with both ends on this machine: 8,350 to 8,370 B at 2.0 and 2.6 million (Linux
 * 6.18).
 */
export const KERNEL_PAIR_BYTES = 8370;

export interface SlopeContext {
  /** Connections at the highest level. */
  readonly connections: number;
  /** The slope to detect if the readings show none. */
  readonly soughtBytes?: number;
  /** Why the readings are not valid, whatever their values; null if no reason is known. */
  readonly disturbed?: string | null;
}

/** Safety factor on the number of connections at which the interval would just exclude zero. */
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

/** Readings that are all equal are exact: it is known that nothing was added. */
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
 * Noise in bytes does not grow with connections, so the interval of a slope is inversely proportional to their number.
 * The slope to detect is the estimate, or the upper end of the interval, up to the slope that is worth detecting.
 */
function connectionsNeeded(line: MemoryLine, { connections, soughtBytes = SOUGHT_BYTES }: SlopeContext): number {
  const { bytesPerConnection: slope, lowBytesPerConnection: low, highBytesPerConnection: high } = line;
  const noise = Math.max(slope - low, high - slope, -slope);
  const sought = high > 0 ? Math.max(slope, Math.min(high, soughtBytes)) : soughtBytes;
  return MARGIN * connections * Math.max(1, noise / sought);
}

/** Rounds up to two significant digits: the noise of the next run differs. */
function roundUp(value: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1);
  return Math.ceil(value / unit) * unit;
}
