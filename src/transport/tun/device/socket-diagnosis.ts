/**
 * What the kernel knows of a socket in this thread's network namespace, whichever process holds it and however: asked
 * by its addresses over netlink (sock_diag), some microseconds each.
 *
 *     nlmsghdr           0 length u32 · 4 type u16 · 6 flags u16 · 8 sequence u32 · 12 port u32
 *     inet_diag_req_v2   0 family u8 · 1 protocol u8 · 2 attributes wanted u8 · 4 states u32 · 8 inet_diag_sockid
 *     inet_diag_sockid   0 own port u16 · 2 other port u16, big-endian · 4 own address, 16 bytes · 20 other, 16 bytes · 36 device u32 · 40 cookie, 8 bytes
 *     inet_diag_msg      72 bytes, then attributes: 0 length u16 · 2 type u16 · 4 value
 *     tcp_info           68 smoothed round trip u32 · 148 shortest round trip u32, both in microseconds
 *
 * Layouts and numbers: <linux/sock_diag.h>, <linux/inet_diag.h>, <linux/tcp.h>; little-endian machines.
 */
import { Linux, type SystemCalls } from '../../tcp/system/system-calls.ts';

const NETLINK_SOCK_DIAG = 4;
const SOCK_DIAG_BY_FAMILY = 20;
const NLM_F_REQUEST = 1;
const HEADER_BYTES = 16;
const REQUEST_BYTES = HEADER_BYTES + 56;
const ID_AT = HEADER_BYTES + 8;
const ANSWER_HEAD_BYTES = HEADER_BYTES + 72;
const ATTRIBUTE_HEADER_BYTES = 4;
const INET_DIAG_INFO = 2;
const SMOOTHED_AT = 68;
const SHORTEST_AT = 148;
const AF_INET = 2;
const IPPROTO_TCP = 6;
const ALL_STATES = 0xffffffff;
/** No cookie: any socket with these addresses. */
const ANY_COOKIE = 0xffffffff;
const ANSWER_BYTES = 4096;

/** The two ends of a connection, seen from its socket. Addresses have their first octet in the highest byte. */
export interface SocketAddresses {
  readonly address: number;
  readonly port: number;
  readonly otherAddress: number;
  readonly otherPort: number;
}

/** Both include how long the other side waits before it acknowledges. */
export interface RoundTrip {
  readonly smoothedMicros: number;
  readonly shortestMicros: number;
}

/** Asks for one TCP socket, with the kernel's struct tcp_info. */
export function socketRequest({ address, port, otherAddress, otherPort }: SocketAddresses): Uint8Array {
  const view = new DataView(new ArrayBuffer(REQUEST_BYTES));
  view.setUint32(0, REQUEST_BYTES, true);
  view.setUint16(4, SOCK_DIAG_BY_FAMILY, true);
  view.setUint16(6, NLM_F_REQUEST, true);
  view.setUint8(HEADER_BYTES, AF_INET);
  view.setUint8(HEADER_BYTES + 1, IPPROTO_TCP);
  view.setUint8(HEADER_BYTES + 2, 1 << (INET_DIAG_INFO - 1));
  view.setUint32(HEADER_BYTES + 4, ALL_STATES, true);
  view.setUint16(ID_AT, port);
  view.setUint16(ID_AT + 2, otherPort);
  view.setInt32(ID_AT + 4, address);
  view.setInt32(ID_AT + 20, otherAddress);
  view.setUint32(ID_AT + 40, ANY_COOKIE);
  view.setUint32(ID_AT + 44, ANY_COOKIE);
  return new Uint8Array(view.buffer);
}

/**
 * Reads the answer.
 * @returns null if there is no such socket, it has no round trip yet, or the kernel is too old to say.
 */
export function readRoundTrip(bytes: Uint8Array): RoundTrip | null {
  if (bytes.length < ANSWER_HEAD_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = Math.min(bytes.length, view.getUint32(0, true));
  if (view.getUint16(4, true) !== SOCK_DIAG_BY_FAMILY) return null;
  for (let at = ANSWER_HEAD_BYTES; at + ATTRIBUTE_HEADER_BYTES <= end; ) {
    const length = view.getUint16(at, true);
    if (length < ATTRIBUTE_HEADER_BYTES) return null;
    const info = at + ATTRIBUTE_HEADER_BYTES;
    if (view.getUint16(at + 2, true) === INET_DIAG_INFO) {
      if (at + length > end || length < ATTRIBUTE_HEADER_BYTES + SHORTEST_AT + 4) return null;
      const smoothedMicros = view.getUint32(info + SMOOTHED_AT, true);
      return smoothedMicros === 0 ? null : { smoothedMicros, shortestMicros: view.getUint32(info + SHORTEST_AT, true) };
    }
    at += 4 * Math.ceil(length / 4);
  }
  return null;
}

/**
 * Asks for the round trips of sockets. Those that the kernel does not know are left out.
 * @returns one per socket that is known, in order, with the number of the socket; null if the kernel cannot be asked.
 */
export function askRoundTrips(
  calls: SystemCalls,
  sockets: readonly SocketAddresses[],
): (readonly [number, RoundTrip])[] | null {
  const descriptor = calls.socket(Linux.AF_NETLINK, Linux.SOCK_RAW | Linux.SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  if (descriptor < 0) return null;
  try {
    const answer = new Uint8Array(ANSWER_BYTES);
    const found: (readonly [number, RoundTrip])[] = [];
    for (const [n, socket] of sockets.entries()) {
      const request = socketRequest(socket);
      if (calls.send(descriptor, calls.addressOf(request), request.length, 0) < 0) return null;
      const got = calls.recv(descriptor, calls.addressOf(answer), ANSWER_BYTES, Linux.MSG_DONTWAIT);
      const roundTrip = got < 0 ? null : readRoundTrip(answer.subarray(0, got));
      if (roundTrip !== null) found.push([n, roundTrip]);
    }
    return found;
  } finally {
    calls.close(descriptor);
  }
}
