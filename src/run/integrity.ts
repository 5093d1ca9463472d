/**
 * Whether every message is where it should be. Nothing is stored for it: what was sent must be
 * what was delivered, waits in a mailbox or was refused, as a number and as a digest of the set.
 */
import type { Finding } from '../driver/findings.ts';
import type { Result } from '../result/result-schema.ts';
import type { QueuedDigest } from './worker-messages.ts';

export type Integrity = Result['integrity'];

/**
 * Adds up all messages of a run that is at rest.
 * @param queued what waits in mailboxes; null where the switch is elsewhere. Then what the driver can know is judged:
 *   a message that neither arrived nor was refused may wait for a phone that is away.
 */
export function checkIntegrity(
  driver: Readonly<Record<string, number>>,
  queued: QueuedDigest | null,
  findings: readonly Finding[],
): Integrity {
  const of = (name: string): number => driver[name] ?? 0;
  const sent = of('messagesSent');
  const delivered = of('messagesDelivered');
  const rejected = of('messagesRejected');
  const lost = queued === null ? unexplainedGaps(of) : sent - delivered - queued.messages - rejected;
  const half = (name: 'Low' | 'High', waiting: number | null): boolean => {
    const arrived = of(`digestDelivered${name}`) + (waiting ?? 0) + of(`digestRejected${name}`);
    const answered = of(`digestAcknowledged${name}`) + of(`digestRejected${name}`);
    const haveArrived = waiting === null || ((of(`digestSent${name}`) - arrived) | 0) === 0;
    return haveArrived && ((of(`digestSent${name}`) - answered) | 0) === 0;
  };
  const digestsMatch = half('Low', queued?.low ?? null) && half('High', queued?.high ?? null);
  const isTooMuch = delivered + rejected > sent;
  const faults = ['pairDuplicated', 'pairReordered', 'corrupted', 'strangers'].map(of);
  const unanswered = sent - of('messagesAcknowledged') - rejected;
  return {
    isSound: digestsMatch && lost === 0 && !isTooMuch && unanswered === 0 && faults.every((fault) => fault === 0),
    sent,
    delivered,
    queued: queued?.messages ?? null,
    rejected,
    lost,
    duplicated: of('pairDuplicated'),
    reordered: of('pairReordered'),
    corrupted: of('corrupted'),
    strangers: of('strangers'),
    redelivered: of('messagesRedelivered'),
    unanswered: Math.max(0, unanswered),
    digestsMatch,
    findings: findings.map(({ kind, sender, recipient, id }) => ({ kind, sender, recipient, id })),
  };
}

/** Messages that later ones of the same pair overtook, less those that came after all or were refused. */
function unexplainedGaps(of: (name: string) => number): number {
  return Math.max(0, of('pairGaps') - of('pairReordered') - of('messagesRejected'));
}

/** What is known of a run that ended before it came to rest. */
export function uncheckedIntegrity(driver: Readonly<Record<string, number>>, hasSwitch: boolean): Integrity {
  const unchecked = checkIntegrity(driver, hasSwitch ? { messages: 0, low: 0, high: 0 } : null, []);
  return { ...unchecked, isSound: null, digestsMatch: null, lost: 0 };
}
