/**
 * Phones that could not say something for lack of room in a ring: which ones, in order. What they
 * have to say follows from their rows. Bounded: a phone that finds the queue full keeps its mark
 * in its row, and a round over all rows comes by (see OwedRound).
 *
 * So handling input never waits for output, and a lane always empties its rings: the switch may
 * wait for a lane, a lane never waits for the switch.
 */

const CAPACITY = 2 ** 16;

export class OwedActions {
  readonly #rows = new Int32Array(CAPACITY);
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
    if (this.#length === CAPACITY) {
      this.wasFull = true;
      return;
    }
    this.#rows[(this.#head + this.#length) & (CAPACITY - 1)] = row;
    this.#length++;
  }

  first(): number {
    return this.#rows[this.#head] as number; // asked only if there is one
  }

  shift(): void {
    this.#head = (this.#head + 1) & (CAPACITY - 1);
    this.#length--;
  }
}
