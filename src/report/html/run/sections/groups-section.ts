/** Groups and broadcast lists of a run. The curve of their deliveries is in the plot of latencies. */
import { formatBytes, formatCount } from '../../../../base/units.ts';
import { groupBalanceText } from '../../../../result/group-balance-text.ts';
import { groupReceiptsText, whyMoreReceipts } from '../../../../result/group-receipts-text.ts';
import type { Result } from '../../../../result/result-schema.ts';
import { latencyText, rateText } from '../../../text/figure-text.ts';
import { table } from '../../chart-table.ts';
import { markup } from '../../markup.ts';
import type { PageSection } from '../../page.ts';
import { sentenceList } from '../../sentence-list.ts';

/** The switch runs elsewhere, or the result is older than the figure. */
const NOT_KNOWN = 'not known';

/** One section, or none if the run had no groups. */
export function groupsSection({ groups, integrity, latency }: Result): PageSection[] {
  if (groups === null) return [];
  const { groupDelivery } = latency;
  const time = (micros: number | null): string => latencyText(micros, groupDelivery.rangeMicros);
  const found = [
    ['groups', formatCount(groups.groups)],
    ['broadcast lists', formatCount(groups.lists)],
    ['memberships', formatCount(groups.memberships)],
    ['memory of all groups', groups.bytes === null ? NOT_KNOWN : formatBytes(groups.bytes)],
    ['most members that a group may have', formatCount(groups.sizeMax)],
    ['messages to groups', rateText(groups.messagesPerSecond)],
    ['deliveries to members', rateText(groups.deliveriesPerSecond)],
    [
      'delivery p50, p99, max',
      [groupDelivery.p50Micros, groupDelivery.p99Micros, groupDelivery.maxMicros].map(time).join(', '),
    ],
    ['✓✓ came (all recipients have the message)', groupReceiptsText(groups)],
    ['messages refused', formatCount(groups.refused)],
    ['of those, by phones that were not members', formatCount(groups.notMember)],
    ['while measuring, by phones that had left the group', rateText(groups.refusedAfterLeavingPerSecond)],
    ['joins', formatCount(groups.joins)],
    ['leaves', formatCount(groups.leaves)],
    ['joins and leaves refused', formatCount(groups.changesRefused)],
    ['of those, because the group was full', formatCount(groups.groupFull)],
    ['joins and leaves skipped', formatCount(groups.changesSkipped)],
  ];
  const balance = integrity.groups === null ? [] : groupBalanceText(integrity.groups);
  const moreReceipts = whyMoreReceipts(groups);
  const html = markup`${table('Groups and lists', ['groups and lists', 'found'], found)}
${sentenceList(moreReceipts === null ? balance : [...balance, moreReceipts])}`;
  return [{ id: 'groups', title: 'Groups', html }];
}
