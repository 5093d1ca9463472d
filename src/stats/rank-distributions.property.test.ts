/** The distributions of rank sums against counting all signs and all choices, and against printed tables. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type RankSumDistribution, rankSumDistribution, signedRankDistribution } from './rank-distributions.ts';
import { rank } from './ranks.ts';

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);
/** Mid-ranks of values with many ties. */
const tiedRanks = fc
  .array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 9 })
  .map((values) => [...rank(values).ranks]);

/** The sums of every subset of the ranks that `isCounted`. */
function subsetSums(ranks: readonly number[], isCounted: (size: number) => boolean): number[] {
  return Array.from({ length: 2 ** ranks.length }, (_, mask) => ranks.filter((_, i) => (mask >> i) & 1))
    .filter((subset) => isCounted(subset.length))
    .map((subset) => subset.reduce((sum, one) => sum + one, 0));
}

function agrees(distribution: RankSumDistribution, sums: readonly number[], at: readonly number[]): void {
  for (const sum of at) {
    const low = sums.filter((one) => one <= sum).length / sums.length;
    const high = sums.filter((one) => one >= sum).length / sums.length;
    assert.ok(Math.abs(distribution.atMost(sum) - low) < 1e-12, `P(≤ ${sum}): ${distribution.atMost(sum)}, not ${low}`);
    assert.ok(Math.abs(distribution.atLeast(sum) - high) < 1e-12, `P(≥ ${sum}): ${distribution.atLeast(sum)}`);
    assert.ok(Math.abs(distribution.twoSided(sum) - Math.min(1, 2 * Math.min(low, high))) < 1e-12);
  }
}

describe('the distribution of the signed-rank sum', () => {
  it('is that of all signs, ties included, also at sums that cannot occur', () => {
    fc.assert(
      fc.property(tiedRanks, (ranks) => {
        const sums = subsetSums(ranks, () => true);
        const total = ranks.reduce((sum, one) => sum + one, 0);
        agrees(signedRankDistribution(ranks), sums, [-1, -0.5, 0, 0.5, 1, total / 2, total - 1, total, total + 1]);
      }),
    );
  });

  it('has the critical values of the printed table (Wilcoxon, two-sided 5 %, 2 % and 1 %)', () => {
    // n, and the largest sum that is significant; the table of every textbook.
    const table: [n: number, five: number, two: number, one: number][] = [
      [8, 3, 1, 0],
      [9, 5, 3, 1],
      [10, 8, 5, 3],
      [12, 13, 9, 7],
      [15, 25, 19, 15],
      [20, 52, 43, 37],
      [25, 89, 76, 68],
    ];
    for (const [n, ...criticals] of table) {
      const distribution = signedRankDistribution(upTo(n));
      [0.05, 0.02, 0.01].forEach((level, i) => {
        const critical = criticals[i] ?? Number.NaN;
        assert.ok(distribution.twoSided(critical) <= level, `n ${n}, ${critical} at ${level}`);
        assert.ok(distribution.twoSided(critical + 1) > level, `n ${n}, ${critical + 1} at ${level}`);
        assert.equal(distribution.sumsBelow(level / 2), critical + 1, 'the sums from 0 to the critical one');
      });
    }
  });

  it('keeps the precision of a small probability', () => {
    const distribution = signedRankDistribution(upTo(60));
    const all = (60 * 61) / 2;
    assert.equal(distribution.atLeast(all), 2 ** -60);
    assert.equal(distribution.atMost(0), 2 ** -60);
  });
});

describe('the distribution of U', () => {
  it('is that of all choices, without ties', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), (n, m) => {
        const least = (m * (m + 1)) / 2;
        const sums = subsetSums(upTo(n + m), (size) => size === m).map((sum) => sum - least);
        agrees(rankSumDistribution(upTo(n + m), m), sums, [-1, 0, 0.5, 1, (n * m) / 2, n * m - 1, n * m, n * m + 1]);
      }),
    );
  });

  it('has the critical values of the printed table (Mann and Whitney, two-sided 5 %)', () => {
    // Sizes of the samples, and the largest U that is significant.
    const table: [n: number, m: number, critical: number][] = [
      [4, 4, 0],
      [5, 5, 2],
      [6, 5, 3],
      [7, 7, 8],
      [8, 8, 13],
      [10, 10, 23],
      [12, 8, 22],
      [15, 15, 64],
      [20, 20, 127],
    ];
    for (const [n, m, critical] of table) {
      for (const distribution of [rankSumDistribution(upTo(n + m), m), rankSumDistribution(upTo(n + m), n)]) {
        assert.ok(distribution.twoSided(critical) <= 0.05, `${n} and ${m}: ${critical}`);
        assert.ok(distribution.twoSided(critical + 1) > 0.05, `${n} and ${m}: ${critical + 1}`);
      }
    }
  });

  it('is symmetric, and the same whichever sample is chosen', () => {
    for (const [n, m] of [
      [3, 7],
      [6, 6],
      [1, 9],
    ] as const) {
      const [one, other] = [rankSumDistribution(upTo(n + m), m), rankSumDistribution(upTo(n + m), n)];
      for (let u = 0; u <= n * m; u++) {
        assert.ok(Math.abs(one.atMost(u) - other.atMost(u)) < 1e-12);
        assert.ok(Math.abs(one.atMost(u) - one.atLeast(n * m - u)) < 1e-12);
      }
    }
  });
});

describe('what an interval excludes at each end', () => {
  it('is as many sums as the probability allows, and not one more', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 14 }), fc.double({ min: 0.0001, max: 0.4, noNaN: true }), (n, tail) => {
        const distribution = signedRankDistribution(upTo(n));
        const excluded = distribution.sumsBelow(tail);
        if (excluded > 0) assert.ok(distribution.atMost(excluded - 1) <= tail + 1e-12);
        assert.ok(distribution.atMost(excluded) > tail - 1e-12);
      }),
    );
  });
});
