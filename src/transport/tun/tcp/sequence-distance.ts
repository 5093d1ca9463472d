/**
 * Sequence numbers of TCP: 32 bits that wrap (RFC 9293, 3.4), kept as signed integers. Two that are compared are less
 * than 2^31 apart.
 */

/** The signed distance from `b` to `a`: positive if `a` comes later. */
export function sequenceDistance(a: number, b: number): number {
  return (a - b) | 0;
}
