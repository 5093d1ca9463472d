/**
 * When messages to read were read last, by author and number, so that the time until the author hears of it can be
 * measured where both are phones of one lane. A table of a fixed size: a message takes the place of an older one, which
 * is then not measured.
 *
 *     word 0   row of the author + 1; 0 for none        word 1   number of the message
 *     words 2 and 3   the time, in two integers (see elapsed-micros)
 */
import { mixPair } from '../../base/pseudo-random.ts';
import { elapsedMicros } from '../terms/elapsed-micros.ts';

/** A power of two: 128 KiB. */
const PLACES = 2 ** 13;
const WORDS = 4;
/** The time is not known. */
export const READ_UNKNOWN = -1;

export class RecentReads {
  readonly #words = new Int32Array(PLACES * WORDS);

  get bytes(): number {
    return this.#words.byteLength;
  }

  /** A message is read now. @param row of its author. */
  add(row: number, number: number, nowWord: number, nowHigh: number): void {
    const word = wordOf(row, number);
    this.#words[word] = row + 1;
    this.#words[word + 1] = number;
    this.#words[word + 2] = nowWord;
    this.#words[word + 3] = nowHigh;
  }

  /** Microseconds since a message was read, or READ_UNKNOWN. It is not known any more then. */
  takeAgeMicros(row: number, number: number, nowWord: number, nowHigh: number): number {
    const word = wordOf(row, number);
    if (this.#words[word] !== row + 1 || this.#words[word + 1] !== number) return READ_UNKNOWN;
    this.#words[word] = 0;
    return elapsedMicros(this.#words[word + 2] as number, this.#words[word + 3] as number, nowWord, nowHigh); // inside the table
  }
}

function wordOf(row: number, number: number): number {
  return (mixPair(row, number) & (PLACES - 1)) * WORDS;
}
