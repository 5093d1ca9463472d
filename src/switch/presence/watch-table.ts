/**
 * What the sessions of a shard watch: one entry per session and account, in a hash table with linear probing. A session
 * that watches nothing has none. The entries of a session start at the same place, so that all of them are found at its
 * end, and counted at each WATCH.
 *
 *     word 0   slot of the session + 1; 0 for a free place
 *     word 1   account index
 *     word 2   generation of the session 0..10 · state 11..12
 *
 *     TO_SAY ──home told──▶ SAID ──UNWATCH, end of the session──▶ LEAVING ──home told──▶ removed
 *        ▲───notice lost, home started again───┘
 *
 * An entry stays until its home is told, so no subscription outlives its session, even if a ring is full.
 */
import type { LedgerEntry } from '../../base/ledger.ts';
import { mix32 } from '../../base/pseudo-random.ts';
import { PLAIN_MEMORY, type TableMemory } from '../../base/table-memory.ts';

const WORDS = 3;
const GENERATION_MASK = 2 ** 11 - 1;
const STATE_SHIFT = 11;
/** Places per entry, so that searches stay short. */
const SPARE = 4 / 3;

export const WatchState = {
  /** The home is to be asked, or asked again. */
  TO_SAY: 0,
  SAID: 1,
  /** The home is to be told that the session watches no more. */
  LEAVING: 2,
} as const;

/** No such entry. */
export const WATCH_NONE = -1;

export class WatchTable {
  size = 0;
  readonly places: number;
  readonly #max: number;
  readonly #words: Int32Array;

  /** @param max the most entries. */
  constructor(max: number, memory: TableMemory = PLAIN_MEMORY) {
    this.#max = max;
    this.places = Math.ceil(max * SPARE) + 1;
    this.#words = memory.words(this.places * WORDS);
  }

  ledger(): LedgerEntry[] {
    const { byteLength: bytes } = this.#words;
    return [
      { owner: 'switch', name: 'watches', bytes, rowBytes: WORDS * 4 * SPARE, rowsUsed: this.size, isApart: true },
    ];
  }

  get isFull(): boolean {
    return this.size >= this.#max;
  }

  /** Where the entries of a slot start: examine places from here on, in a circle, up to the first free one. */
  start(slot: number): number {
    return Math.floor((mix32(slot) >>> 0) * (this.places / 2 ** 32));
  }

  next(place: number): number {
    return place + 1 === this.places ? 0 : place + 1;
  }

  /** The slot of an entry, or -1 for a free place. */
  slot(place: number): number {
    return (this.#words[place * WORDS] as number) - 1; // places are inside the table, here and below
  }

  account(place: number): number {
    return this.#words[place * WORDS + 1] as number;
  }

  generation(place: number): number {
    return (this.#words[place * WORDS + 2] as number) & GENERATION_MASK;
  }

  state(place: number): number {
    return (this.#words[place * WORDS + 2] as number) >>> STATE_SHIFT;
  }

  setState(place: number, state: number): void {
    this.#words[place * WORDS + 2] = (state << STATE_SHIFT) | this.generation(place);
  }

  /** The entry of exactly this session for an account. */
  find(slot: number, generation: number, account: number): number {
    for (let place = this.start(slot); this.slot(place) >= 0; place = this.next(place)) {
      if (this.slot(place) === slot && this.account(place) === account && this.generation(place) === generation)
        return place;
    }
    return WATCH_NONE;
  }

  /** Number of accounts that a session watches. */
  countOf(slot: number, generation: number): number {
    let count = 0;
    for (let place = this.start(slot); this.slot(place) >= 0; place = this.next(place)) {
      if (this.slot(place) !== slot || this.generation(place) !== generation) continue;
      if (this.state(place) !== WatchState.LEAVING) count++;
    }
    return count;
  }

  /** Adds an entry that is to be said; there must be room, and no such entry. */
  add(slot: number, generation: number, account: number): void {
    let place = this.start(slot);
    while (this.slot(place) >= 0) place = this.next(place);
    this.#words[place * WORDS] = slot + 1;
    this.#words[place * WORDS + 1] = account;
    this.#words[place * WORDS + 2] = (WatchState.TO_SAY << STATE_SHIFT) | generation;
    this.size++;
  }

  /** Removes an entry. Another one may take its place: entries behind it move up (Knuth, 6.4, algorithm R). */
  remove(removed: number): void {
    let hole = removed;
    for (let place = this.next(hole); this.slot(place) >= 0; place = this.next(place)) {
      const start = this.start(this.slot(place));
      const isBetween = hole < place ? start > hole && start <= place : start > hole || start <= place;
      if (isBetween) continue;
      this.#words.copyWithin(hole * WORDS, place * WORDS, (place + 1) * WORDS);
      hole = place;
    }
    this.#words.fill(0, hole * WORDS, (hole + 1) * WORDS);
    this.size--;
  }
}
