/** The guard that every message of a run was found. */
import { formatCount } from '../../base/units.ts';
import { groupBalanceText } from '../../result/group-balance-text.ts';
import { lostInGroups } from '../../result/lost-in-groups.ts';
import { messageBalance } from '../../result/message-balance.ts';
import type { Guard } from '../../result/result-schema.ts';
import type { Integrity } from '../record/integrity.ts';
import { atMost, judged } from './guard-reading.ts';

const FAULTS = ['lost', 'duplicated', 'reordered', 'corrupted', 'strangers', 'unanswered'] as const;

/**
 * Judges the messages of a run after its drain.
 * @param mayLose whether the scenario kills a switch that may lose messages then.
 */
export function balanceGuard(integrity: Integrity, mayLose = false): Guard {
  const { queued } = integrity;
  const { groups } = integrity;
  const inGroups = groups === null ? null : lostInGroups(groups);
  const sum = [messageBalance(integrity), ...(groups === null ? [] : groupBalanceText(groups))].join('; ');
  const reading = { name: 'message balance', limit: 0, allowed: 'none may be missing' } as const;
  if (integrity.isSound === true) {
    const isWhole = groups === null || inGroups !== null;
    const sets =
      queued === null
        ? 'all answered; the mailboxes of the switch cannot be read'
        : `and the sets are the same${isWhole ? '' : ', except in groups, where this is not known'}`;
    return atMost({ ...reading, figure: 0, found: `${sum}, ${sets}`, remedy: '' });
  }
  const isAtRest = integrity.digestsMatch !== null; // otherwise the drain ended before
  const drainLonger = 'drain longer (--set phases.drain=…), or offer less (--set traffic.rate=…)';
  if (integrity.isSound === null) {
    const { unanswered } = integrity;
    const found = `${sum}: the drain ended before all messages were answered, ${formatCount(unanswered)} are not, so it is unknown which messages are missing`;
    return judged({ ...reading, figure: unanswered, found, remedy: drainLonger }, 'invalid');
  }
  const faults = FAULTS.map((fault) => ({ fault, count: integrity[fault] })).filter(({ count }) => count !== 0);
  const faultsInGroups = groups === null ? 0 : Math.abs(inGroups ?? 0) + groups.strangers + groups.wrongRecipients;
  const figure = faults.reduce((sum, { count }) => sum + Math.abs(count), faultsInGroups);
  const words = faults.map(({ fault, count }) => `${fault} ${formatCount(count)}`);
  const sets = isAtRest ? [`the sets ${integrity.digestsMatch === true ? 'agree' : 'differ'}`] : [];
  const first = integrity.findings[0];
  const finding =
    first === undefined
      ? ''
      : `; first: ${first.kind}, message ${first.number} of ${first.sender < 0 ? 'a number outside the plan' : `phone ${first.sender}`} to phone ${first.recipient}`;
  const rest = isAtRest ? '' : '; the drain ended before all messages were answered';
  const found = `${sum}: ${[...words, ...sets].join(', ')}${finding}${rest}`;
  const isLost = integrity.lost > 0 || (inGroups ?? 0) > 0;
  const isByDesign = mayLose && isLost && faults.every(({ fault }) => fault === 'lost');
  const remedy = isByDesign
    ? 'the scenario kills the switch (faults), which loses messages without --set switch.durability=fsync'
    : isAtRest
      ? 'the fault is in the switch or on the way to it: `integrity.findings` in the result names such messages'
      : drainLonger;
  return judged({ ...reading, figure, found, remedy }, 'invalid');
}
