/**
 * The sessions of a shard, five or six words per row. The number of a row is that of its connection.
 *
 *     word 0   account index, or NO_HOME
 *     word 1   last heard, tick   0..14
 *              state             15..17
 *              phone kind        18..20      what the phone speaks and wants, see PhoneKind
 *              generation        21..31      one more for each new session in this row
 *     word 2   highest id sent 0..29 · WATCHES 31     (while awaiting login: previous in line)
 *     word 3   seen ids 0..15, unanswered ids 16..31  (while awaiting login: next in line)
 *     word 4   link of the timing wheel
 *     word 5   what the session watches, see WatchTable; only where phones watch others
 *
 * The words of a row are adjacent and not in columns: a frame accesses most of them, which then costs one cache miss
 * instead of five. For the same reason the rows may be those of the transport, with its words behind. A new row is all
 * zeros, so rows that were never used never become resident memory.
 *
 * WATCHES says that the session may watch accounts; one that has never done so need not be looked for in the table of
 * watches. The last 16 ids of a phone are a window in words 2 and 3: see IdStatus.
 */

import { assert } from '../../base/assert.ts';
import type { LedgerEntry } from '../../base/ledger-entry.ts';
import { ID_WINDOW, SERIAL_MASK, serialDistance } from '../../base/serial-distance.ts';
import { PLAIN_MEMORY, type SharedRows, type TableMemory, type WordColumn } from '../../base/table-memory.ts';
import { nextState, SessionEvent, SessionState } from './session-state.ts';

const SESSION_WORDS = 5;
export const SESSION_BYTES = SESSION_WORDS * 4;
const ACCOUNT_WORD = 0;
const META_WORD = 1;
const HIGHEST_WORD = 2;
const WINDOW_WORD = 3;
const WHEEL_WORD = 4;

const TICK_MASK = 0x7fff;
const STATE_SHIFT = 15;
const STATE_MASK = 7 << STATE_SHIFT;
const KIND_SHIFT = 18;
const KIND_MASK = 7;
const GENERATION_SHIFT = 21;
export const GENERATIONS = 2 ** 11;

/**
 * What a phone said about itself in its LOGIN: its minor version, and whether it wants receipts, or read receipts too.
 * There are eight kinds, since a phone of minor version 0 cannot want read receipts, and none wants them alone.
 */
export const PhoneKind = {
  MINOR_0: 0,
  MINOR_0_RECEIPTS: 1,
  MINOR_1: 2,
  MINOR_1_RECEIPTS: 3,
  MINOR_1_READS: 4,
  /** A later minor version than that of the switch, here and below. */
  LATER: 5,
  LATER_RECEIPTS: 6,
  LATER_READS: 7,
} as const;

/** Kinds that want receipts, and those that want read receipts, as bits. */
const WANT_READS = (1 << PhoneKind.MINOR_1_READS) | (1 << PhoneKind.LATER_READS);
const WANT_RECEIPTS =
  WANT_READS | (1 << PhoneKind.MINOR_0_RECEIPTS) | (1 << PhoneKind.MINOR_1_RECEIPTS) | (1 << PhoneKind.LATER_RECEIPTS);

/** The session is not known to any home. */
export const NO_HOME = -1;

const FIRST_WATCH_WORD = 5;
const WATCHES_BIT = 1 << 31;
const SEEN_MASK = 0xffff;
const UNANSWERED_SHIFT = 16;

/**
 * The result of checking an id against the window. A phone numbers its messages, and words 2 and 3 store the last 16
 * ids as a sliding window (the anti-replay window of RFC 6479). Bit k stands for id `highest - k`. An id is
 * "unanswered" until the recipient's home has accepted or refused it. A refused id is removed, so that it can be sent
 * again. While both words are 0 no id of the account is known, and the first may be any.
 */
export const IdStatus = {
  NEW: 0,
  /** Accepted before: acknowledge again. */
  DUPLICATE: 1,
  /** Sent before and not yet answered: its answer is on the way. */
  DUPLICATE_UNANSWERED: 2,
  TOO_OLD: 3,
  TOO_MANY_UNANSWERED: 4,
} as const;

/** Words of a row, with what the session watches if that is kept in it. */
export function sessionWords(keepsWatches: boolean): number {
  return keepsWatches ? SESSION_WORDS + 1 : SESSION_WORDS;
}

export class SessionTable {
  readonly capacity: number;
  /** Number of rows that are not free. */
  used = 0;
  /** In each row the first row of {@link WatchTable} of what the session watches; undefined if that is kept elsewhere. */
  readonly firstWatches: WordColumn | undefined;
  /** Two words of each row for {@link LoginLine}. */
  readonly lineLinks: WordColumn;
  readonly wheelLinks: WordColumn;
  readonly #rows: Int32Array;
  readonly #stride: number;
  #prefetched = 0;

  /**
   * @param keepsWatches whether rows name what sessions watch.
   * @param shared rows of the transport with as many words for the table, see {@link sessionWords}; rows of its own if
   *   they are not given.
   */
  constructor(
    capacity: number,
    memory: TableMemory = PLAIN_MEMORY,
    keepsWatches = false,
    shared: SharedRows | undefined = undefined,
  ) {
    const count = sessionWords(keepsWatches);
    const { words, stride } = shared ?? { words: memory.words(capacity * count), stride: count };
    const hasRoom = shared === undefined || (shared.count === count && words.length === capacity * stride);
    assert(hasRoom, 'the transport has a row for each session, with as many words');
    this.capacity = capacity;
    this.#rows = words;
    this.#stride = stride;
    if (keepsWatches) this.firstWatches = { words, stride, at: FIRST_WATCH_WORD };
    this.lineLinks = { words, stride, at: HIGHEST_WORD };
    this.wheelLinks = { words, stride, at: WHEEL_WORD };
  }

  /** Reads rows that are needed soon, with the words of the transport: see {@link RowPrefetch}. */
  prefetchAll(slots: Int32Array, count: number): void {
    const rows = this.#rows;
    const stride = this.#stride;
    let sum = 0;
    for (let n = 0; n < count; n++) {
      const first = (slots[n] as number) * stride; // slots are inside the table
      sum ^= (rows[first] as number) ^ (rows[first + stride - 1] as number); // a row may lie in two lines of the cache
    }
    this.#prefetched ^= sum;
  }

  /** Without what sessions watch, which is counted with it. */
  ledger(): LedgerEntry[] {
    const bytes = this.capacity * SESSION_BYTES;
    return [{ owner: 'switch', name: 'sessions', bytes, rowBytes: SESSION_BYTES, rowsUsed: this.used }];
  }

  state(slot: number): number {
    return (this.#meta(slot) & STATE_MASK) >> STATE_SHIFT;
  }

  /**
   * Applies an event to a row, by the transition table.
   * @returns the previous state.
   * @throws AssertionError if the event cannot happen in the state of the row.
   */
  step(slot: number, event: number): number {
    const meta = this.#meta(slot);
    const before = (meta & STATE_MASK) >> STATE_SHIFT;
    const next = nextState(before, event);
    this.#rows[slot * this.#stride + META_WORD] = (meta & ~STATE_MASK) | (next << STATE_SHIFT);
    return before;
  }

  generation(slot: number): number {
    return this.#meta(slot) >>> GENERATION_SHIFT;
  }

  account(slot: number): number {
    return this.#rows[slot * this.#stride + ACCOUNT_WORD] as number; // slots are inside the table
  }

  /** Whether the row still holds the session that a hop was sent to. */
  isCurrent(slot: number, generation: number): boolean {
    return this.generation(slot) === generation && this.state(slot) !== SessionState.FREE;
  }

  /** Whether the row holds exactly this session, and it is online. */
  isOnline(slot: number, generation: number): boolean {
    return this.state(slot) === SessionState.ONLINE && this.generation(slot) === generation;
  }

  /** A new session in a free row, with the generation after the last one. */
  open(slot: number, tick: number): void {
    this.step(slot, SessionEvent.OPENED);
    this.used++;
    const generation = (this.generation(slot) + 1) % GENERATIONS;
    this.#rows[slot * this.#stride + META_WORD] =
      (generation << GENERATION_SHIFT) | (this.#meta(slot) & STATE_MASK) | (tick & TICK_MASK);
    this.#rows[slot * this.#stride + ACCOUNT_WORD] = NO_HOME;
  }

  /** The session of the row has ended, and its home knows it. */
  free(slot: number): void {
    this.step(slot, SessionEvent.TOLD);
    this.used--;
  }

  /** The home has not accepted the session. */
  forgetHome(slot: number): void {
    this.#rows[slot * this.#stride + ACCOUNT_WORD] = NO_HOME;
  }

  /** @param kind a {@link PhoneKind}. */
  beginLogin(slot: number, account: number, kind: number): void {
    this.#rows[slot * this.#stride + ACCOUNT_WORD] = account;
    this.#rows[slot * this.#stride + META_WORD] = this.#meta(slot) | (kind << KIND_SHIFT);
    this.step(slot, SessionEvent.LOGIN);
  }

  /** Sets the window to the ids that the account's home has stored. */
  setWindow(slot: number, highest: number, seen: number): void {
    this.#rows[slot * this.#stride + HIGHEST_WORD] = highest;
    this.#rows[slot * this.#stride + WINDOW_WORD] = seen & SEEN_MASK;
  }

  highest(slot: number): number {
    return (this.#rows[slot * this.#stride + HIGHEST_WORD] as number) & SERIAL_MASK; // slots are inside the table
  }

  /** Whether a session that is or was online may watch accounts. */
  mayWatch(slot: number): boolean {
    return (this.#rows[slot * this.#stride + HIGHEST_WORD] as number) < 0;
  }

  setWatches(slot: number): void {
    const word = slot * this.#stride + HIGHEST_WORD;
    this.#rows[word] = (this.#rows[word] as number) | WATCHES_BIT;
  }

  seen(slot: number): number {
    return this.#window(slot) & SEEN_MASK;
  }

  hasUnanswered(slot: number): boolean {
    return this.#window(slot) >>> UNANSWERED_SHIFT !== 0;
  }

  wantsReceipts(slot: number): boolean {
    return ((WANT_RECEIPTS >> this.#kind(slot)) & 1) !== 0;
  }

  /** Whether the phone wants read receipts, and the ids of messages that it could read. */
  wantsReads(slot: number): boolean {
    return ((WANT_READS >> this.#kind(slot)) & 1) !== 0;
  }

  /** Whether the phone knows the frames of minor version 1. */
  speaksMinor1(slot: number): boolean {
    return this.#kind(slot) >= PhoneKind.MINOR_1;
  }

  isLaterMinor(slot: number): boolean {
    return this.#kind(slot) >= PhoneKind.LATER;
  }

  /** Records that input arrived at this tick. */
  hear(slot: number, tick: number): void {
    const index = slot * this.#stride + META_WORD;
    this.#rows[index] = (this.#meta(slot) & ~TICK_MASK) | (tick & TICK_MASK);
  }

  /** Ticks since the last input (before login: since the connection opened). */
  silentTicks(slot: number, tick: number): number {
    return (tick - this.#meta(slot)) & TICK_MASK;
  }

  /** Checks an id against the window and, if it is new, adds it as seen and unanswered. */
  admit(slot: number, id: number): number {
    const highest = this.highest(slot);
    const window = this.#window(slot);
    const ahead = serialDistance(id, highest);
    if (ahead > 0) return this.#advance(slot, id, window, ahead);
    if ((highest | window) === 0) return this.#advance(slot, id, window, ID_WINDOW);
    const back = -ahead;
    if (back >= ID_WINDOW) return IdStatus.TOO_OLD;
    const bit = 1 << back;
    if ((window & bit) === 0) {
      this.#setWindow(slot, window | bit | (bit << UNANSWERED_SHIFT));
      return IdStatus.NEW;
    }
    const unanswered = (window & (bit << UNANSWERED_SHIFT)) !== 0;
    return unanswered ? IdStatus.DUPLICATE_UNANSWERED : IdStatus.DUPLICATE;
  }

  /** The home has answered an id. A refused id may be sent again. */
  answer(slot: number, id: number, accepted: boolean): void {
    const bit = 1 << ((this.highest(slot) - id) & SERIAL_MASK);
    const gone = (bit << UNANSWERED_SHIFT) | (accepted ? 0 : bit);
    this.#setWindow(slot, this.#window(slot) & ~gone);
  }

  /** An id that was accepted is unanswered once more, because its answer is asked for again. */
  ask(slot: number, id: number): void {
    const bit = 1 << ((this.highest(slot) - id) & SERIAL_MASK);
    this.#setWindow(slot, this.#window(slot) | (bit << UNANSWERED_SHIFT));
  }

  #advance(slot: number, id: number, window: number, ahead: number): number {
    const shift = Math.min(ahead, ID_WINDOW);
    const unanswered = window >>> UNANSWERED_SHIFT;
    if (((unanswered << shift) & ~SEEN_MASK) !== 0) return IdStatus.TOO_MANY_UNANSWERED;
    const seen = ((window << shift) & SEEN_MASK) | 1;
    this.#setWindow(slot, seen | (((unanswered << shift) | 1) << UNANSWERED_SHIFT));
    const word = slot * this.#stride + HIGHEST_WORD;
    this.#rows[word] = ((this.#rows[word] as number) & WATCHES_BIT) | id;
    return IdStatus.NEW;
  }

  #kind(slot: number): number {
    return (this.#meta(slot) >> KIND_SHIFT) & KIND_MASK;
  }

  #meta(slot: number): number {
    return this.#rows[slot * this.#stride + META_WORD] as number; // slots are inside the table
  }

  #window(slot: number): number {
    return this.#rows[slot * this.#stride + WINDOW_WORD] as number; // slots are inside the table
  }

  #setWindow(slot: number, window: number): void {
    this.#rows[slot * this.#stride + WINDOW_WORD] = window;
  }
}
