/** How large the timing wheel of session ends is: the words of a bucket, and how many buckets there are. */
import { foundLengths, type Platform, sessionLengths } from './platforms.ts';

/** Chains of a list, and its words: one more. A bucket has two lists, that of sessions and that of absences. */
export const CHAINS = 7;
export const LIST_WORDS = CHAINS + 1;
export const BUCKET_WORDS = 2 * LIST_WORDS;
/**
 * Buckets of the wheel, 64 B each: a power of two, more where sessions are long, so that ticks are as short as this if
 * they can be.
 */
const BUCKETS_MIN = 2 ** 18;
const BUCKETS_MAX = 2 ** 22;
const WANTED_TICK_MICROS = 100_000;

export interface SessionWheelSize {
  readonly buckets: number;
  /** The longest session or absence, which takes half of the wheel. */
  readonly longestMicros: number;
}

/** The size of a wheel for phones of these platforms. */
export function sessionWheelSize(platforms: readonly Platform[]): SessionWheelSize {
  const lengths = platforms.flatMap(({ session }) => [sessionLengths(session), foundLengths(session)]);
  const absences = platforms.map(({ awayMicros }) => awayMicros);
  const longestMicros = Math.max(1, ...lengths.map((micros) => micros.at(-1) ?? 0), ...absences);
  const wanted = 2 ** Math.ceil(Math.log2((2 * longestMicros) / WANTED_TICK_MICROS));
  return { buckets: Math.min(BUCKETS_MAX, Math.max(BUCKETS_MIN, wanted)), longestMicros };
}

/** Bytes of such a wheel. */
export function sessionWheelBytes(platforms: readonly Platform[]): number {
  return BUCKET_WORDS * Int32Array.BYTES_PER_ELEMENT * sessionWheelSize(platforms).buckets;
}
