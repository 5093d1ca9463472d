/** Arguments of commands that compare, checked before anything is measured. */
import type { Argv } from 'yargs';
import { DEFAULT_CONFIDENCE, GATING_METRICS_MAX, PAIRS_MAX } from '../../analysis/comparison/comparison-order.ts';
import { DEFAULT_GATING_METRICS, metricNamed } from '../../analysis/comparison/result-metrics.ts';
import { TrunklineError } from '../../base/errors.ts';
import { bonferroniConfidence } from '../../stats/bonferroni-confidence.ts';
import { signedRankInterval } from '../../stats/signed-rank-test.ts';

/** The arguments of commands with two sides. */
export function sideOptions<Before>(yargs: Argv<Before>): Argv<Before> {
  const set = { type: 'string', array: true, nargs: 1, default: [] as string[] } as const;
  return yargs
    .positional('base', { type: 'string', describe: 'Scenario of the base: a shipped one, or a YAML file' })
    .positional('candidate', { type: 'string', describe: 'Scenario of the candidate; by default that of the base' })
    .option('base-set', { ...set, describe: 'A setting of the base only; may be repeated' })
    .option('candidate-set', { ...set, describe: 'A setting of the candidate only; may be repeated' })
    .option('noise-floors', {
      type: 'string',
      describe: 'File from trunkline aa; metrics whose noise is too large do not decide',
    })
    .option('inconclusive-exit', {
      type: 'boolean',
      default: false,
      describe: 'Exit with 4 if the outcome is inconclusive',
    });
}

export function metricOption<Before>(yargs: Argv<Before>): Argv<Before> {
  return yargs.option('metric', {
    type: 'string',
    array: true,
    nargs: 1,
    describe: `A metric that decides the verdict, at most ${GATING_METRICS_MAX}; may be repeated`,
  });
}

/** The confidence required of each metric that decides. */
export function gatingConfidence(metrics: readonly string[] | undefined): number {
  return bonferroniConfidence(DEFAULT_CONFIDENCE, Math.max(1, (metrics ?? DEFAULT_GATING_METRICS).length));
}

/** @throws METRIC_UNKNOWN, or ARGUMENT_INVALID if there are too many. */
export function checkMetrics(metrics: readonly string[] | undefined): void {
  metrics?.forEach(metricNamed);
  if ((metrics?.length ?? 1) <= GATING_METRICS_MAX && metrics?.length !== 0) return;
  throw new TrunklineError(
    'ARGUMENT_INVALID',
    `--metric: expected 1 to ${GATING_METRICS_MAX} metrics, found ${metrics?.length ?? 0}.`,
  );
}

/**
 * Refuses a number of pairs that is too small for any interval of the required confidence.
 *
 * @throws ARGUMENT_INVALID.
 */
export function checkPairs(pairs: number, metrics: readonly string[] | undefined): void {
  if (!Number.isInteger(pairs) || pairs < 1 || pairs > PAIRS_MAX) {
    throw new TrunklineError(
      'ARGUMENT_INVALID',
      `--pairs: expected a whole number from 1 to ${PAIRS_MAX}, found ${pairs}.`,
    );
  }
  const refusal = tooFew(pairs, gatingConfidence(metrics));
  if (refusal === null) return;
  throw new TrunklineError(
    'ARGUMENT_INVALID',
    `--pairs ${pairs}: ${refusal}. Ask for more pairs, or let fewer metrics decide with --metric.`,
  );
}

/** Why this number of pairs, or runs, is too small for an interval of that confidence; null if it is large enough. */
export function tooFew(pairs: number, confidence: number): string | null {
  const anything = Array.from({ length: pairs }, (_, i) => i + 1);
  const interval = signedRankInterval(anything, confidence);
  return interval.isRefused ? interval.sentence : null;
}
