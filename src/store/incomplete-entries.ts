/**
 * Messages whose records in the log are not complete: a bounded queue in the order in which they were recorded, which
 * is the order in which they complete. Two words for each:
 *
 *     word 0   batch of the record     word 1   entry in the index
 */

import { assert } from '../base/assert.ts';

const WORDS = 2;

export class IncompleteEntries {
  readonly #words: Int32Array;
  readonly #capacity: number;
  #head = 0;
  #length = 0;

  /** @param capacity the most messages that can be incomplete; 0 if none ever is. */
  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#words = new Int32Array(capacity * WORDS);
  }

  get bytes(): number {
    return this.#words.byteLength;
  }

  get length(): number {
    return this.#length;
  }

  get isFull(): boolean {
    return this.#length === this.#capacity;
  }

  /** Batch of the oldest message; the queue must not be empty. */
  get batch(): number {
    return this.#words[this.#head * WORDS] as number; // inside the queue
  }

  /** The n-th entry from the oldest, from 0; `n` must be below the length. */
  entryAt(n: number): number {
    return this.#words[this.#word(n) + 1] as number; // inside the queue
  }

  /** Adds a message; the queue must not be full. */
  push(batch: number, entry: number): void {
    assert(!this.isFull, 'a message is recorded only if it has room to be incomplete');
    const word = this.#word(this.#length);
    this.#words[word] = batch;
    this.#words[word + 1] = entry;
    this.#length++;
  }

  /** Removes the oldest message; the queue must not be empty. @returns its entry. */
  shift(): number {
    assert(this.#length > 0, 'only a message of the queue is removed');
    const entry = this.#words[this.#head * WORDS + 1] as number; // inside the queue
    this.#head = this.#head + 1 === this.#capacity ? 0 : this.#head + 1;
    this.#length--;
    return entry;
  }

  #word(n: number): number {
    const place = this.#head + n;
    return (place < this.#capacity ? place : place - this.#capacity) * WORDS;
  }
}
