/**
 * Checks that every message is accounted for, without storing messages: the sent messages must equal those that were
 * delivered, are in mailboxes or were refused, both in number and as a digest of the set.
 */

import { CONTACTS_MAX } from '../../driver/people/contacts.ts';
import type { Finding } from '../../driver/state/findings.ts';
import type { Result } from '../../result/result-schema.ts';
import { groupBalance, NOTHING_UNDELIVERED, type UndeliveredInGroups } from './group-balance.ts';

export type Integrity = Result['integrity'];

/** The messages in a shard's mailboxes, as a digest (see base/message-digest). */
export interface QueuedDigest {
  readonly messages: number;
  readonly low: number;
  readonly high: number;
  /** Messages of earlier runs, which are not among the others. */
  readonly earlier?: number;
  /** Messages to groups, which are not among the others; none if it is not given. */
  readonly groups?: UndeliveredInGroups;
}

/** Counters that a gateway has in common with lanes, whose messages are balanced together. */
const SHARED_SUMS = ['messagesSent', 'messagesAcknowledged', 'messagesRejected'];
const SHARED_DIGESTS = ['Sent', 'Acknowledged', 'Rejected'].flatMap((of) => [`digest${of}Low`, `digest${of}High`]);

/** The counters of the driver with the messages that HTTP clients sent. Digests are sums modulo 2^32. */
export function withHttpMessages(
  driver: Readonly<Record<string, number>>,
  gateway: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const sum = (name: string): number => (driver[name] ?? 0) + (gateway[name] ?? 0);
  return {
    ...driver,
    ...Object.fromEntries(SHARED_SUMS.map((name) => [name, sum(name)])),
    ...Object.fromEntries(SHARED_DIGESTS.map((name) => [name, sum(name) | 0])),
  };
}

/**
 * Balances the messages of a run that is at rest.
 * @param queued messages in mailboxes; null if the switch runs elsewhere. Every message must then have arrived, except
 * those that were refused, those for phones that never connect in this run, and those that may wait for absent phones.
 * @param absentPhones phones that should be online but are not; used only if the switch runs elsewhere.
 */
export function checkIntegrity(
  driver: Readonly<Record<string, number>>,
  queued: QueuedDigest | null,
  findings: readonly Finding[],
  absentPhones = 0,
): Integrity {
  const of = (name: string): number => driver[name] ?? 0;
  // A message to a group is accounted for by its ✓, and its recipients by the balance of groups.
  const sent = of('messagesSent') - of('groupMessagesSent');
  const delivered = of('messagesDelivered');
  const rejected = of('messagesRejected') - of('groupMessagesRejected');
  const groups = groupBalance(driver, queued === null ? null : (queued.groups ?? NOTHING_UNDELIVERED));
  const lost = queued === null ? lostElsewhere(of, absentPhones) : sent - delivered - queued.messages - rejected;
  const isTold = queued !== null || absentPhones === 0; // whether waiting messages are known
  const half = (name: 'Low' | 'High', waiting: number): boolean => {
    const arrived =
      of(`digestDelivered${name}`) + waiting + of(`digestRejected${name}`) + of(`digestGroupMessages${name}`);
    const answered = of(`digestAcknowledged${name}`) + of(`digestRejected${name}`);
    const haveArrived = !isTold || ((of(`digestSent${name}`) - arrived) | 0) === 0;
    return haveArrived && ((of(`digestSent${name}`) - answered) | 0) === 0;
  };
  const digestsMatch =
    half('Low', queued?.low ?? of('digestForOfflineLow')) && half('High', queued?.high ?? of('digestForOfflineHigh'));
  const isTooMuch = delivered + rejected > sent;
  const faults = ['pairDuplicated', 'pairReordered', 'corrupted', 'strangers'].map(of);
  const unanswered = of('messagesSent') - of('messagesAcknowledged') - of('messagesRejected');
  const isOneToOneSound =
    digestsMatch && lost === 0 && !isTooMuch && unanswered === 0 && faults.every((fault) => fault === 0);
  return {
    isSound: isOneToOneSound && (groups === null || groups.isSound),
    sent,
    delivered,
    queued: queued?.messages ?? null,
    forOffline: queued === null ? of('messagesForOffline') : null,
    rejected,
    lost,
    duplicated: of('pairDuplicated'),
    reordered: of('pairReordered'),
    overtaken: of('pairOvertaken'),
    corrupted: of('corrupted'),
    strangers: of('strangers'),
    redelivered: of('messagesRedelivered'),
    earlier: of('messagesEarlier'),
    unanswered: Math.max(0, unanswered),
    digestsMatch,
    orderCheckedShare: orderCheckedShare(of),
    groups,
    findings: findings.map(({ kind, sender, recipient, number }) => ({ kind, sender, recipient, number })),
  };
}

/** The share of messages whose pair was still known when they arrived; null if there were none. */
function orderCheckedShare(of: (name: string) => number): number | null {
  const all = of('pairsChecked') + of('pairsUnknown');
  return all === 0 ? null : of('pairsChecked') / all;
}

/**
 * Messages that a switch elsewhere acknowledged and did not deliver to phones that are online; a lower bound if phones
 * are absent. An absent phone cannot have more messages waiting than all its senders have sent to it. It has one sender
 * per contact, so together they have sent it about as many messages as the busiest phone has sent in total.
 */
function lostElsewhere(of: (name: string) => number, absentPhones: number): number {
  const acknowledged = of('messagesAcknowledged') - of('groupMessagesAcknowledged');
  const missing = acknowledged - of('messagesDelivered') - of('messagesForOffline');
  const mayWait = absentPhones * (of('mostSentByPhone') + CONTACTS_MAX);
  return Math.max(missing - mayWait, unexplainedGaps(of));
}

/** Messages that were overtaken by later ones of the same pair, less those that arrived after all or were refused. */
function unexplainedGaps(of: (name: string) => number): number {
  return Math.max(0, of('pairGaps') - of('pairReordered') - of('pairOvertaken') - of('messagesRejected'));
}

/**
 * What is known if the drain ended while messages were in flight: those that have not arrived prove nothing, but
 * messages that were duplicated, reordered, changed or sent to the wrong phone are faults in any case.
 */
export function unrestedIntegrity(integrity: Integrity): Integrity {
  const { sent, delivered, rejected, duplicated, reordered, corrupted, strangers } = integrity;
  const inGroups = integrity.groups;
  const groupFaults = inGroups === null ? 0 : inGroups.strangers + inGroups.wrongRecipients;
  const isAtFault = duplicated + reordered + corrupted + strangers + groupFaults > 0 || delivered + rejected > sent;
  return { ...integrity, isSound: isAtFault ? false : null, digestsMatch: null, lost: 0, groups: unrested(inGroups) };
}

/** What is known about a run that ended before it came to rest. */
export function uncheckedIntegrity(driver: Readonly<Record<string, number>>, hasSwitch: boolean): Integrity {
  const unchecked = checkIntegrity(driver, hasSwitch ? { messages: 0, low: 0, high: 0 } : null, []);
  return { ...unchecked, isSound: null, digestsMatch: null, lost: 0, groups: unrested(unchecked.groups) };
}

/** What is missing in groups proves nothing while messages are in flight. */
function unrested(groups: Integrity['groups']): Integrity['groups'] {
  if (groups === null) return null;
  const { strangers, wrongRecipients } = groups;
  return { ...groups, lost: null, maybeRejected: 0, isSound: strangers + wrongRecipients === 0 };
}
