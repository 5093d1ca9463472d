/**
 * One received segment, read from an IPv4 packet: the fields of its headers as numbers, and where its payload lies.
 *
 * There is one object per stack, filled again for each packet, so that reading allocates nothing. Whatever a packet
 * contains, `read` says what is wrong with it and touches nothing outside it. Sequence numbers, addresses and other
 * fields of 32 bits are signed: V8 allocates larger numbers. What is read of the two headers, in network byte order:
 *
 *     IPv4   byte 0    words of the header 0..3 · version 4..7
 *            byte 2    bytes of the packet, 16 bits
 *            byte 6    offset of a fragment 0..12 · more fragments 13
 *            byte 9    protocol
 *            byte 12   source address, 32 bits        byte 16   destination address, 32 bits
 *     TCP    byte 0    source port, 16 bits           byte 2    destination port, 16 bits
 *            byte 4    sequence number, 32 bits       byte 8    acknowledgement, 32 bits
 *            byte 12   words of the header 4..7       byte 13   flags
 *            byte 14   window, 16 bits                byte 20   options: kind · bytes, from the kind on · value
 */
import { internetSum, pseudoHeaderSum } from './internet-sum.ts';

export const TcpFlag = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16 } as const;

/** What is wrong with a packet; 0 if nothing is. */
export const SegmentFault = {
  NONE: 0,
  /** Shorter than its headers or than it says. */
  CUT: 1,
  /** Not IPv4, or not TCP. */
  OTHER_PROTOCOL: 2,
  /** A fragment: packets are sent with "don't fragment", and no path in use has a smaller MTU. */
  FRAGMENT: 3,
  BAD_HEADER: 4,
  BAD_CHECKSUM: 5,
} as const;

export const IP_HEADER_BYTES = 20;
export const TCP_HEADER_BYTES = 20;
export const HEADERS_BYTES = IP_HEADER_BYTES + TCP_HEADER_BYTES;
export const IP_PROTOCOL_TCP = 6;
/** What a peer takes at least, and what is assumed if it announces nothing (RFC 9293, 3.7.1). */
const MSS_DEFAULT = 536;
/** The largest shift of a window (RFC 7323, 2.3). */
const WINDOW_SHIFT_MAX = 14;
const OPTION_END = 0;
const OPTION_NOTHING = 1;
const OPTION_MSS = 2;
const OPTION_MSS_BYTES = 4;
const OPTION_WINDOW_SCALE = 3;
const OPTION_WINDOW_SCALE_BYTES = 3;
const NO_SHIFT = -1;

/** "More fragments", and the offset of a fragment. */
const FRAGMENT_BITS = 0x3fff;

export class Segment {
  sourceAddress = 0;
  destinationAddress = 0;
  sourcePort = 0;
  destinationPort = 0;
  sequence = 0;
  acknowledgement = 0;
  flags = 0;
  /** As it stands in the header, not scaled. */
  window = 0;
  /** Offsets of the payload. */
  start = 0;
  end = 0;
  /** The maximum segment size that a SYN announces; {@link MSS_DEFAULT} without the option. */
  mss = MSS_DEFAULT;
  /** By how many bits the sender of a SYN shifts its windows; -1 without the option. */
  windowShift = NO_SHIFT;

  /** Sequence numbers that the segment takes: its payload, SYN and FIN. */
  get length(): number {
    return this.end - this.start + ((this.flags >> 1) & 1) + (this.flags & 1);
  }

  /**
   * Reads the packet in `view[start, start + bytes)`.
   * @param isChecked whether its checksums must be right.
   * @returns a value of {@link SegmentFault}; unless it is NONE, the fields mean nothing.
   */
  read(view: DataView, start: number, bytes: number, isChecked: boolean): number {
    if (bytes < 1) return SegmentFault.CUT;
    const first = view.getUint8(start);
    if (first >> 4 !== 4) return SegmentFault.OTHER_PROTOCOL;
    const ipBytes = (first & 15) * 4;
    if (bytes < IP_HEADER_BYTES || bytes < ipBytes) return SegmentFault.CUT;
    if (ipBytes < IP_HEADER_BYTES) return SegmentFault.BAD_HEADER;
    if (view.getUint8(start + 9) !== IP_PROTOCOL_TCP) return SegmentFault.OTHER_PROTOCOL;
    if ((view.getUint16(start + 6) & FRAGMENT_BITS) !== 0) return SegmentFault.FRAGMENT;
    const total = view.getUint16(start + 2);
    if (total > bytes || total < ipBytes + TCP_HEADER_BYTES) return SegmentFault.CUT;
    const tcp = start + ipBytes;
    const end = start + total;
    const headerBytes = (view.getUint8(tcp + 12) >> 4) * 4;
    if (headerBytes < TCP_HEADER_BYTES) return SegmentFault.BAD_HEADER;
    if (tcp + headerBytes > end) return SegmentFault.CUT;
    if (isChecked && !isIntact(view, start, tcp, end)) return SegmentFault.BAD_CHECKSUM;
    this.#take(view, start, tcp);
    this.start = tcp + headerBytes;
    this.end = end;
    if ((this.flags & TcpFlag.SYN) !== 0) this.#readOptions(view, tcp + TCP_HEADER_BYTES, this.start);
    return SegmentFault.NONE;
  }

  #take(view: DataView, ip: number, tcp: number): void {
    this.sourceAddress = view.getInt32(ip + 12);
    this.destinationAddress = view.getInt32(ip + 16);
    this.sourcePort = view.getUint16(tcp);
    this.destinationPort = view.getUint16(tcp + 2);
    this.sequence = view.getInt32(tcp + 4);
    this.acknowledgement = view.getInt32(tcp + 8);
    this.flags = view.getUint8(tcp + 13);
    this.window = view.getUint16(tcp + 14);
  }

  /** Options that are cut or unknown are skipped; one that says it has no length ends the list. */
  #readOptions(view: DataView, start: number, end: number): void {
    this.mss = MSS_DEFAULT;
    this.windowShift = NO_SHIFT;
    for (let at = start; at < end; ) {
      const kind = view.getUint8(at);
      if (kind === OPTION_END) return;
      if (kind === OPTION_NOTHING) {
        at++;
        continue;
      }
      if (at + 1 >= end) return;
      const bytes = view.getUint8(at + 1);
      if (bytes < 2 || at + bytes > end) return;
      if (kind === OPTION_MSS && bytes === OPTION_MSS_BYTES) this.mss = view.getUint16(at + 2);
      if (kind === OPTION_WINDOW_SCALE && bytes === OPTION_WINDOW_SCALE_BYTES) {
        this.windowShift = Math.min(WINDOW_SHIFT_MAX, view.getUint8(at + 2));
      }
      at += bytes;
    }
  }
}

function isIntact(view: DataView, ip: number, tcp: number, end: number): boolean {
  return (
    internetSum(view, ip, tcp, 0) === 0xffff &&
    internetSum(view, tcp, end, pseudoHeaderSum(view, ip, end - tcp)) === 0xffff
  );
}
