/**
 * Who watches the accounts of a home: a pool of subscriptions, and a pool of watched accounts. An account that nobody
 * watches has no row in either. Both are hash tables with chains.
 *
 *     watched account   word 0   row of the account; FREE for a free place
 *                       word 1   its subscription that is told next, + 1
 *                       word 2   version 0..20 · BEHIND 31
 *                       word 3   next of the chain, or of the free places, + 1
 *
 *     subscription      word 0   row of the account; FREE for a free place
 *                       word 1   address of the session that watches
 *                       word 2   its generation 0..10 · version told 11..31
 *                       word 3   next of the chain, or of the free places, + 1
 *                       word 4   previous of the circle         word 5   next of the circle
 *
 * The version of an account grows with each change. Its subscriptions form a circle, in which those that were not told
 * the present version stand first. One that is told becomes the last, by moving the start of the circle. So the start is
 * the cursor: nothing is repeated or left out when the account changes while some were told, and a change costs the
 * same for one watcher as for a million.
 */
import type { LedgerEntry } from '../../base/ledger.ts';
import { mix32, mixPair } from '../../base/pseudo-random.ts';
import { PLAIN_MEMORY, type TableMemory } from '../../base/table-memory.ts';

const ACCOUNT_WORDS = 4;
const WORDS = 6;
const NEXT = 3;
const PREVIOUS_OF_CIRCLE = 4;
const NEXT_OF_CIRCLE = 5;
const FREE = -1;
const GENERATION_MASK = 2 ** 11 - 1;
const VERSION_SHIFT = 11;
/** So many changes between two notices to one session are taken for none. A turn has far fewer. */
const VERSION_MASK = 2 ** 21 - 1;
const BEHIND_BIT = 1 << 31;

/** There is no such watched account, or subscription. */
export const NOT_WATCHED = -1;

export class SubscriptionTable {
  /** Number of subscriptions. */
  size = 0;
  readonly #max: number;
  readonly #words: Int32Array;
  readonly #chains: Int32Array;
  readonly #accounts: Int32Array;
  readonly #accountChains: Int32Array;
  readonly #mask: number;
  /** Places that were freed last, + 1, and the first that was never used. */
  #free = 0;
  #fresh = 0;
  #accountFree = 0;
  #accountFresh = 0;
  #watched = 0;

  /** @param max the most subscriptions. */
  constructor(max: number, memory: TableMemory = PLAIN_MEMORY) {
    this.#max = max;
    const chains = 2 ** Math.ceil(Math.log2(Math.max(2, max / 2)));
    this.#mask = chains - 1;
    this.#words = memory.words(max * WORDS);
    this.#chains = memory.words(chains);
    this.#accounts = memory.words(max * ACCOUNT_WORDS);
    this.#accountChains = memory.words(chains);
  }

  ledger(): LedgerEntry[] {
    const chainBytes = this.#chains.byteLength / Math.max(1, this.#max);
    const bytes = this.#words.byteLength + this.#chains.byteLength;
    const accountBytes = this.#accounts.byteLength + this.#accountChains.byteLength;
    return [
      {
        owner: 'switch',
        name: 'subscriptions',
        bytes,
        rowBytes: WORDS * 4 + chainBytes,
        rowsUsed: this.size,
        isApart: true,
      },
      {
        owner: 'switch',
        name: 'watched accounts',
        bytes: accountBytes,
        rowBytes: ACCOUNT_WORDS * 4 + chainBytes,
        rowsUsed: this.#watched,
        isApart: true,
      },
    ];
  }

  /** Places of watched accounts that were ever used: those from 0 up to here. */
  get watchedPlaces(): number {
    return this.#accountFresh;
  }

  /** The place of a watched account, or NOT_WATCHED. */
  find(row: number): number {
    let place = (this.#accountChains[mix32(row) & this.#mask] as number) - 1; // places are inside the table, here and below
    while (place >= 0 && this.#accounts[place * ACCOUNT_WORDS] !== row) place = this.#nextAccount(place);
    return place;
  }

  /** The account in a place; below 0 for a free one. */
  rowAt(watched: number): number {
    return this.#accounts[watched * ACCOUNT_WORDS] as number;
  }

  /** Whether subscriptions of a watched account wait for a notice. */
  isBehind(watched: number): boolean {
    return (this.#accounts[watched * ACCOUNT_WORDS + 2] as number) < 0;
  }

  setBehind(watched: number, isBehind: boolean): void {
    const word = watched * ACCOUNT_WORDS + 2;
    const value = this.#accounts[word] as number;
    this.#accounts[word] = isBehind ? value | BEHIND_BIT : value & VERSION_MASK;
  }

  /** A watched account has changed: none of its subscriptions has been told. */
  changed(watched: number): void {
    const word = watched * ACCOUNT_WORDS + 2;
    const value = this.#accounts[word] as number;
    this.#accounts[word] = (value & BEHIND_BIT) | ((value + 1) & VERSION_MASK);
  }

  /**
   * Adds the subscription of a session to an account, or renews it; in either case it is to be told.
   * @returns the place of the watched account, or NOT_WATCHED if the table is full.
   */
  add(row: number, address: number, generation: number): number {
    const known = this.#find(row, address);
    if (known === NOT_WATCHED && this.size >= this.#max) return NOT_WATCHED;
    if (known !== NOT_WATCHED) this.#removeAt(known, row, address);
    const watched = this.#watch(row);
    const isFresh = this.#free === 0;
    const place = isFresh ? this.#fresh++ : this.#free - 1;
    const word = place * WORDS;
    const words = this.#words;
    if (!isFresh) this.#free = words[word + NEXT] as number;
    const untold = (this.#version(watched) - 1) & VERSION_MASK;
    const chain = mixPair(row, address) & this.#mask;
    words[word] = row;
    words[word + 1] = address;
    words[word + 2] = (untold << VERSION_SHIFT) | generation;
    words[word + NEXT] = this.#chains[chain] as number;
    this.#chains[chain] = place + 1;
    this.#insertFirst(watched, place);
    this.size++;
    return watched;
  }

  /** Removes the subscription of exactly this session. @returns whether there was one. */
  remove(row: number, address: number, generation: number): boolean {
    const place = this.#find(row, address);
    if (place === NOT_WATCHED || this.generation(place) !== generation) return false;
    this.#removeAt(place, row, address);
    return true;
  }

  /** The first subscription of an account that was not told its present version, or NOT_WATCHED. */
  firstUntold(watched: number): number {
    const place = (this.#accounts[watched * ACCOUNT_WORDS + 1] as number) - 1;
    const told = (this.#words[place * WORDS + 2] as number) >>> VERSION_SHIFT;
    return told === this.#version(watched) ? NOT_WATCHED : place;
  }

  /** The subscription that {@link firstUntold} named has been told. */
  setFirstTold(watched: number): void {
    const first = watched * ACCOUNT_WORDS + 1;
    const word = ((this.#accounts[first] as number) - 1) * WORDS;
    this.#words[word + 2] =
      (this.#version(watched) << VERSION_SHIFT) | ((this.#words[word + 2] as number) & GENERATION_MASK);
    this.#accounts[first] = (this.#words[word + NEXT_OF_CIRCLE] as number) + 1;
  }

  address(place: number): number {
    return this.#words[place * WORDS + 1] as number;
  }

  generation(place: number): number {
    return (this.#words[place * WORDS + 2] as number) & GENERATION_MASK;
  }

  /**
   * Removes, of the places from `from` on, the subscriptions whose address meets a condition. Examines at most `limit`.
   * @returns the place to go on from; NOT_WATCHED if all are examined.
   */
  removeSome(from: number, limit: number, isGone: (address: number) => boolean): number {
    const until = Math.min(this.#fresh, from + limit);
    for (let place = from; place < until; place++) {
      const row = this.#words[place * WORDS] as number;
      const address = this.address(place);
      if (row !== FREE && isGone(address)) this.#removeAt(place, row, address);
    }
    return until >= this.#fresh ? NOT_WATCHED : until;
  }

  #version(watched: number): number {
    return (this.#accounts[watched * ACCOUNT_WORDS + 2] as number) & VERSION_MASK;
  }

  #nextAccount(place: number): number {
    return (this.#accounts[place * ACCOUNT_WORDS + NEXT] as number) - 1;
  }

  #find(row: number, address: number): number {
    const words = this.#words;
    let place = (this.#chains[mixPair(row, address) & this.#mask] as number) - 1;
    while (place >= 0 && (words[place * WORDS] !== row || words[place * WORDS + 1] !== address))
      place = (words[place * WORDS + NEXT] as number) - 1;
    return place;
  }

  /** The place of an account, which is new if nobody watched it; there are as many places as subscriptions. */
  #watch(row: number): number {
    const known = this.find(row);
    if (known !== NOT_WATCHED) return known;
    const isFresh = this.#accountFree === 0;
    const place = isFresh ? this.#accountFresh++ : this.#accountFree - 1;
    const word = place * ACCOUNT_WORDS;
    const accounts = this.#accounts;
    if (!isFresh) this.#accountFree = accounts[word + NEXT] as number;
    const chain = mix32(row) & this.#mask;
    accounts[word] = row;
    accounts[word + 1] = 0;
    accounts[word + 2] = 0;
    accounts[word + NEXT] = this.#accountChains[chain] as number;
    this.#accountChains[chain] = place + 1;
    this.#watched++;
    return place;
  }

  #insertFirst(watched: number, place: number): void {
    const words = this.#words;
    const word = watched * ACCOUNT_WORDS + 1;
    const first = (this.#accounts[word] as number) - 1;
    const next = first < 0 ? place : first;
    const previous = first < 0 ? place : (words[first * WORDS + PREVIOUS_OF_CIRCLE] as number);
    words[previous * WORDS + NEXT_OF_CIRCLE] = place;
    words[next * WORDS + PREVIOUS_OF_CIRCLE] = place;
    words[place * WORDS + PREVIOUS_OF_CIRCLE] = previous;
    words[place * WORDS + NEXT_OF_CIRCLE] = next;
    this.#accounts[word] = place + 1;
  }

  #removeAt(place: number, row: number, address: number): void {
    const words = this.#words;
    const watched = this.find(row);
    const first = watched * ACCOUNT_WORDS + 1;
    const previous = words[place * WORDS + PREVIOUS_OF_CIRCLE] as number;
    const next = words[place * WORDS + NEXT_OF_CIRCLE] as number;
    words[previous * WORDS + NEXT_OF_CIRCLE] = next;
    words[next * WORDS + PREVIOUS_OF_CIRCLE] = previous;
    unchain(this.#chains, mixPair(row, address) & this.#mask, words, WORDS, place);
    words[place * WORDS] = FREE;
    words[place * WORDS + NEXT] = this.#free;
    this.#free = place + 1;
    this.size--;
    if (next === place) this.#unwatch(watched, row);
    else if (this.#accounts[first] === place + 1) this.#accounts[first] = next + 1;
  }

  /** The last subscription of an account is gone. */
  #unwatch(watched: number, row: number): void {
    const word = watched * ACCOUNT_WORDS;
    unchain(this.#accountChains, mix32(row) & this.#mask, this.#accounts, ACCOUNT_WORDS, watched);
    this.#accounts[word] = FREE;
    this.#accounts[word + 2] = 0;
    this.#accounts[word + NEXT] = this.#accountFree;
    this.#accountFree = watched + 1;
    this.#watched--;
  }
}

/** Takes a place out of its chain, whose links are in word NEXT of rows of so many words. */
function unchain(chains: Int32Array, chain: number, rows: Int32Array, words: number, place: number): void {
  const next = rows[place * words + NEXT] as number; // places are inside the table, here and below
  let at = (chains[chain] as number) - 1;
  if (at === place) {
    chains[chain] = next;
    return;
  }
  while ((rows[at * words + NEXT] as number) - 1 !== place) at = (rows[at * words + NEXT] as number) - 1;
  rows[at * words + NEXT] = next;
}
