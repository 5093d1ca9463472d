/** Whether every message of a run was found. */
import { messageBalance } from '../result/message-balance.ts';
import type { Guard } from '../result/result-schema.ts';
import { atMost, judged } from './guard.ts';
import type { Integrity } from './integrity.ts';

/** @param isAtRest the drain ended because nothing moved any more, not because its time was up. */
export function balanceGuard(integrity: Integrity, isAtRest: boolean): Guard {
  const { queued, lost } = integrity;
  const sum = messageBalance(integrity);
  const reading = { name: 'message balance', figure: Math.abs(lost), limit: 0, allowed: 'at most 0 lost' } as const;
  if (integrity.isSound === true) {
    const sets =
      queued === null ? 'every one answered; the mailboxes of the switch cannot be asked' : 'and the sets are the same';
    return atMost({ ...reading, figure: 0, found: `${sum}, ${sets}`, remedy: '' });
  }
  const faults = [
    `lost ${lost}`,
    `duplicated ${integrity.duplicated}`,
    `reordered ${integrity.reordered}`,
    `corrupted ${integrity.corrupted}`,
    `strangers ${integrity.strangers}`,
    `unanswered ${integrity.unanswered}`,
  ];
  const first = integrity.findings[0];
  const finding =
    first === undefined
      ? ''
      : `; first: ${first.kind}, message ${first.number} of phone ${first.sender} to phone ${first.recipient}`;
  const rest = isAtRest ? '' : '; the drain ended before all was at rest';
  const found = `${sum}: ${faults.join(', ')}; sets ${integrity.digestsMatch === true ? 'agree' : 'differ'}${finding}${rest}`;
  const remedy = isAtRest
    ? 'the switch, or the way to it, is at fault: `integrity.findings` in the result names messages to look for'
    : 'let it drain longer (--set phases.drain=…), or offer less (--set traffic.rate=…)';
  return judged({ ...reading, found, remedy }, 'invalid');
}
