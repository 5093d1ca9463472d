/** How often ✓✓ came for messages to groups, in words. */
import { formatCountOf } from '../base/units.ts';
import type { GroupsResult } from './sections/groups-schema.ts';

type Receipts = Pick<GroupsResult, 'receipts' | 'messages'>;

/**
 * For example `990 times for 1,000 messages`. It may be more often than there were messages, so it is no share of them.
 */
export function groupReceiptsText({ receipts, messages }: Receipts): string {
  return `${formatCountOf(receipts, 'time')} for ${formatCountOf(messages, 'message')}`;
}

/** Why ✓✓ came more often than there were messages; null if it did not. */
export function whyMoreReceipts({ receipts, messages }: Receipts): string | null {
  if (receipts <= messages) return null;
  return `✓✓ came at least ${formatCountOf(receipts - messages, 'time')} for a message that had it already: a switch that starts again from its store may send it twice`;
}
