/**
 * A bounded FIFO queue of rows whose next action found no room. The owner decides what happens to a row that finds the
 * queue full.
 */
import { assert } from '../../base/assert.ts';

export class RetryQueue {
  readonly #rows: Int32Array;
  readonly #mask: number;
  #head = 0;
  #length = 0;

  /** @param capacity a power of two. */
  constructor(capacity: number) {
    assert(capacity > 0 && (capacity & (capacity - 1)) === 0, 'a capacity is a power of two');
    this.#rows = new Int32Array(capacity);
    this.#mask = capacity - 1;
  }

  get bytes(): number {
    return this.#rows.byteLength;
  }

  get length(): number {
    return this.#length;
  }

  /** @returns false if the queue is full. */
  push(row: number): boolean {
    if (this.#length > this.#mask) return false;
    this.#rows[(this.#head + this.#length) & this.#mask] = row;
    this.#length++;
    return true;
  }

  /** The row that {@link shift} returns after `n` others; there must be one. */
  at(n: number): number {
    return this.#rows[(this.#head + n) & this.#mask] as number; // masked
  }

  /** The oldest row, or -1. */
  shift(): number {
    if (this.#length === 0) return -1;
    const row = this.#rows[this.#head] as number; // inside the queue
    this.#head = (this.#head + 1) & this.#mask;
    this.#length--;
    return row;
  }
}
