/**
 * What the phones of a shard watch: tells homes, passes their notices on, and ends subscriptions with their sessions.
 *
 * Homes are told later in the turn, or in a later one: nothing that concerns presence stops input. A notice for which
 * the phone's ring has no room is dropped, and the home asked again when there is room; so the phone learns the state
 * at that time, and nothing is kept in between.
 */
import { assert } from '../../base/assert.ts';
import { count } from '../../base/counters.ts';
import { ErrorFrameCode } from '../../wire/frames.ts';
import type { Hops } from '../homes/hops.ts';
import { AddressLayout } from '../tables/address-layout.ts';
import { RetryQueue } from '../tables/retry-queue.ts';
import type { SessionTable } from '../tables/session-table.ts';
import type { ShardSettings } from '../terms/shard-settings.ts';
import { SwitchCounter } from '../terms/switch-counters.ts';
import { type LocalWatchers, WATCH_REFUSED } from './account-presence.ts';
import type { PresenceOutput } from './presence-output.ts';
import type { PresencePrefetch } from './presence-prefetch.ts';
import type { PresenceTables } from './presence-tables.ts';
import { NO_ROW, type WatchRows, WatchState } from './watch-rows.ts';
import type { WatchTable } from './watch-table.ts';

/** Sessions that have something to tell homes. Those that find the queue full are found by a scan. */
const UNSAID_MAX = 2 ** 14;
/** Sessions that one turn tries, and failures after which it stops. */
const TRIES_MAX = 256;
const FAILURES_MAX = 8;
/** Places that one turn examines for sessions that found the queue full. */
const LOOKS_MAX = 4096;

/** The home of watched accounts on the same shard. */
export interface OwnWatched {
  /** The session of a row watches its account. @returns false if there is no room. */
  watchHere(place: number): boolean;
  unwatchHere(place: number): void;
}

/** What phones that watch are told. */
type WatcherOutput = Pick<PresenceOutput, 'hasRoom' | 'presence' | 'error'>;

/** How homes on other shards are told. */
interface WatchHops {
  readonly write: Pick<Hops['write'], 'watch' | 'unwatch'>;
}

export class SessionWatches implements LocalWatchers {
  readonly table: WatchTable;
  readonly #rows: WatchRows;
  /** Whether notices are dropped, because more important work is late. */
  isShedding = false;
  readonly #settings: ShardSettings;
  readonly #sessions: SessionTable;
  readonly #output: WatcherOutput;
  readonly #hops: WatchHops;
  readonly #counters: Float64Array;
  readonly #addresses: AddressLayout;
  readonly #prefetch: PresencePrefetch;
  readonly #unsaid = new RetryQueue(UNSAID_MAX);
  #missed = false;
  #lookAt = 0;
  #home: OwnWatched | undefined;

  constructor(
    settings: ShardSettings,
    sessions: SessionTable,
    output: WatcherOutput,
    hops: WatchHops,
    counters: Float64Array,
    tables: PresenceTables,
    prefetch: PresencePrefetch,
  ) {
    this.#prefetch = prefetch;
    this.table = tables.watches;
    this.#rows = tables.rows;
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

  /** Sessions that have something to tell homes, at most. */
  get waitingMax(): number {
    return this.#searches ? this.#rows.fresh : this.#unsaid.length;
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
    const isWatched = known !== NO_ROW && this.#rows.state(known) !== WatchState.LEAVING;
    if (!isWatched && table.countOf(slot, generation) >= this.#settings.watchMax) return false;
    if (known !== NO_ROW) this.#rows.setState(known, WatchState.TO_SAY);
    else if (table.isFull) return false;
    else table.add(slot, generation, account);
    this.#sessions.setWatches(slot);
    this.#push(slot);
    return true;
  }

  unwatch(slot: number, account: number): void {
    const place = this.table.find(slot, this.#sessions.generation(slot), account);
    if (place === NO_ROW) return;
    this.#rows.setState(place, WatchState.LEAVING);
    this.#push(slot);
  }

  /** A session has ended: it watches nothing any more. */
  ended(slot: number): void {
    const { table } = this;
    if (!this.#sessions.mayWatch(slot)) return;
    const first = table.first(slot);
    for (let place = first; place !== NO_ROW; place = table.next(place)) this.#rows.setState(place, WatchState.LEAVING);
    if (first !== NO_ROW) this.#push(slot);
  }

  /** A notice from another shard. It is dropped if the session has ended or watches the account no more. */
  notice(slot: number, generation: number, account: number, state: number, lastSeenSeconds: number): void {
    const place = this.table.find(slot, generation, account);
    if (place === NO_ROW) count(this.#counters, SwitchCounter.presenceStale);
    else this.#pass(slot, place, state, lastSeenSeconds);
  }

  /** The same from the home on this shard, which has the row of the watch: it need not be looked for. */
  noticeHere(place: number, state: number, lastSeenSeconds: number): void {
    this.#pass(this.table.slot(place), place, state, lastSeenSeconds);
  }

  /** Tells homes what changed, a bounded number of sessions. @returns how many it completed. */
  doWork(): number {
    // Sessions without room stay in the queue, and must not hold up those that found it full.
    if (this.#searches && this.#unsaid.length <= UNSAID_MAX - LOOKS_MAX) this.#findMissed();
    const tries = Math.min(TRIES_MAX, this.#unsaid.length);
    let said = 0;
    let failures = 0;
    let known = 0;
    for (let n = 0; n < tries && failures < FAILURES_MAX; n++) {
      if (known-- === 0) known = this.#prefetch.sessions(this.#unsaid, tries - n) - 1;
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
   * A home has started again and knows of no subscription: it is told again. Examines at most `limit` places from
   * `from` on. @returns the place to go on from; NO_ROW if all are examined.
   */
  sayAgain(shard: number, from: number, limit: number): number {
    const rows = this.#rows;
    const until = this.table.size === 0 ? rows.fresh : Math.min(rows.fresh, from + limit);
    for (let place = this.table.size === 0 ? until : from; place < until; place++) {
      if (rows.state(place) !== WatchState.SAID || this.#settings.homes.shardOf(rows.account(place)) !== shard)
        continue;
      this.#askAgain(this.table.slot(place), place);
    }
    return until === rows.fresh ? NO_ROW : until;
  }

  /** Tells homes all that a session has for them. @returns false if something found no room, or is withheld. */
  #say(slot: number): boolean {
    const { table } = this;
    let isComplete = true;
    for (let place = table.first(slot); place !== NO_ROW; ) {
      const next = table.next(place);
      const state = this.#rows.state(place);
      if (state === WatchState.LEAVING) {
        if (!this.#sayUnwatch(slot, place)) return false;
        table.remove(slot, place);
      } else if (state === WatchState.TO_SAY && !this.#sayWatch(slot, place)) isComplete = false;
      place = next;
    }
    return isComplete;
  }

  /** @returns false if the phone, or the inbox of the home, has no room, or presence is withheld. */
  #sayWatch(slot: number, place: number): boolean {
    if (this.isShedding || !this.#output.hasRoom(slot)) return false;
    const rows = this.#rows;
    const account = rows.account(place);
    const to = this.#settings.homes.shardOf(account);
    const isOwn = to === this.#settings.shard;
    if (!isOwn && !this.#hops.write.watch(to, account, this.#addresses.addressOf(slot), rows.generation(place)))
      return false;
    rows.setState(place, WatchState.SAID);
    if (isOwn && !this.#own.watchHere(place)) this.#refused(slot, place);
    return true;
  }

  /** @returns false if the inbox of the home has no room. */
  #sayUnwatch(slot: number, place: number): boolean {
    const account = this.#rows.account(place);
    const to = this.#settings.homes.shardOf(account);
    if (to !== this.#settings.shard)
      return this.#hops.write.unwatch(to, account, this.#addresses.addressOf(slot), this.#rows.generation(place));
    this.#own.unwatchHere(place);
    return true;
  }

  #pass(slot: number, place: number, state: number, lastSeenSeconds: number): void {
    const rows = this.#rows;
    if (rows.state(place) === WatchState.LEAVING || !this.#sessions.isOnline(slot, rows.generation(place))) {
      count(this.#counters, SwitchCounter.presenceStale);
    } else if (state === WATCH_REFUSED) {
      this.#refused(slot, place);
    } else if (!this.isShedding && this.#output.presence(slot, rows.account(place), state, lastSeenSeconds)) {
      count(this.#counters, SwitchCounter.presenceNotices);
    } else {
      count(this.#counters, SwitchCounter.presenceShed);
      this.#askAgain(slot, place);
    }
  }

  /** Whether places are to be examined for sessions that found the queue full. */
  get #searches(): boolean {
    return this.#missed || this.#lookAt > 0;
  }

  /**
   * Queues sessions that found the queue full: a part of all places per turn, in a round over all of them. A session
   * that finds the queue full during a round may be in a place that was examined: another round follows.
   */
  #findMissed(): void {
    const rows = this.#rows;
    if (this.#lookAt === 0) this.#missed = false;
    const until = Math.min(rows.fresh, this.#lookAt + LOOKS_MAX);
    for (; this.#lookAt < until; this.#lookAt++) {
      const state = rows.state(this.#lookAt);
      if (state === WatchState.TO_SAY || state === WatchState.LEAVING) this.#unsaid.push(this.table.slot(this.#lookAt));
    }
    if (until === rows.fresh) this.#lookAt = 0;
  }

  #refused(slot: number, place: number): void {
    if (!this.#output.error(slot, ErrorFrameCode.TOO_MANY_WATCHED)) {
      this.#askAgain(slot, place);
      return;
    }
    count(this.#counters, SwitchCounter.watchesRefused);
    this.table.remove(slot, place);
  }

  get #own(): OwnWatched {
    assert(this.#home !== undefined, 'the home is connected when the shard is made');
    return this.#home;
  }

  #askAgain(slot: number, place: number): void {
    this.#rows.setState(place, WatchState.TO_SAY);
    this.#push(slot);
  }

  #push(slot: number): void {
    if (!this.#unsaid.push(slot)) this.#missed = true;
  }
}
