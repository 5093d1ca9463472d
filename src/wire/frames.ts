/**
 * The frames of the trunkline protocol: their types, sizes and fields. PROTOCOL.md in this folder specifies them for
 * authors of clients; the two must agree.
 *
 * Every frame starts with one little-endian 16-bit header:
 *
 *      15                    5 4         0
 *     +-----------------------+-----------+
 *     |  body length in bytes |   type    |
 *     +-----------------------+-----------+
 *
 * SEND and DELIVER share a layout. An id of 30 bits and an account of 50 bits (15 decimal digits) fit into ten bytes,
 * so a message takes twelve bytes more than its payload:
 *
 *      byte 0        2              6              10             12
 *          +--------+--------------+--------------+--------------+----------
 *          | header | id 0..29     | account 0..31| account 32..47  payload …
 *          |        | account 48,49|              |              |
 *          +--------+--------------+--------------+--------------+----------
 *
 * Writers take the offset of the frame and return the number of bytes written. Readers take the offset of the body. All
 * are plain functions over a DataView that allocate nothing.
 */
import { SERIAL_BITS, SERIAL_MASK } from '../base/serial-distance.ts';

export const PROTOCOL_MAJOR = 1;
export const PROTOCOL_MINOR = 1;
/** "TRNK", the first four bytes of the body of a LOGIN: distinguishes a phone from an unrelated client. */
export const LOGIN_MAGIC = 0x4b4e5254;

export const HEADER_BYTES = 2;
/** The length field of the header has 11 bits. */
export const BODY_BYTES_MAX = 2047;
export const FRAME_BYTES_MAX = HEADER_BYTES + BODY_BYTES_MAX;
const MESSAGE_FIELDS_BYTES = 10;
/** Bytes of a SEND or DELIVER frame besides its payload. */
export const MESSAGE_OVERHEAD_BYTES = HEADER_BYTES + MESSAGE_FIELDS_BYTES;
export const PAYLOAD_BYTES_MAX = BODY_BYTES_MAX - MESSAGE_FIELDS_BYTES;
const LOGIN_FIELDS_BYTES = 16;
/** Fields of a DELIVER_WITH_ID before its payload: message fields (sequence, sender), id u32. */
export const WITH_ID_FIELDS_BYTES = MESSAGE_FIELDS_BYTES + 4;
/** Fields of a DELIVER_GROUP before its payload: message fields (sequence, group), author u64, version u32, id u32. */
export const GROUP_FIELDS_BYTES = MESSAGE_FIELDS_BYTES + 16;
/** Longest payload of a message to a group: it must fit into a DELIVER_GROUP. */
export const GROUP_PAYLOAD_BYTES_MAX = BODY_BYTES_MAX - GROUP_FIELDS_BYTES;
export const TOKEN_BYTES_MAX = 64;

export const FrameType = {
  LOGIN: 1,
  LOGIN_RESULT: 2,
  SEND: 3,
  ACKNOWLEDGED: 4,
  DELIVER: 5,
  DELIVERED: 6,
  RECEIPT: 7,
  PING: 8,
  PONG: 9,
  LOGOUT: 10,
  ERROR: 11,
  // From here on: minor version 1.
  DELIVER_GROUP: 12,
  JOIN: 13,
  LEAVE: 14,
  PRESENCE: 15,
  SET_PRESENCE: 16,
  WATCH: 17,
  UNWATCH: 18,
  TYPING: 19,
  DELIVER_WITH_ID: 20,
  READ: 21,
} as const;

/** Number of type values that a header can hold. Those without a row in the table below are unknown. */
export const FRAME_TYPES = 32;

/** Shortest and longest body of each type in bytes; -1 for types that this version does not know. */
export const TYPE_BODY_BYTES_MIN = new Int16Array(FRAME_TYPES).fill(-1);
export const TYPE_BODY_BYTES_MAX = new Int16Array(FRAME_TYPES).fill(-1);
const bodies: readonly (readonly [type: number, bodyBytesMin: number, bodyBytesMax: number])[] = [
  [FrameType.LOGIN, LOGIN_FIELDS_BYTES, LOGIN_FIELDS_BYTES + TOKEN_BYTES_MAX],
  [FrameType.LOGIN_RESULT, 16, 16],
  [FrameType.SEND, MESSAGE_FIELDS_BYTES, BODY_BYTES_MAX],
  [FrameType.ACKNOWLEDGED, 4, 12],
  [FrameType.DELIVER, MESSAGE_FIELDS_BYTES, BODY_BYTES_MAX],
  [FrameType.DELIVERED, 4, 4],
  [FrameType.RECEIPT, 4, 4],
  [FrameType.PING, 0, 0],
  [FrameType.PONG, 0, 0],
  [FrameType.LOGOUT, 0, 0],
  [FrameType.ERROR, 6, 6],
  [FrameType.DELIVER_GROUP, GROUP_FIELDS_BYTES, BODY_BYTES_MAX],
  [FrameType.JOIN, MESSAGE_FIELDS_BYTES, MESSAGE_FIELDS_BYTES],
  [FrameType.LEAVE, MESSAGE_FIELDS_BYTES, MESSAGE_FIELDS_BYTES],
  [FrameType.PRESENCE, 13, 13],
  [FrameType.SET_PRESENCE, 1, 1],
  [FrameType.WATCH, 8, 8],
  [FrameType.UNWATCH, 8, 8],
  [FrameType.TYPING, 9, 9],
  [FrameType.DELIVER_WITH_ID, WITH_ID_FIELDS_BYTES, BODY_BYTES_MAX],
  [FrameType.READ, MESSAGE_FIELDS_BYTES, MESSAGE_FIELDS_BYTES],
];
for (const [type, bodyBytesMin, bodyBytesMax] of bodies) {
  TYPE_BODY_BYTES_MIN[type] = bodyBytesMin;
  TYPE_BODY_BYTES_MAX[type] = bodyBytesMax;
}

/** Capabilities that a client announces in its LOGIN, as bits. */
export const Capability = {
  /** The phone wants RECEIPT frames. */
  RECEIPTS: 1,
  /** From minor version 1 on, and only beside RECEIPTS: the phone wants READ frames, and DELIVER_WITH_ID. */
  READS: 2,
} as const;

/** The reason why a login was refused; 0 is success. */
export const LoginCode = {
  ACCEPTED: 0,
  VERSION_UNSUPPORTED: 1,
  TOKEN_WRONG: 2,
  ACCOUNT_UNKNOWN: 3,
  BUSY: 4,
} as const;

/** Codes of ERROR frames. Those of the first group concern a single message, whose id the frame carries. */
export const ErrorFrameCode = {
  MAILBOX_FULL: 1,
  STORE_FULL: 2,
  RECIPIENT_UNKNOWN: 3,
  ID_TOO_OLD: 4,
  TOO_MANY_UNANSWERED: 5,
  OVERLOADED: 6,
  NOT_A_MEMBER: 7,
  GROUP_FULL: 8,
  PAYLOAD_TOO_LONG: 9,
  RECIPIENT_IS_SENDER: 10,
  TOO_MANY_WATCHED: 11,
  /** After a frame with this code or a higher one, the switch closes the connection. */
  MALFORMED_FRAME: 32,
  UNKNOWN_FRAME: 33,
  LOGIN_EXPECTED: 34,
  LOGIN_REPEATED: 35,
  SESSION_REPLACED: 36,
  HEARTBEAT_MISSED: 37,
  LOGIN_TIMED_OUT: 38,
  SWITCH_STOPPING: 39,
} as const;

const TYPE_BITS = 5;
const TYPE_MASK = FRAME_TYPES - 1;
const TWO_POW_32 = 2 ** 32;
const TWO_POW_16 = 2 ** 16;

/** The frame type in a header. */
export function headerType(header: number): number {
  return header & TYPE_MASK;
}

/** The length of the body in a header, in bytes. */
export function headerBodyBytes(header: number): number {
  return header >>> TYPE_BITS;
}

/** Writes a header. @returns the offset of the body. */
export function writeHeader(view: DataView, at: number, type: number, bodyBytes: number): number {
  view.setUint16(at, (bodyBytes << TYPE_BITS) | type, true);
  return at + HEADER_BYTES;
}

/** Bytes of a SEND or DELIVER frame with a payload of this size. */
export function messageFrameBytes(payloadBytes: number): number {
  return MESSAGE_OVERHEAD_BYTES + payloadBytes;
}

/** Bits 32 to 49 of an account number. Frames carry account numbers in two halves: see {@link writeMessage}. */
export function accountHigh(account: number): number {
  return Math.floor(account / TWO_POW_32);
}

/** Bits 0 to 31 of an account number, as a signed integer. */
export function accountLow(account: number): number {
  return (account % TWO_POW_32) | 0;
}

/** The account number made of two halves. */
export function accountNumber(high: number, low: number): number {
  return high * TWO_POW_32 + (low >>> 0);
}

/**
 * Writes a SEND or DELIVER except for its payload. `serial` is the id of a SEND, or the sequence number of a DELIVER;
 * the account is the recipient of a SEND, the sender of a DELIVER. It is passed in two halves: a number above 2^31
 * would be allocated on the heap, once per message, wherever V8 does not inline the call. @returns the offset of the
 * payload.
 */
export function writeMessage(
  view: DataView,
  at: number,
  type: number,
  serial: number,
  high: number,
  low: number,
  payloadBytes: number,
): number {
  const body = writeHeader(view, at, type, MESSAGE_FIELDS_BYTES + payloadBytes);
  view.setInt32(body, serial | ((high >>> 16) << SERIAL_BITS), true);
  view.setInt32(body + 4, low, true);
  view.setUint16(body + 8, high, true);
  return body + MESSAGE_FIELDS_BYTES;
}

/** The id or sequence number of a SEND, ACKNOWLEDGED, DELIVER, DELIVERED or RECEIPT. */
export function readSerial(view: DataView, body: number): number {
  return view.getInt32(body, true) & SERIAL_MASK;
}

/** Bits 32 to 49 of the account of a SEND (recipient) or DELIVER (sender). */
export function readAccountHigh(view: DataView, body: number): number {
  return (view.getInt32(body, true) >>> SERIAL_BITS) * TWO_POW_16 + view.getUint16(body + 8, true);
}

/** Bits 0 to 31 of the account of a SEND or DELIVER, as a signed integer. */
export function readAccountLow(view: DataView, body: number): number {
  return view.getInt32(body + 4, true);
}

/** Where the payload of a SEND or DELIVER starts. */
export function payloadStart(body: number): number {
  return body + MESSAGE_FIELDS_BYTES;
}

/** Writes a frame whose body is only a serial number: ACKNOWLEDGED, DELIVERED, RECEIPT. */
export function writeSerialFrame(view: DataView, at: number, type: number, serial: number): void {
  view.setInt32(writeHeader(view, at, type, 4), serial, true);
}
export const SERIAL_FRAME_BYTES = HEADER_BYTES + 4;

/** Writes a frame without a body: PING, PONG, LOGOUT. */
export function writeEmptyFrame(view: DataView, at: number, type: number): void {
  writeHeader(view, at, type, 0);
}
export const EMPTY_FRAME_BYTES = HEADER_BYTES;

/** Writes an ERROR. `serial` is the id of the message, or 0 if the error does not concern a message. */
export function writeErrorFrame(view: DataView, at: number, code: number, serial: number): void {
  const body = writeHeader(view, at, FrameType.ERROR, 6);
  view.setUint16(body, code, true);
  view.setInt32(body + 2, serial, true);
}
export const ERROR_FRAME_BYTES = HEADER_BYTES + 6;

export function readErrorCode(view: DataView, body: number): number {
  return view.getUint16(body, true);
}

export function readErrorSerial(view: DataView, body: number): number {
  return view.getInt32(body + 2, true) & SERIAL_MASK;
}
