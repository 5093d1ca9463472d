/**
 * The checksum of the Internet protocols (RFC 1071): the complement of the ones' complement sum of all 16-bit words.
 */

const PROTOCOL_TCP = 6;

/** The folded sum of `view[start, end)`, begun at `initial`: 0xffff if a checksum within it is right. */
export function internetSum(view: DataView, start: number, end: number, initial: number): number {
  let sum = initial;
  let at = start;
  for (; at + 1 < end; at += 2) sum += view.getUint16(at);
  if (at < end) sum += view.getUint8(at) << 8;
  sum = (sum & 0xffff) + (sum >>> 16);
  return (sum & 0xffff) + (sum >>> 16);
}

/** The sum of what TCP's checksum covers besides the segment: addresses, protocol and length (RFC 9293, 3.1). */
export function pseudoHeaderSum(view: DataView, ip: number, tcpBytes: number): number {
  return internetSum(view, ip + 12, ip + 20, PROTOCOL_TCP + tcpBytes);
}
