/**
 * Bootstrap intervals of any statistic: percentile, and BCa, which corrects for bias and skew (Efron, "Better bootstrap
 * confidence intervals", 1987).
 */
import { assert, at } from '../base/assert.ts';
import { nextBelow, RANDOM_STATE_WORDS, seedRandom } from '../base/mix.ts';
import { normalCdf, normalQuantile } from './normal-distribution.ts';
import { quantile } from './quantiles.ts';

export interface BootstrapOrder {
  readonly method: 'percentile' | 'bca';
  /** For example 0.95. */
  readonly confidence: number;
  /** The same seed gives the same interval. */
  readonly seed: number;
  readonly resamples?: number;
}

export interface BootstrapInterval {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

export const DEFAULT_RESAMPLES = 10_000;
const STREAM = 8;

/** The interval of `statistic` over `values`, of which there must be at least two. */
export function bootstrapInterval(
  values: readonly number[],
  statistic: (sample: readonly number[]) => number,
  order: BootstrapOrder,
): BootstrapInterval {
  assert(values.length >= 2, 'a bootstrap needs at least two values');
  const estimate = statistic(values);
  const replicates = resample(values, statistic, order);
  const tail = (1 - order.confidence) / 2;
  const levels =
    order.method === 'percentile'
      ? { low: tail, high: 1 - tail }
      : bcaLevels(estimate, replicates, jackknife(values, statistic), order.confidence);
  return { estimate, low: quantile(replicates, levels.low), high: quantile(replicates, levels.high) };
}

function resample(
  values: readonly number[],
  statistic: (sample: readonly number[]) => number,
  { seed, resamples = DEFAULT_RESAMPLES }: BootstrapOrder,
): number[] {
  const random = new Int32Array(RANDOM_STATE_WORDS);
  seedRandom(random, 0, seed, STREAM);
  const sample = [...values];
  return Array.from({ length: resamples }, () => {
    for (let i = 0; i < sample.length; i++) sample[i] = at(values, nextBelow(random, 0, values.length));
    return statistic(sample);
  });
}

/** The statistic of the sample without each value in turn. */
function jackknife(values: readonly number[], statistic: (sample: readonly number[]) => number): number[] {
  return values.map((_, left) => statistic(values.filter((_, i) => i !== left)));
}

/**
 * The quantiles of the replicates at which a BCa interval ends: Φ(z0 + (z0 + z)/(1 − a(z0 + z))), z0 from the share of
 * replicates below the estimate, a from the skew of the jackknife (Efron, 1987, 3.9 and 6.6; DiCiccio and Efron, 1996,
 * 6.6). A replicate equal to the estimate counts one half.
 */
export function bcaLevels(
  estimate: number,
  replicates: readonly number[],
  leftOut: readonly number[],
  confidence: number,
): { low: number; high: number } {
  const below = replicates.reduce((sum, one) => sum + (one < estimate ? 1 : one === estimate ? 0.5 : 0), 0);
  const bias = normalQuantile(below / replicates.length);
  const tail = (1 - confidence) / 2;
  if (!Number.isFinite(bias)) return { low: tail, high: 1 - tail }; // all replicates on one side: no correction is possible
  const mean = leftOut.reduce((sum, one) => sum + one, 0) / leftOut.length;
  const moment = (power: number): number => leftOut.reduce((sum, one) => sum + (mean - one) ** power, 0);
  const spread = moment(2);
  const acceleration = spread === 0 ? 0 : moment(3) / (6 * spread ** 1.5);
  const level = (z: number): number => normalCdf(bias + (bias + z) / (1 - acceleration * (bias + z)));
  return { low: level(normalQuantile(tail)), high: level(normalQuantile(1 - tail)) };
}
