/**
 * Which lines through memory are figures. What a connection takes is more than nothing: a slope that is negative, or
 * whose interval spans zero, is noise, and a number that is printed is quoted. In its place stands how many connections
 * it would take to tell.
 */
import { formatCount, formatShort } from '../base/units.ts';
import type { Slope } from '../result/result-schema.ts';
import type { MemoryLine } from './memory-levels.ts';

/** The least that is looked for where the readings show nothing: user memory of a connection over `tcp`, a side. */
const SOUGHT_BYTES = 64;
/** So many times the connections at which the interval would just leave zero. */
const MARGIN = 2;

/**
 * The slope of a result.
 * @param connections at the highest level.
 * @param disturbed why the readings say nothing, whatever they are; null where nothing is known against them.
 */
export function measurableSlope(
  line: MemoryLine | null,
  connections: number,
  disturbed: string | null = null,
): Slope | null {
  if (line === null) return null;
  const reason = disturbed ?? (isMeasurable(line) ? null : unmeasurable(line, connections));
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

function unmeasurable(line: MemoryLine, connections: number): string {
  const needed = formatShort(roundUp(connectionsNeeded(line, connections)));
  return `not measurable at ${formatCount(connections)} connections; needs about ${needed}`;
}

/**
 * Noise in bytes does not grow with connections, so the interval of a slope narrows as they grow: at n times as many it is
 * an n-th as wide. Sought is what the slope seems to be, or, where that is too little to go by, SOUGHT_BYTES.
 */
function connectionsNeeded(line: MemoryLine, connections: number): number {
  const { bytesPerConnection: slope, lowBytesPerConnection: low, highBytesPerConnection: high } = line;
  const noise = Math.max(slope - low, high - slope, -slope);
  return MARGIN * connections * Math.max(1, noise / Math.max(SOUGHT_BYTES, slope));
}

/** One significant digit and a half: the noise of other runs is another. */
function roundUp(value: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1);
  return Math.ceil(value / unit) * unit;
}
