/**
 * Reads rows of presence shortly before they are needed, for some accounts at once: see RowPrefetch, which does the
 * same for messages. The row of an account is two or three reads behind the start of its chain, each of which names the
 * next; so all starts of chains are read first, then all rows that they name, and so on.
 */
import { PREFETCHED_MAX, type Transport } from '../../wire/transport.ts';
import type { AccountTable } from '../tables/account-table.ts';
import type { RetryQueue } from '../tables/retry-queue.ts';
import type { PresenceRows } from '../tables/row-prefetch.ts';
import type { SessionTable } from '../tables/session-table.ts';
import type { ShardSettings } from '../terms/shard-settings.ts';
import type { PresenceTables } from './presence-tables.ts';

export interface PrefetchedPresence {
  readonly accounts: AccountTable;
  readonly sessions: SessionTable;
  readonly transport: Pick<Transport, 'prefetch'>;
  readonly tables: PresenceTables;
}

export class PresencePrefetch implements PresenceRows {
  readonly #settings: ShardSettings;
  readonly #accounts: AccountTable;
  readonly #sessions: SessionTable;
  readonly #transport: Pick<Transport, 'prefetch'>;
  readonly #tables: PresenceTables;
  readonly #batch = new Int32Array(PREFETCHED_MAX);
  readonly #places = new Int32Array(PREFETCHED_MAX);
  readonly #departed = new Int32Array(PREFETCHED_MAX);
  #changes = 0;
  #departures = 0;
  #sum = 0;

  constructor(settings: ShardSettings, { accounts, sessions, transport, tables }: PrefetchedPresence) {
    this.#settings = settings;
    this.#accounts = accounts;
    this.#sessions = sessions;
    this.#transport = transport;
    this.#tables = tables;
  }

  change(row: number): void {
    this.#batch[this.#changes++] = this.#settings.homes.accountAt(this.#settings.shard, row);
  }

  departure(slot: number): void {
    const first = this.#tables.watches.first(slot);
    this.#departed[this.#departures++] = Math.max(0, first);
  }

  changesKnown(): void {
    const { rows } = this.#tables;
    for (let n = 0; n < this.#departures; n++) this.#sum ^= rows.generation(this.#departed[n] as number); // inside it
    this.#readChains(this.#changes);
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
    for (let n = 0; n < known; n++) places[n] = Math.max(0, watches.first(queue.at(n)));
    for (let n = 0; n < known; n++) {
      const account = rows.account(places[n] as number); // one of those that are known, here and below
      batch[n] = account;
      if (homes.shardOf(account) === shard) this.#sum ^= this.#accounts.lastSeen(homes.rowOf(account));
    }
    this.#readChains(known);
    return known;
  }

  /** The watchers of some accounts are told next, by the first rows of these; those below 0 are left out. */
  watchers(firsts: Int32Array, known: number): void {
    const { rows } = this.#tables;
    const places = this.#places;
    for (let n = 0; n < known; n++) {
      const first = Math.max(0, firsts[n] as number); // inside it
      this.#readSession(first);
      places[n] = Math.max(0, rows.next(first));
    }
    // Every other account has a second watcher; what follows these is left to chance.
    for (let n = 0; n < known; n++) this.#readSession(places[n] as number);
  }

  /** Reads what a notice to the session of a row needs. */
  #readSession(place: number): void {
    const link = this.#tables.rows.link(place);
    if (link >= 0) return; // the session watches others too, or is on another shard
    const slot = -1 - link;
    this.#sum ^= this.#sessions.state(slot);
    this.#transport.prefetch?.(slot);
  }

  /** Reads the chains of the accounts of the batch, as far as the second account of each. */
  #readChains(known: number): void {
    const { rows, subscriptions } = this.#tables;
    const batch = this.#batch;
    const places = this.#places;
    for (let n = 0; n < known; n++) places[n] = Math.max(0, subscriptions.firstOfChain(batch[n] as number));
    for (let n = 0; n < known; n++) {
      const first = places[n] as number;
      this.#sum ^= rows.link(first); // a row may lie in two lines of the cache, here and below
      batch[n] = rows.previous(first);
    }
    for (let n = 0; n < known; n++) places[n] = Math.max(0, -2 - rows.next(batch[n] as number));
    for (let n = 0; n < known; n++) this.#sum ^= rows.account(places[n] as number) ^ rows.link(places[n] as number);
  }
}
