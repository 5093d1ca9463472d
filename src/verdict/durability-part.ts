/** The section of a result about the store of the mailboxes, from the record of a run. */
import type { DurabilityPart } from '../result/sections/durability-schema.ts';
import { Histogram } from '../stats/histogram.ts';
import type { RunRecord } from './record/run-record.ts';
import type { LogFigureName } from './record/store-figures.ts';

/** Null if mailboxes were kept in memory only. */
export function durabilityPart({ store, order, measured }: RunRecord): DurabilityPart {
  const { durability, store: keys, shards } = order.plan.settings.switch;
  if (store === null || durability === 'none') return null;
  const { before, after, syncTimes } = store;
  const window = measured?.window;
  const grown = (name: LogFigureName): number | null =>
    before === null || after === null ? null : after.totals[name] - before.totals[name];
  const commits = grown('commits');
  const latency =
    before === null || after === null
      ? null
      : new Histogram(after.commitLatency.map((count, n) => count - (before.commitLatency[n] ?? 0)));
  return {
    mode: durability,
    folder: store.folder,
    isTemporary: store.isTemporary,
    threads: Math.min(keys.threads, shards),
    diskSyncP50Micros: quantile(syncTimes, 0.5),
    diskSyncP99Micros: quantile(syncTimes, 0.99),
    commitsPerSecond: per(commits, window?.seconds),
    recordsPerCommit: per(grown('records'), commits),
    commitP50Micros: latency?.percentileOrNull(50) ?? null,
    commitP99Micros: latency?.percentileOrNull(99) ?? null,
    longestSyncMicros: after?.totals.longestSyncMicros ?? null,
    writtenBytesPerMessage: per(grown('writtenBytes'), window?.driver('messagesAcknowledged')),
    storeBytes: after?.totals.storeBytes ?? null,
    cacheHitShare: hitShare(window?.switch('deliveries'), window?.switch('deliveriesFromFile')),
    fullDisks: after?.totals.fullDisks ?? null,
    untrackedRecords: after?.totals.untrackedRecords ?? null,
    restoredEntries: after?.totals.restoredEntries ?? null,
    restoreSeconds: after === null ? null : after.totals.restoreMicros / 1e6,
    mayLose: durability === 'fsync' ? null : { seconds: keys.loss.time / 1e6, bytesPerShard: keys.loss.bytes },
  };
}

function hitShare(deliveries: number | null | undefined, fromFile: number | null | undefined): number | null {
  const misses = per(fromFile ?? null, deliveries);
  return misses === null ? null : Math.max(0, 1 - misses);
}

function per(amount: number | null, units: number | null | undefined): number | null {
  return amount === null || units === null || units === undefined || units === 0 ? null : amount / units;
}

/** The smallest time that at least this share of the times does not exceed; null without times. */
function quantile(times: readonly number[], share: number): number | null {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}
