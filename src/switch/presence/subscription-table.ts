/**
 * Who watches the accounts of a home: a list of rows for each account that is watched. A column with a word for each
 * account of the home, watched or not, names the first row of its list:
 *
 *     account ──▶ first ──next──▶ row ──next──▶ last ── -1
 *                   └────previous of the first────▲
 *
 * A hash table with chains in its place takes less memory where few accounts are watched. But a search in it reads four
 * rows at random places on average where it now reads one, and there are four searches from the login of a phone to
 * the next.
 *
 * Rows keep the version of the account that they were told, and those that were not told the present one stand first.
 * So nothing is repeated or left out when the account changes while some were told, and a change costs the same for one
 * watcher as for a million (see {@link SubscriptionTable.changed}).
 *
 * The session of a row is on this shard, or its address is in a column of its own, together with a hash table by
 * account and address: a switch of one shard has neither.
 */
import type { LedgerEntry } from '../../base/ledger-entry.ts';
import { mixPair } from '../../base/pseudo-random.ts';
import type { TableMemory } from '../../base/table-memory.ts';
import type { Placement } from '../../wire/placement.ts';
import { NO_ROW, type WatchRows, WatchState } from './watch-rows.ts';

/** Memory for the first row of an account. */
export const FIRST_ROW_BYTES = 4;
/** Memory per subscription of another shard for the starts of chains: half as many as subscriptions. */
export const CHAIN_BYTES = 2;

/** There is no such watched account, or subscription. */
export const NOT_WATCHED = NO_ROW;

export class SubscriptionTable {
  /** Number of subscriptions. */
  size = 0;
  readonly #max: number;
  readonly #rows: WatchRows;
  readonly #homes: Placement;
  /** By row of the home, the first row of the list of the account, + 1; 0 if nobody watches it. */
  readonly #firsts: Int32Array;
  /** Of sessions on other shards: their address by row, and chains by account and address. Empty with one shard. */
  readonly #addresses: Int32Array;
  readonly #addressChains: Int32Array;
  #watched = 0;
  #distant = 0;

  /**
   * @param max the most subscriptions.
   * @param accounts rows of the home.
   */
  constructor(max: number, accounts: number, homes: Placement, rows: WatchRows, memory: TableMemory) {
    this.#max = max;
    this.#homes = homes;
    this.#rows = rows;
    this.#firsts = memory.words(accounts);
    const hasOthers = homes.shards > 1;
    this.#addresses = memory.words(hasOthers ? rows.rowsMax : 0);
    this.#addressChains = memory.words(hasOthers ? Math.ceil((max * CHAIN_BYTES) / 4) + 1 : 0);
  }

  ledger(): LedgerEntry[] {
    const { byteLength: bytes } = this.#firsts;
    const own: LedgerEntry = {
      owner: 'switch',
      name: 'watched accounts',
      bytes,
      rowBytes: FIRST_ROW_BYTES,
      rowsUsed: this.#watched,
      isApart: true,
    };
    if (this.#addresses.length === 0) return [own];
    const distant: LedgerEntry = {
      ...own,
      name: 'watches from other shards',
      bytes: this.#addresses.byteLength + this.#addressChains.byteLength,
      rowBytes: 4 + CHAIN_BYTES,
      rowsUsed: this.#distant,
    };
    return [own, distant];
  }

  /** Puts the first row of each of some accounts, by their rows of the home, or NOT_WATCHED, into another list. */
  putFirsts(homeRows: Int32Array, count: number, places: Int32Array): void {
    const firsts = this.#firsts;
    for (let n = 0; n < count; n++) places[n] = (firsts[homeRows[n] as number] as number) - 1; // within the list
  }

  /**
   * The first row of the account in a row of the home, or NOT_WATCHED. Valid until a subscription of the account comes,
   * goes or is told.
   */
  firstOf(row: number): number {
    return (this.#firsts[row] as number) - 1; // rows of the home are inside the table, here and below
  }

  /**
   * A watched account has changed: none of its subscriptions has been told. The version of an account grows with a
   * change, unless nobody was told the present one yet. The first row keeps it, and whether it was told itself (UNTOLD)
   * and whether the account waits for notices (BEHIND); each other row keeps the version that it was told. One that is
   * told becomes the last. A version has 16 bits: a row would be taken for told after 65,536 changes of each of which
   * somebody was told before it, which takes as many watchers.
   */
  changed(first: number): void {
    const rows = this.#rows;
    const version = rows.version(first);
    const last = rows.previous(first);
    const isNobodyTold = rows.isUntold(first) && (last === first || rows.version(last) !== version);
    if (!isNobodyTold) rows.setSubscribed(first, version + 1, true, rows.isBehind(first));
  }

  /**
   * Adds the subscription of a session of this shard, or renews it; in either case it is to be told.
   * @returns the first row of the account, or NOT_WATCHED if the table is full.
   */
  add(place: number): number {
    if (!this.#rows.isSubscribed(place)) {
      if (this.size >= this.#max) return NOT_WATCHED;
      this.size++;
    } else if (this.firstOf(this.#homeRowOf(place)) === place) {
      this.#rows.setSubscribed(place, this.#rows.version(place), true, this.#rows.isBehind(place));
      return place;
    } else this.#unlink(place);
    this.#insertFirst(place);
    return place;
  }

  /** Removes the subscription of a session of this shard, if it has one. */
  remove(place: number): void {
    if (!this.#rows.isSubscribed(place)) return;
    this.#unlink(place);
    this.#rows.setUnsubscribed(place);
    this.size--;
  }

  /** The same as {@link add} for a session on another shard. */
  addDistant(account: number, address: number, generation: number): number {
    const known = this.#findDistant(account, address);
    if (known !== NOT_WATCHED) {
      this.#rows.setGeneration(known, generation);
      return this.add(known);
    }
    if (this.size >= this.#max) return NOT_WATCHED;
    const chain = this.#addressChainOf(account, address);
    const place = this.#rows.take(account, generation, WatchState.ELSEWHERE);
    this.#addresses[place] = address;
    this.#rows.setLink(place, this.#addressChains[chain] as number);
    this.#addressChains[chain] = place + 1;
    this.#distant++;
    return this.add(place);
  }

  /** Removes the subscription of exactly this session of another shard. @returns whether there was one. */
  removeDistant(account: number, address: number, generation: number): boolean {
    const place = this.#findDistant(account, address);
    if (place === NOT_WATCHED || this.#rows.generation(place) !== generation) return false;
    this.#removeDistantAt(place);
    return true;
  }

  /** A first row that is untold has been told. @returns the row that is the first now. */
  setFirstTold(first: number): number {
    const rows = this.#rows;
    const version = rows.version(first);
    const next = rows.next(first);
    if (next === NO_ROW) {
      rows.setSubscribed(first, version, false, rows.isBehind(first));
      return first;
    }
    const last = rows.previous(first);
    this.#becomesFirst(next, first);
    rows.setNext(first, NO_ROW);
    rows.setNext(last, first);
    rows.setPrevious(first, last);
    rows.setPrevious(next, first);
    rows.setSubscribed(first, version, false, false);
    return next;
  }

  /** Whether the session of a row is on this shard. */
  isOwn(place: number): boolean {
    return this.#rows.state(place) !== WatchState.ELSEWHERE;
  }

  /** The address of a session on another shard. */
  address(place: number): number {
    return this.#addresses[place] as number;
  }

  /**
   * Removes, of the places from `from` on, the subscriptions of sessions on other shards whose address meets a
   * condition. Examines at most `limit`. @returns the place to go on from; NOT_WATCHED if all are examined.
   */
  removeSome(from: number, limit: number, isGone: (address: number) => boolean): number {
    const until = Math.min(this.#rows.fresh, from + limit);
    for (let place = from; place < until; place++) {
      if (this.#rows.isSubscribed(place) && !this.isOwn(place) && isGone(this.address(place)))
        this.#removeDistantAt(place);
    }
    return until >= this.#rows.fresh ? NOT_WATCHED : until;
  }

  #addressChainOf(account: number, address: number): number {
    return Math.floor((mixPair(account, address) >>> 0) * (this.#addressChains.length / 2 ** 32));
  }

  #findDistant(account: number, address: number): number {
    let place = (this.#addressChains[this.#addressChainOf(account, address)] as number) - 1;
    while (place >= 0 && (this.#rows.account(place) !== account || this.#addresses[place] !== address))
      place = this.#rows.link(place) - 1;
    return place;
  }

  #removeDistantAt(place: number): void {
    const rows = this.#rows;
    this.remove(place);
    const chain = this.#addressChainOf(rows.account(place), this.address(place));
    let before = (this.#addressChains[chain] as number) - 1;
    if (before === place) this.#addressChains[chain] = rows.link(place);
    else {
      while (rows.link(before) !== place + 1) before = rows.link(before) - 1;
      rows.setLink(before, rows.link(place));
    }
    rows.release(place);
    this.#distant--;
  }

  /** Where the first row of the account of a row is named. */
  #homeRowOf(place: number): number {
    return this.#homes.rowOf(this.#rows.account(place));
  }

  /** The second row of a list becomes the first: it keeps what the account needs. */
  #becomesFirst(second: number, first: number): void {
    const rows = this.#rows;
    const version = rows.version(first);
    this.#firsts[this.#homeRowOf(first)] = second + 1;
    rows.setSubscribed(second, version, rows.version(second) !== version, rows.isBehind(first));
  }

  #insertFirst(place: number): void {
    const rows = this.#rows;
    const homeRow = this.#homeRowOf(place);
    const second = this.firstOf(homeRow);
    this.#firsts[homeRow] = place + 1;
    if (second === NOT_WATCHED) {
      rows.setPrevious(place, place);
      rows.setNext(place, NO_ROW);
      rows.setSubscribed(place, 0, true, false);
      this.#watched++;
      return;
    }
    const version = rows.version(second);
    rows.setPrevious(place, rows.previous(second));
    rows.setNext(place, second);
    rows.setPrevious(second, place);
    rows.setSubscribed(place, version, true, rows.isBehind(second));
    rows.setSubscribed(second, rows.isUntold(second) ? version - 1 : version, false, false);
  }

  /** Takes a row out of the list of its account. */
  #unlink(place: number): void {
    const rows = this.#rows;
    const previous = rows.previous(place);
    const next = rows.next(place);
    const first = this.firstOf(this.#homeRowOf(place));
    if (place !== first) {
      rows.setPrevious(next === NO_ROW ? first : next, previous); // the last one is before the first
      rows.setNext(previous, next);
    } else if (next !== NO_ROW) {
      this.#becomesFirst(next, place);
      rows.setPrevious(next, previous);
    } else {
      this.#firsts[this.#homeRowOf(place)] = 0;
      this.#watched--;
    }
  }
}
