/**
 * A robust estimate of location: a few outliers cannot move it far (Hodges and Lehmann, "Estimates of location based on
 * rank tests", 1963). The shift between two samples is the median of their PairwiseDifferences.
 */
import { assert, at } from '../base/assert.ts';
import { walshAverages } from './walsh-averages.ts';

/** Location of one sample: the median of its Walsh averages, in the unit of the values. */
export function hodgesLehmann(values: readonly number[]): number {
  assert(values.length > 0, 'an estimate needs at least one value');
  return middle(walshAverages(values));
}

function middle(sorted: Float64Array): number {
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? at(sorted, half) : (at(sorted, half - 1) + at(sorted, half)) / 2;
}
