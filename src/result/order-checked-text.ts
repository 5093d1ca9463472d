/** What it means that the order of only a part of the messages was checked, in words. */
import { formatShare } from '../base/units.ts';

/** So many faults show how soon one of several is found. */
const FAULTS = 10;

/**
 * A message that arrives after a later one of its pair is found if the pair is still remembered. Whether it is depends
 * on the other pairs since then and not on the message, so the share of messages that were compared is the probability;
 * it is higher for a message that follows soon.
 */
export function orderCheckedText(share: number): string {
  const many = 1 - (1 - share) ** FAULTS;
  return `order checked for ${formatShare(share)} of messages, since only the pairs used last can be remembered: two messages of a pair in the wrong order are found with a probability of ${formatShare(share)} (at least one of ${FAULTS} such cases with ${formatShare(many)}), and nearly always if one soon follows the other`;
}
