/**
 * Exact null distributions of rank sums, given the ranks as they are. With whole ranks 1 to n they
 * are the tables of the textbooks; with mid-ranks they are the conditional distributions that
 * ties need (Hollander, Wolfe and Chicken, "Nonparametric Statistical Methods", 3rd ed., 3.1 and 4.1).
 *
 * Mid-ranks are halves, so sums are counted in half ranks: `probabilities[s]` belongs to the sum s/2.
 */
import { at } from '../base/assert.ts';

export class RankSumDistribution {
  /** P(sum = s/2) at s. */
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

  /** P(sum ≥ `sum`), added up from its own tail so that a small one keeps its digits. */
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
   * How many of the lowest sums 0, 1, 2, … have P(sum ≤ last of them) at most `probability`: what
   * an interval leaves out at each end. 0 if even the lowest is too likely.
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

/** Sum of the ranks that got a plus, each with probability 1/2. */
export function signedRankDistribution(ranks: ArrayLike<number>): RankSumDistribution {
  const halves = Array.from(ranks, (rank) => rank * 2);
  const most = halves.reduce((sum, half) => sum + half, 0);
  const probabilities = new Float64Array(most + 1);
  probabilities[0] = 1;
  let reached = 0;
  for (const half of halves) {
    reached += half;
    for (let s = reached; s >= 0; s--) {
      const without = at(probabilities, s);
      const withIt = s >= half ? at(probabilities, s - half) : 0;
      probabilities[s] = (without + withIt) / 2;
    }
  }
  return new RankSumDistribution(probabilities);
}

/**
 * Sum of the ranks of `chosen` values out of all, each choice equally likely, less its least for
 * untied ranks, chosen·(chosen + 1)/2: Mann and Whitney's U.
 */
export function rankSumDistribution(ranks: ArrayLike<number>, chosen: number): RankSumDistribution {
  const halves = Array.from(ranks, (rank) => rank * 2);
  const most = [...halves].sort((a, b) => b - a).slice(0, chosen);
  const width = most.reduce((sum, half) => sum + half, 0) + 1;
  const ways = new Float64Array((chosen + 1) * width); // row k: ways to choose k values, by their sum
  ways[0] = 1;
  for (const half of halves) {
    for (let k = chosen; k > 0; k--) {
      const row = k * width;
      for (let s = width - 1; s >= half; s--) {
        ways[row + s] = at(ways, row + s) + at(ways, row - width + s - half);
      }
    }
  }
  const counts = ways.subarray(chosen * width);
  const all = counts.reduce((sum, count) => sum + count, 0);
  return new RankSumDistribution(counts.subarray(chosen * (chosen + 1)).map((count) => count / all));
}
