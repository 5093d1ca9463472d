/**
 * The store of the mailboxes on the page of a run: its commits beside a sync of the same disk, and what it may lose.
 */
import { formatBytes, formatCount, formatCountOf, formatMicros, formatShare } from '../../../../base/units.ts';
import type { Result } from '../../../../result/result-schema.ts';
import { untrackedRecordsText } from '../../../../result/untracked-records-text.ts';
import { NOTHING, rateText } from '../../../text/figure-text.ts';
import { table } from '../../chart-table.ts';
import { markup } from '../../markup.ts';
import type { PageSection } from '../../page.ts';
import { noteList } from '../../sentence-list.ts';

/** One section, or none if mailboxes were kept in memory only. */
export function durabilitySection({ durability, latency }: Result): PageSection[] {
  if (durability === null) return [];
  const { mode, folder, isTemporary, mayLose, untrackedRecords } = durability;
  const known = (value: number | null, text: (value: number) => string): string =>
    value === null ? NOTHING : text(value);
  const times = (...micros: (number | null)[]): string => micros.map((one) => known(one, formatMicros)).join(', ');
  const loss =
    mayLose === null
      ? 'nothing'
      : `messages of the last ${formatMicros(mayLose.seconds * 1e6)} and of one sync, at most ${formatBytes(mayLose.bytesPerShard)} per shard`;
  const rows = [
    ['mode', mode],
    ['folder', `${folder}${isTemporary ? ' (temporary, removed)' : ''}`],
    ['commits', rateText(durability.commitsPerSecond)],
    ['records per commit', known(durability.recordsPerCommit, (one) => one.toFixed(1))],
    ['commit p50, p99', times(durability.commitP50Micros, durability.commitP99Micros)],
    ['sync of the disk p50, p99', times(durability.diskSyncP50Micros, durability.diskSyncP99Micros)],
    ['longest sync in the run', times(durability.longestSyncMicros)],
    ['✓ p50, p99', times(latency.acknowledgement.p50Micros, latency.acknowledgement.p99Micros)],
    ['written per message', known(durability.writtenBytesPerMessage, formatBytes)],
    ['size of the store', known(durability.storeBytes, formatBytes)],
    ['deliveries from mailboxes in memory', known(durability.cacheHitShare, formatShare)],
    ['full disk', known(durability.fullDisks, (count) => formatCountOf(count, 'time'))],
    ['records of groups that stay for ever', known(untrackedRecords, formatCount)],
    ['records read back at the start', known(durability.restoredEntries, formatCount)],
    ['time to read them back', known(durability.restoreSeconds, (seconds) => formatMicros(seconds * 1e6))],
    ['acknowledged messages that a crash may lose', loss],
  ];
  const html = markup`${table('Store of the mailboxes', ['store', 'found'], rows, ['found'])}
${noteList([
  'The sync of the disk was measured before the run, without load: no commit can take less. – means too few, or not known.',
  ...(untrackedRecords === null || untrackedRecords === 0 ? [] : [`${untrackedRecordsText(untrackedRecords)}.`]),
])}`;
  return [{ id: 'durability', title: 'Durability', html }];
}
