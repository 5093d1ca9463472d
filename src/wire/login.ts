/**
 * LOGIN and its result: the only two frames with more than a handful of fields.
 *
 *     LOGIN body          0 magic u32 · 4 major u8 · 5 minor u8 · 6 capabilities u16 ·
 *                         8 account u64 · 16 token, 0 to 64 bytes
 *     LOGIN_RESULT body   0 code u8 · 1 major u8 · 2 minor u8 · 3 zero ·
 *                         4 capabilities u16 · 6 waiting u16 · 8 heartbeat time-out u32, ms ·
 *                         12 highest id u32
 */
import {
  FrameType,
  HEADER_BYTES,
  LOGIN_MAGIC,
  PROTOCOL_MAJOR,
  PROTOCOL_MINOR,
  SERIAL_MASK,
  writeHeader,
} from './frames.ts';

const TWO_POW_32 = 2 ** 32;
const FIELDS_BYTES = 16;
const RESULT_BODY_BYTES = 16;
/** `waiting` of a LOGIN_RESULT that stands for that many or more. */
export const WAITING_MAX = 0xffff;

/** Bytes of a LOGIN frame with such a token. */
export function loginFrameBytes(tokenBytes: number): number {
  return HEADER_BYTES + FIELDS_BYTES + tokenBytes;
}

/** Writes all of a LOGIN but its token, and gives the token's offset. */
export function writeLogin(
  view: DataView,
  at: number,
  account: number,
  capabilities: number,
  tokenBytes: number,
): number {
  const body = writeHeader(view, at, FrameType.LOGIN, FIELDS_BYTES + tokenBytes);
  view.setUint32(body, LOGIN_MAGIC, true);
  view.setUint8(body + 4, PROTOCOL_MAJOR);
  view.setUint8(body + 5, PROTOCOL_MINOR);
  view.setUint16(body + 6, capabilities, true);
  const high = Math.floor(account / TWO_POW_32);
  view.setUint32(body + 8, account - high * TWO_POW_32, true);
  view.setUint32(body + 12, high, true);
  return body + FIELDS_BYTES;
}

export function readLoginMagic(view: DataView, body: number): number {
  return view.getUint32(body, true);
}

export function readLoginMajor(view: DataView, body: number): number {
  return view.getUint8(body + 4);
}

export function readLoginMinor(view: DataView, body: number): number {
  return view.getUint8(body + 5);
}

export function readLoginCapabilities(view: DataView, body: number): number {
  return view.getUint16(body + 6, true);
}

/**
 * Upper half of the account a phone asks for, signed; anything over 15 digits, or below 0, is some number no plan
 * contains. In halves, as in messages: a whole number of that size is an object for each login.
 */
export function readLoginAccountHigh(view: DataView, body: number): number {
  return view.getInt32(body + 12, true);
}

/** Lower half of the account a phone asks for, signed. */
export function readLoginAccountLow(view: DataView, body: number): number {
  return view.getInt32(body + 8, true);
}

/** Where the token of a LOGIN starts; it runs to the end of the body. */
export function tokenStart(body: number): number {
  return body + FIELDS_BYTES;
}

export const LOGIN_RESULT_FRAME_BYTES = HEADER_BYTES + RESULT_BODY_BYTES;

/**
 * Writes a LOGIN_RESULT. `waiting` is the number of messages in the mailbox (65,535 stands for
 * that many or more), `heartbeatMillis` how long the switch waits for a frame, 0 for ever,
 * `highestId` the highest id of a message that the account has sent, 0 if the switch knows of none.
 */
export function writeLoginResult(
  view: DataView,
  at: number,
  code: number,
  capabilities: number,
  waiting: number,
  heartbeatMillis: number,
  highestId: number,
): void {
  const body = writeHeader(view, at, FrameType.LOGIN_RESULT, RESULT_BODY_BYTES);
  view.setUint8(body, code);
  view.setUint8(body + 1, PROTOCOL_MAJOR);
  view.setUint8(body + 2, PROTOCOL_MINOR);
  view.setUint8(body + 3, 0);
  view.setUint16(body + 4, capabilities, true);
  view.setUint16(body + 6, Math.min(waiting, WAITING_MAX), true);
  view.setUint32(body + 8, heartbeatMillis, true);
  view.setInt32(body + 12, highestId, true);
}

export function readLoginCode(view: DataView, body: number): number {
  return view.getUint8(body);
}

export function readLoginWaiting(view: DataView, body: number): number {
  return view.getUint16(body + 6, true);
}

/** The highest id of a message that the account has sent, 0 if the switch knows of none: new ones go on from here. */
export function readLoginHighestId(view: DataView, body: number): number {
  return view.getInt32(body + 12, true) & SERIAL_MASK;
}
