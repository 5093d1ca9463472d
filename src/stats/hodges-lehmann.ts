/**
 * Robust estimates of location and shift: a few outliers cannot move them far (Hodges and Lehmann, "Estimates of
 * location based on rank tests", 1963).
 */
import { assert, at } from '../base/assert.ts';
import { PairwiseDifferences } from './pairwise-differences.ts';
import { walshAverages } from './walsh-averages.ts';

/** Location of one sample: the median of its Walsh averages, in the unit of the values. */
export function hodgesLehmann(values: readonly number[]): number {
  assert(values.length > 0, 'an estimate needs at least one value');
  return middle(walshAverages(values));
}

/** Shift of `candidate` relative to `base`: the median of all pairwise differences, in the unit of the values. */
export function hodgesLehmannShift(base: readonly number[], candidate: readonly number[]): number {
  assert(base.length > 0 && candidate.length > 0, 'a shift needs at least one value on each side');
  return new PairwiseDifferences(base, candidate).median();
}

function middle(sorted: Float64Array): number {
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? at(sorted, half) : (at(sorted, half - 1) + at(sorted, half)) / 2;
}
