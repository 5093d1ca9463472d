/** A bounded FIFO queue of items of a few words each. The owner decides what happens to an item that finds it full. */
import { assert } from '../../base/assert.ts';

export class WordQueue {
  readonly words: Int32Array;
  readonly #itemWords: number;
  readonly #capacity: number;
  #head = 0;
  #length = 0;

  constructor(capacity: number, itemWords: number) {
    this.#capacity = capacity;
    this.#itemWords = itemWords;
    this.words = new Int32Array(capacity * itemWords);
  }

  get bytes(): number {
    return this.words.byteLength;
  }

  get length(): number {
    return this.#length;
  }

  get isFull(): boolean {
    return this.#length === this.#capacity;
  }

  /** Adds an item; the queue must not be full. @returns where its words are in {@link words}. */
  push(): number {
    assert(!this.isFull, 'an item is added only if it has room');
    return this.at(this.#length++);
  }

  /** Where the words of the n-th item from the oldest are, from 0. */
  at(n: number): number {
    const place = this.#head + n;
    return (place < this.#capacity ? place : place - this.#capacity) * this.#itemWords;
  }

  /** Removes the oldest item; there must be one. */
  shift(): void {
    assert(this.#length > 0, 'only an item of the queue is removed');
    this.#head = this.#head + 1 === this.#capacity ? 0 : this.#head + 1;
    this.#length--;
  }
}
