/** Ranks from 1 on; equal values share the mean of the ranks they take up (mid-ranks; Kendall, 1945). */
import { at } from '../base/assert.ts';

export interface Ranking {
  /** One for each value, in the order of the values; whole or half numbers. */
  readonly ranks: Float64Array;
  /** Sizes of the groups of equal values, groups of one left out. */
  readonly tieSizes: readonly number[];
}

export function rank(values: readonly number[]): Ranking {
  const order = values.map((_, i) => i).sort((a, b) => at(values, a) - at(values, b));
  const ranks = new Float64Array(values.length);
  const tieSizes: number[] = [];
  for (let first = 0; first < order.length; ) {
    let end = first + 1;
    while (end < order.length && at(values, at(order, end)) === at(values, at(order, first))) end++;
    for (let i = first; i < end; i++) ranks[at(order, i)] = (first + 1 + end) / 2;
    if (end - first > 1) tieSizes.push(end - first);
    first = end;
  }
  return { ranks, tieSizes };
}

/** How many values share their rank with another one. */
export function tiedCount(ranking: Ranking): number {
  return ranking.tieSizes.reduce((sum, size) => sum + size, 0);
}

/** Σ(t³ − t) over the groups of equal values: what ties take from the variance of a rank sum. */
export function tieCorrection(ranking: Ranking): number {
  return ranking.tieSizes.reduce((sum, size) => sum + size ** 3 - size, 0);
}
