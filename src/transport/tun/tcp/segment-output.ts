/**
 * Writes segments into buffers of the port. A segment acknowledges whatever has been received, and announces a window
 * that never changes: what arrives in order is handed over at once, and what arrives out of order waits in a store that
 * may drop it. What is written, in network byte order; constants in brackets:
 *
 *     IPv4   word 0    bytes of the packet 0..15 · words of the header (5) 24..27 · version (4) 28..31
 *            word 1    identification (0) 16..31 · don't fragment (1) 14
 *            word 2    checksum of the header 0..15 · protocol (6) 16..23 · hops (64) 24..31
 *            word 3    source address
 *            word 4    destination address
 *     TCP    word 5    destination port 0..15 · source port 16..31
 *            word 6    sequence number
 *            word 7    acknowledgement; 0 without ACK
 *            word 8    window (65,535), 0 with RST 0..15 · flags 16..23 · words of the header 28..31
 *            word 9    urgent data (0) 0..15 · checksum, 0 if the port needs none 16..31
 *     SYN    word 10   maximum segment size 0..15 · bytes of this option (4) 16..23 · kind (2) 24..31
 *            word 11   shift of windows (0) 0..7 · bytes (3) 8..15 · kind (3) 16..23 · a byte of nothing (1) 24..31
 */
import { count } from '../../../base/counters.ts';
import { internetSum, pseudoHeaderSum } from '../packets/internet-sum.ts';
import { NO_BUFFER, type PacketPort } from '../packets/packet-port.ts';
import {
  HEADERS_BYTES,
  IP_HEADER_BYTES,
  IP_PROTOCOL_TCP,
  type Segment,
  TCP_HEADER_BYTES,
  TcpFlag,
} from '../packets/segment.ts';
import type { Addresses } from './addresses.ts';
import type { ConnectionTable } from './connection-table.ts';
import { TcpCounter } from './tcp-counters.ts';

/** The window that every segment announces, in bytes. */
export const RECEIVE_WINDOW_BYTES = 65_535;
/**
 * A SYN announces the maximum segment size of the port and a window shift of 0. The shift is needed: without it, the
 * peer could not announce windows above 64 KiB (RFC 7323, 2.2). Our own window of 64 KiB is more than a phone has under
 * way. Time stamps are not announced: they cost 12 bytes per segment, and a connection that sends a few kilobytes per
 * minute needs neither their round trips nor their protection against wrapped sequence numbers.
 */
const SYN_OPTIONS_BYTES = 8;
const HOPS_MAX = 64;
const DO_NOT_FRAGMENT = 0x4000;
const VERSION_AND_LENGTH = 0x4500_0000;
const OPTION_MSS = 0x0204_0000;
const OPTION_SHIFT_0 = 0x0103_0300;

export class SegmentOutput {
  /** The most bytes that a segment can carry through the port, which is also what SYNs announce. */
  readonly segmentBytesMax: number;
  readonly #port: PacketPort;
  readonly #rows: ConnectionTable;
  readonly #addresses: Addresses;
  readonly #counters: Float64Array;
  #at = 0;

  constructor(port: PacketPort, rows: ConnectionTable, addresses: Addresses, counters: Float64Array) {
    this.#port = port;
    this.#rows = rows;
    this.#addresses = addresses;
    this.#counters = counters;
    this.segmentBytesMax = port.packetBytesMax - HEADERS_BYTES;
  }

  /** Claims a buffer, and sends earlier packets if that is needed. @returns whether there is one. */
  begin(): boolean {
    let at = this.#port.claim();
    if (at === NO_BUFFER) {
      this.#port.flush();
      at = this.#port.claim();
    }
    if (at === NO_BUFFER) {
      count(this.#counters, TcpCounter.packetsUnsent);
      return false;
    }
    this.#at = at;
    return true;
  }

  /** Where the payload of the segment that was begun is to be written, in the port's output. Not for SYNs. */
  get payloadAt(): number {
    return this.#at + HEADERS_BYTES;
  }

  /** Completes the segment that was begun, whose payload has been written. */
  finish(row: number, sequence: number, flags: number, payloadBytes: number): void {
    const { output } = this.#port;
    const tcp = this.#at + IP_HEADER_BYTES;
    const remote = this.#rows.remote(row);
    const addresses = this.#addresses;
    output.setUint16(tcp, addresses.localPort(row));
    output.setUint16(tcp + 2, addresses.remotePort(row, remote));
    const acknowledgement = (flags & TcpFlag.ACK) !== 0 ? this.#rows.receiveNext(row) : 0;
    let optionBytes = 0;
    if ((flags & TcpFlag.SYN) !== 0) {
      optionBytes = SYN_OPTIONS_BYTES;
      output.setInt32(tcp + TCP_HEADER_BYTES, OPTION_MSS | this.segmentBytesMax);
      output.setInt32(tcp + TCP_HEADER_BYTES + 4, OPTION_SHIFT_0);
    }
    this.#complete(
      addresses.localAddress(row),
      addresses.remoteAddress(row, remote),
      sequence,
      acknowledgement,
      flags,
      optionBytes + payloadBytes,
    );
  }

  /** Sends a segment without payload or options. */
  send(row: number, sequence: number, flags: number): void {
    if (this.begin()) this.finish(row, sequence, flags, 0);
  }

  /** Answers a segment that is for no connection (RFC 9293, 3.10.7.1): with a reset, unless it is one. */
  reject(segment: Segment): void {
    if ((segment.flags & TcpFlag.RST) !== 0 || !this.begin()) return;
    const { output } = this.#port;
    const tcp = this.#at + IP_HEADER_BYTES;
    output.setUint16(tcp, segment.destinationPort);
    output.setUint16(tcp + 2, segment.sourcePort);
    const says = (segment.flags & TcpFlag.ACK) !== 0;
    const sequence = says ? segment.acknowledgement : 0;
    const acknowledgement = says ? 0 : (segment.sequence + segment.length) | 0;
    const flags = says ? TcpFlag.RST : TcpFlag.RST | TcpFlag.ACK;
    count(this.#counters, TcpCounter.resetsOut);
    this.#complete(segment.destinationAddress, segment.sourceAddress, sequence, acknowledgement, flags, 0);
  }

  #complete(
    source: number,
    destination: number,
    sequence: number,
    acknowledgement: number,
    flags: number,
    bytes: number,
  ): void {
    const { output } = this.#port;
    const ip = this.#at;
    const tcp = ip + IP_HEADER_BYTES;
    const total = HEADERS_BYTES + bytes;
    output.setInt32(ip, VERSION_AND_LENGTH | total);
    output.setInt32(ip + 4, DO_NOT_FRAGMENT);
    output.setInt32(ip + 8, (HOPS_MAX << 24) | (IP_PROTOCOL_TCP << 16)); // its checksum follows
    output.setInt32(ip + 12, source);
    output.setInt32(ip + 16, destination);
    output.setUint16(ip + 10, ~internetSum(output, ip, tcp, 0));
    const headerBytes = (flags & TcpFlag.SYN) !== 0 ? TCP_HEADER_BYTES + SYN_OPTIONS_BYTES : TCP_HEADER_BYTES;
    output.setInt32(tcp + 4, sequence);
    output.setInt32(tcp + 8, acknowledgement);
    output.setInt32(
      tcp + 12,
      (headerBytes << 26) | (flags << 16) | ((flags & TcpFlag.RST) !== 0 ? 0 : RECEIVE_WINDOW_BYTES),
    );
    output.setInt32(tcp + 16, 0); // checksum, and no urgent data
    if (this.#port.needsChecksums) {
      const end = ip + total;
      output.setUint16(tcp + 16, ~internetSum(output, tcp, end, pseudoHeaderSum(output, ip, end - tcp)));
    }
    count(this.#counters, TcpCounter.segmentsOut);
    this.#port.commit(total);
  }
}
