/**
 * How a shard gets the records that its log has kept, at a start. Its store thread reads and checks the files once for
 * both of them, and passes the records on through the memory of their ring, which neither uses yet: in turns through
 * the two halves of it, so that one is read while the other is filled.
 */
import { assert } from '../../base/assert.ts';
import type { LogVisitor } from '../mailbox-log.ts';
import { type LogBuffer, RESTORED_WORD } from './log-buffer.ts';
import { RecordReader, recordBytes } from './log-records.ts';
import { visitRecords } from './read-log.ts';

/** In place of the bytes in a half: there are no more records. */
const ALL_READ = -1;

/** Returns when a word may have another value than this one. */
export type WaitForWord = (words: Int32Array, word: number, value: number) => void;

/** Lets a thread sleep until the other one has changed the word. */
export const sleepForWord: WaitForWord = (words, word, value) => void Atomics.wait(words, word, value);

/** The store thread's end. */
export class RecordSender {
  readonly #buffer: LogBuffer;
  readonly #wait: WaitForWord;
  readonly #halfBytes: number;
  #half = 0;
  #filled = 0;

  constructor(buffer: LogBuffer, wait: WaitForWord = sleepForWord) {
    this.#buffer = buffer;
    this.#wait = wait;
    this.#halfBytes = buffer.ringBytes / 2;
  }

  /** Passes on the records that begin at `from`; waits while the shard has both halves to read. */
  send(view: DataView, from: number, end: number): void {
    for (let at = from; at < end; ) {
      if (this.#filled === 0) this.#waitForHalf();
      const to = this.#wholeRecords(view, at, end);
      const source = new Uint8Array(view.buffer, view.byteOffset + at, to - at);
      this.#buffer.bytes.set(source, this.#half * this.#halfBytes + this.#filled);
      this.#filled += to - at;
      at = to;
      if (at < end) this.#pass(this.#filled);
    }
  }

  /** Says that there are no more. */
  end(): void {
    if (this.#filled > 0) this.#pass(this.#filled);
    this.#waitForHalf();
    this.#pass(ALL_READ);
  }

  /** @returns where the last record ends that has room in this half. */
  #wholeRecords(view: DataView, from: number, end: number): number {
    const room = this.#halfBytes - this.#filled;
    if (end - from <= room) return end;
    let to = from;
    for (let next = to; next - from <= room; next = to + recordBytes(view, to)) to = next;
    assert(to > from || this.#filled > 0, 'half of a ring has room for the longest record');
    return to;
  }

  #waitForHalf(): void {
    const { words } = this.#buffer;
    const word = RESTORED_WORD + this.#half;
    for (let left = Atomics.load(words, word); left !== 0; left = Atomics.load(words, word)) {
      this.#wait(words, word, left);
    }
  }

  #pass(bytes: number): void {
    const { words } = this.#buffer;
    Atomics.store(words, RESTORED_WORD + this.#half, bytes);
    Atomics.notify(words, RESTORED_WORD + this.#half);
    this.#half = 1 - this.#half;
    this.#filled = 0;
  }
}

/** The shard's end. */
export class RecordReceiver {
  readonly #buffer: LogBuffer;
  readonly #visitor: LogVisitor;
  readonly #records = new RecordReader();
  #half = 0;

  constructor(buffer: LogBuffer, visitor: LogVisitor) {
    this.#buffer = buffer;
    this.#visitor = visitor;
  }

  /** Calls back for each record; waits for them. */
  takeAll(wait: WaitForWord = sleepForWord): void {
    const { words } = this.#buffer;
    for (;;) {
      const word = RESTORED_WORD + this.#half;
      if (Atomics.load(words, word) === ALL_READ) return;
      if (!this.take()) wait(words, word, 0);
    }
  }

  /** Calls back for the records of one half. @returns false if there are none now. */
  take(): boolean {
    const { words, view, ringBytes } = this.#buffer;
    const word = RESTORED_WORD + this.#half;
    const bytes = Atomics.load(words, word);
    if (bytes <= 0) return false;
    const from = (this.#half * ringBytes) / 2;
    const isWhole = visitRecords(this.#records, view, from, from + bytes, this.#visitor);
    assert(isWhole, 'a store thread passes on whole records');
    this.#half = 1 - this.#half;
    Atomics.store(words, word, 0);
    Atomics.notify(words, word);
    return true;
  }
}
