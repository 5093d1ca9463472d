/**
 * The last message of each pair of sender and recipient that talked recently, to check the order of messages.
 *
 * A phone may hear from any number of others, so a word per pair does not fit its row, and all pairs together do not
 * fit memory. This table keeps the pairs that were used last; how often a pair was found in it is counted, so that a
 * result can say how much of the order was checked. Loss and duplicates are found without it, by digests.
 *
 * A set of four places is one cache line, the pair used last comes first, and the last one makes room for a new pair.
 * Pairs of one sender and one group share a run of adjacent sets.
 *
 *     word 0   sender's account index + 1, 0 for a free place
 *     word 1   recipient's row
 *     word 2   group, or NO_GROUP (wire/group-plan)
 *     word 3   number of the newest message
 */
import { assert } from '../../base/assert.ts';
import type { LedgerEntry } from '../../base/ledger-entry.ts';
import { mix32, mixPair } from '../../base/pseudo-random.ts';
import { PLAIN_MEMORY, type TableMemory } from '../../base/table-memory.ts';
import { NO_GROUP } from '../../wire/group-plan.ts';

/** Places of a set. */
const WAYS = 4;
const WORDS = 4;
const SET_WORDS = WAYS * WORDS;
const PLACE_BYTES = WORDS * 4;

/** Bounds of a lane's table, which has twice as many places per phone as a phone has contacts by default. */
const PLACES_PER_ROW = 8;
const PLACES_MAX = 2 ** 20;
const PLACES_MIN = 2 ** 8;

/** What {@link RecentPairs.check} says about a message. */
export const PairVerdict = {
  /** The first message of its pair: there was a free place, so no pair of this set was ever dropped. */
  NEW_PAIR: 0,
  /** The pair is not in the table, but may have been: its order is not checked. */
  UNKNOWN_PAIR: 1,
  /** A later message than the newest one so far; see {@link RecentPairs.numberBefore}. */
  NEXT: 2,
  /** The newest one again. */
  DUPLICATED: 3,
  /** An earlier message than the newest one. */
  REORDERED: 4,
} as const;

/** The number of places for a lane with this many phones. */
export function recentPairsPlaces(rows: number): number {
  const wanted = 2 ** Math.ceil(Math.log2(Math.max(1, rows * PLACES_PER_ROW)));
  return Math.min(PLACES_MAX, Math.max(PLACES_MIN, wanted));
}

/** Bytes of a table with this many places. */
export function recentPairsBytes(places: number): number {
  return places * PLACE_BYTES;
}

export class RecentPairs {
  readonly #setMask: number;
  /**
   * Sets in a run, minus 1; see {@link RecentPairs.constructor}. A message to a group arrives at many of its members
   * shortly after each other, and then finds the few pages of its run in the caches.
   */
  readonly #runMask: number;
  readonly #words: Int32Array;
  /** The number of the pair's newest message before the last {@link check}; 0 if the table had none. */
  numberBefore = 0;
  #prefetched = 0;

  /**
   * @param places a power of two.
   * @param membersMax the most members of a group that are phones of this lane: a run has at least three times as many
   *   places, since they do not fill its sets evenly.
   */
  constructor(places: number, membersMax = 1, memory: TableMemory = PLAIN_MEMORY) {
    assert((places & (places - 1)) === 0 && places >= WAYS, 'places are a power of two');
    this.#setMask = places / WAYS - 1;
    const runPlaces = 2 ** Math.ceil(Math.log2(Math.max(WAYS, 3 * membersMax)));
    this.#runMask = Math.min(places, runPlaces) / WAYS - 1;
    this.#words = memory.words(places * WORDS).fill(0); // the kernel provides the memory now
  }

  ledger(): LedgerEntry[] {
    const bytes = this.#words.byteLength;
    return [{ owner: 'driver', name: 'recent pairs', bytes, rowBytes: 0, rowsUsed: 0 }];
  }

  /** Reads the first of a list of words of {@link firstWord}, which are needed soon, as PhoneTable does. */
  prefetchAll(list: Int32Array, count: number): void {
    const words = this.#words;
    let sum = 0;
    for (let n = 0; n < count; n++) sum ^= words[list[n] as number] as number; // count is within the list
    this.#prefetched ^= sum;
  }

  /**
   * Compares a message with the newest one of its pair, and notes it if it is newer.
   * @param sender account index of the sender.
   * @param row the recipient's row in its lane.
   * @param number of the message among the sender's, from 1.
   * @param group account index of the group that the message was sent to, or NO_GROUP (wire/group-plan).
   * @returns a {@link PairVerdict}.
   */
  check(sender: number, row: number, number: number, group: number): number {
    const words = this.#words;
    const key = (sender + 1) | 0;
    const first = this.firstWord(sender, row, group);
    const end = first + SET_WORDS;
    let at = first;
    for (; at < end; at += WORDS) {
      const found = words[at]; // inside the set, as all places below
      if (found === 0) break;
      if (found === key && words[at + 1] === row && words[at + 2] === group) return this.#compare(first, at, number);
    }
    const isFull = at === end;
    this.#moveUp(first, isFull ? end - WORDS : at);
    words[first] = key;
    words[first + 1] = row;
    words[first + 2] = group;
    words[first + 3] = number;
    this.numberBefore = 0;
    return isFull ? PairVerdict.UNKNOWN_PAIR : PairVerdict.NEW_PAIR;
  }

  /** The first word of the set of a pair, with these arguments of {@link check}. */
  firstWord(sender: number, row: number, group: number): number {
    const set = group === NO_GROUP ? mixPair(sender, row) : this.#setInRun(sender, row, group);
    return (set & this.#setMask) * SET_WORDS;
  }

  #setInRun(sender: number, row: number, group: number): number {
    return (mixPair(sender, group) & ~this.#runMask) | (mix32(row) & this.#runMask);
  }

  #compare(first: number, at: number, number: number): number {
    const words = this.#words;
    const before = words[at + 3] as number;
    this.numberBefore = before;
    if (number === before) return PairVerdict.DUPLICATED;
    if (number < before) return PairVerdict.REORDERED;
    if (at > first) {
      const key = words[at] as number;
      const row = words[at + 1] as number;
      const group = words[at + 2] as number;
      this.#moveUp(first, at);
      words[first] = key;
      words[first + 1] = row;
      words[first + 2] = group;
    }
    words[first + 3] = number;
    return PairVerdict.NEXT;
  }

  /** Moves the places of a set before the one at `at` up by one, over that one. */
  #moveUp(first: number, at: number): void {
    const words = this.#words;
    for (let word = at + WORDS - 1; word >= first + WORDS; word--) words[word] = words[word - WORDS] as number;
  }
}
