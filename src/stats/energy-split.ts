/**
 * The best place to cut a row of values in two, by the energy distance between what lies before
 * the cut and what lies after it (Matteson and James, "A nonparametric approach for multiple
 * change point analysis of multivariate data", 2014, 2.2 to 2.4, with α = 1).
 *
 * Sums of distances over any rectangle of pairs come from a table of sums over rectangles that
 * start at the first value, so each cut costs the same however long its sides are.
 */
import { at } from '../base/assert.ts';

export interface Split {
  /** First value after the cut. */
  readonly index: number;
  /** Q: how far apart both sides are, weighted by how many values they have. */
  readonly statistic: number;
}

/** Finds cuts; keeps its table between calls, as a permutation test makes hundreds of them. */
export class EnergySplitter {
  readonly #width: number;
  /** Row i, column j: the sum of |x − y| over the first i and the first j values. */
  readonly #sums: Float64Array;

  constructor(valuesMost: number) {
    this.#width = valuesMost + 1;
    this.#sums = new Float64Array(this.#width ** 2);
  }

  /**
   * The cut with the largest Q, each side having at least `sideLeast` values; null if there are too
   * few. The side after the cut may end before the last value (κ in the paper), so that a second
   * change behind it does not hide the first.
   */
  best(values: ArrayLike<number>, sideLeast: number): Split | null {
    this.#fill(values);
    let best: Split | null = null;
    for (let index = sideLeast; index <= values.length - sideLeast; index++) {
      for (let end = index + sideLeast; end <= values.length; end++) {
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

  /** Q of values 0 to `index` against `index` to `end`: mn/(m + n) · (2·mean between − both means within). */
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
