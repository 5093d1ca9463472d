/**
 * The presence of the accounts of a home: keeps who watches them, and tells watchers what has changed.
 *
 * An account is available while it has a session whose phone has not said otherwise. A change is noted in constant
 * time; its notices are sent later, a bounded number per turn, and each tells the state of that moment. So an account
 * that changes again before its watchers were told costs them one notice, and one with a million watchers delays
 * nobody.
 *
 * Notices never wait in a mailbox. Where the inbox of a shard has no room, or the shard sheds presence, a watched
 * account stays behind, which needs no memory, and its watchers are told the state that it has by then.
 */
import { count } from '../../base/counters.ts';
import { LAST_SEEN_UNKNOWN, PresenceState } from '../../wire/presence-frames.ts';
import { PREFETCHED_MAX } from '../../wire/transport.ts';
import type { PresenceChanges } from '../homes/account-home.ts';
import type { Hops } from '../homes/hops.ts';
import type { AccountTable } from '../tables/account-table.ts';
import { AddressLayout } from '../tables/address-layout.ts';
import { RetryQueue } from '../tables/retry-queue.ts';
import type { ShardSettings } from '../terms/shard-settings.ts';
import { SwitchCounter } from '../terms/switch-counters.ts';
import type { PresencePrefetch } from './presence-prefetch.ts';
import type { PresenceTables } from './presence-tables.ts';
import { NOT_WATCHED, type SubscriptionTable } from './subscription-table.ts';

/** In place of a state: the home has no room for the subscription. */
export const WATCH_REFUSED = 2;

/** Accounts that wait for their notices. Those that find the queue full are found by a scan. */
const BEHIND_MAX = 2 ** 14;
/** Notices of one turn, and of one account before others have theirs. */
const NOTICES_MAX = 1024;
const NOTICES_PER_ACCOUNT = 64;
/** Notices without room after which a turn stops: all may be for the same inbox. */
const FAILURES_MAX = 8;
/** Places that one turn examines for accounts that found the queue full. */
const LOOKS_MAX = 4096;
/** Seconds until the stamps of {@link AccountPresence.stamp} repeat; 0 is none of them. */
const STAMPS = 2 ** 16 - 1;
/** Age in seconds at which a stamp is forgotten, and the time of one lap over all rows. */
const FORGET_SECONDS = 2 ** 15;
const LAP_SECONDS = 2 ** 14;

/** What the home tells the sessions on its own shard. */
export interface LocalWatchers {
  /** @param place the row of the watch, and of the subscription. */
  noticeHere(place: number, state: number, lastSeenSeconds: number): void;
}

export class AccountPresence implements PresenceChanges {
  readonly #tables: PresenceTables;
  readonly #subscriptions: SubscriptionTable;
  /** Whether notices are withheld, because more important work is late. */
  isShedding = false;
  /** The present second as {@link AccountTable.lastSeen} keeps it: 1 to 65,535. */
  stamp = 1;
  readonly #settings: ShardSettings;
  readonly #accounts: AccountTable;
  readonly #hops: Hops;
  readonly #counters: Float64Array;
  readonly #watchers: LocalWatchers;
  readonly #addresses: AddressLayout;
  readonly #prefetch: PresencePrefetch;
  readonly #behind = new RetryQueue(BEHIND_MAX);
  /** Of the accounts at the front of that queue: their rows, and the first rows of their lists. */
  readonly #nextRows = new Int32Array(PREFETCHED_MAX);
  readonly #firsts = new Int32Array(PREFETCHED_MAX);
  /** The first row of the account that was told last. */
  #next = NOT_WATCHED;
  /**
   * Whether an account has found the queue full since the present round over all places began, or since the last one.
   */
  #missed = false;
  /** Where that round goes on; 0 if there is none. */
  #lookAt = 0;
  #seconds = 0;
  #forgetAt = 0;

  constructor(
    settings: ShardSettings,
    accounts: AccountTable,
    hops: Hops,
    counters: Float64Array,
    watchers: LocalWatchers,
    tables: PresenceTables,
    prefetch: PresencePrefetch,
  ) {
    this.#prefetch = prefetch;
    this.#tables = tables;
    this.#subscriptions = tables.subscriptions;
    this.#settings = settings;
    this.#accounts = accounts;
    this.#hops = hops;
    this.#counters = counters;
    this.#watchers = watchers;
    this.#addresses = AddressLayout.of(settings);
  }

  get bytes(): number {
    return this.#behind.bytes;
  }

  /** Accounts with notices to send, at most. */
  get waitingMax(): number {
    return this.#searches ? this.#tables.rows.fresh : this.#behind.length;
  }

  /** Whether notices wait for room. */
  get waits(): boolean {
    return this.#behind.length > 0 || this.#searches;
  }

  setTick(tick: number): void {
    const seconds = Math.floor((tick * this.#settings.tickMicros) / 1e6);
    if (seconds === this.#seconds) return;
    const passed = seconds - this.#seconds;
    this.#seconds = seconds;
    this.stamp = (seconds % STAMPS) + 1;
    if (seconds >= FORGET_SECONDS - LAP_SECONDS) this.forgetOld(passed);
  }

  changed(row: number): void {
    if (!this.#accounts.mayBeWatched(row)) return;
    const first = this.#subscriptions.firstOf(row);
    if (first === NOT_WATCHED) {
      this.#accounts.setWatched(row, false);
      return;
    }
    count(this.#counters, SwitchCounter.presenceChanges);
    if (this.#tables.rows.isBehind(first)) count(this.#counters, SwitchCounter.presenceCoalesced);
    else if (this.isShedding) count(this.#counters, SwitchCounter.presenceShed);
    this.#subscriptions.changed(first);
    this.#setBehind(first, row);
  }

  /** A session of this shard watches the account of its row from now on; it is told the present state soon. */
  watchHere(place: number): boolean {
    const first = this.#subscriptions.add(place);
    if (first !== NOT_WATCHED) this.#watched(first);
    return first !== NOT_WATCHED;
  }

  unwatchHere(place: number): void {
    this.#subscriptions.remove(place);
    this.#lost(this.#tables.rows.account(place));
  }

  /** The same as {@link watchHere} for a session of another shard, which is told if there is no room. */
  watch(account: number, address: number, generation: number): void {
    const first = this.#subscriptions.addDistant(account, address, generation);
    if (first !== NOT_WATCHED) this.#watched(first);
    else if (!this.#sendTo(address, generation, account, WATCH_REFUSED, 0))
      count(this.#counters, SwitchCounter.presenceShed);
  }

  unwatch(account: number, address: number, generation: number): void {
    if (this.#subscriptions.removeDistant(account, address, generation)) this.#lost(account);
  }

  /** Forgets subscriptions of other shards: see {@link SubscriptionTable.removeSome}. */
  forgetSome(from: number, limit: number, isGone: (address: number) => boolean): number {
    if (this.#lookAt > 0) this.#missed = true; // as in #lost
    const next = this.#subscriptions.removeSome(from, limit, isGone);
    this.#gauge();
    return next;
  }

  seenAgoSeconds(row: number): number {
    if (this.#accounts.isAvailable(row)) return 0;
    const stamp = this.#accounts.lastSeen(row);
    return stamp === 0 ? LAST_SEEN_UNKNOWN | 0 : this.#age(stamp);
  }

  /** The phone of a session is in use, or is not. */
  setState(account: number, address: number, generation: number, state: number): void {
    const row = this.#settings.homes.rowOf(account);
    const accounts = this.#accounts;
    if (!accounts.isSession(row, address, generation)) return;
    const isAvailable = state === PresenceState.AVAILABLE;
    if (accounts.isAvailable(row) === isAvailable) return;
    accounts.setAvailable(row, isAvailable, this.stamp);
    this.changed(row);
  }

  /** Sends notices that are due, a bounded number. @returns how many. */
  doWork(): number {
    if (this.isShedding) return 0;
    if (this.#searches && this.#behind.length <= BEHIND_MAX - LOOKS_MAX) this.#findMissed();
    let done = 0;
    let failures = 0;
    while (this.#behind.length > 0 && done < NOTICES_MAX && failures < FAILURES_MAX) {
      const known = this.#findFirsts();
      for (let n = 0; n < known && done < NOTICES_MAX && failures < FAILURES_MAX; n++) {
        const row = this.#behind.shift();
        const first = this.#firsts[n] as number; // below PREFETCHED_MAX
        if (first === NOT_WATCHED || !this.#tables.rows.isBehind(first)) continue;
        const told = this.#tell(first, row);
        done += told;
        if (this.#tables.rows.isUntold(this.#next)) {
          this.#behind.push(row); // it has just left a place
          if (told < NOTICES_PER_ACCOUNT) failures++;
        } else this.#tables.rows.setBehind(this.#next, false);
      }
    }
    return done;
  }

  /**
   * Looks for stamps that are about to repeat, and sets them to unknown. When an account was available last is kept in
   * 16 bits of its row, in seconds modulo 65,535, because its row has no more.
   * @param seconds that have passed.
   */
  forgetOld(seconds: number): void {
    const accounts = this.#accounts;
    const looks = Math.min(accounts.size, Math.ceil((accounts.size * seconds) / LAP_SECONDS));
    for (let n = 0; n < looks; n++) {
      const row = this.#forgetAt;
      this.#forgetAt = row + 1 === accounts.size ? 0 : row + 1;
      if (!accounts.isAvailable(row) && this.#age(accounts.lastSeen(row)) >= FORGET_SECONDS)
        accounts.setLastSeen(row, 0);
    }
  }

  /**
   * Finds the first rows of the accounts at the front of the queue. They stay valid while other accounts are told. Of
   * one that stands there twice, after a search for those that found the queue full, the row is no longer behind, or is
   * still the first. @returns how many accounts these are.
   */
  #findFirsts(): number {
    const known = Math.min(this.#behind.length, PREFETCHED_MAX);
    for (let n = 0; n < known; n++) this.#nextRows[n] = this.#behind.at(n);
    this.#accounts.prefetchAll(this.#nextRows, known);
    this.#subscriptions.putFirsts(this.#nextRows, known, this.#firsts);
    this.#prefetch.watchers(this.#firsts, known);
    return known;
  }

  /** Tells the next watchers of an account; `next` is its first row then. @returns how many had room. */
  #tell(first: number, row: number): number {
    const { rows } = this.#tables;
    const state = this.#accounts.isAvailable(row) ? PresenceState.AVAILABLE : PresenceState.UNAVAILABLE;
    const seenAgoSeconds = this.seenAgoSeconds(row);
    const account = this.#accountAt(row);
    let told = 0;
    this.#next = first;
    for (; told < NOTICES_PER_ACCOUNT && rows.isUntold(this.#next); told++) {
      if (!this.#send(this.#next, account, state, seenAgoSeconds)) break;
      this.#next = this.#subscriptions.setFirstTold(this.#next);
    }
    return told;
  }

  #age(stamp: number): number {
    return (this.stamp - stamp + STAMPS) % STAMPS;
  }

  #accountAt(row: number): number {
    return this.#settings.homes.accountAt(this.#settings.shard, row);
  }

  #gauge(): void {
    this.#counters[SwitchCounter.subscriptions] = this.#subscriptions.size;
  }

  /** An account has a subscription, in its first row, that is new or renewed. */
  #watched(first: number): void {
    const row = this.#settings.homes.rowOf(this.#tables.rows.account(first));
    this.#accounts.setWatched(row, true);
    if (this.#lookAt > 0 && this.#tables.rows.isBehind(first)) this.#missed = true; // as in #lost
    this.#setBehind(first, row);
    this.#gauge();
  }

  /** An account has lost a subscription. If it was the first, the account may now be in a place that was examined. */
  #lost(account: number): void {
    if (this.#lookAt > 0) {
      const first = this.#subscriptions.firstOf(this.#settings.homes.rowOf(account));
      if (first !== NOT_WATCHED && this.#tables.rows.isBehind(first)) this.#missed = true;
    }
    this.#gauge();
  }

  #setBehind(first: number, row: number): void {
    if (this.#tables.rows.isBehind(first)) return;
    this.#tables.rows.setBehind(first, true);
    if (!this.#behind.push(row)) this.#missed = true;
  }

  /** Whether places are to be examined for accounts that found the queue full. */
  get #searches(): boolean {
    return this.#missed || this.#lookAt > 0;
  }

  /**
   * Queues accounts that found the queue full: a part of all places per turn, in a round over all of them. An account
   * that finds the queue full during a round may be in a place that was examined: another round follows.
   */
  #findMissed(): void {
    const { rows } = this.#tables;
    if (this.#lookAt === 0) this.#missed = false;
    const until = Math.min(rows.fresh, this.#lookAt + LOOKS_MAX);
    for (; this.#lookAt < until; this.#lookAt++) {
      if (rows.isBehind(this.#lookAt)) this.#behind.push(this.#settings.homes.rowOf(rows.account(this.#lookAt)));
    }
    if (until === rows.fresh) this.#lookAt = 0;
  }

  /** Tells the session of a subscription. @returns false if there is no room. */
  #send(place: number, account: number, state: number, lastSeenSeconds: number): boolean {
    const subscriptions = this.#subscriptions;
    if (subscriptions.isOwn(place)) {
      this.#watchers.noticeHere(place, state, lastSeenSeconds);
      return true;
    }
    const generation = this.#tables.rows.generation(place);
    return this.#sendTo(subscriptions.address(place), generation, account, state, lastSeenSeconds);
  }

  #sendTo(address: number, generation: number, account: number, state: number, lastSeenSeconds: number): boolean {
    const to = this.#addresses.shardOf(address);
    const slot = this.#addresses.slotOf(address);
    return this.#hops.write.notice(to, slot, generation, account, state, lastSeenSeconds);
  }
}
