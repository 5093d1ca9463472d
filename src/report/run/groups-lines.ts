/** Groups and broadcast lists in the summary of a run. The latency of their deliveries is in latency-lines. */
import { formatCount } from '../../base/units.ts';
import { groupBalanceText } from '../../result/groups-balance-text.ts';
import type { Result } from '../../result/result-schema.ts';
import { rateOfText } from '../text/figure-text.ts';

/** No lines for a run without groups. */
export function groupsLines({ groups, integrity }: Result): string[] {
  if (groups === null) return [];
  const { joins, leaves, refused, notMember, changesRefused, groupFull, changesSkipped } = groups;
  const lists = groups.lists === 0 ? '' : ` and ${formatCount(groups.lists)} broadcast lists`;
  return [
    `${formatCount(groups.groups)} groups${lists}, ${formatCount(groups.memberships)} memberships, at most ${formatCount(groups.sizeMax)} members each`,
    `${rateOfText(groups.messagesPerSecond, 'messages')} to them, ${rateOfText(groups.deliveriesPerSecond, 'deliveries')} to members; ✓✓ of ${formatCount(groups.receipts)} of ${formatCount(groups.messages)} messages`,
    ...(integrity.groups === null ? [] : groupBalanceText(integrity.groups)),
    `${formatCount(joins)} joins, ${formatCount(leaves)} leaves, ${formatCount(changesSkipped)} skipped; refused: ${formatCount(refused)} messages (${formatCount(notMember)} by phones that were not members), ${formatCount(changesRefused)} joins and leaves (${formatCount(groupFull)} to full groups)`,
  ];
}
