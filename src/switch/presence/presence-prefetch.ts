/**
 * Reads rows of presence shortly before they are needed, for some accounts at once: see RowPrefetch, which does the
 * same for messages. The table names the first row of an account, and this the last one: so the table is read first
 * for all accounts, then all first rows, and so on.
 */
import { PREFETCHED_MAX } from '../../wire/transport.ts';
import type { AccountTable } from '../tables/account-table.ts';
import type { RetryQueue } from '../tables/retry-queue.ts';
import type { PresenceRows } from '../tables/row-prefetch.ts';
import type { SessionTable } from '../tables/session-table.ts';
import type { ShardSettings } from '../terms/shard-settings.ts';
import type { PresenceTables } from './presence-tables.ts';

export interface PrefetchedPresence {
  readonly accounts: AccountTable;
  readonly sessions: SessionTable;
  readonly tables: PresenceTables;
}

export class PresencePrefetch implements PresenceRows {
  readonly #settings: ShardSettings;
  readonly #accounts: AccountTable;
  readonly #sessions: SessionTable;
  readonly #tables: PresenceTables;
  /** Rows of the home. */
  readonly #batch = new Int32Array(PREFETCHED_MAX);
  readonly #places = new Int32Array(PREFETCHED_MAX);
  readonly #departed = new Int32Array(PREFETCHED_MAX);
  readonly #slots = new Int32Array(PREFETCHED_MAX);
  #changes = 0;
  #departures = 0;

  constructor(settings: ShardSettings, { accounts, sessions, tables }: PrefetchedPresence) {
    this.#settings = settings;
    this.#accounts = accounts;
    this.#sessions = sessions;
    this.#tables = tables;
  }

  change(row: number): void {
    this.#batch[this.#changes++] = row;
  }

  departure(slot: number): void {
    this.#departed[this.#departures++] = this.#tables.watches.first(slot);
  }

  changesKnown(): void {
    this.#tables.rows.prefetchAll(this.#departed, this.#departures);
    this.#readFirsts(this.#changes);
    this.#changes = 0;
    this.#departures = 0;
  }

  /**
   * The sessions at the front of a queue have something to tell homes.
   * @returns how many of at most `limit` were read ahead.
   */
  sessions(queue: RetryQueue, limit: number): number {
    const { rows, watches } = this.#tables;
    const { homes, shard } = this.#settings;
    const known = Math.min(limit, queue.length, PREFETCHED_MAX);
    const batch = this.#batch;
    const places = this.#places;
    const slots = this.#slots;
    for (let n = 0; n < known; n++) slots[n] = queue.at(n);
    this.#sessions.prefetchAll(slots, known);
    for (let n = 0; n < known; n++) places[n] = watches.first(slots[n] as number); // one of those that are known, here and below
    rows.prefetchAll(places, known);
    let here = 0;
    for (let n = 0; n < known; n++) {
      const account = rows.account(Math.max(0, places[n] as number));
      if (homes.shardOf(account) === shard) batch[here++] = homes.rowOf(account);
    }
    this.#accounts.prefetchAll(batch, here);
    this.#readFirsts(here);
    return known;
  }

  /** The watchers of some accounts are told next, by the first rows of these; those below 0 are left out. */
  watchers(firsts: Int32Array, known: number): void {
    const { rows } = this.#tables;
    const places = this.#places;
    rows.prefetchAll(firsts, known);
    this.#readSessions(firsts, known);
    // Every other account has a second watcher; what follows these is left to chance.
    for (let n = 0; n < known; n++) places[n] = rows.next(Math.max(0, firsts[n] as number)); // inside it
    rows.prefetchAll(places, known);
    this.#readSessions(places, known);
  }

  /** Reads what notices to the sessions of some rows need. */
  #readSessions(places: Int32Array, known: number): void {
    const { rows } = this.#tables;
    let count = 0;
    for (let n = 0; n < known; n++) {
      const place = places[n] as number; // one of those that are known
      const link = place < 0 ? 0 : rows.link(place);
      if (link < 0) this.#slots[count++] = -1 - link; // otherwise it watches others too, or is on another shard
    }
    this.#sessions.prefetchAll(this.#slots, count);
  }

  /** Reads the first rows of the lists of the accounts of the batch, and the last rows. */
  #readFirsts(known: number): void {
    const { rows, subscriptions } = this.#tables;
    const places = this.#places;
    subscriptions.putFirsts(this.#batch, known, places);
    rows.prefetchAll(places, known);
    for (let n = 0; n < known; n++) {
      const first = places[n] as number; // one of those that are known
      if (first >= 0) places[n] = rows.previous(first);
    }
    rows.prefetchAll(places, known);
  }
}
