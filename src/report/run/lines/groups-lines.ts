/** Groups and broadcast lists in the summary of a run. The latency of their deliveries is in latency-lines. */
import { formatBytes, formatCount, formatCountOf } from '../../../base/units.ts';
import { groupBalanceText } from '../../../result/group-balance-text.ts';
import { groupReceiptsText, whyMoreReceipts } from '../../../result/group-receipts-text.ts';
import type { Result } from '../../../result/result-schema.ts';
import { rateOfText, rateText } from '../../text/figure-text.ts';

/** No lines for a run without groups. */
export function groupsLines({ groups, integrity }: Result): string[] {
  if (groups === null) return [];
  const { joins, leaves, refused, notMember, changesRefused, groupFull, changesSkipped } = groups;
  const { refusedAfterLeavingPerSecond } = groups;
  const afterLeaving =
    refusedAfterLeavingPerSecond === null
      ? ''
      : `, ${rateText(refusedAfterLeavingPerSecond)} while measuring by phones that had left`;
  const moreReceipts = whyMoreReceipts(groups);
  const lists = groups.lists === 0 ? '' : ` and ${formatCountOf(groups.lists, 'broadcast list')}`;
  return [
    `${formatCountOf(groups.groups, 'group')}${lists}, ${formatCountOf(groups.memberships, 'membership')}${groups.bytes === null ? '' : ` in ${formatBytes(groups.bytes)}`}, at most ${formatCountOf(groups.sizeMax, 'member')} each`,
    `${rateOfText(groups.messagesPerSecond, 'messages')} to them, ${rateOfText(groups.deliveriesPerSecond, 'deliveries')} to members; ✓✓ came ${groupReceiptsText(groups)}`,
    ...(moreReceipts === null ? [] : [moreReceipts]),
    ...(integrity.groups === null ? [] : groupBalanceText(integrity.groups)),
    `${formatCountOf(joins, 'join')}, ${formatCountOf(leaves, 'leave')}, ${formatCount(changesSkipped)} skipped; refused: ${formatCountOf(refused, 'message')} (${formatCount(notMember)} by phones that were not members${afterLeaving}), ${formatCountOf(changesRefused, 'join or leave', 'joins and leaves')} (${formatCount(groupFull)} to full groups)`,
  ];
}
