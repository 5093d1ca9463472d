/**
 * The shard's end of a log that lasts: writes records into the buffer that it shares with its store thread
 * (log-writer.ts), and learns from there which batches are complete. It never waits: a record that finds no room is
 * refused.
 *
 * A removal cannot be refused, since its entry is gone. One that finds no room is owed, and recorded before anything
 * else: while all have a place among the owed, the log holds no more entries than its shard, so that they fit when they
 * are read back. Further ones are left out, as MailboxLog allows, until a later removal from their mailbox.
 */
import { assert } from '../../base/assert.ts';
import type { MailboxEntry } from '../mailbox-entry.ts';
import { type LogVisitor, type MailboxLog, nextBatch } from '../mailbox-log.ts';
import {
  COMPLETED_WORD,
  DISK_FULL_WORD,
  FIRST_BATCH,
  LOG_HEAD_WORD,
  LOG_TAIL_WORD,
  type LogBuffer,
  SUBMITTED_WORD,
} from './log-buffer.ts';
import {
  appendedBytes,
  NOTE_BYTES,
  REMOVED_BYTES,
  writeAppended,
  writeNote,
  writePadding,
  writeRemoved,
} from './log-records.ts';

/** A note, its subject, sequence number and detail. */
const NOTE_NUMBERS = 4;
/** A removal that is owed: the row and the sequence number. */
const OWED_NUMBERS = 2;
/** Bytes of the ring per removal that may be owed, which takes half as many. */
const RING_BYTES_PER_OWED = 16;

/** Memory of the removals that a log may owe. */
export const owedBytes = (ringBytes: number): number =>
  OWED_NUMBERS * Int32Array.BYTES_PER_ELEMENT * Math.floor(ringBytes / RING_BYTES_PER_OWED);

export interface DurableLogParts {
  readonly buffer: LogBuffer;
  /** Wakes the store thread. */
  readonly wake: () => void;
  /** Calls back for what the log has kept: what the store thread passes on (restored-records.ts), or readLog. */
  readonly replay: (visitor: LogVisitor) => void;
}

export class DurableLog implements MailboxLog {
  openBatch = FIRST_BATCH;
  readonly #parts: DurableLogParts;
  readonly #words: Int32Array;
  readonly #view: DataView;
  readonly #ringBytes: number;
  #tail = 0;
  #published = 0;
  /** Removals that are owed, oldest first: a ring of {@link OWED_NUMBERS} each. */
  readonly #owed: Int32Array;
  #owedFirst = 0;
  #owedCount = 0;
  /**
   * Notes that were made while records are read back, four numbers each: the ring has those records then. Null at other
   * times.
   */
  #held: number[] | null = null;

  constructor(parts: DurableLogParts) {
    this.#parts = parts;
    const { words, view, ringBytes } = parts.buffer;
    assert(Atomics.load(words, LOG_TAIL_WORD) === 0, 'the buffer of a log is new');
    this.#words = words;
    this.#view = view;
    this.#ringBytes = ringBytes;
    this.#owed = new Int32Array(owedBytes(ringBytes) / Int32Array.BYTES_PER_ELEMENT);
  }

  get completedBatch(): number {
    return Atomics.load(this.#words, COMPLETED_WORD);
  }

  append(entry: MailboxEntry): boolean {
    assert(this.#held === null, 'nothing is appended while records are read back');
    if (Atomics.load(this.#words, DISK_FULL_WORD) !== 0 || !this.#recordOwed()) return false;
    const at = this.#claim(appendedBytes(entry));
    if (at < 0) return false;
    writeAppended(this.#view, at, entry);
    return true;
  }

  remove(accountRow: number, sequence: number): void {
    assert(this.#held === null, 'nothing is removed while records are read back');
    if (!this.#recordOwed() || !this.#recordRemoval(accountRow, sequence)) this.#owe(accountRow, sequence);
  }

  note(note: number, subject: number, sequence: number, detail: number): boolean {
    if (this.#held !== null) {
      if (this.#held.length * NOTE_BYTES >= NOTE_NUMBERS * (this.#ringBytes / 2)) return false;
      this.#held.push(note, subject, sequence, detail);
      return true;
    }
    if (Atomics.load(this.#words, DISK_FULL_WORD) !== 0 || !this.#recordOwed()) return false;
    const at = this.#claim(NOTE_BYTES);
    if (at >= 0) writeNote(this.#view, at, note, subject, sequence, detail);
    return at >= 0;
  }

  submit(): void {
    this.#recordOwed();
    if (this.#tail === this.#published) return;
    this.#published = this.#tail;
    // In this order: who sees the batch sees all of its records.
    Atomics.store(this.#words, LOG_TAIL_WORD, this.#tail);
    Atomics.store(this.#words, SUBMITTED_WORD, this.openBatch);
    this.openBatch = nextBatch(this.openBatch);
    this.#parts.wake();
  }

  replay(visitor: LogVisitor): void {
    const held: number[] = [];
    this.#held = held;
    this.#parts.replay(visitor);
    this.#held = null;
    for (let at = 0; at < held.length; at += NOTE_NUMBERS) {
      const [note = 0, subject = 0, sequence = 0, detail = 0] = held.slice(at, at + NOTE_NUMBERS);
      this.note(note, subject, sequence, detail); // half of the ring has room for all; a full disk takes none, as at other times
    }
  }

  /** Records what is owed. @returns whether nothing is owed any more. */
  #recordOwed(): boolean {
    for (; this.#owedCount > 0; this.#owedCount--) {
      const at = OWED_NUMBERS * this.#owedFirst;
      if (!this.#recordRemoval(this.#owed[at] as number, this.#owed[at + 1] as number)) return false; // it is owed
      this.#owedFirst = (this.#owedFirst + 1) % (this.#owed.length / OWED_NUMBERS);
    }
    return true;
  }

  #owe(accountRow: number, sequence: number): void {
    const places = this.#owed.length / OWED_NUMBERS;
    const newest = OWED_NUMBERS * ((this.#owedFirst + this.#owedCount - 1 + places) % places);
    if (this.#owedCount > 0 && this.#owed[newest] === accountRow) {
      this.#owed[newest + 1] = sequence; // it says what the one before it says
      return;
    }
    if (this.#owedCount === places) return;
    const at = OWED_NUMBERS * ((this.#owedFirst + this.#owedCount) % places);
    this.#owed[at] = accountRow;
    this.#owed[at + 1] = sequence;
    this.#owedCount++;
  }

  /** @returns whether there was room. */
  #recordRemoval(accountRow: number, sequence: number): boolean {
    const at = this.#claim(REMOVED_BYTES);
    if (at >= 0) writeRemoved(this.#view, at, accountRow, sequence);
    return at >= 0;
  }

  /** @returns where the record begins, or -1 if there is no room. */
  #claim(bytes: number): number {
    const used = (this.#tail - Atomics.load(this.#words, LOG_HEAD_WORD)) | 0;
    const place = this.#tail & (this.#ringBytes - 1);
    const toEnd = this.#ringBytes - place;
    // A record that reaches the end exactly needs no padding. Other rests have room for one: all lengths are whole
    // words.
    const skipped = bytes <= toEnd ? 0 : toEnd;
    if (used + skipped + bytes > this.#ringBytes) return -1;
    if (skipped > 0) writePadding(this.#view, place);
    this.#tail = (this.#tail + skipped + bytes) | 0;
    return skipped === 0 ? place : 0;
  }
}
