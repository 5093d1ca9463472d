/** How many accounts the phones of a shard can watch, and how many subscriptions a home has room for. */
import type { ScenarioSettings } from '../../scenario/scenario-schema.ts';
import { CHAIN_BYTES, FIRST_ROW_BYTES } from '../../switch/presence/subscription-table.ts';
import { WATCH_ROW_BYTES } from '../../switch/presence/watch-rows.ts';
import { FIRST_WATCH_BYTES } from '../../switch/presence/watch-table.ts';

/**
 * Enough for phones of other clients, and for watches that end while others begin; rows that are never used take no
 * memory.
 */
const WATCHES_MIN = 65_536;
/** Room for shards with more phones, or more watched accounts, than others; a single one has all of them. */
const HEADROOM = 1.25;

/** Of a session on another shard: its address. */
const ADDRESS_BYTES = 4;

/** What the plan of a run says about it. */
export interface WatchingPhones {
  readonly settings: Pick<ScenarioSettings, 'presence'> & {
    readonly switch: Pick<ScenarioSettings['switch'], 'presence'>;
  };
  /** Sessions of a shard, those of phones that vanished and have returned among them: each has what it watches. */
  readonly sessionsPerShard: number;
  readonly shape: { readonly shards: number };
}

/** Whether phones watch others: then the row of each session names what it watches. */
export function keepsWatches({ settings }: Pick<WatchingPhones, 'settings'>): boolean {
  return settings.presence.watch > 0;
}

/** Watches per shard: as the scenario says, or as many as its phones need. */
export function watchesPerShard({ settings, sessionsPerShard, shape }: WatchingPhones): number {
  const { watches } = settings.switch.presence;
  if (watches !== 'auto') return watches;
  const { watch, watchers } = settings.presence;
  const needed = Math.ceil(watch * watchers * sessionsPerShard);
  return shape.shards === 1 ? needed + WATCHES_MIN : Math.max(WATCHES_MIN, Math.ceil(needed * HEADROOM));
}

/**
 * Memory of what phones watch, in bytes; 0 if they watch nothing, since tables that are never used take none. A watch
 * shares its row with its subscription where both are on the same shard: one in as many as there are shards.
 * @param accounts those that are used: each may be watched.
 */
export function watchBytes(phones: WatchingPhones, accounts: number): number {
  if (!keepsWatches(phones)) return 0;
  const { shards } = phones.shape;
  const watches = watchesPerShard(phones);
  const distant = watches * (1 - 1 / shards);
  const rows = (watches + distant) * WATCH_ROW_BYTES;
  const others = distant > 0 ? 2 * watches * ADDRESS_BYTES + watches * CHAIN_BYTES : 0;
  const firsts = phones.sessionsPerShard * FIRST_WATCH_BYTES;
  return Math.ceil(shards * (rows + others + firsts) + accounts * FIRST_ROW_BYTES);
}
