/**
 * The free rows of a table, which are used again last in, first out.
 *
 * Those freed last stand in an array; the others are linked through the rows themselves, so that a table of any size
 * needs no memory besides. With links alone each row that is taken would be waited for, since only it names the next
 * one. From the array a row is taken without reading it, and those that are needed soon can be read ahead together.
 *
 * Half of the array is moved at once, so that rows that are taken and given in turn do not go through the links.
 */
import { assert } from './assert.ts';

/** Rows in the array, 4 B each. */
const FRONT_MAX = 4096;
const HALF = FRONT_MAX / 2;
/** No free row, in links and where a row is asked for. */
export const NO_FREE_ROW = -1;

/** Where a table keeps the links of free rows. */
export interface FreeLinks {
  /** The row that the link of a free row names, or {@link NO_FREE_ROW}. */
  nextFree(row: number): number;
  setNextFree(row: number, next: number): void;
}

export class FreeRows {
  /** How many rows are free. */
  length = 0;
  readonly #links: FreeLinks;
  /** The row that was freed last stands last. */
  readonly #front = new Int32Array(FRONT_MAX);
  #frontLength = 0;
  #linked = NO_FREE_ROW;

  constructor(links: FreeLinks) {
    this.#links = links;
  }

  /** Takes the row that was freed last; there must be one. */
  take(): number {
    assert(this.length > 0, 'a free row is taken only if there is one');
    if (this.#frontLength === 0) this.#refill();
    this.length--;
    this.#frontLength--;
    return this.#front[this.#frontLength] as number; // inside the array
  }

  give(row: number): void {
    if (this.#frontLength === FRONT_MAX) this.#spill();
    this.#front[this.#frontLength++] = row;
    this.length++;
  }

  /** The row that is taken after so many others, {@link NO_FREE_ROW} if it is not known without reading links. */
  soon(others: number): number {
    const at = this.#frontLength - 1 - others;
    return at < 0 ? NO_FREE_ROW : (this.#front[at] as number); // inside the array
  }

  /** Moves the rows that were freed first to the links. */
  #spill(): void {
    for (let n = 0; n < HALF; n++) {
      const row = this.#front[n] as number; // the array is full
      this.#links.setNextFree(row, this.#linked);
      this.#linked = row;
    }
    this.#front.copyWithin(0, HALF);
    this.#frontLength = FRONT_MAX - HALF;
  }

  /** Moves rows from the links to the array, which is empty. */
  #refill(): void {
    let count = 0;
    for (; count < HALF && this.#linked !== NO_FREE_ROW; count++) {
      this.#front[HALF - 1 - count] = this.#linked;
      this.#linked = this.#links.nextFree(this.#linked);
    }
    this.#front.copyWithin(0, HALF - count, HALF);
    this.#frontLength = count;
  }
}
