/**
 * Messages whose ✓ waits until their records in the log are complete: a bounded queue in the order in which they were
 * recorded, which is the order in which they complete. Five words for each:
 *
 *     word 0   batch of the record              word 1   entry in the index; 0 for a message sent again
 *     word 2   address of the sender's session  word 3   generation of the session     word 4   the sender's id
 */

import { assert } from '../base/assert.ts';

const WORDS = 5;

export class WaitingAcknowledgements {
  readonly #words: Int32Array;
  readonly #capacity: number;
  #head = 0;
  #length = 0;

  /** @param capacity the most messages that can wait; 0 if none ever waits. */
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

  /** The queue must not be full. */
  push(batch: number, entry: number, address: number, generation: number, id: number): void {
    assert(!this.isFull, 'a message is recorded only if its acknowledgement has room to wait');
    const word = this.#word(this.#length);
    this.#words[word] = batch;
    this.#words[word + 1] = entry;
    this.#words[word + 2] = address;
    this.#words[word + 3] = generation;
    this.#words[word + 4] = id;
    this.#length++;
  }

  /** Batch of the newest message; the queue must not be empty. */
  get newestBatch(): number {
    return this.#words[this.#word(this.#length - 1)] as number; // inside the queue, here and below
  }

  /** Batch of the oldest message, as the others below; the queue must not be empty. */
  get batch(): number {
    return this.#words[this.#word(0)] as number;
  }

  get entry(): number {
    return this.#words[this.#word(0) + 1] as number;
  }

  get address(): number {
    return this.#words[this.#word(0) + 2] as number;
  }

  get generation(): number {
    return this.#words[this.#word(0) + 3] as number;
  }

  get id(): number {
    return this.#words[this.#word(0) + 4] as number;
  }

  /** Removes the oldest message. */
  shift(): void {
    assert(this.#length > 0, 'only a message that waits is removed');
    this.#head = this.#head + 1 === this.#capacity ? 0 : this.#head + 1;
    this.#length--;
  }

  #word(n: number): number {
    const place = this.#head + n;
    return (place < this.#capacity ? place : place - this.#capacity) * WORDS;
  }
}
