/**
 * The index of mailboxes in memory: the entries of each mailbox in order, and what is volatile about them. Its memory
 * is a pool of blocks (mailbox-blocks.ts). What must outlast the shard is recorded in a log besides (mailbox-log.ts).
 *
 * A mailbox is a queue of entries. Its name is an integer that the account's row keeps: 0 for the empty mailbox, and
 * every change returns the new name. An entry's name is above 0, and valid until it is removed.
 *
 * An entry is one block, with further blocks for a payload over 96 bytes. The entries of a mailbox form a ring through
 * word 0, and the mailbox is named by its newest entry: one integer gives both ends.
 *
 *     word 0      next entry (the newest points at the oldest)
 *     word 1      next block of the payload, or 0
 *     word 2      sender's account index
 *     word 3      id 0..29 · receipt 30 · session lost 31
 *     word 4      address of the sender's session; of a message to a group, its shared payload
 *     word 5      payload bytes 0..10 · generation 11..21 · state 22..23 · sent tick 24..31
 *     word 6      sequence number
 *     word 7      row of the account + 1, 0..29 · shared payload 30; 0 where the block does not start an entry
 *     word 8…31   payload, 96 bytes
 *
 * A message to a group has an entry in many mailboxes, and one shared payload (shared-payloads.ts). Such an entry sends
 * no receipt to the author's session, which is marked as lost.
 */

import type { LedgerEntry } from '../base/ledger-entry.ts';
import { SERIAL_BITS, SERIAL_MASK, serialDistance } from '../base/serial-distance.ts';
import type { TableMemory } from '../base/table-memory.ts';
import { BLOCK_WORDS, ENTRY_WORD, MailboxBlocks } from './mailbox-blocks.ts';
import { EntryState, type MailboxEntry, NO_READER } from './mailbox-entry.ts';
import { SharedPayloads } from './shared-payloads.ts';

const WORDS = BLOCK_WORDS;
const RECEIPT_BIT = 1 << SERIAL_BITS;
const SESSION_LOST_BIT = 1 << 31;
const SHARED_BIT = 1 << 30;
const LENGTH_MASK = 0x7ff;
const GENERATION_SHIFT = 11;
const GENERATION_MASK = LENGTH_MASK << GENERATION_SHIFT;
const STATE_SHIFT = 22;
const STATE_MASK = 3 << STATE_SHIFT;
const TICK_SHIFT = 24;
/** In place of a shared payload: the entry has its own. */
const NOT_SHARED = 0;

/** Receives the accounts of entries that are overdue. */
export interface OverdueVisitor {
  overdue(accountRow: number): void;
}

export class MailboxIndex {
  /** Entries held. */
  entries = 0;
  /** Read receipts among them. */
  readReceipts = 0;
  /** The payloads of messages to groups. */
  readonly shared: SharedPayloads;
  readonly #blocks: MailboxBlocks;
  readonly #words: Int32Array;
  #prefetched = 0;
  #sweepAt = 1;

  /** @param blocks the most blocks that are held: the bound of all mailboxes together. */
  constructor(blocks: number, memory?: TableMemory) {
    this.#blocks = new MailboxBlocks(blocks, memory);
    this.#words = this.#blocks.words;
    this.shared = new SharedPayloads(this.#blocks);
  }

  /** The most entries that can be held. */
  get entriesMax(): number {
    return this.#blocks.blocksMax;
  }

  ledger(): LedgerEntry[] {
    return this.#blocks.ledger();
  }

  /** Whether an entry with such a payload, or with the shared payload if one is named, has room. */
  hasRoom(payloadBytes: number, shared: number = NOT_SHARED): boolean {
    return this.#blocks.hasRoom(shared === NOT_SHARED ? payloadBytes : 0);
  }

  /** Whether a shared payload of this size has room, and an entry that refers to it. */
  hasSharedRoom(payloadBytes: number): boolean {
    return this.#blocks.hasRoom(payloadBytes, 1);
  }

  /**
   * Adds an entry at the end of a mailbox. It must have room, see {@link hasRoom}.
   * @param shared the shared payload, for a message to a group: the entry holds it until it is removed.
   * @returns the mailbox's new name, which is also the entry's.
   */
  append(mailbox: number, entry: MailboxEntry, shared: number = NOT_SHARED): number {
    const block = this.#blocks.take();
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
    this.#words[word + ENTRY_WORD] = entry.accountRow + 1;
    if (shared === NOT_SHARED) {
      this.#blocks.writePayload(block, entry.payload, entry.payloadAt, entry.payloadBytes);
    } else {
      this.#refer(block, shared);
    }
    this.entries++;
    if (entry.isReceipt && entry.sender !== NO_READER) this.readReceipts++;
    return block;
  }

  /** Reads entries that are needed soon; 0 stands for none. */
  prefetchAll(list: Int32Array, count: number): void {
    const words = this.#words;
    let sum = 0;
    for (let n = 0; n < count; n++) sum ^= words[(list[n] as number) * WORDS] as number; // entries name blocks
    this.#prefetched ^= sum;
  }

  /** Reads blocks of entries that are appended soon, so many. */
  prefetchFree(count: number): void {
    this.#blocks.prefetchFree(count);
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
    if (this.isShared(entry)) this.shared.release(this.sharedPayload(entry));
    if (this.isReceipt(entry) && this.sender(entry) !== NO_READER) this.readReceipts--;
    this.#blocks.giveChain(entry);
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
    return ((this.#words[entry * WORDS + ENTRY_WORD] as number) & ~SHARED_BIT) - 1; // entries name blocks, here and below
  }

  /** Whether the entry is a message to a group, and its payload a shared one. */
  isShared(entry: number): boolean {
    return (this.#words[entry * WORDS + ENTRY_WORD] as number) >= SHARED_BIT;
  }

  /** The name of the entry's shared payload. */
  sharedPayload(entry: number): number {
    return this.#words[entry * WORDS + 4] as number;
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
    const first = this.isShared(entry) ? this.sharedPayload(entry) : entry;
    this.#blocks.copyPayload(first, this.payloadBytes(entry), target, at);
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

  /** How long ago the entry was appended or last sent, in ticks modulo 256. */
  ticksSinceSent(entry: number, tick: number): number {
    return (tick - ((this.#words[entry * WORDS + 5] as number) >>> TICK_SHIFT)) & 0xff;
  }

  /** Places that one round of {@link sweep} has. */
  get sweepPlaces(): number {
    return this.#blocks.fresh - 1;
  }

  /**
   * Examines the next few places of the pool, cyclically, and calls the visitor for every entry that was sent (or
   * appended) `ageTicks` ago or more.
   */
  sweep(tick: number, ageTicks: number, places: number, visitor: OverdueVisitor): void {
    for (let looked = 0; looked < places; looked++) {
      this.#sweepAt = this.#sweepAt + 1 < this.#blocks.fresh ? this.#sweepAt + 1 : 1;
      const word = this.#sweepAt * WORDS;
      const row = (this.#words[word + ENTRY_WORD] as number) & ~SHARED_BIT; // inside the pool
      if (row === 0) continue;
      if (this.ticksSinceSent(this.#sweepAt, tick) >= ageTicks) visitor.overdue(row - 1);
    }
  }

  /** Calls back for each message from phone to phone that is held (receipts left out), for checking integrity. */
  forEachMessage(visit: (sender: number, id: number) => void): void {
    this.#forEachUnconfirmed(false, visit);
  }

  /** Calls back for each message to a group in each mailbox, for checking integrity. */
  forEachGroupMessage(visit: (author: number, id: number, accountRow: number) => void): void {
    this.#forEachUnconfirmed(true, visit);
  }

  /** Calls back for each shared payload that an entry refers to, once for each of these entries. */
  forEachSharedPayload(visit: (shared: number) => void): void {
    for (let block = 1; block < this.#blocks.fresh; block++) {
      if (this.#words[block * WORDS + ENTRY_WORD] !== 0 && this.isShared(block)) visit(this.sharedPayload(block));
    }
  }

  /** Blocks that are in use, by whatever. */
  get usedBlocks(): number {
    return this.#blocks.used;
  }

  /** Blocks of all entries and of the payloads that they refer to, for checking that nothing else is in use. */
  countEntryBlocks(): number {
    const firsts = new Set<number>();
    for (let block = 1; block < this.#blocks.fresh; block++) {
      if (this.#words[block * WORDS + ENTRY_WORD] === 0) continue;
      firsts.add(block);
      if (this.isShared(block)) firsts.add(this.sharedPayload(block));
    }
    let blocks = 0;
    for (const first of firsts) blocks += this.#blocks.chainLength(first);
    return blocks;
  }

  #forEachUnconfirmed(isShared: boolean, visit: (sender: number, id: number, accountRow: number) => void): void {
    for (let block = 1; block < this.#blocks.fresh; block++) {
      if (this.#words[block * WORDS + ENTRY_WORD] === 0 || this.isReceipt(block)) continue;
      if (this.isShared(block) !== isShared || this.state(block) === EntryState.CONFIRMED) continue;
      visit(this.sender(block), this.id(block), this.accountRow(block));
    }
  }

  /** Makes an entry refer to a shared payload, and names no session in it. */
  #refer(entry: number, shared: number): void {
    const word = entry * WORDS;
    this.shared.hold(shared);
    this.#words[word + 3] = (this.#words[word + 3] as number) | SESSION_LOST_BIT;
    this.#words[word + 4] = shared;
    this.#words[word + ENTRY_WORD] = (this.#words[word + ENTRY_WORD] as number) | SHARED_BIT;
    this.#blocks.endChain(entry);
  }
}
