/**
 * The index of mailboxes in memory: the entries of each mailbox in order, and what is volatile about them. It is a pool
 * of blocks of 128 bytes, allocated once. What must outlast the shard is recorded in a log besides (mailbox-log.ts).
 *
 * A mailbox is a queue of entries. Its name is an integer that the account's row keeps: 0 for the empty mailbox, and
 * every change returns the new name. The name of an entry is an integer above 0 and stays valid until the entry is removed.
 *
 * An entry is one block, with further blocks for a payload over 96 bytes, chained through word 1;
 * of those, only words 1 and 7 and the payload have a meaning. The entries of a mailbox form a
 * ring through word 0, and the mailbox is named by its newest entry: one integer gives both ends.
 *
 *     word 0      next entry (the newest points at the oldest), or the next free block
 *     word 1      next block of the payload, or 0
 *     word 2      sender's account index
 *     word 3      id 0..29 · receipt 30 · session lost 31
 *     word 4      address of the sender's session
 *     word 5      payload bytes 0..10 · generation 11..21 · state 22..23 · sent tick 24..31
 *     word 6      sequence number
 *     word 7      row of the account + 1; 0 where the block does not start an entry
 *     word 8…31   payload, 96 bytes
 *
 * Free blocks are used again last in, first out, so at a low depth the same few stay in the cache.
 */

import { assert } from '../base/assert.ts';
import { copyBytes } from '../base/bytes.ts';
import type { LedgerEntry } from '../base/ledger.ts';
import { SERIAL_BITS, SERIAL_MASK, serialDistance } from '../base/serial-distance.ts';
import { PLAIN_MEMORY, type TableMemory } from '../base/table-memory.ts';
import { EntryState, type MailboxEntry } from './mailbox-entry.ts';

export const BLOCK_BYTES = 128;
const WORDS = BLOCK_BYTES / 4;
const HEADER_BYTES = 32;
const PART_BYTES = BLOCK_BYTES - HEADER_BYTES;
const RECEIPT_BIT = 1 << SERIAL_BITS;
const SESSION_LOST_BIT = 1 << 31;
const LENGTH_MASK = 0x7ff;
const GENERATION_SHIFT = 11;
const GENERATION_MASK = LENGTH_MASK << GENERATION_SHIFT;
const STATE_SHIFT = 22;
const STATE_MASK = 3 << STATE_SHIFT;
const TICK_SHIFT = 24;

/** Receives the accounts of entries that are overdue. */
export interface OverdueVisitor {
  overdue(accountRow: number): void;
}

export class MailboxIndex {
  /** Entries held. */
  entries = 0;
  readonly #words: Int32Array;
  readonly #view: DataView;
  readonly #blocks: number;
  /** Block 0 stands for none. */
  #fresh = 1;
  #free = 0;
  #freeCount = 0;
  #sweepAt = 1;

  /** @param blocks the most blocks that are held: the bound of all mailboxes together. */
  constructor(blocks: number, memory: TableMemory = PLAIN_MEMORY) {
    this.#blocks = blocks + 1;
    this.#words = memory.words((this.#blocks * BLOCK_BYTES) / Int32Array.BYTES_PER_ELEMENT);
    this.#view = new DataView(this.#words.buffer);
  }

  /** The most entries that can be held. */
  get entriesMax(): number {
    return this.#blocks - 1;
  }

  ledger(): LedgerEntry[] {
    const bytes = this.#words.byteLength;
    return [{ owner: 'switch', name: 'mailbox blocks', bytes, rowBytes: 0, rowsUsed: 0 }];
  }

  /** Whether an entry with such a payload has room. */
  hasRoom(payloadBytes: number): boolean {
    const blocks = Math.max(1, Math.ceil(payloadBytes / PART_BYTES));
    return this.#freeCount + this.#blocks - this.#fresh >= blocks;
  }

  /**
   * Adds an entry at the end of a mailbox. It must have room, see {@link hasRoom}.
   * @returns the mailbox's new name, which is also the entry's.
   */
  append(mailbox: number, entry: MailboxEntry): number {
    const block = this.#take();
    const word = block * WORDS;
    if (mailbox === 0) {
      this.#words[word] = block;
    } else {
      this.#words[word] = this.#words[mailbox * WORDS] as number; // mailboxes name blocks
      this.#words[mailbox * WORDS] = block;
    }
    this.#words[word + 2] = entry.sender;
    this.#words[word + 3] = entry.id | (entry.isReceipt ? RECEIPT_BIT : 0);
    this.#words[word + 4] = entry.address;
    this.#words[word + 5] = entry.payloadBytes | (entry.generation << GENERATION_SHIFT);
    this.#words[word + 6] = entry.sequence;
    this.#words[word + 7] = entry.accountRow + 1;
    this.#writePayload(block, entry);
    this.entries++;
    return block;
  }

  /** The oldest entry of a mailbox that is not empty. */
  first(mailbox: number): number {
    return this.#words[mailbox * WORDS] as number; // mailboxes name blocks
  }

  /** The entry after this one, or 0. */
  next(mailbox: number, entry: number): number {
    return entry === mailbox ? 0 : (this.#words[entry * WORDS] as number); // entries name blocks
  }

  /** Removes the oldest entry. @returns the mailbox's new name. */
  removeFirst(mailbox: number): number {
    const entry = this.first(mailbox);
    const after = this.#words[entry * WORDS] as number; // entries name blocks
    for (let block = entry; block !== 0; ) {
      const next = this.#words[block * WORDS + 1] as number; // chains name blocks
      this.#give(block);
      block = next;
    }
    this.entries--;
    if (entry === mailbox) return 0;
    this.#words[mailbox * WORDS] = after;
    return mailbox;
  }

  /** Entries in a mailbox. */
  count(mailbox: number): number {
    if (mailbox === 0) return 0;
    return serialDistance(this.sequence(mailbox), this.sequence(this.first(mailbox))) + 1;
  }

  /** Row of the account whose mailbox the entry is in. */
  accountRow(entry: number): number {
    return (this.#words[entry * WORDS + 7] as number) - 1; // entries name blocks, here and below
  }

  sequence(entry: number): number {
    return this.#words[entry * WORDS + 6] as number;
  }

  sender(entry: number): number {
    return this.#words[entry * WORDS + 2] as number;
  }

  id(entry: number): number {
    return (this.#words[entry * WORDS + 3] as number) & SERIAL_MASK;
  }

  isReceipt(entry: number): boolean {
    return ((this.#words[entry * WORDS + 3] as number) & RECEIPT_BIT) !== 0;
  }

  address(entry: number): number {
    return this.#words[entry * WORDS + 4] as number;
  }

  generation(entry: number): number {
    return ((this.#words[entry * WORDS + 5] as number) >>> GENERATION_SHIFT) & LENGTH_MASK;
  }

  /** The session that the entry names was lost in a crash: nobody waits for an answer. */
  setSessionLost(entry: number): void {
    const word = entry * WORDS + 3;
    this.#words[word] = (this.#words[word] as number) | SESSION_LOST_BIT;
  }

  isSessionLost(entry: number): boolean {
    return (this.#words[entry * WORDS + 3] as number) < 0;
  }

  /** Names another session in the entry: where its ✓ goes, and where its receipt is tried first. */
  setSession(entry: number, address: number, generation: number): void {
    const word = entry * WORDS + 5;
    this.#words[entry * WORDS + 3] = (this.#words[entry * WORDS + 3] as number) & ~SESSION_LOST_BIT;
    this.#words[entry * WORDS + 4] = address;
    this.#words[word] = ((this.#words[word] as number) & ~GENERATION_MASK) | (generation << GENERATION_SHIFT);
  }

  payloadBytes(entry: number): number {
    return (this.#words[entry * WORDS + 5] as number) & LENGTH_MASK;
  }

  copyPayload(entry: number, target: DataView, at: number): void {
    let left = this.payloadBytes(entry);
    for (let block = entry, to = at; left > 0; to += PART_BYTES) {
      const part = Math.min(left, PART_BYTES);
      copyBytes(this.#view, block * BLOCK_BYTES + HEADER_BYTES, target, to, part);
      block = this.#words[block * WORDS + 1] as number; // chains name blocks
      left -= part;
    }
  }

  state(entry: number): number {
    return ((this.#words[entry * WORDS + 5] as number) & STATE_MASK) >> STATE_SHIFT;
  }

  setState(entry: number, state: number): void {
    const word = entry * WORDS + 5;
    this.#words[word] = ((this.#words[word] as number) & ~STATE_MASK) | (state << STATE_SHIFT);
  }

  /** Remembers when the entry was appended or last sent, in ticks modulo 256. */
  setSentTick(entry: number, tick: number): void {
    const word = entry * WORDS + 5;
    this.#words[word] = ((this.#words[word] as number) & (2 ** TICK_SHIFT - 1)) | (tick << TICK_SHIFT);
  }

  /** Places that one round of {@link sweep} has. */
  get sweepPlaces(): number {
    return this.#fresh - 1;
  }

  /**
   * Examines the next few places of the pool, cyclically, and calls the visitor for every entry that was sent (or
   * appended) `ageTicks` ago or more.
   */
  sweep(tick: number, ageTicks: number, places: number, visitor: OverdueVisitor): void {
    for (let looked = 0; looked < places; looked++) {
      this.#sweepAt = this.#sweepAt + 1 < this.#fresh ? this.#sweepAt + 1 : 1;
      const word = this.#sweepAt * WORDS;
      const row = this.#words[word + 7] as number; // inside the pool
      if (row === 0) continue;
      const sentTick = (this.#words[word + 5] as number) >>> TICK_SHIFT;
      if (((tick - sentTick) & 0xff) >= ageTicks) visitor.overdue(row - 1);
    }
  }

  /** Calls back for each message held (receipts left out), for checking integrity. */
  forEachMessage(visit: (sender: number, id: number) => void): void {
    for (let block = 1; block < this.#fresh; block++) {
      if (this.#words[block * WORDS + 7] === 0 || this.isReceipt(block)) continue;
      if (this.state(block) !== EntryState.CONFIRMED) visit(this.sender(block), this.id(block));
    }
  }

  #writePayload(first: number, entry: MailboxEntry): void {
    let block = first;
    for (let done = 0; ; done += PART_BYTES) {
      const part = Math.min(entry.payloadBytes - done, PART_BYTES);
      const to = block * BLOCK_BYTES + HEADER_BYTES;
      copyBytes(entry.payload, entry.payloadAt + done, this.#view, to, part);
      if (done + part >= entry.payloadBytes) break;
      const next = this.#take();
      this.#words[next * WORDS + 7] = 0;
      this.#words[block * WORDS + 1] = next;
      block = next;
    }
    this.#words[block * WORDS + 1] = 0;
  }

  #take(): number {
    if (this.#free !== 0) {
      const block = this.#free;
      this.#free = this.#words[block * WORDS] as number; // free blocks name free blocks
      this.#freeCount--;
      return block;
    }
    assert(this.#fresh < this.#blocks, 'room was checked before');
    return this.#fresh++;
  }

  #give(block: number): void {
    this.#words[block * WORDS] = this.#free;
    this.#words[block * WORDS + 7] = 0;
    this.#free = block;
    this.#freeCount++;
  }
}
