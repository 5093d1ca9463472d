/**
 * Exact null distributions of rank sums for given ranks. For the ranks 1 to n they are the tables of textbooks; for
 * mid-ranks they are the conditional distributions that ties require (Hollander, Wolfe and Chicken, "Nonparametric
 * Statistical Methods", 3rd ed., 3.1 and 4.1).
 *
 * Mid-ranks may be half-integers, so sums are counted in halves: `probabilities[s]` is the probability of the sum s/2.
 */
import { at } from '../base/assert.ts';

export class RankSumDistribution {
  /** P(sum = s/2) at index s. */
  readonly #probabilities: Float64Array;

  constructor(probabilities: Float64Array) {
    this.#probabilities = probabilities;
  }

  /** P(sum ≤ `sum`). */
  atMost(sum: number): number {
    let total = 0;
    const last = Math.min(this.#probabilities.length - 1, Math.floor(sum * 2));
    for (let s = 0; s <= last; s++) total += at(this.#probabilities, s);
    return Math.min(1, total);
  }

  /** P(sum ≥ `sum`), added up from its own tail so that a small probability keeps its precision. */
  atLeast(sum: number): number {
    let total = 0;
    for (let s = this.#probabilities.length - 1; s >= Math.max(0, Math.ceil(sum * 2)); s--) {
      total += at(this.#probabilities, s);
    }
    return Math.min(1, total);
  }

  /** Twice the smaller tail, at most 1. */
  twoSided(sum: number): number {
    return Math.min(1, 2 * Math.min(this.atMost(sum), this.atLeast(sum)));
  }

  /**
   * The number of lowest sums 0, 1, 2, … whose total probability is at most `probability`: what an interval excludes at
   * each end. 0 if even the lowest sum is too likely.
   */
  sumsBelow(probability: number): number {
    let total = 0;
    for (let sum = 0; sum * 2 < this.#probabilities.length; sum++) {
      total += at(this.#probabilities, sum * 2);
      if (total > probability) return sum;
    }
    return Math.ceil(this.#probabilities.length / 2);
  }
}

/** The sum of the positive ranks if each sign has probability 1/2. */
export function signedRankDistribution(ranks: ArrayLike<number>): RankSumDistribution {
  const halves = Array.from(ranks, (rank) => rank * 2);
  const sumMax = halves.reduce((sum, half) => sum + half, 0);
  const probabilities = new Float64Array(sumMax + 1);
  probabilities[0] = 1;
  let reached = 0;
  for (const half of halves) {
    reached += half;
    // Inside the array, here and below: the loops do nearly all of the work of a comparison.
    for (let s = reached; s >= half; s--) {
      probabilities[s] = ((probabilities[s] as number) + (probabilities[s - half] as number)) / 2;
    }
    for (let s = half - 1; s >= 0; s--) probabilities[s] = (probabilities[s] as number) / 2;
  }
  return new RankSumDistribution(probabilities);
}

/**
 * The sum of the ranks of `chosen` values if each choice is equally likely, less its minimum for untied ranks,
 * chosen·(chosen + 1)/2: the U of Mann and Whitney.
 */
export function rankSumDistribution(ranks: ArrayLike<number>, chosen: number): RankSumDistribution {
  const halves = Array.from(ranks, (rank) => rank * 2);
  const largest = [...halves].sort((a, b) => b - a).slice(0, chosen);
  const width = largest.reduce((sum, half) => sum + half, 0) + 1;
  const ways = new Float64Array((chosen + 1) * width); // row k: ways to choose k values, by their sum
  ways[0] = 1;
  let reached = 0;
  let seen = 0;
  for (const half of halves) {
    reached += half;
    seen++;
    // No row beyond what was seen, and no sum beyond what was reached, has any ways yet.
    for (let k = Math.min(chosen, seen); k > 0; k--) {
      const row = k * width;
      for (let s = Math.min(width - 1, reached); s >= half; s--) {
        ways[row + s] = (ways[row + s] as number) + (ways[row - width + s - half] as number);
      }
    }
  }
  const counts = ways.subarray(chosen * width);
  const all = counts.reduce((sum, count) => sum + count, 0);
  return new RankSumDistribution(counts.subarray(chosen * (chosen + 1)).map((count) => count / all));
}
