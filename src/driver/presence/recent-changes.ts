/**
 * When phones of a lane changed their presence last, so that the time until others hear of it can be measured: a table
 * of a fixed size, by row. A change takes the place of an older one of another phone, whose notices are then not
 * measured.
 *
 *     word 0   row + 1; 0 for none        word 1   whether it became available
 *     words 2 and 3   the time, in two integers (see elapsed-micros)
 */
import { elapsedMicros } from '../terms/elapsed-micros.ts';

/** A power of two: 256 KiB. */
const PLACES = 2 ** 14;
const WORDS = 4;
/** The change is not known. */
export const CHANGE_UNKNOWN = -1;

export class RecentChanges {
  readonly #words: Int32Array;
  readonly #mask: number;

  /** @param isUsed whether changes are kept at all. */
  constructor(isUsed: boolean) {
    const places = isUsed ? PLACES : 1;
    this.#words = new Int32Array(places * WORDS);
    this.#mask = places - 1;
  }

  get bytes(): number {
    return this.#words.byteLength;
  }

  /** A phone becomes available or unavailable now. */
  add(row: number, isAvailable: boolean, nowWord: number, nowHigh: number): void {
    const word = this.#wordOf(row);
    this.#words[word] = row + 1;
    this.#words[word + 1] = isAvailable ? 1 : 0;
    this.#words[word + 2] = nowWord;
    this.#words[word + 3] = nowHigh;
  }

  /** Forgets the change of a phone that ended in a way that is not to be measured. */
  remove(row: number): void {
    const word = this.#wordOf(row);
    if (this.#words[word] === row + 1) this.#words[word] = 0;
  }

  /** Microseconds since a phone became so, or CHANGE_UNKNOWN. */
  ageMicros(row: number, isAvailable: boolean, nowWord: number, nowHigh: number): number {
    const word = this.#wordOf(row);
    if (this.#words[word] !== row + 1 || this.#words[word + 1] !== (isAvailable ? 1 : 0)) return CHANGE_UNKNOWN;
    return elapsedMicros(this.#words[word + 2] as number, this.#words[word + 3] as number, nowWord, nowHigh); // inside the table
  }

  #wordOf(row: number): number {
    return (row & this.#mask) * WORDS;
  }
}
