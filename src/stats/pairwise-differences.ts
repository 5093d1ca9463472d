/**
 * The differences of all pairs of two samples, `candidate` less `base`, in order of size, without making them:
 * five hundred runs against five hundred have a quarter of a million of them, of which an interval reads three.
 */
import { assert, at } from '../base/assert.ts';

/** Where a value stands among the differences. */
interface Standing {
  /** Differences that are not above it. */
  readonly count: number;
  /** The highest of those; below any if there are none. */
  readonly below: number;
  /** The lowest of the others; above any if there are none. */
  readonly above: number;
}

export class PairwiseDifferences {
  readonly length: number;
  readonly #base: Float64Array;
  readonly #candidate: Float64Array;

  /** Each sample has at least one value. */
  constructor(base: readonly number[], candidate: readonly number[]) {
    assert(base.length > 0 && candidate.length > 0, 'differences need at least one value on each side');
    this.#base = Float64Array.from(base).sort();
    this.#candidate = Float64Array.from(candidate).sort();
    this.length = base.length * candidate.length;
  }

  /**
   * The difference at this index, from 0 on, in rising order. Halves the range of values that it can be in, the
   * ends always being differences themselves, so it ends, and exactly.
   */
  at(index: number): number {
    assert(index >= 0 && index < this.length, 'the index is that of a difference');
    let low = at(this.#candidate, 0) - at(this.#base, this.#base.length - 1);
    let high = at(this.#candidate, this.#candidate.length - 1) - at(this.#base, 0);
    while (low < high) {
      const half = low + (high - low) / 2;
      const standing = this.#standing(half < high ? half : low); // between neighbours it is rounded up
      if (standing.count > index) high = standing.below;
      else low = standing.above;
    }
    return high;
  }

  /** The middle one, or the mean of the two in the middle. */
  median(): number {
    const half = this.length >> 1;
    return this.length % 2 === 1 ? this.at(half) : (this.at(half - 1) + this.at(half)) / 2;
  }

  /** How many are 0: those up to 0 without those up to the next number below it. */
  zeros(): number {
    return this.#standing(0).count - this.#standing(-Number.MIN_VALUE).count;
  }

  /** One walk along both samples: the larger the base, the more candidates are within `value` of it. */
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
