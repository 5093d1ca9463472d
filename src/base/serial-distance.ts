/** Serial numbers: message ids and sequence numbers have 30 bits and wrap around (arithmetic as in RFC 1982). */

export const SERIAL_BITS = 30;
export const SERIAL_MASK = 2 ** SERIAL_BITS - 1;
const SERIAL_HALF = 2 ** (SERIAL_BITS - 1);
/**
 * Messages that a phone may have unanswered, and ids back from the newest for which the switch recognizes duplicates.
 */
export const ID_WINDOW = 16;

/** The signed distance from `b` to `a`: positive if `a` is newer, negative if older, at most 2^29 in absolute value. */
export function serialDistance(a: number, b: number): number {
  const ahead = (a - b) & SERIAL_MASK;
  return ahead >= SERIAL_HALF ? ahead - SERIAL_MASK - 1 : ahead;
}
