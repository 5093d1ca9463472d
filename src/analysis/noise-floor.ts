/**
 * How large a change a machine reports when nothing changed: from pairs of runs of the same thing
 * (A/A). A gate below it fails good changes, so a metric whose floor is above its smallest difference
 * does not gate.
 */
import type { Result } from '../result/result-schema.ts';
import { normalQuantile } from '../stats/normal-distribution.ts';
import { signedRankInterval } from '../stats/wilcoxon-signed-rank.ts';
import { METRICS, type Metric } from './metrics.ts';
import { isUsable, type Pair, usablePairs } from './pairs.ts';

export interface NoiseFloor {
  readonly metric: string;
  /** Pairs it rests on. */
  readonly pairs: number;
  /** The end of the A/A interval that is farther from no change; null with too few pairs. */
  readonly floorShare: number | null;
  /** Smallest change that so many pairs find four times in five; null with too few pairs. */
  readonly smallestDetectableShare: number | null;
  readonly smallestDifferenceShare: number;
  /** Whether the metric may gate. */
  readonly isUsable: boolean;
  readonly sentence: string;
}

/** Chance to find a change that is there (Cohen, "Statistical Power Analysis", 1988: 0.8). */
const POWER = 0.8;
/** Efficiency of the rank tests against the t tests for normal noise (Lehmann, 1975, 2.4 and 4.3). */
const RANK_EFFICIENCY = 3 / Math.PI;

/**
 * Floors of every ratio metric that the pairs measured.
 *
 * @param confidence asked of each interval: the one that the gate will ask.
 */
export function noiseFloors(pairs: readonly Pair[], confidence: number): NoiseFloor[] {
  const valid = pairs.filter(isUsable);
  const results = valid.flatMap(({ base, candidate }) => [base, candidate]);
  return METRICS.filter((metric) => metric.kind === 'ratio' && isMeasured(metric, results)).map((metric) =>
    floorOf(metric, valid, confidence),
  );
}

function isMeasured(metric: Metric, results: readonly Result[]): boolean {
  return results.some((result) => metric.read(result) !== null);
}

function floorOf(metric: Metric, pairs: readonly Pair[], confidence: number): NoiseFloor {
  const { gains } = usablePairs(metric, pairs);
  const interval = signedRankInterval(gains, confidence);
  const { smallestDifferenceShare } = metric;
  const shared = { metric: metric.name, pairs: gains.length, smallestDifferenceShare };
  if (interval.isRefused) {
    const sentence = `${metric.name}: ${interval.sentence}`;
    return { ...shared, floorShare: null, smallestDetectableShare: null, isUsable: false, sentence };
  }
  const floorShare = Math.expm1(Math.max(Math.abs(interval.low), Math.abs(interval.high)));
  const detectable = smallestDetectableShare(standardDeviation(gains), 1 / gains.length, confidence);
  const isBelow = floorShare <= smallestDifferenceShare;
  const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;
  const sentence = `${metric.name}: noise floor ${percent(floorShare)}, ${isBelow ? 'below' : 'above'} the smallest difference of ${percent(smallestDifferenceShare)}`;
  return { ...shared, floorShare, smallestDetectableShare: detectable, isUsable: isBelow, sentence };
}

/**
 * (z₁₋α⸝₂ + z₀.₈)·s·√(1/n), n as many as the rank test is worth, as a share.
 *
 * @param deviation of the logarithms of ratios (paired), or of the figures (unpaired).
 * @param inverseRuns 1/n for pairs, 1/n + 1/m for two samples.
 */
export function smallestDetectableShare(deviation: number, inverseRuns: number, confidence: number): number {
  const quantiles = normalQuantile(1 - (1 - confidence) / 2) + normalQuantile(POWER);
  return Math.expm1(quantiles * deviation * Math.sqrt(inverseRuns / RANK_EFFICIENCY));
}

/** Of a sample, with n − 1; 0 for fewer than two values. */
export function standardDeviation(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}
