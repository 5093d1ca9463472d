/** The verdict on a run in one sentence: what a summary and a page say first. */
import { guardReason } from '../../analysis/comparison/usable-pairs.ts';
import { formatCountOf, formatShare } from '../../base/units.ts';
import type { Result } from '../../result/result-schema.ts';

export interface RunVerdict {
  readonly tone: 'good' | 'bad' | 'warning';
  readonly sentence: string;
}

/** Whether the figures can be quoted, and whether the thresholds were met. */
export function runVerdict(result: Result): RunVerdict {
  const { validity, thresholds } = result;
  const failed = thresholds.filter((one) => !one.passed).length;
  const cause = validity.failure ?? '';
  if (validity.ended === 'failed')
    return { tone: 'bad', sentence: `FAILED: ${cause} The figures below are partial and not valid.` };
  if (validity.ended === 'reserve')
    return { tone: 'warning', sentence: `STOPPED: ${cause} The figures below are partial and not valid.` };
  if (validity.ended === 'interrupted')
    return { tone: 'warning', sentence: 'INTERRUPTED: the figures below are partial and not valid.' };
  if (!validity.isValid)
    return { tone: 'bad', sentence: `INVALID: ${guardReason(result)}. Do not quote these figures.` };
  if (failed > 0)
    return { tone: 'bad', sentence: `VALID, ${failed} of ${thresholds.length} thresholds FAILED.${refusals(result)}` };
  const passed =
    thresholds.length === 0 ? 'no thresholds' : `${thresholds.length} of ${thresholds.length} thresholds passed`;
  return { tone: 'good', sentence: `VALID, ${passed}.${refusals(result)}` };
}

/** What a switch under overload has refused: it is no fault, but the reader must know. */
function refusals({ counters, integrity }: Result): string {
  const refused = counters.driver['rejectedOverloaded'] ?? 0;
  if (refused === 0) return '';
  const share = formatShare(refused / Math.max(1, integrity.sent));
  return ` The switch was overloaded and refused ${formatCountOf(refused, 'message')}, ${share} of those sent; their senders were told.`;
}
