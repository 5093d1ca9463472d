/** Ranks, from 1. Equal values share the mean of their ranks (mid-ranks; Kendall, 1945). */
import { at } from '../base/assert.ts';

export interface Ranking {
  /** One rank per value, in the order of the values; integers or half-integers. */
  readonly ranks: Float64Array;
  /** Sizes of the groups of equal values, without groups of one. */
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

/** Number of values that share their rank with another one. */
export function tiedCount(ranking: Ranking): number {
  return ranking.tieSizes.reduce((sum, size) => sum + size, 0);
}

/** Σ(t³ − t) over the groups of equal values: the reduction of the variance of a rank sum by ties. */
export function tieCorrection(ranking: Ranking): number {
  return ranking.tieSizes.reduce((sum, size) => sum + size ** 3 - size, 0);
}
