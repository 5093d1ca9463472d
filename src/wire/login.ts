/**
 * LOGIN and LOGIN_RESULT, the frames that start a session. Their bodies, in bytes, little-endian:
 *
 *     LOGIN         0       4       5       6              8         16
 *                   +-------+-------+-------+--------------+---------+--------------------
 *                   | magic | major | minor | capabilities | account | token, 0 to 64 bytes
 *                   +-------+-------+-------+--------------+---------+--------------------
 *
 *     LOGIN_RESULT  0      1       2       3      4              6         8                     12           16
 *                   +------+-------+-------+------+--------------+---------+---------------------+------------+
 *                   | code | major | minor | zero | capabilities | waiting | time-out or pause,  | highest id |
 *                   |      |       |       |      |              |         | milliseconds        |            |
 *                   +------+-------+-------+------+--------------+---------+---------------------+------------+
 */
import { SERIAL_MASK } from '../base/serial-distance.ts';
import { FrameType, HEADER_BYTES, LOGIN_MAGIC, PROTOCOL_MAJOR, PROTOCOL_MINOR, writeHeader } from './frames.ts';

const TWO_POW_32 = 2 ** 32;
const FIELDS_BYTES = 16;
const RESULT_BODY_BYTES = 16;
/** Value of `waiting` in a LOGIN_RESULT that means "this many or more". */
export const WAITING_MAX = 0xffff;

/** Bytes of a LOGIN frame with a token of this length. */
export function loginFrameBytes(tokenBytes: number): number {
  return HEADER_BYTES + FIELDS_BYTES + tokenBytes;
}

/** Writes a LOGIN except for its token. @returns the offset of the token. */
export function writeLogin(
  view: DataView,
  at: number,
  account: number,
  capabilities: number,
  tokenBytes: number,
  minor: number = PROTOCOL_MINOR,
): number {
  const body = writeHeader(view, at, FrameType.LOGIN, FIELDS_BYTES + tokenBytes);
  view.setUint32(body, LOGIN_MAGIC, true);
  view.setUint8(body + 4, PROTOCOL_MAJOR);
  view.setUint8(body + 5, minor);
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
 * Upper half of the account in a LOGIN, signed. A number above 15 digits or below 0 is in no numbering plan. Read in
 * halves, as in messages: a number of that size would be allocated on the heap, once per login.
 */
export function readLoginAccountHigh(view: DataView, body: number): number {
  return view.getInt32(body + 12, true);
}

/** Lower half of the account in a LOGIN, signed. */
export function readLoginAccountLow(view: DataView, body: number): number {
  return view.getInt32(body + 8, true);
}

/** The offset of the token in a LOGIN; the token extends to the end of the body. */
export function tokenStart(body: number): number {
  return body + FIELDS_BYTES;
}

export const LOGIN_RESULT_FRAME_BYTES = HEADER_BYTES + RESULT_BODY_BYTES;

/**
 * Writes a LOGIN_RESULT. `waiting` is the number of entries still to be delivered (65,535 means that many or more).
 * `millis` is how long the switch waits for a frame, 0 for no limit; in a refusal with code BUSY after which pause the
 * phone is to come back, 0 if the switch does not say; in other refusals 0. `highestId` is the highest id of a
 * message that the account has sent, 0 if the switch knows of none.
 */
export function writeLoginResult(
  view: DataView,
  at: number,
  code: number,
  capabilities: number,
  waiting: number,
  millis: number,
  highestId: number,
): void {
  const body = writeHeader(view, at, FrameType.LOGIN_RESULT, RESULT_BODY_BYTES);
  view.setUint8(body, code);
  view.setUint8(body + 1, PROTOCOL_MAJOR);
  view.setUint8(body + 2, PROTOCOL_MINOR);
  view.setUint8(body + 3, 0);
  view.setUint16(body + 4, capabilities, true);
  view.setUint16(body + 6, Math.min(waiting, WAITING_MAX), true);
  view.setUint32(body + 8, millis, true);
  view.setInt32(body + 12, highestId, true);
}

export function readLoginCode(view: DataView, body: number): number {
  return view.getUint8(body);
}

export function readLoginWaiting(view: DataView, body: number): number {
  return view.getUint16(body + 6, true);
}

/** In a refusal: after how many milliseconds the phone is to come back, 0 if the switch does not say. */
export function readLoginPauseMillis(view: DataView, body: number): number {
  return view.getUint32(body + 8, true);
}

/** The highest id of a message that the account has sent, 0 if the switch knows of none. New ids continue from here. */
export function readLoginHighestId(view: DataView, body: number): number {
  return view.getInt32(body + 12, true) & SERIAL_MASK;
}
