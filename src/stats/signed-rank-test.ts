/**
 * Test and interval for paired differences. Wilcoxon, "Individual comparisons by ranking methods", 1945; zeros as in
 * Pratt, 1959.
 *
 * The distribution is exact for the given ranks, including ties and zeros, so ten pairs are enough. The only assumption
 * is that the differences are symmetric about their median, as are differences of two equally noisy runs.
 */
import { at } from '../base/assert.ts';
import { hodgesLehmann } from './hodges-lehmann.ts';
import { normalCdf, normalQuantile } from './normal-distribution.ts';
import { signedRankDistribution } from './rank-distributions.ts';
import { rank, tiedCount } from './ranks.ts';
import { type Refusal, refuse } from './refusal.ts';
import { walshAverages } from './walsh-averages.ts';

/**
 * With n pairs the widest interval, from the smallest difference to the largest, has a confidence of 1 − 2^(1 − n):
 * 93.8 % with five pairs, 96.9 % with six. So with fewer than six no interval reaches 95 %.
 */
export const PAIRS_MIN = 6;
/** With more pairs the normal approximation is accurate to four digits, and the exact distribution is slow. */
export const EXACT_PAIRS_MAX = 200;

/** Exact: the tables for untied ranks. Conditional exact: the same, given the ties. Normal: an approximation. */
export const RANK_METHODS = ['exact', 'conditional exact', 'normal'] as const;
export type RankMethod = (typeof RANK_METHODS)[number];

export interface SignedRankTest {
  /** Sum of the ranks of the positive differences. */
  readonly positiveRankSum: number;
  readonly negativeRankSum: number;
  /** Two-sided. */
  readonly pValue: number;
  readonly method: RankMethod;
  /** Differences that are exactly 0: ranked with the others, then dropped (Pratt). */
  readonly zeros: number;
  /** Differences whose absolute value is equal to that of another one. */
  readonly ties: number;
}

export interface RankInterval {
  readonly isRefused: false;
  /** The Hodges–Lehmann estimate. */
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  /** The actual confidence of the interval, at least the requested one. */
  readonly confidence: number;
  /** Number of order statistics excluded at each end. */
  readonly leftOut: number;
  readonly method: RankMethod;
  readonly ties: number;
  readonly zeros: number;
}

/** Tests whether `differences` are symmetric about 0. If all of them are 0 the p-value is 1. */
export function signedRankTest(differences: readonly number[]): SignedRankTest {
  const ranking = rank(differences.map(Math.abs));
  const zeros = differences.filter((difference) => difference === 0).length;
  const ties = tiedCount(ranking) - (zeros > 1 ? zeros : 0);
  const signed = differences.flatMap((difference, i) => (difference === 0 ? [] : [at(ranking.ranks, i)]));
  const sumWhere = (holds: (difference: number) => boolean): number =>
    differences.reduce((sum, difference, i) => (holds(difference) ? sum + at(ranking.ranks, i) : sum), 0);
  const positiveRankSum = sumWhere((difference) => difference > 0);
  const negativeRankSum = sumWhere((difference) => difference < 0);
  const shared = { positiveRankSum, negativeRankSum, zeros, ties };
  if (signed.length > EXACT_PAIRS_MAX) {
    return { ...shared, method: 'normal', pValue: normalPValue(positiveRankSum, signed) };
  }
  const pValue = signedRankDistribution(signed).twoSided(positiveRankSum);
  return { ...shared, method: zeros + ties > 0 ? 'conditional exact' : 'exact', pValue };
}

/**
 * Σr/2 and Σr²/4 are the mean and variance for the given ranks, so ties need no further correction; ½ for continuity.
 */
function normalPValue(positiveRankSum: number, ranks: readonly number[]): number {
  const mean = ranks.reduce((sum, one) => sum + one, 0) / 2;
  const variance = ranks.reduce((sum, one) => sum + one * one, 0) / 4;
  const distance = Math.max(0, Math.abs(positiveRankSum - mean) - 0.5);
  return Math.min(1, 2 * normalCdf(-distance / Math.sqrt(variance)));
}

/**
 * The interval of the median of the differences, by inversion of the test: from the (k + 1)-th smallest to the (k +
 * 1)-th largest Walsh average, where k is the largest sum with P(W ≤ k) at most half the error probability. For n = 10:
 * 95.1 % is the 9th to 47th of 55, 99.0 % the 4th to 52nd.
 *
 * Ties can only increase its coverage, since both ends are included (Pratt and Gibbons, 1981, 3.4).
 *
 * @param confidence for example 0.95. A refusal says how many pairs it needs.
 */
export function signedRankInterval(differences: readonly number[], confidence: number): RankInterval | Refusal {
  const n = differences.length;
  const needed = pairsNeeded(confidence);
  if (n < needed) {
    const reached = needed > PAIRS_MIN ? ` for ${percent(confidence)} confidence` : '';
    return refuse('too-few-pairs', `need at least ${needed} pairs${reached}, found ${n}`);
  }
  const averages = walshAverages(differences);
  const test = signedRankTest(differences);
  const { leftOut, reached, method } = n > EXACT_PAIRS_MAX ? normalTail(n, confidence) : exactTail(n, confidence);
  return {
    isRefused: false,
    estimate: hodgesLehmann(differences),
    low: at(averages, leftOut),
    high: at(averages, averages.length - 1 - leftOut),
    confidence: reached,
    leftOut,
    method,
    ties: test.ties,
    zeros: test.zeros,
  };
}

/**
 * The smallest number of pairs for which 2·2⁻ⁿ, the smallest possible two-sided error, is at most the error
 * probability.
 */
export function pairsNeeded(confidence: number): number {
  return Math.max(PAIRS_MIN, Math.ceil(1 - Math.log2(1 - confidence)));
}

interface Tail {
  readonly leftOut: number;
  readonly reached: number;
  readonly method: RankMethod;
}

function exactTail(n: number, confidence: number): Tail {
  const distribution = signedRankDistribution(Array.from({ length: n }, (_, i) => i + 1));
  const leftOut = Math.max(0, distribution.sumsBelow((1 - confidence) / 2) - 1);
  return { leftOut, reached: 1 - 2 * distribution.atMost(leftOut), method: 'exact' };
}

function normalTail(n: number, confidence: number): Tail {
  const mean = (n * (n + 1)) / 4;
  const deviation = Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24);
  const leftOut = Math.max(0, Math.floor(mean - 0.5 + normalQuantile((1 - confidence) / 2) * deviation));
  return { leftOut, reached: 1 - 2 * normalCdf((leftOut + 0.5 - mean) / deviation), method: 'normal' };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
