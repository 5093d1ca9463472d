/** The store of the mailboxes in the summary of a run. */
import { formatBytes, formatCountOf, formatMicros, formatShare, formatShort } from '../../../base/units.ts';
import type { Result } from '../../../result/result-schema.ts';
import { untrackedRecordsText } from '../../../result/untracked-records-text.ts';

const UNKNOWN = '–';

export function durabilityLines({ durability, latency }: Result): string[] {
  if (durability === null) return [];
  const { mode, folder, isTemporary, mayLose, fullDisks, untrackedRecords, restoredEntries, restoreSeconds } =
    durability;
  const times = (micros: number | null): string => (micros === null ? UNKNOWN : formatMicros(micros));
  const rate = durability.commitsPerSecond === null ? UNKNOWN : formatShort(durability.commitsPerSecond);
  const batch = durability.recordsPerCommit === null ? UNKNOWN : formatShort(durability.recordsPerCommit);
  const written = durability.writtenBytesPerMessage === null ? UNKNOWN : formatBytes(durability.writtenBytesPerMessage);
  const size = durability.storeBytes === null ? UNKNOWN : formatBytes(durability.storeBytes);
  return [
    `${mode}, in ${isTemporary ? 'the temporary folder ' : ''}${JSON.stringify(folder)}${isTemporary ? ' (removed)' : ''}`,
    `${rate} commits/s, ${batch} records per commit; commit p50 ${times(durability.commitP50Micros)}, p99 ${times(durability.commitP99Micros)}`,
    `one sync of this disk before the run, without load: p50 ${times(durability.diskSyncP50Micros)}, p99 ${times(durability.diskSyncP99Micros)}; ✓ p99 ${times(latency.acknowledgement?.p99Micros ?? null)}`,
    `${written} written per message; size of the store ${size}`,
    ...(durability.cacheHitShare === null
      ? []
      : [
          `${formatShare(durability.cacheHitShare)} of deliveries came from mailboxes in memory, the others from a mapped file`,
        ]),
    ...(mayLose === null
      ? []
      : [
          `a crash may lose the messages of the last ${formatMicros(mayLose.seconds * 1e6)} and of one sync, at most ${formatBytes(mayLose.bytesPerShard)} per shard`,
        ]),
    ...(restoredEntries === null || restoredEntries === 0
      ? []
      : [
          `${formatCountOf(restoredEntries, 'record')} read back at the start, in ${times((restoreSeconds ?? 0) * 1e6)}`,
        ]),
    ...(fullDisks === null || fullDisks === 0 ? [] : [`the disk was full ${formatCountOf(fullDisks, 'time')}`]),
    ...(untrackedRecords === null || untrackedRecords === 0 ? [] : [untrackedRecordsText(untrackedRecords)]),
  ];
}
