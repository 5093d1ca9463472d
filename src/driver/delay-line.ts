/**
 * Phones that do something after a fixed delay, in the order in which the delay ends: a bounded
 * queue of rows with a time and a number for each. All delays of one line are equal, so it is
 * sorted by itself.
 */

export class DelayLine {
  readonly #rows: Int32Array;
  readonly #notes: Int32Array;
  readonly #times: Float64Array;
  #head = 0;
  #length = 0;

  /** @param capacity the most phones that wait at the same time. */
  constructor(capacity: number) {
    this.#rows = new Int32Array(capacity);
    this.#notes = new Int32Array(capacity);
    this.#times = new Float64Array(capacity);
  }

  get bytes(): number {
    return this.#rows.byteLength + this.#notes.byteLength + this.#times.byteLength;
  }

  get length(): number {
    return this.#length;
  }

  get isFull(): boolean {
    return this.#length === this.#rows.length;
  }

  /** False: the line is full. */
  push(row: number, timeMicros: number, note: number): boolean {
    if (this.isFull) return false;
    const place = (this.#head + this.#length) % this.#rows.length;
    this.#rows[place] = row;
    this.#times[place] = timeMicros;
    this.#notes[place] = note;
    this.#length++;
    return true;
  }

  /** When the first one's delay ends; Infinity if none waits. */
  time(): number {
    return this.#length === 0 ? Number.POSITIVE_INFINITY : (this.#times[this.#head] as number); // inside
  }

  row(): number {
    return this.#rows[this.#head] as number; // asked only if one waits
  }

  note(): number {
    return this.#notes[this.#head] as number; // asked only if one waits
  }

  shift(): void {
    this.#head = (this.#head + 1) % this.#rows.length;
    this.#length--;
  }
}
