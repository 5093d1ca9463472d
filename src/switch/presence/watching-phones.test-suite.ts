/** What clients of a small switch say and hear about presence. Client n is a phone of account n. */
import { accountHigh, accountLow, accountNumber, FrameType, readErrorCode } from '../../wire/frames.ts';
import { loginFrameBytes, writeLogin } from '../../wire/login.ts';
import {
  readLastSeenSeconds,
  readWatchedHigh,
  readWatchedLow,
  readWatchedState,
  SET_PRESENCE_FRAME_BYTES,
  TYPING_FRAME_BYTES,
  WATCH_FRAME_BYTES,
  writeSetPresence,
  writeTyping,
  writeWatch,
} from '../../wire/presence-frames.ts';
import type { SmallSwitch } from '../small-switch.test-suite.ts';

export interface Notice {
  readonly account: number;
  readonly state: number;
  readonly lastSeenSeconds: number;
}

/** The frame WATCH or UNWATCH. */
export function watchFrame(type: number, number: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(WATCH_FRAME_BYTES));
  writeWatch(view, 0, type, accountHigh(number), accountLow(number));
  return new Uint8Array(view.buffer);
}

export function setPresenceFrame(state: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(SET_PRESENCE_FRAME_BYTES));
  writeSetPresence(view, 0, state);
  return new Uint8Array(view.buffer);
}

export function typingFrame(number: number, state: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(TYPING_FRAME_BYTES));
  writeTyping(view, 0, accountHigh(number), accountLow(number), state);
  return new Uint8Array(view.buffer);
}

/** A LOGIN of a phone of minor version 0. */
export function oldLogin(number: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(loginFrameBytes(0)));
  writeLogin(view, 0, number, 0, 0, 0);
  return new Uint8Array(view.buffer);
}

/** What a client has heard of accounts that it watches, in that order. */
export function noticesOf(small: SmallSwitch, client: number): Notice[] {
  return small.frames(client, FrameType.PRESENCE).map(({ body }) => ({
    account: accountNumber(readWatchedHigh(body, 0), readWatchedLow(body, 0)) - small.number(0),
    state: readWatchedState(body, 0),
    lastSeenSeconds: readLastSeenSeconds(body, 0),
  }));
}

/** Who types to a client, and what, in that order. */
export function typingOf(small: SmallSwitch, client: number): [account: number, state: number][] {
  return small
    .frames(client, FrameType.TYPING)
    .map(({ body }) => [
      accountNumber(readWatchedHigh(body, 0), readWatchedLow(body, 0)) - small.number(0),
      readWatchedState(body, 0),
    ]);
}

export function errorsOf(small: SmallSwitch, client: number): number[] {
  return small.frames(client, FrameType.ERROR).map(({ body }) => readErrorCode(body, 0));
}

/** What sessions watch, over all shards. */
export function watchesOf(small: SmallSwitch): number {
  return small.shards.reduce((sum, { presence }) => sum + presence.tables.watches.size, 0);
}

/** Rows in use of a table, over all shards. */
export function rowsUsed(small: SmallSwitch, name: string): number {
  const rows = small.shards.flatMap((shard) => shard.ledger()).filter((entry) => entry.name === name);
  return rows.reduce((sum, entry) => sum + entry.rowsUsed, 0);
}
