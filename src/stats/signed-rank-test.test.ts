import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertClose, readGolden } from './golden.test-suite.ts';
import { hodgesLehmann } from './hodges-lehmann.ts';
import { type RankInterval, signedRankInterval, signedRankTest } from './signed-rank-test.ts';

interface TestCase {
  readonly call: string;
  readonly differences: readonly number[];
  readonly statistic: number;
  readonly pValue: number;
}

interface TailCase {
  readonly n: number;
  readonly confidence: number;
  readonly leftOut: number;
  readonly attained: number;
}

function intervalOf(differences: readonly number[], confidence: number): RankInterval {
  const interval = signedRankInterval(differences, confidence);
  if (interval.isRefused) assert.fail(interval.sentence);
  return interval;
}

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

describe('the signed-rank test', () => {
  for (const { call, differences, statistic, pValue } of readGolden<TestCase[]>('wilcoxon-signed-rank')) {
    it(`agrees with SciPy: ${call}, n = ${differences.length}`, () => {
      const test = signedRankTest(differences);
      assert.equal(Math.min(test.positiveRankSum, test.negativeRankSum), statistic);
      assertClose(test.pValue, pValue, 1e-9);
      assert.equal(test.method === 'exact', call.includes("method='exact'"));
    });
  }

  it('says how many zeros and ties there were, and that it is conditional then', () => {
    const { zeros, ties, method } = signedRankTest([0, 0, 3, -3, 3, 1, 2, 5]);
    assert.deepEqual({ zeros, ties, method }, { zeros: 2, ties: 3, method: 'conditional exact' });
    assert.equal(signedRankTest(upTo(8)).method, 'exact');
  });

  it('finds nothing in zeros alone', () => {
    assert.equal(signedRankTest([0, 0, 0, 0, 0, 0]).pValue, 1);
  });
});

describe('the signed-rank interval', () => {
  it('for ten pairs is the 9th to 47th of 55 Walsh averages at 95.1 %, the 4th to 52nd at 99.0 %', () => {
    const wide = intervalOf(upTo(10), 0.95);
    assert.deepEqual([wide.leftOut + 1, 55 - wide.leftOut, wide.confidence.toFixed(3)], [9, 47, '0.951']);
    const wider = intervalOf(upTo(10), 0.99);
    assert.deepEqual([wider.leftOut + 1, 55 - wider.leftOut, wider.confidence.toFixed(3)], [4, 52, '0.990']);
  });

  it('leaves out what an enumeration of all signs says', () => {
    const { tails } = readGolden<{ tails: TailCase[] }>('signed-rank-tails');
    assert.ok(tails.length > 20);
    for (const { n, confidence, leftOut, attained } of tails) {
      const interval = intervalOf(upTo(n), confidence);
      assert.equal(interval.leftOut, leftOut, `n = ${n}, ${confidence}`);
      assertClose(interval.confidence, attained, 1e-12);
    }
  });

  it('gives what Hollander and Wolfe give for their nine patients (table 3.1)', () => {
    const before = [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3];
    const after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29];
    const differences = after.map((value, i) => value - (before[i] ?? Number.NaN));
    const { estimate, low, high, confidence } = intervalOf(differences, 0.95);
    assert.deepEqual(
      [estimate, low, high].map((value) => value.toFixed(3)),
      ['-0.460', '-0.786', '-0.010'],
    );
    assert.equal(confidence.toFixed(3), '0.961');
    assert.equal(signedRankTest(differences).pValue.toFixed(5), '0.03906');
  });

  it('refuses fewer than six pairs, and fewer than the confidence needs', () => {
    const few = signedRankInterval(upTo(5), 0.95);
    assert.ok(few.isRefused);
    assert.equal(few.reason, 'too-few-pairs');
    assert.match(few.sentence, /need at least 6 pairs, found 5/);
    const sure = signedRankInterval(upTo(7), 0.99);
    assert.ok(sure.isRefused);
    assert.match(sure.sentence, /need at least 8 pairs for 99\.0 % confidence, found 7/);
    assert.equal(signedRankInterval(upTo(8), 0.99).isRefused, false);
  });

  it('is exact up to 200 pairs and says where it is not', () => {
    assert.equal(intervalOf(upTo(60), 0.95).method, 'exact');
    const [exact, normal] = [intervalOf(upTo(200), 0.95), intervalOf(upTo(201), 0.95)];
    assert.equal(normal.method, 'normal');
    assert.ok(Math.abs(exact.leftOut / 20_100 - normal.leftOut / 20_301) < 0.001);
    assert.ok(Math.abs(normal.confidence - 0.95) < 0.001);
  });

  it('has no width where all differences are the same, and says that they are tied', () => {
    const { low, high, ties, zeros } = intervalOf([2, 2, 2, 2, 2, 2], 0.95);
    assert.deepEqual({ low, high, ties, zeros }, { low: 2, high: 2, ties: 6, zeros: 0 });
  });
});

describe('the Hodges–Lehmann estimate', () => {
  it('is the median of the Walsh averages', () => {
    const cases = readGolden<{ values: number[]; estimate: number }[]>('hodges-lehmann');
    for (const { values, estimate } of cases) assertClose(hodgesLehmann(values), estimate, 1e-12);
  });
});
