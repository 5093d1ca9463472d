/** The messages of all trials of a search in one run, as text: where they are, and what the limits on them say. */
import type { CapacityOutcome } from '../../analysis/capacity/capacity-schema.ts';
import { brokenByMessages, unjudgedLimits } from '../../analysis/capacity/judge-messages.ts';
import { formatCount } from '../../base/units.ts';
import { groupBalanceText } from '../../result/group-balance-text.ts';
import { lostInGroupsText } from '../../result/lost-in-groups.ts';
import { messageBalance } from '../../result/message-balance.ts';
import { orderCheckedText } from '../../result/order-checked-text.ts';
import type { Result } from '../../result/result-schema.ts';

/** None over connections, where each trial is a run with a drain and limits of its own. */
export function messageLines(outcome: CapacityOutcome): string[] {
  const { messages } = outcome;
  const held = (messages?.limits ?? []).filter(({ answer }) => answer === 'held').map(({ limit }) => limit);
  const integrity = messages?.integrity ?? null;
  const seconds = messages?.drainSeconds ?? null;
  return [
    ...(integrity === null ? [] : integrityLines(integrity)),
    ...(seconds === null ? [] : [`of all trials, checked after a drain of ${seconds.toFixed(1)} s`]),
    ...(held.length === 0 ? [] : [`held: ${held.join(', ')}`]),
    ...brokenByMessages(messages).map((sentence) => `broken: ${sentence}`),
    ...unjudgedLimits(outcome).map((why) => `not judged: ${why}`),
  ];
}

function integrityLines(integrity: Result['integrity']): string[] {
  const { groups, lost, duplicated, reordered, digestsMatch, orderCheckedShare = null } = integrity;
  const known = digestsMatch === null ? 'lost not known' : `lost ${formatCount(lost)}${lostInGroupsText(groups)}`;
  return [
    messageBalance(integrity),
    ...(groups === null ? [] : [`to groups: ${groupBalanceText(groups).join('; ')}`]),
    `${known}, duplicated ${formatCount(duplicated)}, reordered ${formatCount(reordered)}`,
    ...(orderCheckedShare === null ? [] : [orderWords(orderCheckedShare)]),
  ];
}

function orderWords(share: number): string {
  return share === 1 ? 'order checked for all messages' : orderCheckedText(share);
}
