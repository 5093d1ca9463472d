/** How many accounts the phones of a shard can watch, and how many subscriptions a home has room for. */
import type { ScenarioSettings } from '../../scenario/scenario-schema.ts';

/** Enough for phones of other clients; rows that are never used take no memory. */
const WATCHES_MIN = 65_536;
/** Room for shards with more phones than others, and for subscriptions that end while others begin. */
const HEADROOM = 1.25;

/**
 * Memory of a watch: its subscription and the account that is watched, both with up to 4 B for the start of a chain, and
 * the entry of the session, in a table that is filled up to three quarters.
 */
const WATCH_BYTES = 24 + 4 + 16 + 4 + (12 * 4) / 3;

/** What the plan of a run says about it. */
export interface WatchingPhones {
  readonly settings: Pick<ScenarioSettings, 'presence'> & {
    readonly switch: Pick<ScenarioSettings['switch'], 'presence'>;
  };
  readonly online: number;
  readonly shape: { readonly shards: number };
}

/** Watches per shard: as the scenario says, or as many as its phones need. */
export function watchesPerShard({ settings, online, shape }: WatchingPhones): number {
  const { watches } = settings.switch.presence;
  if (watches !== 'auto') return watches;
  const { watch, watchers } = settings.presence;
  const perShard = (watch * watchers * online) / shape.shards;
  return Math.max(WATCHES_MIN, Math.ceil(perShard * HEADROOM));
}

/** Memory of what phones watch, in bytes; 0 if they watch nothing, since tables that are never used take none. */
export function watchBytes(phones: WatchingPhones): number {
  if (phones.settings.presence.watch === 0) return 0;
  return phones.shape.shards * watchesPerShard(phones) * WATCH_BYTES;
}
