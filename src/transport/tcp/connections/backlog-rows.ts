/**
 * One row for each connection with output that waits, found by the connection's place. Rows are few, because only slow
 * peers need one, and they are reused, so peers that are slow from time to time cause no allocation.
 */
import { mix32 } from '../../../base/pseudo-random.ts';

export const NO_ROW = -1;
/** Value in the column of places that means a free row. */
const FREE = -1;

export class BacklogRows {
  /** Number of rows in use. */
  used = 0;
  readonly places: Int32Array;
  /** When the last mark was set, in milliseconds, and how many of the bytes that waited then are left. */
  readonly sinceMillis: Int32Array;
  readonly markedBytes: Float64Array;
  /** The first and the last block, and the positions in them for the next read and the next write. */
  readonly first: Int32Array;
  readonly last: Int32Array;
  readonly readAt: Int32Array;
  readonly writeAt: Int32Array;
  readonly waitingBytes: Float64Array;
  /** The first row for each hash of a place; per row, the next row with the same hash, or the next free row. */
  readonly #heads: Int32Array;
  readonly #chain: Int32Array;
  #free = NO_ROW;
  #made = 0;

  /** @param capacity maximum of rows in use at the same time. */
  constructor(capacity: number) {
    this.places = new Int32Array(capacity);
    this.sinceMillis = new Int32Array(capacity);
    this.markedBytes = new Float64Array(capacity);
    this.first = new Int32Array(capacity);
    this.last = new Int32Array(capacity);
    this.readAt = new Int32Array(capacity);
    this.writeAt = new Int32Array(capacity);
    this.waitingBytes = new Float64Array(capacity);
    this.#chain = new Int32Array(capacity);
    this.#heads = new Int32Array(2 ** Math.ceil(Math.log2(Math.max(1, capacity)))).fill(NO_ROW);
  }

  /** Bytes that are allocated permanently. */
  get bytes(): number {
    // Six columns of integers, the chains, and two columns of doubles.
    return 7 * this.places.byteLength + 2 * this.markedBytes.byteLength + this.#heads.byteLength;
  }

  /** Number of rows that have ever been used. One of them is in use now if it has a place. */
  get made(): number {
    return this.#made;
  }

  isUsed(row: number): boolean {
    return this.places[row] !== FREE;
  }

  /** The row of a place, or {@link NO_ROW}. */
  find(place: number): number {
    let row = this.#heads[this.#hash(place)] as number; // a head for each hash
    while (row !== NO_ROW && this.places[row] !== place) row = this.#chain[row] as number; // chains name rows
    return row;
  }

  /** Takes a row for a place that has none; {@link NO_ROW} if all are in use. The caller sets its columns. */
  add(place: number): number {
    if (this.#free === NO_ROW && this.#made === this.places.length) return NO_ROW;
    const isFresh = this.#free === NO_ROW;
    const row = isFresh ? this.#made : this.#free;
    if (isFresh) this.#made++;
    else this.#free = this.#chain[row] as number; // free rows name free rows
    this.used++;
    const hash = this.#hash(place);
    this.places[row] = place;
    this.#chain[row] = this.#heads[hash] as number;
    this.#heads[hash] = row;
    return row;
  }

  remove(row: number): void {
    const hash = this.#hash(this.places[row] as number); // the row is used
    const next = this.#chain[row] as number;
    let before = this.#heads[hash] as number;
    if (before === row) {
      this.#heads[hash] = next;
    } else {
      while (this.#chain[before] !== row) before = this.#chain[before] as number; // a used row is in its chain
      this.#chain[before] = next;
    }
    this.used--;
    this.places[row] = FREE;
    this.#chain[row] = this.#free;
    this.#free = row;
  }

  #hash(place: number): number {
    return mix32(place) & (this.#heads.length - 1);
  }
}
