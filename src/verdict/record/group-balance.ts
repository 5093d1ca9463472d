/**
 * Checks that every recipient of every message to a group is accounted for. The home of a group fixes the recipients
 * when it accepts a message: all of them have it, or it waits in their mailboxes, or their mailboxes could not take it.
 * The sums of digests (base/message-digest), once per recipient, say that these are the right messages, and not only
 * so many.
 */
import type { GroupBalance } from '../../result/sections/groups-schema.ts';

/** What shards know about messages to groups that have not been delivered. Digests count once per recipient. */
export interface UndeliveredInGroups {
  /** In mailboxes of members. */
  readonly queued: number;
  readonly queuedLow: number;
  readonly queuedHigh: number;
  /** Recipients who could not be given a message. */
  readonly rejected: number;
  readonly rejectedLow: number;
  readonly rejectedHigh: number;
  /**
   * Whether shards that had rejected recipients have ended: which ones they had is forgotten; false if it is not given.
   */
  readonly isForgotten?: boolean;
}

/** Nothing waits and nothing was rejected. */
export const NOTHING_UNDELIVERED: UndeliveredInGroups = {
  queued: 0,
  queuedLow: 0,
  queuedHigh: 0,
  rejected: 0,
  rejectedLow: 0,
  rejectedHigh: 0,
  isForgotten: false,
};

/** The sum of what several shards know. */
export function addUndelivered(a: UndeliveredInGroups, b: UndeliveredInGroups): UndeliveredInGroups {
  return {
    queued: a.queued + b.queued,
    queuedLow: (a.queuedLow + b.queuedLow) | 0,
    queuedHigh: (a.queuedHigh + b.queuedHigh) | 0,
    rejected: a.rejected + b.rejected,
    rejectedLow: (a.rejectedLow + b.rejectedLow) | 0,
    rejectedHigh: (a.rejectedHigh + b.rejectedHigh) | 0,
    isForgotten: a.isForgotten === true || b.isForgotten === true,
  };
}

/**
 * Balances messages to groups.
 * @param undelivered null if the switch runs elsewhere: then only what the driver knows is checked.
 * @returns null if no message to a group was sent and none arrived.
 */
export function groupBalance(
  driver: Readonly<Record<string, number>>,
  undelivered: UndeliveredInGroups | null,
): GroupBalance | null {
  const of = (name: string): number => driver[name] ?? 0;
  const delivered = of('groupDeliveries');
  if (of('groupMessagesSent') === 0 && delivered === 0) return null;
  const recipients = of('groupRecipients');
  const untold = of('groupMessagesUntold');
  const { queued, rejected } = undelivered ?? NOTHING_UNDELIVERED;
  const missing = recipients - delivered - queued - rejected;
  // The recipients of messages whose number was not told are among the others.
  const isTold = untold === 0 && undelivered !== null;
  const isForgotten = undelivered?.isForgotten === true;
  const isWhole = isTold && !isForgotten;
  // Where all recipients have their messages, none is lost, whoever keeps the mailboxes.
  const haveAll = untold === 0 && missing === 0 && doDigestsMatch(driver, undelivered ?? NOTHING_UNDELIVERED);
  const isKnown = isWhole || haveAll;
  const isExact = !isWhole || (missing === 0 && doDigestsMatch(driver, undelivered));
  const isTooMuch = untold === 0 && delivered > recipients;
  const faults = of('groupStrangers') + of('groupRecipientsWrong');
  return {
    recipients,
    delivered,
    queued: undelivered === null ? null : queued,
    rejected: undelivered === null ? null : rejected,
    lost: isKnown ? missing : null,
    untold,
    // What a shard had rejected may be sent again to the next one, which then counts it too: so there may be too many.
    maybeRejected: isTold && isForgotten ? Math.max(0, missing) : 0,
    strangers: of('groupStrangers'),
    wrongRecipients: of('groupRecipientsWrong'),
    isSound: isExact && !isTooMuch && faults === 0,
  };
}

function doDigestsMatch(driver: Readonly<Record<string, number>>, undelivered: UndeliveredInGroups): boolean {
  const half = (name: 'Low' | 'High'): boolean => {
    const found = undelivered[`queued${name}`] + undelivered[`rejected${name}`];
    const delivered = driver[`digestGroupDelivered${name}`] ?? 0;
    return (((driver[`digestGroupRecipients${name}`] ?? 0) - delivered - found) | 0) === 0;
  };
  return half('Low') && half('High');
}
