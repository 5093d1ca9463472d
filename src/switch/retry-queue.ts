/**
 * Accounts whose mailbox could not be sent on for lack of room, in order. Bounded: an account that
 * finds the queue full keeps its BACKLOG mark, and the store's sweep or the phone's next
 * confirmation comes back to it.
 */

const CAPACITY = 2 ** 16;

export class RetryQueue {
  readonly #rows = new Int32Array(CAPACITY);
  #head = 0;
  #length = 0;

  get bytes(): number {
    return this.#rows.byteLength;
  }

  get length(): number {
    return this.#length;
  }

  /** False: the queue is full. */
  push(row: number): boolean {
    if (this.#length === CAPACITY) return false;
    this.#rows[(this.#head + this.#length) & (CAPACITY - 1)] = row;
    this.#length++;
    return true;
  }

  /** The oldest row, or -1. */
  shift(): number {
    if (this.#length === 0) return -1;
    const row = this.#rows[this.#head] as number; // inside the queue
    this.#head = (this.#head + 1) & (CAPACITY - 1);
    this.#length--;
    return row;
  }
}
