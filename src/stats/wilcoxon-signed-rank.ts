/**
 * Paired differences: whether they lie to one side of zero, and the interval that holds their
 * middle. Wilcoxon, "Individual comparisons by ranking methods", 1945; zeros after Pratt, 1959.
 *
 * The distribution is exact for the ranks as they are, ties and zeros included, so that ten pairs
 * are enough; the only assumption is that the differences are symmetric about their middle, which
 * differences of two equally noisy runs are.
 */
import { at } from '../base/assert.ts';
import { hodgesLehmann } from './hodges-lehmann.ts';
import { normalCdf, normalQuantile } from './normal-distribution.ts';
import { signedRankDistribution } from './rank-distributions.ts';
import { rank, tiedCount } from './ranks.ts';
import { type Refusal, refuse } from './refusal.ts';
import { walshAverages } from './walsh-averages.ts';

/** Below it no interval reaches 95 % (MEASURING.md). */
export const PAIRS_LEAST = 6;
/** Above it the normal approximation is right to four digits, and the exact distribution slow. */
const EXACT_PAIRS_MOST = 200;

/** Exact: tables for untied ranks. Conditional exact: the same, given ties. Normal: an approximation. */
export const RANK_METHODS = ['exact', 'conditional exact', 'normal'] as const;
export type RankMethod = (typeof RANK_METHODS)[number];

export interface SignedRankTest {
  /** Sum of the ranks of the positive differences. */
  readonly positiveRankSum: number;
  readonly negativeRankSum: number;
  /** Two-sided. */
  readonly pValue: number;
  readonly method: RankMethod;
  /** Differences that are exactly 0: ranked with the others, then left out (Pratt). */
  readonly zeros: number;
  /** Differences that share their size with another one. */
  readonly ties: number;
}

export interface RankInterval {
  readonly isRefused: false;
  /** Hodges–Lehmann. */
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  /** What the interval really has: at least what was asked for. */
  readonly confidence: number;
  /** Order statistics left out at each end of the averages or differences. */
  readonly leftOut: number;
  readonly method: RankMethod;
  readonly ties: number;
  readonly zeros: number;
}

/** Tests whether `differences` are symmetric about 0; all of them 0 gives a p-value of 1. */
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
  if (signed.length > EXACT_PAIRS_MOST) {
    return { ...shared, method: 'normal', pValue: normalPValue(positiveRankSum, signed) };
  }
  const pValue = signedRankDistribution(signed).twoSided(positiveRankSum);
  return { ...shared, method: zeros + ties > 0 ? 'conditional exact' : 'exact', pValue };
}

/** Σr/2 and Σr²/4 are mean and variance given the ranks, so ties need no further correction; ½ for continuity. */
function normalPValue(positiveRankSum: number, ranks: readonly number[]): number {
  const mean = ranks.reduce((sum, one) => sum + one, 0) / 2;
  const variance = ranks.reduce((sum, one) => sum + one * one, 0) / 4;
  const distance = Math.max(0, Math.abs(positiveRankSum - mean) - 0.5);
  return Math.min(1, 2 * normalCdf(-distance / Math.sqrt(variance)));
}

/**
 * The interval of the middle of the differences by inverting the test: the Walsh averages from the
 * (k + 1)-th to the (k + 1)-th from the end, k being the highest sum with P(W ≤ k) at most half of what
 * `confidence` leaves. n = 10: 95.1 % is the 9th to 47th of 55, 99.0 % the 4th to 52nd.
 *
 * Ties only make it hold more often, since both ends belong to it (Pratt and Gibbons, 1981, 3.4).
 *
 * @param confidence such as 0.95; the refusal says how many pairs it needs.
 */
export function signedRankInterval(differences: readonly number[], confidence: number): RankInterval | Refusal {
  const n = differences.length;
  const needed = pairsNeeded(confidence);
  if (n < needed) {
    const reached = needed > PAIRS_LEAST ? ` for ${percent(confidence)} confidence` : '';
    return refuse('too-few-pairs', `need at least ${needed} pairs${reached}, found ${n}`);
  }
  const averages = walshAverages(differences);
  const test = signedRankTest(differences);
  const { leftOut, reached, method } = n > EXACT_PAIRS_MOST ? normalTail(n, confidence) : exactTail(n, confidence);
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

/** The fewest pairs with 2·2⁻ⁿ, the least two-sided error there is, at most what `confidence` leaves. */
export function pairsNeeded(confidence: number): number {
  return Math.max(PAIRS_LEAST, Math.ceil(1 - Math.log2(1 - confidence)));
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
