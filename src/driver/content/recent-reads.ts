/**
 * When messages to read were read last, by author, number and reader, so that the time until the author hears of it can
 * be measured where both are phones of one lane. A message to a group has many readers, each with a time of its own. A
 * table of a fixed size: a message takes the place of an older one, which is then not measured.
 *
 *     word 0   row of the author + 1; 0 for none        word 1   number of the message
 *     word 2   who has read it
 *     words 3 and 4   the time, in two integers (see elapsed-micros)
 */
import { mixPair } from '../../base/pseudo-random.ts';
import { elapsedMicros } from '../terms/elapsed-micros.ts';

/** A power of two: 160 KiB. */
const PLACES = 2 ** 13;
const WORDS = 5;
/** The time is not known. */
export const READ_UNKNOWN = -1;

export class RecentReads {
  readonly #words = new Int32Array(PLACES * WORDS);

  get bytes(): number {
    return this.#words.byteLength;
  }

  /** A message is read now. @param row of its author. */
  add(row: number, number: number, reader: number, nowWord: number, nowHigh: number): void {
    const word = wordOf(row, number, reader);
    this.#words[word] = row + 1;
    this.#words[word + 1] = number;
    this.#words[word + 2] = reader;
    this.#words[word + 3] = nowWord;
    this.#words[word + 4] = nowHigh;
  }

  /** Microseconds since this reader has read a message, or READ_UNKNOWN. It is not known any more then. */
  takeAgeMicros(row: number, number: number, reader: number, nowWord: number, nowHigh: number): number {
    const words = this.#words;
    const word = wordOf(row, number, reader);
    if (words[word] !== row + 1 || words[word + 1] !== number || words[word + 2] !== reader) return READ_UNKNOWN;
    words[word] = 0;
    return elapsedMicros(words[word + 3] as number, words[word + 4] as number, nowWord, nowHigh); // inside the table
  }
}

function wordOf(row: number, number: number, reader: number): number {
  return (mixPair(mixPair(row, number), reader) & (PLACES - 1)) * WORDS;
}
