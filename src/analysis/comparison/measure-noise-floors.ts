/**
 * The noise floor: the change that a machine reports when nothing changed, from pairs of identical runs (A/A). A gate
 * below it would fail candidates without a regression, so a metric whose floor is above its smallest difference does
 * not gate. Floors are valid for one scenario on one class of machines.
 */
import { at } from '../../base/assert.ts';
import { TrunklineError } from '../../base/errors.ts';
import type { Result } from '../../result/result-schema.ts';
import { detectableDifference, standardDeviation } from '../../stats/detectable-difference.ts';
import { signedRankInterval } from '../../stats/signed-rank-test.ts';
import { environmentDifferences, scenarioDifferences } from './environment-differences.ts';
import { NOISE_FLOORS_SCHEMA, type NoiseFloor, type NoiseFloors } from './noise-floors-schema.ts';
import { type Metric, RESULT_METRICS } from './result-metrics.ts';
import { isUsable, type Pair, usablePairs } from './usable-pairs.ts';

export interface NoiseOrder {
  /** Confidence of each interval: that which the gate will use. */
  readonly confidence: number;
  /** Number of pairs in later comparisons, for the change that they can detect. */
  readonly plannedPairs: number;
  /** Command that repeats the measurement. */
  readonly command?: string;
}

/**
 * The floors of every ratio metric that the pairs measured.
 *
 * @throws COMPARISON_INVALID if there are no pairs, or if their runs are not identical.
 */
export function measureNoiseFloors(pairs: readonly Pair[], order: NoiseOrder): NoiseFloors {
  const results = pairs.flatMap(({ base, candidate }) => [base, candidate]);
  if (results.length === 0) throw invalid('expected pairs of identical runs, found none');
  const differing = [...environmentDifferences(results), ...scenarioDifferences(results)];
  if (differing.length > 0) {
    const names = differing.map(({ name }) => name).join(', ');
    throw invalid(`a noise floor needs identical runs, found runs that differ in ${names}`);
  }
  const valid = pairs.filter(isUsable);
  const { scenario, environment } = at(results, 0);
  const measured = RESULT_METRICS.filter((metric) => metric.kind === 'ratio' && isMeasured(metric, results));
  return {
    schema: NOISE_FLOORS_SCHEMA,
    scenario: scenario.name,
    machineClass: environment.machineClass,
    confidence: order.confidence,
    plannedPairs: order.plannedPairs,
    pairs: { planned: pairs.length, valid: valid.length },
    floors: measured.map((metric) => floorOf(metric, valid, order)),
    command: order.command ?? null,
  };
}

function isMeasured(metric: Metric, results: readonly Result[]): boolean {
  return results.some((result) => metric.read(result) !== null);
}

function floorOf(metric: Metric, pairs: readonly Pair[], { confidence, plannedPairs }: NoiseOrder): NoiseFloor {
  const { gains } = usablePairs(metric, pairs);
  const interval = signedRankInterval(gains, confidence);
  const { smallestDifferenceShare } = metric;
  const shared = { metric: metric.name, pairs: gains.length, smallestDifferenceShare };
  if (interval.isRefused) {
    const sentence = `${metric.name}: ${interval.sentence}`;
    return { ...shared, floorShare: null, smallestDetectableShare: null, isUsable: false, sentence };
  }
  const floorShare = Math.expm1(Math.max(Math.abs(interval.low), Math.abs(interval.high)));
  const detectable = Math.expm1(detectableDifference(standardDeviation(gains), 1 / plannedPairs, confidence));
  const isBelow = floorShare <= smallestDifferenceShare;
  const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;
  const against = `${isBelow ? 'below' : 'above'} the smallest difference of ${percent(smallestDifferenceShare)}`;
  const finds = `${plannedPairs} pairs detect a change of about ${percent(detectable)}`;
  return {
    ...shared,
    floorShare,
    smallestDetectableShare: detectable,
    isUsable: isBelow,
    sentence: `${metric.name}: noise floor ${percent(floorShare)}, ${against}; ${finds}`,
  };
}

function invalid(message: string): TrunklineError {
  return new TrunklineError('COMPARISON_INVALID', message);
}
