/**
 * When a segment counts as lost: the smoothed round trip, its variation, and the time-out made of them (RFC 6298, with
 * its alpha = 1/8 and beta = 1/4, in the fixed-point form of Jacobson and Karels, "Congestion Avoidance and Control",
 * 1988).
 *
 * Both estimates of a connection are packed into one number, in units of 1/8 and 1/4 millisecond.
 */

/** The time-out before a round trip was measured (RFC 6298, 2.1). */
export const FIRST_TIMEOUT_MILLIS = 1000;
/** The same if the SYN was sent more than once (RFC 6298, 5.7). */
export const LOST_SYN_TIMEOUT_MILLIS = 3000;
/**
 * The least that is added to the smoothed round trip. RFC 6298 recommends a time-out of at least 1 s; Linux, the peer
 * here, adds at least 200 ms. This is more, because 200 ms is also the longest time for which Linux delays an
 * acknowledgement.
 */
const TIMEOUT_MARGIN_MILLIS_MIN = 250;
/** The longest time-out, however often it was doubled; at least 60 s (RFC 6298, 2.5). */
export const TIMEOUT_MILLIS_MAX = 60_000;

const SMOOTHED_SHIFT = 3;
const VARIATION_SHIFT = 2;
const PART_MAX = 0xffff;

/** The estimates after another round trip was measured. @param packed the estimates before it, 0 for none. */
export function withRoundTrip(packed: number, millis: number): number {
  const measured = Math.max(0, Math.min(PART_MAX >> SMOOTHED_SHIFT, millis));
  if (packed === 0) return pack(measured << SMOOTHED_SHIFT, measured << (VARIATION_SHIFT - 1));
  const smoothed = packed >>> 16;
  const variation = packed & PART_MAX;
  const error = measured - (smoothed >> SMOOTHED_SHIFT);
  return pack(smoothed + error, variation + Math.abs(error) - (variation >> VARIATION_SHIFT));
}

/** Smoothed round trip in whole milliseconds. */
function smoothedMillis(packed: number): number {
  return packed >>> (16 + SMOOTHED_SHIFT);
}

/** The time-out after so many in a row. @param first what applies before a round trip was measured. */
export function retransmissionTimeoutMillis(packed: number, first: number, backoff: number): number {
  const variation = packed & PART_MAX; // four times the mean deviation, as it is kept
  const base = packed === 0 ? first : smoothedMillis(packed) + Math.max(TIMEOUT_MARGIN_MILLIS_MIN, variation);
  return Math.min(TIMEOUT_MILLIS_MAX, base * 2 ** backoff);
}

/** The smoothed part is at least 1, so that estimates of 0 differ from none. */
function pack(smoothed: number, variation: number): number {
  return (Math.max(1, Math.min(PART_MAX, smoothed)) << 16) | Math.min(PART_MAX, Math.max(0, variation));
}
