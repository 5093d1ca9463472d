/**
 * Moments of a run in two integers: microseconds modulo 2^32, and how often 2^32 has passed.
 *
 * One double would do, but it would be an object wherever it is passed on; and one integer alone goes
 * round after 71 minutes, half of which it cannot tell from the past.
 */

/** What the lower integer counts before the upper one goes up: `(micros / WORD_MICROS) | 0` is the upper one. */
export const WORD_MICROS = 2 ** 32;

/** Microseconds from one moment to another; below 0 if the other was before. */
export function elapsedMicros(fromWord: number, fromHigh: number, toWord: number, toHigh: number): number {
  // Alike in their highest bits: the difference fits, and no double is made.
  if (fromHigh === toHigh && (fromWord ^ toWord) >= 0) return (toWord - fromWord) | 0;
  return (toHigh - fromHigh) * WORD_MICROS + ((toWord >>> 0) - (fromWord >>> 0));
}
