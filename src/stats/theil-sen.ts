/**
 * A robust straight line: the median of the slopes of all pairs of points (Theil, 1950; Sen, "Estimates of the
 * regression coefficient based on Kendall's tau", 1968). Its interval comes from resampling the points (Efron's
 * percentile bootstrap, 1979).
 */
import { assert } from '../base/assert.ts';
import { nextBelow, RANDOM_STATE_WORDS, seedRandom } from '../base/pseudo-random.ts';
import { median, quantile } from './quantiles.ts';

export interface Line {
  readonly slope: number;
  /** Median of the residuals y − slope·x. */
  readonly intercept: number;
}

export interface SlopeInterval {
  readonly low: number;
  readonly high: number;
}

/** Bootstrap samples of an interval: its ends at 95 % are the 50th values from either end. */
const RESAMPLES = 2000;
/** A bootstrap sample with fewer distinct x than this does not determine a slope. */
const DISTINCT_MIN = 3;
const BOOTSTRAP_STREAM = 7;
/**
 * How far apart the slopes of both halves may be, as a share of the larger one. A starting value, not derived: beyond
 * it one line does not describe the points, and nothing should be extrapolated from it.
 */
const LINEAR_TOLERANCE = 0.1;

/** The line through points whose `xs` are not all equal. */
export function theilSen(xs: readonly number[], ys: readonly number[]): Line {
  assert(xs.length === ys.length && xs.length >= 2, 'a line needs at least two points');
  const slopes: number[] = [];
  for (let i = 0; i < xs.length; i++) {
    for (let j = i + 1; j < xs.length; j++) {
      const run = (xs[j] as number) - (xs[i] as number); // i, j < length, here and below
      if (run !== 0) slopes.push(((ys[j] as number) - (ys[i] as number)) / run);
    }
  }
  assert(slopes.length > 0, 'the xs of a line are not all equal');
  const slope = median(slopes);
  return { slope, intercept: median(ys.map((y, i) => y - slope * (xs[i] as number))) };
}

/** The interval of the slope at a given confidence, by resampling the points. */
export function slopeInterval(
  xs: readonly number[],
  ys: readonly number[],
  confidence: number,
  seed: number,
): SlopeInterval {
  const random = new Int32Array(RANDOM_STATE_WORDS);
  seedRandom(random, 0, seed, BOOTSTRAP_STREAM);
  const slopes: number[] = [];
  const distinct = Math.min(DISTINCT_MIN, new Set(xs).size);
  while (slopes.length < RESAMPLES) {
    const picks = xs.map(() => nextBelow(random, 0, xs.length));
    const pickedXs = picks.map((i) => xs[i] as number); // picks are below the length
    if (new Set(pickedXs).size < distinct) continue;
    slopes.push(
      theilSen(
        pickedXs,
        picks.map((i) => ys[i] as number),
      ).slope,
    );
  }
  const tail = (1 - confidence) / 2;
  return { low: quantile(slopes, tail), high: quantile(slopes, 1 - tail) };
}

/** Whether the lower and the upper half of the points have the same slope, within 10 %. */
export function isLinear(xs: readonly number[], ys: readonly number[]): boolean {
  const half = Math.floor(xs.length / 2);
  if (half < 2) return true;
  const lower = theilSen(xs.slice(0, xs.length - half), ys.slice(0, ys.length - half)).slope;
  const upper = theilSen(xs.slice(half), ys.slice(half)).slope;
  const larger = Math.max(Math.abs(lower), Math.abs(upper));
  return larger === 0 || Math.abs(upper - lower) <= LINEAR_TOLERANCE * larger;
}
