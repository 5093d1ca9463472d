/**
 * The best index at which to split a series in two, by the energy distance between the values before and after it
 * (Matteson and James, "A nonparametric approach for multiple change point analysis of multivariate data", 2014, 2.2 to
 * 2.4, with α = 1).
 *
 * A table holds the sums of distances over all rectangles of pairs that start at the first value; the sum over any
 * rectangle follows from it. The cost of a split therefore does not depend on the length of its sides.
 */
import { at } from '../base/assert.ts';

export interface Split {
  /** Index of the first value after the split. */
  readonly index: number;
  /** Q: the distance between the sides, weighted by their numbers of values. */
  readonly statistic: number;
}

/** Finds splits. It keeps its table between calls, since a permutation test makes hundreds of them. */
export class EnergySplitter {
  readonly #width: number;
  /** Row i, column j: the sum of |x − y| over the first i and the first j values. */
  readonly #sums: Float64Array;

  constructor(valuesMax: number) {
    this.#width = valuesMax + 1;
    this.#sums = new Float64Array(this.#width ** 2);
  }

  /**
   * The split with the largest Q in which each side has at least `sideMin` values; null if there are too few. The
   * side after the split may end before the last value (κ in the paper), so that a second change after it does not hide
   * the first.
   */
  best(values: ArrayLike<number>, sideMin: number): Split | null {
    this.#fill(values);
    let best: Split | null = null;
    for (let index = sideMin; index <= values.length - sideMin; index++) {
      for (let end = index + sideMin; end <= values.length; end++) {
        const statistic = this.#between(index, end);
        if (best === null || statistic > best.statistic) best = { index, statistic };
      }
    }
    return best;
  }

  #fill(values: ArrayLike<number>): void {
    const width = this.#width;
    const sums = this.#sums;
    for (let i = 0; i < values.length; i++) {
      let row = 0;
      for (let j = 0; j < values.length; j++) {
        row += Math.abs(at(values, i) - at(values, j));
        sums[(i + 1) * width + j + 1] = at(sums, i * width + j + 1) + row;
      }
    }
  }

  /** Q of the values [0, `index`) against [`index`, `end`): mn/(m + n) · (2·mean between − both means within). */
  #between(index: number, end: number): number {
    const before = index;
    const after = end - index;
    const corner = this.#sum(index, index);
    const across = this.#sum(index, end) - corner;
    const withinAfter = this.#sum(end, end) - 2 * this.#sum(index, end) + corner;
    const energy =
      (2 * across) / (before * after) -
      corner / Math.max(1, before * (before - 1)) -
      withinAfter / Math.max(1, after * (after - 1));
    return ((before * after) / (before + after)) * energy;
  }

  #sum(rows: number, columns: number): number {
    return at(this.#sums, rows * this.#width + columns);
  }
}
