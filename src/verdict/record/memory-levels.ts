/** The levels of connections at which memory is read, and the lines through the readings. */
import { isLinear, slopeInterval, theilSen } from '../../stats/theil-sen.ts';
import type { MemoryReading } from './memory-reading.ts';

/** Ratio of the highest to the lowest level: large enough to see a slope above the noise. */
const SPAN = 8;
const CONFIDENCE = 0.95;
/** Chosen, not derived: each half of the levels, whose slopes are compared (`isLinear`), has at least three. */
export const LEVELS_MIN = 6;

/** Levels in geometric steps up to `online`; not powers of two, at which tables grow. */
export function memoryLevels(online: number, levels: number): number[] {
  const step = SPAN ** (1 / (levels - 1));
  const wanted = Array.from({ length: levels }, (_, i) => Math.round(online / step ** (levels - 1 - i)));
  const odd = wanted.map((level, i) => (i < levels - 1 && (level & (level - 1)) === 0 ? level + 1 : level));
  return [...new Set(odd)].filter((level) => level > 0 && level <= online);
}

/** A line through readings, whatever its quality: `measurableSlope` decides whether it is a figure. */
export interface MemoryLine {
  readonly bytesPerConnection: number;
  readonly lowBytesPerConnection: number;
  readonly highBytesPerConnection: number;
  readonly baseBytes: number;
  readonly isLinear: boolean;
  readonly bytes: readonly number[];
}

/** The line through one figure of all readings; null if there are too few of them. */
export function memoryLine(
  readings: readonly MemoryReading[],
  figure: (reading: MemoryReading) => number | null,
  seed: number,
): MemoryLine | null {
  const xs = readings.map((reading) => reading.connections);
  const ys = readings.map(figure).filter((value) => value !== null);
  if (xs.length < LEVELS_MIN || ys.length < xs.length || new Set(xs).size < LEVELS_MIN) return null;
  const { slope, intercept } = theilSen(xs, ys);
  const interval = slopeInterval(xs, ys, CONFIDENCE, seed);
  return {
    bytesPerConnection: slope,
    lowBytesPerConnection: interval.low,
    highBytesPerConnection: interval.high,
    baseBytes: intercept,
    isLinear: isLinear(xs, ys),
    bytes: ys,
  };
}

/**
 * The difference of two lines. Both ends of its interval use the worse end of the other interval.
 * @param addBytesPerConnection memory that the second line includes and that belongs to the first.
 */
export function lineDifference(
  whole: MemoryLine | null,
  part: MemoryLine | null,
  addBytesPerConnection: number,
): MemoryLine | null {
  if (whole === null || part === null) return null;
  return {
    bytesPerConnection: whole.bytesPerConnection - part.bytesPerConnection + addBytesPerConnection,
    lowBytesPerConnection: whole.lowBytesPerConnection - part.highBytesPerConnection + addBytesPerConnection,
    highBytesPerConnection: whole.highBytesPerConnection - part.lowBytesPerConnection + addBytesPerConnection,
    baseBytes: whole.baseBytes - part.baseBytes,
    isLinear: whole.isLinear && part.isLinear,
    bytes: [],
  };
}
