/**
 * What the home of groups remembers of the messages and changes that it accepted last: with which version, so that one
 * that is sent again is recognized and answered the same, and how many shards are still to report that their members
 * have it, so that the author gets one ✓✓.
 *
 * They are kept in a hash table of fixed size, in sets of four, the newest first:
 *
 *     word 0   author + 1; 0 where the place is free    word 1   the author's id
 *     word 2   version of the group                     word 3   members
 *     word 4   address of the author's session          word 5   generation 0..10 · rejected 11
 *     word 6   shards that have not reported; 0 for a change and for a message that all have
 *
 * Where messages are stored, shards may report again after a restart, so it is kept which have:
 *
 *     word 7   row of the group          word 8   sequence number in the mailbox of the group
 *     word 9…  a bit for each shard that has not reported
 *
 * In a full set a new one replaces the oldest that is not waited for, or else the oldest. The author of a
 * message that was replaced gets no ✓✓; if it is sent again after a crash in which the author's session was lost, it is
 * delivered twice.
 */
import { mixPair } from '../../base/pseudo-random.ts';

const WORDS = 7;
/** Places of a set. */
const WAYS = 4;
const BITS_WORD = 9;
const WORD_BITS = 32;
const GENERATION_MASK = 0x7ff;
const REJECTED_BIT = 1 << 11;
/** In place of a message: it is not known. */
export const UNKNOWN = -1;

export class RecentMessages {
  readonly #words: Int32Array;
  readonly #setMask: number;
  readonly #shards: number;
  readonly #wordsEach: number;

  /**
   * @param max messages and changes that are remembered; rounded up to a power of two, at least 4.
   * @param shards number of shards that report, where messages are stored.
   */
  constructor(max: number, shards = 0) {
    this.#shards = shards;
    this.#wordsEach = shards === 0 ? WORDS : BITS_WORD + Math.ceil(shards / WORD_BITS);
    const sets = 2 ** Math.ceil(Math.log2(Math.max(1, max / WAYS)));
    this.#words = new Int32Array(sets * WAYS * this.#wordsEach);
    this.#setMask = sets - 1;
  }

  get bytes(): number {
    return this.#words.byteLength;
  }

  /** Where a message is until another one is added, or {@link UNKNOWN}. */
  find(author: number, id: number): number {
    const set = this.#setOf(author, id);
    for (let word = set; word < set + WAYS * this.#wordsEach; word += this.#wordsEach) {
      if (this.#words[word] === author + 1 && this.#words[word + 1] === id) return word;
    }
    return UNKNOWN;
  }

  /**
   * Adds a message or a change that is not known.
   * @returns whether a message is forgotten for it that was waited for.
   */
  add(
    author: number,
    id: number,
    version: number,
    members: number,
    address: number,
    generation: number,
    shards: number,
  ): boolean {
    const set = this.#setOf(author, id);
    const replaced = this.replacedBy(author, id);
    const isWaitedFor = this.shardsLeft(replaced) > 0;
    this.#words.copyWithin(set + this.#wordsEach, set, replaced);
    this.#words[set] = author + 1;
    this.#words[set + 1] = id;
    this.#words[set + 2] = version;
    this.#words[set + 3] = members;
    this.#words[set + 4] = address;
    this.#words[set + 5] = generation;
    this.#words[set + 6] = shards;
    return isWaitedFor;
  }

  /** Which one is replaced when this message is added: it may be a free place. */
  replacedBy(author: number, id: number): number {
    const set = this.#setOf(author, id);
    const last = set + (WAYS - 1) * this.#wordsEach;
    let place = last;
    while (place > set && this.shardsLeft(place) > 0) place -= this.#wordsEach;
    return this.shardsLeft(place) > 0 ? last : place;
  }

  /** Places of messages begin at 0, are so far apart, and end here. */
  get placeWords(): number {
    return this.#wordsEach;
  }

  get placesEnd(): number {
    return this.#words.length;
  }

  author(place: number): number {
    return (this.#words[place] as number) - 1;
  }

  id(place: number): number {
    return this.#words[place + 1] as number;
  }

  /** Names the item of a message that is stored, and whether all shards are to report. */
  setItem(place: number, row: number, sequence: number, isOwed: boolean): void {
    this.#words[place + 7] = row;
    this.#words[place + 8] = sequence;
    this.#words.fill(isOwed ? -1 : 0, place + BITS_WORD, place + this.#wordsEach);
    this.setShardsLeft(place, isOwed ? this.#shards : 0);
  }

  row(place: number): number {
    return this.#words[place + 7] as number;
  }

  sequence(place: number): number {
    return this.#words[place + 8] as number;
  }

  isExpected(place: number, shard: number): boolean {
    const word = this.#words[place + BITS_WORD + Math.floor(shard / WORD_BITS)] as number;
    return this.shardsLeft(place) > 0 && (word & (1 << (shard % WORD_BITS))) !== 0;
  }

  /** A shard reports; whoever calls counts it in {@link setShardsLeft}. */
  setReported(place: number, shard: number): void {
    const word = place + BITS_WORD + Math.floor(shard / WORD_BITS);
    this.#words[word] = (this.#words[word] as number) & ~(1 << (shard % WORD_BITS));
  }

  version(place: number): number {
    return this.#words[place + 2] as number; // of a known message, here and below
  }

  members(place: number): number {
    return this.#words[place + 3] as number;
  }

  address(place: number): number {
    return this.#words[place + 4] as number;
  }

  generation(place: number): number {
    return (this.#words[place + 5] as number) & GENERATION_MASK;
  }

  /** Whether some recipients could not be given the message. */
  hasRejected(place: number): boolean {
    return ((this.#words[place + 5] as number) & REJECTED_BIT) !== 0;
  }

  setRejected(place: number): void {
    this.#words[place + 5] = (this.#words[place + 5] as number) | REJECTED_BIT;
  }

  /** Shards that have not reported. */
  shardsLeft(place: number): number {
    return this.#words[place + 6] as number;
  }

  setShardsLeft(place: number, shards: number): void {
    this.#words[place + 6] = shards;
  }

  #setOf(author: number, id: number): number {
    return (mixPair(author, id) & this.#setMask) * WAYS * this.#wordsEach;
  }
}
