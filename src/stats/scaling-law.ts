/**
 * Throughput as a function of the number of shards, by the universal scalability law (Gunther, "Guerrilla Capacity
 * Planning", 2007, 4.4, with λ free as in Gunther, Puglia and Tomasette, 2015):
 *
 *     X(N) = λN / (1 + σ(N − 1) + κN(N − 1))
 *
 * λ is the throughput of one shard, σ the share of time spent waiting for other shards (contention), κ the cost of
 * coordination with each of them (coherency). Three parameters can be fitted to any few levels, and shards without a
 * core of their own measure the scheduler: both are refused.
 */
import { at } from '../base/assert.ts';
import { type Refusal, refuse } from './refusal.ts';

export interface ScalingLevel {
  readonly shards: number;
  readonly perSecond: number;
}

export interface ScalingLaw {
  readonly isRefused: false;
  /** λ: throughput of one shard, per second. */
  readonly onePerSecond: number;
  /** σ, at least 0. */
  readonly contention: number;
  /** κ, at least 0. */
  readonly coherency: number;
  /** Number of shards beyond which throughput falls, √((1 − σ)/κ); null if it never falls. */
  readonly peakShards: number | null;
  /** Per level: measured divided by fitted, less 1. */
  readonly residualShares: readonly number[];
  /** 1 − (sum of squared residuals)/(sum of squares about the mean throughput). */
  readonly rSquared: number;
}

export const LEVELS_MIN = 6;

/**
 * Fits the law by least squares of X/X(N) − 1, with no parameter below 0. N/X is linear in 1/λ, σ/λ and κ/λ, so the fit
 * is exact: it is the best of the least-squares solutions over all sets of parameters that may be above 0.
 *
 * @param cores number of cores of the machine that measured.
 */
export function fitScalingLaw(levels: readonly ScalingLevel[], cores: number): ScalingLaw | Refusal {
  const distinct = new Set(levels.map(({ shards }) => shards)).size;
  const shardsMax = Math.max(0, ...levels.map(({ shards }) => shards));
  if (shardsMax > cores) {
    return refuse('more-shards-than-cores', `need one core per shard, found ${shardsMax} shards on ${cores} cores`);
  }
  if (distinct < LEVELS_MIN) {
    return refuse('too-few-levels', `need at least ${LEVELS_MIN} numbers of shards, found ${distinct}`);
  }
  if (levels.some(({ perSecond }) => !(perSecond > 0))) {
    return refuse('no-fit', 'need a throughput above 0 at every level');
  }
  const rows = levels.map(({ shards: n, perSecond: x }) => [x / n, (x * (n - 1)) / n, x * (n - 1)]);
  const [one, contended, coherent] = leastSquares(rows);
  if (one === undefined || contended === undefined || coherent === undefined || one <= 0) {
    return refuse('no-fit', 'no scaling law fits: throughput grows faster than the shards');
  }
  return describe(levels, 1 / one, contended / one, coherent / one);
}

/** The fitted throughput of a number of shards, per second. */
export function scalingLawPerSecond(
  law: Pick<ScalingLaw, 'onePerSecond' | 'contention' | 'coherency'>,
  shards: number,
): number {
  const { onePerSecond, contention, coherency } = law;
  return (onePerSecond * shards) / (1 + contention * (shards - 1) + coherency * shards * (shards - 1));
}

function describe(
  levels: readonly ScalingLevel[],
  onePerSecond: number,
  contention: number,
  coherency: number,
): ScalingLaw {
  const law = { onePerSecond, contention, coherency };
  const fitted = levels.map(({ shards }) => scalingLawPerSecond(law, shards));
  const residualShares = levels.map(({ perSecond }, i) => perSecond / at(fitted, i) - 1);
  const mean = levels.reduce((sum, { perSecond }) => sum + perSecond, 0) / levels.length;
  const left = levels.reduce((sum, { perSecond }, i) => sum + (perSecond - at(fitted, i)) ** 2, 0);
  const spread = levels.reduce((sum, { perSecond }) => sum + (perSecond - mean) ** 2, 0);
  return {
    isRefused: false,
    ...law,
    peakShards: coherency > 0 ? Math.sqrt(Math.max(0, 1 - contention) / coherency) : null,
    residualShares,
    rSquared: spread === 0 ? 0 : 1 - left / spread,
  };
}

/** The sets of parameters that may be above 0. */
const SUPPORTS = [[0], [0, 1], [0, 2], [0, 1, 2]];

/** The parameters b ≥ 0 that minimize Σ(row·b − 1)²; the first of them is above 0. */
function leastSquares(rows: readonly (readonly number[])[]): number[] {
  let best: number[] = [];
  let bestSum = Number.POSITIVE_INFINITY;
  for (const support of SUPPORTS) {
    const solved = solveNormal(rows, support);
    if (solved === null || solved.some((value) => value < 0)) continue;
    const sum = rows.reduce((total, row) => total + (row.reduce((y, x, i) => y + x * at(solved, i), 0) - 1) ** 2, 0);
    if (sum < bestSum) [best, bestSum] = [solved, sum];
  }
  return best;
}

/** Solves the normal equations of the columns in `support` by elimination; all other parameters are 0. */
function solveNormal(rows: readonly (readonly number[])[], support: readonly number[]): number[] | null {
  const scales = support.map((i) => Math.max(...rows.map((row) => Math.abs(at(row, i)))));
  const columns = support.map((i, place) => rows.map((row) => at(row, i) / at(scales, place)));
  const system = columns.map((column) => [
    ...columns.map((other) => column.reduce((sum, x, i) => sum + x * at(other, i), 0)),
    column.reduce((sum, x) => sum + x, 0),
  ]);
  for (let pivot = 0; pivot < system.length; pivot++) {
    const pivotRow = at(system, pivot);
    if (Math.abs(at(pivotRow, pivot)) < Number.EPSILON) return null;
    for (let other = 0; other < system.length; other++) {
      if (other === pivot) continue;
      const row = at(system, other);
      const factor = at(row, pivot) / at(pivotRow, pivot);
      for (let k = pivot; k < row.length; k++) row[k] = at(row, k) - factor * at(pivotRow, k);
    }
  }
  const solved = [0, 0, 0];
  support.forEach((i, place) => {
    const row = at(system, place);
    solved[i] = at(row, system.length) / at(row, place) / at(scales, place);
  });
  return solved;
}
