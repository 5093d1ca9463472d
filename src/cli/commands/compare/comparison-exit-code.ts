/** The exit code of a comparison. */
import type { Comparison } from '../../../analysis/comparison/comparison-schema.ts';
import { ExitCode } from '../../terminal/exit-code.ts';

export interface ExitWishes {
  readonly failOn: 'regressed' | undefined;
  readonly inconclusiveExit: boolean;
}

/** A comparison in which no metric could decide is invalid, like one with invalid runs. */
export function comparisonExitCode(comparison: Comparison, wishes: ExitWishes): number {
  const gating = comparison.rows.filter((row) => row.role === 'gating');
  if (comparison.verdict === 'invalid' || gating.every((row) => row.gateRefusal !== null)) {
    const advice =
      comparison.verdict === 'invalid'
        ? 'Compare valid runs of one class of machines; trunkline report says why a run is invalid.'
        : 'Compare more runs, or let fewer or quieter metrics decide with --metric.';
    process.stderr.write(`trunkline: nothing was decided: ${comparison.sentence} ${advice}\n`);
    return ExitCode.INVALID;
  }
  if (comparison.verdict === 'regressed' && wishes.failOn === 'regressed') return ExitCode.THRESHOLD_FAILED;
  return comparison.verdict === 'inconclusive' && wishes.inconclusiveExit ? ExitCode.INCONCLUSIVE : ExitCode.FINE;
}
