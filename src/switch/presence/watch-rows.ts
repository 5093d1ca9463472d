/**
 * The rows of presence on a shard: one for each account that a session watches, five words each. Where the session and
 * the home of the account are on the same shard both use the same row; otherwise each shard has one.
 *
 *     word 0   account index
 *     word 1   generation of the session 0..10 · state 11..12 · SUBSCRIBED 13 · BEHIND 14 · version 15..30 · UNTOLD 31
 *     word 2   previous of the list of the account            (only while subscribed)
 *     word 3   next of the list of the account, NO_ROW for the last (only while subscribed)
 *     word 4   next of the list of the session, or its slot: see WatchTable;
 *              of a session on another shard: next of its chain, + 1; of some free rows: see FreeRows
 *
 * Rows are taken from the first on, and those that were freed last before new ones, so that rows that are never needed
 * at the same time take no memory.
 */
import { assert } from '../../base/assert.ts';
import { type FreeLinks, FreeRows } from '../../base/free-rows.ts';
import type { TableMemory } from '../../base/table-memory.ts';

const WORDS = 5;
/** Bytes of a row. */
export const WATCH_ROW_BYTES = WORDS * 4;
const META = 1;
const PREVIOUS = 2;
const NEXT = 3;
const LINK = 4;
const GENERATION_MASK = 2 ** 11 - 1;
const STATE_SHIFT = 11;
const STATE_MASK = 3 << STATE_SHIFT;
const SUBSCRIBED_BIT = 1 << 13;
const BEHIND_BIT = 1 << 14;
const VERSION_SHIFT = 15;
const VERSION_MASK = 2 ** 16 - 1;
const UNTOLD_BIT = 1 << 31;
/** What the list of an account keeps in word 1. */
const LIST_MASK = SUBSCRIBED_BIT | BEHIND_BIT | (VERSION_MASK << VERSION_SHIFT) | UNTOLD_BIT;

export const WatchState = {
  /** The home is to be asked, or asked again. */
  TO_SAY: 0,
  SAID: 1,
  /** The home is to be told that the session watches no more. */
  LEAVING: 2,
  /** The row is free, or its session is on another shard. */
  ELSEWHERE: 3,
} as const;

/** There is no such row. */
export const NO_ROW = -1;

export class WatchRows implements FreeLinks {
  /** Rows in use. */
  used = 0;
  /** Rows that were ever used: those from 0 up to here. */
  fresh = 0;
  readonly rowsMax: number;
  readonly #words: Int32Array;
  readonly #free = new FreeRows(this);
  #prefetched = 0;

  constructor(rowsMax: number, memory: TableMemory) {
    this.rowsMax = rowsMax;
    this.#words = memory.words(rowsMax * WORDS);
  }

  get bytes(): number {
    return this.#words.byteLength;
  }

  /** Reads rows that are needed soon; those of places below 0 are left out. */
  prefetchAll(places: Int32Array, count: number): void {
    const words = this.#words;
    let sum = 0;
    for (let n = 0; n < count; n++) {
      const first = Math.max(0, places[n] as number) * WORDS; // places are inside the table
      sum ^= (words[first] as number) ^ (words[first + LINK] as number); // a row may lie in two lines of the cache
    }
    this.#prefetched ^= sum;
  }

  /** A row for an account; there must be a free one. */
  take(account: number, generation: number, state: number): number {
    const place = this.#free.length > 0 ? this.#free.take() : this.fresh++;
    assert(place < this.rowsMax, 'both tables refuse before there is no row');
    this.#words[place * WORDS] = account;
    this.#words[place * WORDS + META] = (state << STATE_SHIFT) | generation;
    this.used++;
    return place;
  }

  release(place: number): void {
    this.#words[place * WORDS + META] = WatchState.ELSEWHERE << STATE_SHIFT;
    this.#free.give(place);
    this.used--;
  }

  account(place: number): number {
    return this.#words[place * WORDS] as number; // places are inside the table, here and below
  }

  generation(place: number): number {
    return this.#meta(place) & GENERATION_MASK;
  }

  setGeneration(place: number, generation: number): void {
    this.#words[place * WORDS + META] = (this.#meta(place) & ~GENERATION_MASK) | generation;
  }

  /** A {@link WatchState}. */
  state(place: number): number {
    return (this.#meta(place) & STATE_MASK) >> STATE_SHIFT;
  }

  setState(place: number, state: number): void {
    this.#words[place * WORDS + META] = (this.#meta(place) & ~STATE_MASK) | (state << STATE_SHIFT);
  }

  /** Whether the row is in the list of its account. */
  isSubscribed(place: number): boolean {
    return (this.#meta(place) & SUBSCRIBED_BIT) !== 0;
  }

  isBehind(place: number): boolean {
    return (this.#meta(place) & BEHIND_BIT) !== 0;
  }

  setBehind(place: number, isBehind: boolean): void {
    const meta = this.#meta(place);
    this.#words[place * WORDS + META] = isBehind ? meta | BEHIND_BIT : meta & ~BEHIND_BIT;
  }

  isUntold(place: number): boolean {
    return this.#meta(place) < 0;
  }

  version(place: number): number {
    return (this.#meta(place) >>> VERSION_SHIFT) & VERSION_MASK;
  }

  /** What the list of the account keeps of a subscription. @param version of which the lower 16 bits count. */
  setSubscribed(place: number, version: number, isUntold: boolean, isBehind: boolean): void {
    const kept =
      ((version & VERSION_MASK) << VERSION_SHIFT) | (isUntold ? UNTOLD_BIT : 0) | (isBehind ? BEHIND_BIT : 0);
    this.#words[place * WORDS + META] = (this.#meta(place) & ~LIST_MASK) | SUBSCRIBED_BIT | kept;
  }

  setUnsubscribed(place: number): void {
    this.#words[place * WORDS + META] = this.#meta(place) & ~LIST_MASK;
  }

  previous(place: number): number {
    return this.#words[place * WORDS + PREVIOUS] as number;
  }

  setPrevious(place: number, previous: number): void {
    this.#words[place * WORDS + PREVIOUS] = previous;
  }

  next(place: number): number {
    return this.#words[place * WORDS + NEXT] as number;
  }

  setNext(place: number, next: number): void {
    this.#words[place * WORDS + NEXT] = next;
  }

  link(place: number): number {
    return this.#words[place * WORDS + LINK] as number;
  }

  setLink(place: number, link: number): void {
    this.#words[place * WORDS + LINK] = link;
  }

  nextFree(place: number): number {
    return this.link(place);
  }

  setNextFree(place: number, next: number): void {
    this.setLink(place, next);
  }

  #meta(place: number): number {
    return this.#words[place * WORDS + META] as number;
  }
}
