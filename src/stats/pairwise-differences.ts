/**
 * All pairwise differences `candidate` − `base` of two samples in ascending order, without storing them: two samples of
 * five hundred have a quarter of a million differences, of which an interval needs three.
 */
import { assert, at } from '../base/assert.ts';

/** The position of a value among the differences. */
interface Standing {
  /** Number of differences that are at most the value. */
  readonly count: number;
  /** The largest of those; −Infinity if there are none. */
  readonly below: number;
  /** The smallest of the others; Infinity if there are none. */
  readonly above: number;
}

export class PairwiseDifferences {
  readonly length: number;
  readonly #base: Float64Array;
  readonly #candidate: Float64Array;

  /** Each sample needs at least one value. */
  constructor(base: readonly number[], candidate: readonly number[]) {
    assert(base.length > 0 && candidate.length > 0, 'differences need at least one value on each side');
    this.#base = Float64Array.from(base).sort();
    this.#candidate = Float64Array.from(candidate).sort();
    this.length = base.length * candidate.length;
  }

  /**
   * The difference at an index, from 0, in ascending order. Bisects the range of possible values. Both ends are always
   * actual differences, so the search terminates with an exact result.
   */
  at(index: number): number {
    assert(index >= 0 && index < this.length, 'the index is within the differences');
    let low = at(this.#candidate, 0) - at(this.#base, this.#base.length - 1);
    let high = at(this.#candidate, this.#candidate.length - 1) - at(this.#base, 0);
    while (low < high) {
      const half = low + (high - low) / 2;
      const standing = this.#standing(half < high ? half : low); // between adjacent doubles it may round up
      if (standing.count > index) high = standing.below;
      else low = standing.above;
    }
    return high;
  }

  /** The middle difference, or the mean of the two middle ones. */
  median(): number {
    const half = this.length >> 1;
    return this.length % 2 === 1 ? this.at(half) : (this.at(half - 1) + this.at(half)) / 2;
  }

  /** Number of differences equal to 0: those up to 0 less those up to the next smaller double. */
  zeros(): number {
    return this.#standing(0).count - this.#standing(-Number.MIN_VALUE).count;
  }

  /** One pass over both samples: as the base increases, more candidates are within `value` of it. */
  #standing(value: number): Standing {
    let [count, below, above] = [0, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    let next = 0;
    for (const from of this.#base) {
      while (next < this.#candidate.length && at(this.#candidate, next) - from <= value) next++;
      count += next;
      if (next > 0) below = Math.max(below, at(this.#candidate, next - 1) - from);
      if (next < this.#candidate.length) above = Math.min(above, at(this.#candidate, next) - from);
    }
    return { count, below, above };
  }
}
