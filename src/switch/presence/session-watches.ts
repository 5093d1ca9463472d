/**
 * What the phones of a shard watch: tells homes, passes their notices on, and ends subscriptions with their sessions.
 *
 * Homes are told later in the turn, or in a later one: nothing that concerns presence stops input. A notice for which the
 * phone's ring has no room is dropped, and the home asked again when there is room; so the phone learns the state at
 * that time, and nothing is kept in between.
 */
import { assert } from '../../base/assert.ts';
import { count } from '../../base/counters.ts';
import type { TableMemory } from '../../base/table-memory.ts';
import { ErrorFrameCode } from '../../wire/frames.ts';
import type { Hops } from '../homes/hops.ts';
import { AddressLayout } from '../tables/address-layout.ts';
import { RetryQueue } from '../tables/retry-queue.ts';
import type { SessionTable } from '../tables/session-table.ts';
import type { ShardSettings } from '../terms/shard-settings.ts';
import { SwitchCounter } from '../terms/switch-counters.ts';
import { type LocalWatchers, WATCH_REFUSED } from './account-presence.ts';
import type { PresenceOutput } from './presence-output.ts';
import { WATCH_NONE, WatchState, WatchTable } from './watch-table.ts';

/** Sessions that have something to tell homes. Those that find the queue full are found by a scan. */
const UNSAID_MAX = 2 ** 14;
/** Sessions that one turn tries, and failures after which it stops. */
const TRIES_MAX = 256;
const FAILURES_MAX = 8;
/** Places that one turn examines for sessions that found the queue full. */
const LOOKS_MAX = 4096;

/** The home of watched accounts on the same shard. */
export interface OwnWatched {
  watch(account: number, address: number, generation: number): void;
  unwatch(account: number, address: number, generation: number): void;
}

export class SessionWatches implements LocalWatchers {
  readonly table: WatchTable;
  /** Whether notices are dropped, because more important work is late. */
  isShedding = false;
  readonly #settings: ShardSettings;
  readonly #sessions: SessionTable;
  readonly #output: PresenceOutput;
  readonly #hops: Hops;
  readonly #counters: Float64Array;
  readonly #addresses: AddressLayout;
  readonly #unsaid = new RetryQueue(UNSAID_MAX);
  #missed = false;
  #lookAt = 0;
  #home: OwnWatched | undefined;

  constructor(
    settings: ShardSettings,
    sessions: SessionTable,
    output: PresenceOutput,
    hops: Hops,
    counters: Float64Array,
    tables?: TableMemory,
  ) {
    this.table = new WatchTable(settings.watchesMax, tables);
    this.#settings = settings;
    this.#sessions = sessions;
    this.#output = output;
    this.#hops = hops;
    this.#counters = counters;
    this.#addresses = AddressLayout.of(settings);
  }

  /** Names the home of watched accounts on the same shard. */
  connect(home: OwnWatched): void {
    this.#home = home;
  }

  get bytes(): number {
    return this.#unsaid.bytes;
  }

  /** Whether homes are still to be told something. */
  get waits(): boolean {
    return this.#unsaid.length > 0 || this.#searches;
  }

  /** The phone of a session watches an account. @returns false if it watches too many, or all sessions do. */
  watch(slot: number, account: number): boolean {
    const { table } = this;
    const generation = this.#sessions.generation(slot);
    const known = table.find(slot, generation, account);
    const isWatched = known !== WATCH_NONE && table.state(known) !== WatchState.LEAVING;
    if (!isWatched && table.countOf(slot, generation) >= this.#settings.watchMax) return false;
    if (known !== WATCH_NONE) table.setState(known, WatchState.TO_SAY);
    else if (table.isFull) return false;
    else table.add(slot, generation, account);
    this.#sessions.setWatches(slot);
    this.#push(slot);
    return true;
  }

  unwatch(slot: number, account: number): void {
    const place = this.table.find(slot, this.#sessions.generation(slot), account);
    if (place === WATCH_NONE) return;
    this.table.setState(place, WatchState.LEAVING);
    this.#push(slot);
  }

  /** A session has ended: it watches nothing any more. */
  ended(slot: number): void {
    const { table } = this;
    if (!this.#sessions.mayWatch(slot)) return;
    let has = false;
    for (let place = table.start(slot); table.slot(place) >= 0; place = table.next(place)) {
      if (table.slot(place) !== slot) continue;
      table.setState(place, WatchState.LEAVING);
      has = true;
    }
    if (has) this.#push(slot);
  }

  /** A notice from the home of a watched account. It is dropped if the session has ended or watches the account no more. */
  notice(slot: number, generation: number, account: number, state: number, lastSeenSeconds: number): void {
    const { table } = this;
    const place = table.find(slot, generation, account);
    if (
      place === WATCH_NONE ||
      table.state(place) === WatchState.LEAVING ||
      !this.#sessions.isOnline(slot, generation)
    ) {
      count(this.#counters, SwitchCounter.presenceStale);
      return;
    }
    if (state === WATCH_REFUSED) {
      this.#refused(slot, place);
    } else if (!this.isShedding && this.#output.presence(slot, account, state, lastSeenSeconds)) {
      count(this.#counters, SwitchCounter.presenceNotices);
    } else {
      count(this.#counters, SwitchCounter.presenceShed);
      this.#askAgain(slot, place);
    }
  }

  /** Tells homes what changed, a bounded number of sessions. @returns how many it completed. */
  doWork(): number {
    // Sessions without room stay in the queue, and must not hold up those that found it full.
    if (this.#searches && this.#unsaid.length <= UNSAID_MAX - LOOKS_MAX) this.#findMissed();
    const tries = Math.min(TRIES_MAX, this.#unsaid.length);
    let said = 0;
    let failures = 0;
    for (let n = 0; n < tries && failures < FAILURES_MAX; n++) {
      const slot = this.#unsaid.shift();
      if (this.#say(slot)) {
        said++;
        continue;
      }
      failures++;
      this.#push(slot);
    }
    return said;
  }

  /**
   * A home has started again and knows of no subscription: it is told again. Examines at most `limit` places from `from`
   * on. @returns the place to go on from; WATCH_NONE if all are examined.
   */
  sayAgain(shard: number, from: number, limit: number): number {
    const { table } = this;
    const until = table.size === 0 ? table.places : Math.min(table.places, from + limit);
    for (let place = table.size === 0 ? until : from; place < until; place++) {
      const slot = table.slot(place);
      if (slot < 0 || table.state(place) !== WatchState.SAID) continue;
      if (this.#settings.homes.shardOf(table.account(place)) === shard) this.#askAgain(slot, place);
    }
    return until === table.places ? WATCH_NONE : until;
  }

  /** Tells homes all that a session has for them. @returns false if something found no room, or is withheld. */
  #say(slot: number): boolean {
    const { table } = this;
    let isComplete = true;
    for (let place = table.start(slot); table.slot(place) >= 0; ) {
      const state = table.slot(place) === slot ? table.state(place) : WatchState.SAID;
      if (state === WatchState.LEAVING) {
        if (!this.#sayUnwatch(slot, place)) return false;
        table.remove(place); // another entry may be there now
        continue;
      }
      if (state === WatchState.TO_SAY) {
        if (this.isShedding || !this.#output.hasRoom(slot) || !this.#sayWatch(slot, place)) isComplete = false;
        else table.setState(place, WatchState.SAID);
      }
      place = table.next(place);
    }
    return isComplete;
  }

  /** @returns false if the inbox of the home has no room. */
  #sayWatch(slot: number, place: number): boolean {
    const account = this.table.account(place);
    const address = this.#addresses.addressOf(slot);
    const to = this.#settings.homes.shardOf(account);
    if (to !== this.#settings.shard) return this.#hops.write.watch(to, account, address, this.table.generation(place));
    this.#own.watch(account, address, this.table.generation(place));
    return true;
  }

  /** @returns false if the inbox of the home has no room. */
  #sayUnwatch(slot: number, place: number): boolean {
    const account = this.table.account(place);
    const address = this.#addresses.addressOf(slot);
    const to = this.#settings.homes.shardOf(account);
    if (to !== this.#settings.shard)
      return this.#hops.write.unwatch(to, account, address, this.table.generation(place));
    this.#own.unwatch(account, address, this.table.generation(place));
    return true;
  }

  /** Whether places are to be examined for sessions that found the queue full. */
  get #searches(): boolean {
    return this.#missed || this.#lookAt > 0;
  }

  /**
   * Queues sessions that found the queue full: a part of all places per turn, in a round over all of them. A session that
   * finds the queue full during a round may be in a place that was examined: another round follows.
   */
  #findMissed(): void {
    const { table } = this;
    if (this.#lookAt === 0) this.#missed = false;
    const until = Math.min(table.places, this.#lookAt + LOOKS_MAX);
    for (; this.#lookAt < until; this.#lookAt++) {
      const slot = table.slot(this.#lookAt);
      if (slot >= 0 && table.state(this.#lookAt) !== WatchState.SAID) this.#unsaid.push(slot);
    }
    if (until === table.places) this.#lookAt = 0;
  }

  #refused(slot: number, place: number): void {
    if (!this.#output.error(slot, ErrorFrameCode.TOO_MANY_WATCHED)) {
      this.#askAgain(slot, place);
      return;
    }
    count(this.#counters, SwitchCounter.watchesRefused);
    this.table.remove(place);
  }

  get #own(): OwnWatched {
    assert(this.#home !== undefined, 'the home is connected when the shard is made');
    return this.#home;
  }

  #askAgain(slot: number, place: number): void {
    this.table.setState(place, WatchState.TO_SAY);
    this.#push(slot);
  }

  #push(slot: number): void {
    if (!this.#unsaid.push(slot)) this.#missed = true;
  }
}
