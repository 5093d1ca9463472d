/**
 * The frames of presence and typing, since minor version 1. Their bodies, in bytes, little-endian:
 *
 *     PRESENCE         0         8       9                   13
 *                      +---------+-------+-------------------+
 *                      | account | state | last seen, s ago  |
 *                      +---------+-------+-------------------+
 *     TYPING           | account | state |
 *     WATCH, UNWATCH   | account |
 *     SET_PRESENCE     | state   |
 *
 * Account numbers are passed in two halves, as in {@link writeMessage}.
 */
import { FrameType, HEADER_BYTES, writeHeader } from './frames.ts';

/** States of an account, in PRESENCE and SET_PRESENCE. */
export const PresenceState = { UNAVAILABLE: 0, AVAILABLE: 1 } as const;
/** States of TYPING. */
export const TypingState = { PAUSED: 0, TYPING: 1 } as const;

/** In place of a time: the switch does not know when the account was last available. */
export const LAST_SEEN_UNKNOWN = 0xffff_ffff;

const ACCOUNT_BYTES = 8;
const PRESENCE_BODY_BYTES = 13;
const TYPING_BODY_BYTES = 9;
export const PRESENCE_FRAME_BYTES = HEADER_BYTES + PRESENCE_BODY_BYTES;
export const TYPING_FRAME_BYTES = HEADER_BYTES + TYPING_BODY_BYTES;
export const WATCH_FRAME_BYTES = HEADER_BYTES + ACCOUNT_BYTES;
export const SET_PRESENCE_FRAME_BYTES = HEADER_BYTES + 1;

/** Writes a PRESENCE. @param lastSeenSeconds how long the account has been unavailable; 0 while it is available. */
export function writePresence(
  view: DataView,
  at: number,
  high: number,
  low: number,
  state: number,
  lastSeenSeconds: number,
): void {
  const body = writeHeader(view, at, FrameType.PRESENCE, PRESENCE_BODY_BYTES);
  writeAccount(view, body, high, low);
  view.setUint8(body + 8, state);
  view.setUint32(body + 9, lastSeenSeconds, true);
}

/** Writes a WATCH or UNWATCH. */
export function writeWatch(view: DataView, at: number, type: number, high: number, low: number): void {
  writeAccount(view, writeHeader(view, at, type, ACCOUNT_BYTES), high, low);
}

export function writeSetPresence(view: DataView, at: number, state: number): void {
  view.setUint8(writeHeader(view, at, FrameType.SET_PRESENCE, 1), state);
}

/** Writes a TYPING. The account is the recipient if a phone sends it, the sender if the switch does. */
export function writeTyping(view: DataView, at: number, high: number, low: number, state: number): void {
  const body = writeHeader(view, at, FrameType.TYPING, TYPING_BODY_BYTES);
  writeAccount(view, body, high, low);
  view.setUint8(body + 8, state);
}

/** Bits 32 and up of the account of a PRESENCE, WATCH, UNWATCH or TYPING. */
export function readWatchedHigh(view: DataView, body: number): number {
  return view.getInt32(body + 4, true);
}

/** Bits 0 to 31 of that account, as a signed integer. */
export function readWatchedLow(view: DataView, body: number): number {
  return view.getInt32(body, true);
}

/** The state of a PRESENCE or TYPING. */
export function readWatchedState(view: DataView, body: number): number {
  return view.getUint8(body + 8);
}

/** Seconds since the account of a PRESENCE was available, or {@link LAST_SEEN_UNKNOWN}. */
export function readLastSeenSeconds(view: DataView, body: number): number {
  return view.getUint32(body + 9, true);
}

/** The state of a SET_PRESENCE. */
export function readOwnState(view: DataView, body: number): number {
  return view.getUint8(body);
}

function writeAccount(view: DataView, body: number, high: number, low: number): void {
  view.setInt32(body, low, true);
  view.setInt32(body + 4, high, true);
}
