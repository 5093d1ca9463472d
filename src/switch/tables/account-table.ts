/**
 * The table of the accounts whose home is this shard, four words per account.
 *
 *                 online                         away
 *     word 0      address of the session         highest id sent
 *     word 1      generation of the session 0..10 · UNAVAILABLE 11       seen ids 0..15
 *                 last seen 16..31                                       last seen 16..31
 *     word 2      the mailbox, as the store names it, 0..28; 0 is empty · WATCHED 29 · QUEUED 30 · KNOWN 31
 *     word 3      last sequence number 0..29 · ONLINE 30 · BACKLOG 31
 *
 * For addresses see AddressLayout. BACKLOG says that the mailbox holds something that is not on its way to the phone,
 * so that newer messages have to wait behind it. QUEUED says that the account is in the queue of those that are tried
 * again. KNOWN says that it has logged in at some time. WATCHED says that somebody may watch it: of most accounts this
 * is known without a look into the table of subscriptions. UNAVAILABLE says that the phone is connected and not in use.
 * "Last seen" is when the account was available last, as a stamp of AccountPresence, 0 if unknown; its bits have no
 * other use while it is not available.
 *
 * The tick in which a session began has its own column, in switches with gateways only.
 */

import { assert } from '../../base/assert.ts';
import type { LedgerEntry } from '../../base/ledger-entry.ts';
import { SERIAL_MASK } from '../../base/serial-distance.ts';
import { PLAIN_MEMORY, type TableMemory } from '../../base/table-memory.ts';

const WORDS = 4;
/** Bytes of an account. */
export const ACCOUNT_BYTES = WORDS * 4;
const ONLINE_BIT = 1 << 30;
const BACKLOG_BIT = 1 << 31;
const QUEUED_BIT = 1 << 30;
const KNOWN_BIT = 1 << 31;
const WATCHED_BIT = 1 << 29;
const MAILBOX_MASK = WATCHED_BIT - 1;
const GENERATION_MASK = 2 ** 11 - 1;
const UNAVAILABLE_BIT = 1 << 11;
const LAST_SEEN_SHIFT = 16;
const SEEN_MASK = 0xffff;

export class AccountTable {
  readonly #rows: Int32Array;
  /** Empty if it is not kept. */
  readonly #begun: Int32Array;
  /** Number of accounts that have logged in at least once; the rows in use. */
  #known = 0;
  #prefetched = 0;

  /** @param keepsBeginnings whether to keep when sessions began. */
  constructor(accounts: number, keepsBeginnings = false, memory: TableMemory = PLAIN_MEMORY) {
    assert(accounts < 2 ** 29, 'a shard is the home of fewer than 2^29 accounts');
    this.#rows = memory.words(accounts * WORDS);
    this.#begun = memory.words(keepsBeginnings ? accounts : 0);
  }

  ledger(): LedgerEntry[] {
    const rowBytes = ACCOUNT_BYTES;
    const bytes = this.#rows.byteLength;
    const rows: LedgerEntry = { owner: 'switch', name: 'accounts', bytes, rowBytes, rowsUsed: this.#known };
    if (this.#begun.length === 0) return [rows];
    const begun = { bytes: this.#begun.byteLength, rowBytes: 4, rowsUsed: this.#known };
    return [rows, { owner: 'switch', name: 'beginnings of sessions', ...begun }];
  }

  /** Reads rows that are needed soon: see {@link RowPrefetch}. */
  prefetchAll(list: Int32Array, count: number): void {
    const rows = this.#rows;
    let sum = 0;
    for (let n = 0; n < count; n++) sum ^= rows[(list[n] as number) * WORDS] as number; // rows are inside the table
    this.#prefetched ^= sum;
  }

  /** Number of rows. */
  get size(): number {
    return this.#rows.length / WORDS;
  }

  isOnline(row: number): boolean {
    return (this.#flags(row) & ONLINE_BIT) !== 0;
  }

  address(row: number): number {
    return this.#rows[row * WORDS] as number; // rows are inside the table
  }

  generation(row: number): number {
    return (this.#rows[row * WORDS + 1] as number) & GENERATION_MASK; // rows are inside the table
  }

  /** Whether address and generation name the account's present session. */
  isSession(row: number, address: number, generation: number): boolean {
    return this.isOnline(row) && this.address(row) === address && this.generation(row) === generation;
  }

  /** Whether the account has a session whose phone is in use. */
  isAvailable(row: number): boolean {
    return this.isOnline(row) && ((this.#rows[row * WORDS + 1] as number) & UNAVAILABLE_BIT) === 0; // as above
  }

  /** The phone of an account that is online is in use, or was until this stamp. */
  setAvailable(row: number, isAvailable: boolean, lastSeenStamp: number): void {
    const generation = this.generation(row);
    const unavailable = UNAVAILABLE_BIT | (lastSeenStamp << LAST_SEEN_SHIFT);
    this.#rows[row * WORDS + 1] = isAvailable ? generation : generation | unavailable;
  }

  /** When the account was available last, as a stamp; valid while it is not available. */
  lastSeen(row: number): number {
    return (this.#rows[row * WORDS + 1] as number) >>> LAST_SEEN_SHIFT; // rows are inside the table
  }

  setLastSeen(row: number, lastSeenStamp: number): void {
    const word = row * WORDS + 1;
    this.#rows[word] = ((this.#rows[word] as number) & SEEN_MASK) | (lastSeenStamp << LAST_SEEN_SHIFT); // as above
  }

  /** The window of ids used so far; valid while the account is away. */
  highest(row: number): number {
    return this.#rows[row * WORDS] as number; // rows are inside the table
  }

  seen(row: number): number {
    return (this.#rows[row * WORDS + 1] as number) & SEEN_MASK; // rows are inside the table
  }

  setOnline(row: number, address: number, generation: number): void {
    const word = row * WORDS + 2;
    const mailbox = this.#rows[word] as number; // rows are inside the table
    if ((mailbox & KNOWN_BIT) === 0) {
      this.#rows[word] = mailbox | KNOWN_BIT;
      this.#known++;
    }
    this.#rows[row * WORDS] = address;
    this.#rows[row * WORDS + 1] = generation;
    this.#rows[row * WORDS + 3] = this.#flags(row) | ONLINE_BIT;
  }

  /** The tick in which the session of an account that is online began; 0 if that is not kept. */
  begun(row: number): number {
    return this.#begun[row] ?? 0;
  }

  setBegun(row: number, tick: number): void {
    if (row < this.#begun.length) this.#begun[row] = tick;
  }

  /** @param lastSeenStamp when the account was available last. */
  setAway(row: number, highest: number, seen: number, lastSeenStamp: number): void {
    this.#rows[row * WORDS] = highest;
    this.#rows[row * WORDS + 1] = (seen & SEEN_MASK) | (lastSeenStamp << LAST_SEEN_SHIFT);
    this.#rows[row * WORDS + 3] = this.#flags(row) & ~ONLINE_BIT;
  }

  mailbox(row: number): number {
    return (this.#rows[row * WORDS + 2] as number) & MAILBOX_MASK; // rows are inside the table
  }

  setMailbox(row: number, mailbox: number): void {
    const word = row * WORDS + 2;
    this.#rows[word] = ((this.#rows[word] as number) & ~MAILBOX_MASK) | mailbox;
  }

  mayBeWatched(row: number): boolean {
    return ((this.#rows[row * WORDS + 2] as number) & WATCHED_BIT) !== 0;
  }

  setWatched(row: number, isWatched: boolean): void {
    const word = row * WORDS + 2;
    const value = this.#rows[word] as number;
    this.#rows[word] = isWatched ? value | WATCHED_BIT : value & ~WATCHED_BIT;
  }

  isQueued(row: number): boolean {
    return ((this.#rows[row * WORDS + 2] as number) & QUEUED_BIT) !== 0;
  }

  setQueued(row: number, queued: boolean): void {
    const word = row * WORDS + 2;
    const value = this.#rows[word] as number;
    this.#rows[word] = queued ? value | QUEUED_BIT : value & ~QUEUED_BIT;
  }

  hasBacklog(row: number): boolean {
    return this.#flags(row) < 0;
  }

  setBacklog(row: number, backlog: boolean): void {
    const flags = this.#flags(row);
    this.#rows[row * WORDS + 3] = backlog ? flags | BACKLOG_BIT : flags & ~BACKLOG_BIT;
  }

  /** The sequence number that the next entry of the mailbox gets. */
  nextSequence(row: number): number {
    return (this.#flags(row) + 1) & SERIAL_MASK;
  }

  setSequence(row: number, sequence: number): void {
    this.#rows[row * WORDS + 3] = (this.#flags(row) & ~SERIAL_MASK) | sequence;
  }

  #flags(row: number): number {
    return this.#rows[row * WORDS + 3] as number; // rows are inside the table
  }
}
