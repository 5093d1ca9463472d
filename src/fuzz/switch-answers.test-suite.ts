/**
 * What a switch that misbehaves says to a phone: right answers, and what its draws make of them. Pure: frames in,
 * bytes out.
 */
import {
  accountHigh,
  accountLow,
  accountNumber,
  Capability,
  ERROR_FRAME_BYTES,
  FrameType,
  HEADER_BYTES,
  readAccountHigh,
  readAccountLow,
  writeErrorFrame,
  writeHeader,
} from '../wire/frames.ts';
import {
  GROUP_ACKNOWLEDGED_FRAME_BYTES,
  groupMessageFrameBytes,
  writeGroupAcknowledged,
  writeGroupAuthor,
  writeGroupMessage,
} from '../wire/group-frames.ts';
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
/** Numbers behind those, of which some are groups. */
const GROUP_NUMBERS = 20;
/** Bytes of a LOGIN_RESULT from here on, and bits of the one before: a pause of seconds does not reach them. */
const PAUSE_HIGH_AT = 12;
const PAUSE_MIDDLE_MASK = 0x0f;

/** The right answer to a frame of a phone. @param firstGroup number of the first group; those behind it are groups. */
export function rightAnswer(type: number, body: Buffer, firstGroup: number): Buffer {
  switch (type) {
    case FrameType.LOGIN:
      return loginResult(0, 0, 0, 0);
    case FrameType.SEND: {
      const id = serialOf(body);
      const isToGroup = recipientOf(body) >= firstGroup;
      const acknowledged = isToGroup ? groupAcknowledged(id, 0, 3) : serialFrame(FrameType.ACKNOWLEDGED, id);
      return Buffer.concat([acknowledged, serialFrame(FrameType.RECEIPT, id)]);
    }
    case FrameType.JOIN:
    case FrameType.LEAVE:
      return groupAcknowledged(serialOf(body), 1, 4);
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
      return withoutLongPause(changed);
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
  switch (draws.below(12)) {
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
    case 9:
      return draws.percent(50)
        ? message(FrameType.READ, serial, FIRST_NUMBER + draws.below(2 * NUMBERS), Buffer.alloc(0))
        : message(
            FrameType.DELIVER_WITH_ID,
            serial,
            FIRST_NUMBER + draws.below(NUMBERS),
            draws.bytes(draws.below(200)),
          );
    case 6:
      return acknowledgedOfAnyLength(draws, serial);
    case 7:
    case 8:
      return groupMessage(draws, serial);
    case 10: // a type of a later version, which phones skip
      return message(22 + draws.below(10), serial, FIRST_NUMBER + draws.below(NUMBERS), draws.bytes(draws.below(200)));
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

/** A phone keeps to a pause however long it is, and would not come back in the time of a test. */
function withoutLongPause(answer: Buffer): Buffer {
  if (answer.length !== LOGIN_RESULT_FRAME_BYTES) return answer;
  answer[PAUSE_HIGH_AT - 1] = (answer[PAUSE_HIGH_AT - 1] ?? 0) & PAUSE_MIDDLE_MASK;
  return answer.fill(0, PAUSE_HIGH_AT, PAUSE_HIGH_AT + 2);
}

function recipientOf(body: Buffer): number {
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  return accountNumber(readAccountHigh(view, 0), readAccountLow(view, 0));
}

function groupAcknowledged(id: number, version: number, members: number): Buffer {
  const frame = Buffer.alloc(GROUP_ACKNOWLEDGED_FRAME_BYTES);
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  writeGroupAcknowledged(view, 0, id, version, members);
  return frame;
}

/** ACKNOWLEDGED is short, or long with version and members; a length between them is none of either. */
function acknowledgedOfAnyLength(draws: Draws, id: number): Buffer {
  const bodyBytes = draws.percent(50) ? 12 : draws.between(4, 11);
  const whole = groupAcknowledged(id, anyWord(draws, 5), anyWord(draws, 5));
  writeHeader(new DataView(whole.buffer, whole.byteOffset, whole.length), 0, FrameType.ACKNOWLEDGED, bodyBytes);
  return whole.subarray(0, HEADER_BYTES + bodyBytes);
}

/** A DELIVER_GROUP, some from a number that is no group, or of an author who is none. */
function groupMessage(draws: Draws, sequence: number): Buffer {
  const payload = draws.bytes(draws.below(200));
  const number = (): number =>
    draws.percent(80) ? FIRST_NUMBER + draws.below(NUMBERS + GROUP_NUMBERS) : draws.below(2 ** 40);
  const [group, author] = [number(), number()];
  const frame = Buffer.alloc(groupMessageFrameBytes(payload.length));
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  const [groupHigh, authorHigh] = [accountHigh(group), accountHigh(author)];
  const [groupLow, authorLow] = [accountLow(group), accountLow(author)];
  const [version, id] = [anyWord(draws, 3), anyWord(draws, 40)];
  const rest = writeGroupMessage(view, 0, sequence, groupHigh, groupLow, payload.length);
  frame.set(payload, writeGroupAuthor(view, rest, authorHigh, authorLow, version, id));
  return frame;
}

/** A word of 32 bits: mostly a small one, as phones expect it. */
function anyWord(draws: Draws, usual: number): number {
  return draws.percent(70) ? draws.below(usual) : draws.below(2 ** 30) * 4 + draws.below(4);
}
