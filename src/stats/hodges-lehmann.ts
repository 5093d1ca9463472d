/**
 * Estimates of where the middle is, and of a shift, that a few wild values cannot move far
 * (Hodges and Lehmann, "Estimates of location based on rank tests", 1963).
 */
import { assert, at } from '../base/assert.ts';
import { PairwiseDifferences } from './pairwise-differences.ts';
import { walshAverages } from './walsh-averages.ts';

/** Of one sample: the median of its Walsh averages, in the values' unit. */
export function hodgesLehmann(values: readonly number[]): number {
  assert(values.length > 0, 'an estimate needs at least one value');
  return middle(walshAverages(values));
}

/** How far `candidate` lies above `base`: the median of all differences, in the values' unit. */
export function hodgesLehmannShift(base: readonly number[], candidate: readonly number[]): number {
  assert(base.length > 0 && candidate.length > 0, 'a shift needs at least one value on each side');
  return new PairwiseDifferences(base, candidate).median();
}

function middle(sorted: Float64Array): number {
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? at(sorted, half) : (at(sorted, half - 1) + at(sorted, half)) / 2;
}
