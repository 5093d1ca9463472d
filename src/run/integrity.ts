/**
 * Whether every message is where it should be. Nothing is stored for it: what was sent must be
 * what was delivered, waits in a mailbox or was refused, as a number and as a digest of the set.
 */
import type { Finding } from '../driver/findings.ts';
import type { Result } from '../result/result-schema.ts';
import type { QueuedDigest } from './worker-messages.ts';

export type Integrity = Result['integrity'];

/** Adds up all messages of a run that is at rest. */
export function checkIntegrity(
  driver: Readonly<Record<string, number>>,
  queued: QueuedDigest,
  findings: readonly Finding[],
): Integrity {
  const of = (name: string): number => driver[name] ?? 0;
  const sent = of('messagesSent');
  const delivered = of('messagesDelivered');
  const rejected = of('messagesRejected');
  const lost = sent - delivered - queued.messages - rejected;
  const half = (name: 'Low' | 'High', waiting: number): boolean => {
    const arrived = of(`digestDelivered${name}`) + waiting + of(`digestRejected${name}`);
    const answered = of(`digestAcknowledged${name}`) + of(`digestRejected${name}`);
    return ((of(`digestSent${name}`) - arrived) | 0) === 0 && ((of(`digestSent${name}`) - answered) | 0) === 0;
  };
  const digestsMatch = half('Low', queued.low) && half('High', queued.high);
  const faults = ['pairDuplicated', 'pairReordered', 'corrupted', 'strangers'].map(of);
  const unanswered = sent - of('messagesAcknowledged') - rejected;
  return {
    isSound: digestsMatch && lost === 0 && unanswered === 0 && faults.every((fault) => fault === 0),
    sent,
    delivered,
    queued: queued.messages,
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

/** What is known of a run that ended before it came to rest. */
export function uncheckedIntegrity(driver: Readonly<Record<string, number>>): Integrity {
  const unchecked = checkIntegrity(driver, { messages: 0, low: 0, high: 0 }, []);
  return { ...unchecked, isSound: null, digestsMatch: null, lost: 0 };
}
