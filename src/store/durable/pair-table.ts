/**
 * Values by two numbers, both not negative: a hash table with linear probing, three words for each pair. It grows by
 * doubling when three quarters of its places are taken, up to a maximum of pairs, and never shrinks.
 *
 *     word 0   first number + 1; 0 where the place is free      word 1   second number      word 2   value
 *
 * Maps of maps would take four times the memory, which nobody could count.
 */
import { mixPair } from '../../base/pseudo-random.ts';

const WORDS = 3;
const PLACES_MIN = 64;
/** Share of the places that may be taken: more would make probing slow. */
const FULL_SHARE = 3 / 4;

/** In place of a value: the pair has none. Values are not negative. */
export const NO_VALUE = -1;

export class PairTable {
  readonly #pairsMax: number;
  #words = new Int32Array(PLACES_MIN * WORDS);
  #mask = PLACES_MIN - 1;
  #size = 0;

  /** @param pairsMax pairs that have a value at most. */
  constructor(pairsMax: number) {
    this.#pairsMax = pairsMax;
  }

  get bytes(): number {
    return this.#words.byteLength;
  }

  /** Pairs that have a value. */
  get size(): number {
    return this.#size;
  }

  /** The value of a pair, or {@link NO_VALUE}. */
  get(first: number, second: number): number {
    const word = this.#wordOf(first, second);
    return this.#words[word] === 0 ? NO_VALUE : (this.#words[word + 2] as number); // inside the table, here and below
  }

  /** Gives a pair a value. @returns false if it has none yet, and as many pairs as possible have one. */
  put(first: number, second: number, value: number): boolean {
    let word = this.#wordOf(first, second);
    if (this.#words[word] === 0) {
      if (this.#size >= this.#pairsMax) return false;
      if (this.#size >= (this.#mask + 1) * FULL_SHARE) {
        this.#grow();
        word = this.#wordOf(first, second);
      }
      this.#size++;
      this.#words[word] = first + 1;
      this.#words[word + 1] = second;
    }
    this.#words[word + 2] = value;
    return true;
  }

  /** Removes a pair with its value, and moves later ones of the same run up, so that a search still finds them. */
  delete(first: number, second: number): void {
    const words = this.#words;
    let hole = this.#wordOf(first, second);
    if (words[hole] === 0) return;
    for (let word = this.#after(hole); words[word] !== 0; word = this.#after(word)) {
      const wanted = this.#homeOf((words[word] as number) - 1, words[word + 1] as number);
      if (this.#distance(wanted, word) < this.#distance(hole, word)) continue;
      for (let n = 0; n < WORDS; n++) words[hole + n] = words[word + n] as number;
      hole = word;
    }
    words[hole] = 0;
    this.#size--;
  }

  #grow(): void {
    const before = this.#words;
    const after = new Int32Array(2 * before.length);
    this.#words = after;
    this.#mask = 2 * this.#mask + 1;
    for (let from = 0; from < before.length; from += WORDS) {
      if (before[from] === 0) continue;
      const to = this.#wordOf((before[from] as number) - 1, before[from + 1] as number);
      for (let n = 0; n < WORDS; n++) after[to + n] = before[from + n] as number;
    }
  }

  /** The first word of a pair, or of the free place where it would be. */
  #wordOf(first: number, second: number): number {
    const words = this.#words;
    let word = this.#homeOf(first, second);
    while (words[word] !== 0 && (words[word] !== first + 1 || words[word + 1] !== second)) word = this.#after(word);
    return word;
  }

  /** Where a search for a pair begins. */
  #homeOf(first: number, second: number): number {
    return (mixPair(first, second) & this.#mask) * WORDS;
  }

  #after(word: number): number {
    const next = word + WORDS;
    return next === this.#words.length ? 0 : next;
  }

  /** From a word to another, in the order of a search. */
  #distance(from: number, to: number): number {
    return to >= from ? to - from : to - from + this.#words.length;
  }
}
