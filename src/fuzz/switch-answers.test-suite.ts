/**
 * What a switch that misbehaves says to a phone: right answers, and what its draws make of them. Pure: frames in,
 * bytes out.
 */
import { Capability, ERROR_FRAME_BYTES, FrameType, writeErrorFrame } from '../wire/frames.ts';
import { LOGIN_RESULT_FRAME_BYTES, writeLoginResult } from '../wire/login.ts';
import type { Draws } from './draws.test-suite.ts';
import { emptyFrame, message, presenceFrame, serialFrame } from './phone-frames.test-suite.ts';
import { serialOf } from './polite-phone.test-suite.ts';

export const MISDEEDS = [
  'flips',
  'noise',
  'order',
  'unasked',
  'doubles',
  'lengths',
  'halves',
  'trickles',
  'mute',
] as const;
export type Misdeed = (typeof MISDEEDS)[number];

const NOISE_BYTES_MAX = 3000;
const FIRST_NUMBER = 447_700_000_000;
const NUMBERS = 1000;

/** The right answer to a frame of a phone. */
export function rightAnswer(type: number, body: Buffer): Buffer {
  switch (type) {
    case FrameType.LOGIN:
      return loginResult(0, 0, 0, 0);
    case FrameType.SEND: {
      const id = serialOf(body);
      return Buffer.concat([serialFrame(FrameType.ACKNOWLEDGED, id), serialFrame(FrameType.RECEIPT, id)]);
    }
    case FrameType.PING:
      return emptyFrame(FrameType.PONG);
    default:
      return Buffer.alloc(0);
  }
}

/** What is said instead of the right answer. */
export function wrongAnswer(misdeed: Misdeed, right: Buffer, draws: Draws): Buffer {
  switch (misdeed) {
    case 'flips': {
      const changed = Buffer.from(right);
      draws.flip(changed, draws.between(1, 3));
      return changed;
    }
    case 'noise':
      return draws.bytes(draws.below(NOISE_BYTES_MAX));
    case 'order':
      return Buffer.concat([anything(draws), right]);
    case 'unasked':
      return Buffer.concat([right, ...Array.from({ length: draws.between(1, 20) }, () => anything(draws))]);
    case 'doubles':
      return Buffer.concat([right, right]);
    case 'lengths': {
      const head = Buffer.alloc(2);
      head.writeUInt16LE(draws.below(32) | (draws.between(1000, 2047) << 5));
      return Buffer.concat([right, head, draws.bytes(draws.below(2000))]);
    }
    case 'halves':
      return right.subarray(0, draws.below(right.length + 1));
    case 'trickles':
      return Buffer.concat([right, anything(draws)]);
    default:
      return Buffer.alloc(0);
  }
}

/** A whole frame of any type, about any message and number. */
function anything(draws: Draws): Buffer {
  const serial = draws.percent(70) ? draws.below(40) : draws.below(2 ** 30);
  switch (draws.below(8)) {
    case 0:
      return loginResult(draws.below(7), draws.below(2 ** 16), draws.below(50), draws.below(2 ** 30));
    case 1:
      return error(draws.below(45), serial);
    case 2:
      return emptyFrame(draws.below(32));
    case 3: {
      const account = draws.percent(80) ? FIRST_NUMBER + draws.below(NUMBERS) : draws.below(2 ** 40);
      return presenceFrame(draws.of([FrameType.PRESENCE, FrameType.TYPING]), account, draws.below(3));
    }
    case 4:
    case 5: {
      const sender = draws.percent(80) ? FIRST_NUMBER + draws.below(NUMBERS) : draws.below(2 ** 30);
      return message(FrameType.DELIVER, serial, sender, draws.bytes(draws.below(200)));
    }
    default:
      return serialFrame(draws.of([FrameType.ACKNOWLEDGED, FrameType.RECEIPT, FrameType.DELIVERED]), serial);
  }
}

function loginResult(code: number, waiting: number, millis: number, highestId: number): Buffer {
  const frame = Buffer.alloc(LOGIN_RESULT_FRAME_BYTES);
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  writeLoginResult(view, 0, code, Capability.RECEIPTS, waiting, millis, highestId);
  return frame;
}

function error(code: number, serial: number): Buffer {
  const frame = Buffer.alloc(ERROR_FRAME_BYTES);
  writeErrorFrame(new DataView(frame.buffer, frame.byteOffset, frame.length), 0, code, serial);
  return frame;
}
