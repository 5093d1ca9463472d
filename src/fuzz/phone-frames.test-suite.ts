/** Whole frames as a phone says them, each in a buffer of its own. */
import {
  accountHigh,
  accountLow,
  EMPTY_FRAME_BYTES,
  FrameType,
  messageFrameBytes,
  SERIAL_FRAME_BYTES,
  writeEmptyFrame,
  writeMessage,
  writeSerialFrame,
} from '../wire/frames.ts';
import { loginFrameBytes, writeLogin } from '../wire/login.ts';
import {
  PRESENCE_FRAME_BYTES,
  SET_PRESENCE_FRAME_BYTES,
  TYPING_FRAME_BYTES,
  WATCH_FRAME_BYTES,
  writePresence,
  writeSetPresence,
  writeTyping,
  writeWatch,
} from '../wire/presence-frames.ts';

function viewOf(frame: Buffer): DataView {
  return new DataView(frame.buffer, frame.byteOffset, frame.length);
}

/** Without a token: the switches that are fuzzed ask for none. */
export function login(account: number, capabilities: number): Buffer {
  const frame = Buffer.alloc(loginFrameBytes(0));
  writeLogin(viewOf(frame), 0, account, capabilities, 0);
  return frame;
}

/** A SEND or a DELIVER. */
export function message(type: number, serial: number, account: number, payload: Uint8Array): Buffer {
  const frame = Buffer.alloc(messageFrameBytes(payload.length));
  const [high, low] = [accountHigh(account), accountLow(account)];
  frame.set(payload, writeMessage(viewOf(frame), 0, type, serial, high, low, payload.length));
  return frame;
}

/** An ACKNOWLEDGED, a DELIVERED or a RECEIPT. */
export function serialFrame(type: number, serial: number): Buffer {
  const frame = Buffer.alloc(SERIAL_FRAME_BYTES);
  writeSerialFrame(viewOf(frame), 0, type, serial);
  return frame;
}

/** A PING, a PONG or a LOGOUT. */
export function emptyFrame(type: number): Buffer {
  const frame = Buffer.alloc(EMPTY_FRAME_BYTES);
  writeEmptyFrame(viewOf(frame), 0, type);
  return frame;
}

/** A WATCH, UNWATCH, TYPING or PRESENCE: an account, and what else the type has. */
export function presenceFrame(type: number, account: number, state: number): Buffer {
  const [high, low] = [accountHigh(account), accountLow(account)];
  const frame = Buffer.alloc(PRESENCE_FRAME_BYTES);
  if (type === FrameType.PRESENCE) {
    writePresence(viewOf(frame), 0, high, low, state, 0);
    return frame;
  }
  if (type === FrameType.TYPING) {
    writeTyping(viewOf(frame), 0, high, low, state);
    return frame.subarray(0, TYPING_FRAME_BYTES);
  }
  writeWatch(viewOf(frame), 0, type, high, low);
  return frame.subarray(0, WATCH_FRAME_BYTES);
}

export function setPresenceFrame(state: number): Buffer {
  const frame = Buffer.alloc(SET_PRESENCE_FRAME_BYTES);
  writeSetPresence(viewOf(frame), 0, state);
  return frame;
}

export const LOGOUT = emptyFrame(FrameType.LOGOUT);
