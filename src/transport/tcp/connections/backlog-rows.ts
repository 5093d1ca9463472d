/**
 * One row for each connection that has output waiting, found by the connection's place. Rows are few, since only slow
 * peers have one, and used again: a peer that is slow now and then, or many that are in turn, make no objects.
 */
import { mix32 } from '../../../base/mix.ts';

export const NO_ROW = -1;
/** In the column of places: the row is free. */
const FREE = -1;

export class BacklogRows {
  /** Rows that have a place now. */
  used = 0;
  readonly places: Int32Array;
  /** When the last mark was set, in milliseconds, and how much of what waited then is left. */
  readonly sinceMillis: Int32Array;
  readonly markedBytes: Float64Array;
  /** The first and last block, and where reading and writing go on in them. */
  readonly first: Int32Array;
  readonly last: Int32Array;
  readonly readAt: Int32Array;
  readonly writeAt: Int32Array;
  readonly waitingBytes: Float64Array;
  /** First row for each hash of a place, and the next with the same hash; in free rows the next free one. */
  readonly #heads: Int32Array;
  readonly #chain: Int32Array;
  #free = NO_ROW;
  #made = 0;

  /** @param capacity rows that there can be at once. */
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

  /** Reserved for good. */
  get bytes(): number {
    // Six columns of integers and the chains, two of doubles.
    return 7 * this.places.byteLength + 2 * this.markedBytes.byteLength + this.#heads.byteLength;
  }

  /** Rows that were ever used: those below may be, and are if they have a place. */
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

  /** A row for a place that has none; {@link NO_ROW} where all are taken. What is in its columns is for the caller to set. */
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
