/**
 * What a hostile phone says in one connection: a valid login, then messages and unknown frames of
 * which some bytes are changed, or plain noise; written in two parts, and ended as it comes. A stream is a
 * pure function of the seed and of its number.
 */
import { Capability, FrameType, GROUP_PAYLOAD_BYTES_MAX, PAYLOAD_BYTES_MAX } from '../wire/frames.ts';
import { Draws } from './draws.test-suite.ts';
import {
  emptyFrame,
  LOGOUT,
  login,
  message,
  presenceFrame,
  serialFrame,
  setPresenceFrame,
} from './phone-frames.test-suite.ts';

/** Numbers of the hostile phones. */
export const HOSTILE_FIRST = 447_700_000_000;
export const HOSTILE_ACCOUNTS = 3000;
/** Number of the first group, where the switch has groups; it is nobody's where it has none. */
export const FIRST_GROUP = HOSTILE_FIRST + 30_002;
export const GROUPS = 16;
const FRAMES_MAX = 30;
const NOISE_BYTES_MAX = 600;
/** More than the payloads of chat, so that a message can take several blocks of a mailbox. */
const DRAWN_PAYLOAD_BYTES_MAX = 200;
const NOISE_PERCENT = 10;
/** Streams that log in as one of those just before them: at the same time. */
const SAME_ACCOUNT_PERCENT = 15;
const SAME_ACCOUNT_REACH = 20;
const LOGIN_FLIPPED_PERCENT = 5;
/** What comes before the answer to the login is refused: so most streams are cut just behind it. */
const CUT_AFTER_LOGIN_PERCENT = 60;
const LOGIN_BYTES = login(HOSTILE_FIRST, 0).length;
const UNTOUCHED_PERCENT = 30;
const FLIPS_MAX = 6;
const PAUSE_MILLIS_MAX = 5;
const LINGER_MILLIS_MAX = 30;

/** How the client leaves: both sides at leave, by reset, or not at all. */
export type StreamEnd = 'fin' | 'rst' | 'silence';

export interface PhoneStream {
  readonly account: number;
  readonly bytes: Buffer;
  /** Bytes of the first part. */
  readonly cutAt: number;
  /** Time between the parts. */
  readonly pauseMillis: number;
  readonly end: StreamEnd;
  /** Time from the second part to the end. */
  readonly lingerMillis: number;
  /** Whether the client reads what it is told. */
  readonly reads: boolean;
}

/** Each stream has two sequences of draws: others ask for its account alone. */
const accountDraws = (seed: number, index: number): Draws => new Draws(seed, 2 * index);
const streamDraws = (seed: number, index: number): Draws => new Draws(seed, 2 * index + 1);

function accountOf(seed: number, index: number): number {
  return HOSTILE_FIRST + accountDraws(seed, index).below(HOSTILE_ACCOUNTS);
}

/** Stream `index` of a seed. */
export function phoneStream(seed: number, index: number): PhoneStream {
  const draws = streamDraws(seed, index);
  const back = draws.percent(SAME_ACCOUNT_PERCENT) ? Math.min(index, draws.between(1, SAME_ACCOUNT_REACH)) : 0;
  const account = accountOf(seed, index - back);
  const bytes = draws.percent(NOISE_PERCENT)
    ? draws.bytes(draws.below(NOISE_BYTES_MAX))
    : mutatedFrames(draws, account);
  return {
    account,
    bytes,
    cutAt: draws.percent(CUT_AFTER_LOGIN_PERCENT) ? Math.min(bytes.length, LOGIN_BYTES) : draws.below(bytes.length + 1),
    pauseMillis: draws.below(PAUSE_MILLIS_MAX + 1),
    end: draws.of(['fin', 'rst', 'silence']),
    lingerMillis: draws.below(LINGER_MILLIS_MAX + 1),
    reads: draws.percent(50),
  };
}

function mutatedFrames(draws: Draws, account: number): Buffer {
  const capabilities = draws.percent(70) ? Capability.RECEIPTS : 0;
  const first = login(account, capabilities);
  if (draws.percent(LOGIN_FLIPPED_PERCENT)) draws.flip(first, 1);
  const frames: Buffer[] = [first];
  const firstId = draws.between(1, 40);
  const most = draws.below(FRAMES_MAX + 1);
  const group = FIRST_GROUP + draws.below(GROUPS);
  for (let n = 0; n < most; n++) frames.push(anyFrame(draws, firstId + n, group));
  const bytes = Buffer.concat(frames);
  if (!draws.percent(UNTOUCHED_PERCENT)) draws.flip(bytes, draws.between(1, FLIPS_MAX), first.length);
  return bytes;
}

/** Mostly messages: a phone's further frames, and some that no phone says. @param group that it joins and leaves. */
function anyFrame(draws: Draws, id: number, group: number): Buffer {
  const kind = draws.below(100);
  if (kind < 15) return aboutGroup(draws, id, group);
  if (kind < 60) {
    const recipient = HOSTILE_FIRST + draws.below(HOSTILE_ACCOUNTS);
    return message(FrameType.SEND, id, recipient, draws.bytes(draws.below(DRAWN_PAYLOAD_BYTES_MAX)));
  }
  if (kind < 75) return serialFrame(FrameType.DELIVERED, draws.between(0, 12));
  if (kind < 83) return emptyFrame(FrameType.PING);
  if (kind < 87) return aboutPresence(draws);
  if (kind < 90) return read(draws);
  if (kind < 93) return LOGOUT;
  if (kind < 95) return login(HOSTILE_FIRST + draws.below(HOSTILE_ACCOUNTS), 0);
  const unknown = Buffer.concat([Buffer.alloc(2), draws.bytes(draws.below(64))]);
  unknown.writeUInt16LE(draws.below(32) | ((unknown.length - 2) << 5));
  return unknown;
}

/** A JOIN, a LEAVE or a message to a group, some about no group, and some messages too long for a group. */
function aboutGroup(draws: Draws, id: number, usual: number): Buffer {
  const any = draws.percent(50) ? FIRST_GROUP + draws.below(GROUPS + 1) : HOSTILE_FIRST + draws.below(HOSTILE_ACCOUNTS);
  const group = draws.percent(80) ? usual : any;
  const type = draws.of([FrameType.JOIN, FrameType.LEAVE, FrameType.SEND, FrameType.SEND]);
  if (type !== FrameType.SEND) return message(type, id, group, Buffer.alloc(0));
  const bytes = draws.percent(95)
    ? draws.below(DRAWN_PAYLOAD_BYTES_MAX)
    : draws.between(GROUP_PAYLOAD_BYTES_MAX - 1, PAYLOAD_BYTES_MAX);
  return message(type, id, group, draws.bytes(bytes));
}

/** A READ, of messages that exist and that do not, some about numbers of no account or of a group. */
function read(draws: Draws): Buffer {
  const author = HOSTILE_FIRST + draws.below(HOSTILE_ACCOUNTS + 100);
  return message(FrameType.READ, draws.below(2 ** 30), author, Buffer.alloc(0));
}

/** A frame of presence or typing, some about numbers of no account, or with a state that does not exist. */
function aboutPresence(draws: Draws): Buffer {
  const state = draws.percent(95) ? draws.below(2) : draws.below(256);
  if (draws.percent(20)) return setPresenceFrame(state);
  const account = HOSTILE_FIRST + draws.below(HOSTILE_ACCOUNTS + 100);
  return presenceFrame(
    draws.of([FrameType.WATCH, FrameType.WATCH, FrameType.UNWATCH, FrameType.TYPING]),
    account,
    state,
  );
}
