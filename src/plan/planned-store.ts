/** Sizes of the store of a run: the rings to its threads, and what these keep for each shard. */

import type { ScenarioSettings } from '../scenario/scenario-schema.ts';
import { owedBytes } from '../store/durable/durable-log.ts';
import { PAIRS_MAX } from '../store/durable/group-state.ts';
import { BUFFER_BYTES_MIN, logBufferBytes } from '../store/durable/log-buffer.ts';
import { BLOCK_BYTES } from '../store/mailbox-blocks.ts';
import type { Durability } from '../store/mailbox-store.ts';
import type { Placement } from '../wire/placement.ts';

export interface StorePlan {
  readonly threads: number;
  /** Ring from each shard to its store thread. */
  readonly ringBytes: number;
  readonly fileBytesMax: number;
  /** Accounts of each shard. */
  readonly rowsPerShard: number;
  readonly idWindowsPerShard: number;
  /** Pairs of an account or a message and a group that a store thread keeps track of, for each shard and kind. */
  readonly groupPairsMax: number;
  /** Bytes of mailboxes of a shard that stay in memory. */
  readonly residentBytes: number;
  /** Messages of a shard that may wait for the disk; 0 if none does. */
  readonly acknowledgementsMax: number;
  /** Time between two syncs; 0 if each follows the one before as soon as there is something to store. */
  readonly syncEveryMicros: number;
}

/** The folder of an open store. */
export interface StorePlace {
  readonly folder: string;
  /** Chosen at random when the store was made. */
  readonly identity: number;
  /** Bytes that are read back at the start. */
  readonly bytes: number;
}

/** Windows are kept by the shard and by its store thread. */
const WINDOW_BYTES = 2 * 16;
/** Sequence numbers of an account that the store thread keeps. */
const ROW_BYTES = 8;

/**
 * @param homes where accounts have their homes.
 * @param accounts all numbers that the switch serves.
 * @returns null if messages are kept in memory only.
 */
export function plannedStore(settings: ScenarioSettings, homes: Placement, accounts: number): StorePlan | null {
  const { shards } = homes;
  const { durability, store } = settings.switch;
  if (durability === 'none') return null;
  const isAsync = durability === 'async';
  // What a crash may lose is at most a full ring, and as much that was taken from it and is being written.
  const ringBytes = isAsync ? 2 ** Math.floor(Math.log2(store.loss.bytes / 2)) : powerOfTwoAtLeast(store.buffer);
  return {
    threads: Math.min(store.threads, shards),
    ringBytes: Math.max(BUFFER_BYTES_MIN, ringBytes),
    fileBytesMax: store.file,
    rowsPerShard: homes.rowsFor(accounts),
    idWindowsPerShard: Math.ceil(store.idWindows / shards),
    groupPairsMax: PAIRS_MAX,
    residentBytes: Math.ceil(store.resident / shards),
    acknowledgementsMax: isAsync ? 0 : store.acknowledgements,
    // Half of the time, so that a record which comes just after a sync, and waits for the next, is stored within all of
    // it.
    syncEveryMicros: isAsync ? store.loss.time / 2 : 0,
  };
}

/** What a shard does so that messages outlast it. */
export function storeDurability({ acknowledgementsMax, idWindowsPerShard }: StorePlan): Durability {
  return { acknowledgementsMax, idWindowsMax: idWindowsPerShard };
}

/** Memory of the mailboxes of a shard; what is beyond the part that stays in it is in a file. */
export function mailboxBytes(store: StorePlan | null, blocks: number): number {
  return Math.min(blocks * BLOCK_BYTES, store?.residentBytes ?? Number.POSITIVE_INFINITY);
}

/** Memory of the store, besides the mailboxes. */
export function storeBytes(store: StorePlan | null, shards: number): number {
  if (store === null) return 0;
  const { ringBytes, rowsPerShard, idWindowsPerShard } = store;
  const log = logBufferBytes(ringBytes) + owedBytes(ringBytes);
  const staged = ringBytes;
  return shards * (log + staged + rowsPerShard * ROW_BYTES + idWindowsPerShard * WINDOW_BYTES);
}

function powerOfTwoAtLeast(value: number): number {
  return 2 ** Math.ceil(Math.log2(value));
}
