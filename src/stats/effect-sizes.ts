/** The size of a difference without a unit: from −1 (always lower) to 1 (always higher). */
import { assert } from '../base/assert.ts';
import { mannWhitneyTest } from './mann-whitney-test.ts';
import { signedRankTest } from './signed-rank-test.ts';

/**
 * P(candidate > base) − P(candidate < base) over all pairs of values (Cliff, "Dominance
 * statistics", 1993).
 */
export function cliffsDelta(base: readonly number[], candidate: readonly number[]): number {
  return 2 * probabilityOfSuperiority(base, candidate) - 1;
}

/**
 * The probability that a value of `candidate` is above one of `base`; equal values count one half (McGraw and Wong, "A
 * common language effect size statistic", 1992; Vargha and Delaney's A, 2000).
 */
function probabilityOfSuperiority(base: readonly number[], candidate: readonly number[]): number {
  assert(base.length > 0 && candidate.length > 0, 'an effect size needs at least one value on each side');
  return mannWhitneyTest(base, candidate).candidateAbove / (base.length * candidate.length);
}

/**
 * Matched-pairs rank-biserial correlation: the sum of positive ranks less that of negative ranks, as a share of the sum
 * of both (Kerby, "The simple difference formula", 2014); 0 if all differences are 0.
 */
export function rankBiserial(differences: readonly number[]): number {
  const { positiveRankSum, negativeRankSum } = signedRankTest(differences);
  const both = positiveRankSum + negativeRankSum;
  return both === 0 ? 0 : (positiveRankSum - negativeRankSum) / both;
}
