/**
 * Compares two samples that were not measured in pairs: whether one is shifted relative to the other, and by how much.
 * Mann and Whitney, "On a test of whether one of two random variables is stochastically larger than the other", 1947;
 * ties as in Lehmann, "Nonparametrics", 1975, 1.4.
 *
 * It detects less than the paired test, since drift between the samples counts as a difference.
 */
import { normalCdf, normalQuantile } from './normal-distribution.ts';
import { PairwiseDifferences } from './pairwise-differences.ts';
import { rankSumDistribution } from './rank-distributions.ts';
import { rank, tieCorrection, tiedCount } from './ranks.ts';
import { type Refusal, refuse } from './refusal.ts';
import type { RankInterval, RankMethod } from './signed-rank-test.ts';

/** For more pairs of values than this the exact distribution is slow and the normal approximation accurate. */
const EXACT_PRODUCT_MAX = 2500;

export interface MannWhitneyTest {
  /** Number of pairs in which the candidate's value is higher; equal values count one half. */
  readonly candidateAbove: number;
  /** Two-sided. */
  readonly pValue: number;
  readonly method: RankMethod;
  /** Number of values that are equal to another one, in either sample. */
  readonly ties: number;
}

/** Tests whether both samples have the same distribution. Each needs at least one value. */
export function mannWhitneyTest(base: readonly number[], candidate: readonly number[]): MannWhitneyTest {
  const ranking = rank([...candidate, ...base]);
  const m = candidate.length;
  const rankSum = ranking.ranks.subarray(0, m).reduce((sum, one) => sum + one, 0);
  const candidateAbove = rankSum - (m * (m + 1)) / 2;
  const ties = tiedCount(ranking);
  if (m * base.length > EXACT_PRODUCT_MAX) {
    const pValue = normalPValue(candidateAbove, base.length, m, tieCorrection(ranking));
    return { candidateAbove, ties, method: 'normal', pValue };
  }
  const pValue = rankSumDistribution(ranking.ranks, m).twoSided(candidateAbove);
  return { candidateAbove, ties, method: ties > 0 ? 'conditional exact' : 'exact', pValue };
}

/** With the variance corrected for ties, and a continuity correction of ½. */
function normalPValue(candidateAbove: number, n: number, m: number, ties: number): number {
  const all = n + m;
  const variance = ((n * m) / 12) * (all + 1 - ties / (all * (all - 1)));
  if (variance === 0) return 1; // every value is the same
  const distance = Math.max(0, Math.abs(candidateAbove - (n * m) / 2) - 0.5);
  return Math.min(1, 2 * normalCdf(-distance / Math.sqrt(variance)));
}

/**
 * The interval of the shift of `candidate` relative to `base`, by inversion of the test: from the (k + 1)-th smallest
 * to the (k + 1)-th largest pairwise difference, where k is the largest number with P(U ≤ k) at most half the error
 * probability (Lehmann, 1975, 2.6).
 */
export function mannWhitneyInterval(
  base: readonly number[],
  candidate: readonly number[],
  confidence: number,
): RankInterval | Refusal {
  const [n, m] = [base.length, candidate.length];
  const tail = (1 - confidence) / 2;
  const { below, reachedFrom, method } = n * m > EXACT_PRODUCT_MAX ? normalTail(n, m, tail) : exactTail(n, m, tail);
  if (n === 0 || m === 0 || below === 0) {
    const wanted = `${(confidence * 100).toFixed(1)} %`;
    return refuse('too-few-values', `${n} and ${m} runs are too few for ${wanted} confidence`);
  }
  const differences = new PairwiseDifferences(base, candidate);
  const leftOut = below - 1;
  return {
    isRefused: false,
    estimate: differences.median(),
    low: differences.at(leftOut),
    high: differences.at(differences.length - 1 - leftOut),
    confidence: 1 - 2 * reachedFrom(leftOut),
    leftOut,
    method,
    ties: tiedCount(rank([...base, ...candidate])),
    zeros: differences.zeros(),
  };
}

interface Tail {
  /** Number of the lowest values of U whose total probability is at most that of the tail. */
  readonly below: number;
  /** P(U ≤ k). */
  readonly reachedFrom: (k: number) => number;
  readonly method: RankMethod;
}

function exactTail(n: number, m: number, tail: number): Tail {
  const untied = Array.from({ length: n + m }, (_, i) => i + 1);
  const distribution = rankSumDistribution(untied, m);
  return { below: distribution.sumsBelow(tail), reachedFrom: (k) => distribution.atMost(k), method: 'exact' };
}

function normalTail(n: number, m: number, tail: number): Tail {
  const mean = (n * m) / 2;
  const deviation = Math.sqrt((n * m * (n + m + 1)) / 12);
  const below = Math.max(0, Math.floor(mean + 0.5 + normalQuantile(tail) * deviation));
  return { below, reachedFrom: (k) => normalCdf((k + 0.5 - mean) / deviation), method: 'normal' };
}
