/**
 * A FIFO queue of phones that have a frame or a close to send and found no room for it. Their rows say what it is. The
 * queue is bounded: a phone that finds it full keeps the mark in its row, and a scan over all rows finds it later (see
 * OwedRound).
 *
 * Input is therefore handled even if output has no room, and a lane always empties its rings: the switch may wait for a
 * lane, but a lane never waits for the switch.
 */

/** Maximum of phones in the queue, a power of two. */
const PHONES_MAX = 2 ** 16;

export class OwedActions {
  readonly #rows = new Int32Array(PHONES_MAX);
  #head = 0;
  #length = 0;
  /** Whether a phone has found the queue full. */
  wasFull = false;

  get bytes(): number {
    return this.#rows.byteLength;
  }

  get length(): number {
    return this.#length;
  }

  push(row: number): void {
    if (this.#length === PHONES_MAX) {
      this.wasFull = true;
      return;
    }
    this.#rows[(this.#head + this.#length) & (PHONES_MAX - 1)] = row;
    this.#length++;
  }

  first(): number {
    return this.#rows[this.#head] as number; // asked only if there is one
  }

  shift(): void {
    this.#head = (this.#head + 1) & (PHONES_MAX - 1);
    this.#length--;
  }
}
