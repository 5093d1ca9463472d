/**
 * Times of a run as two integers: microseconds modulo 2^32, and the number of overflows.
 *
 * A double would be allocated on the heap wherever it is passed on, and a single integer overflows after 71 minutes.
 */

/** Range of the lower integer; the upper one is `(micros / WORD_MICROS) | 0`. */
export const WORD_MICROS = 2 ** 32;

/** Microseconds from one time to another; negative if the other is earlier. */
export function elapsedMicros(fromWord: number, fromHigh: number, toWord: number, toHigh: number): number {
  // With equal upper bits the difference fits an integer, and no double is allocated.
  if (fromHigh === toHigh && (fromWord ^ toWord) >= 0) return (toWord - fromWord) | 0;
  return (toHigh - fromHigh) * WORD_MICROS + ((toWord >>> 0) - (fromWord >>> 0));
}
