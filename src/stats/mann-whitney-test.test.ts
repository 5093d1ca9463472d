import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertClose, readGolden } from './golden.test-suite.ts';
import { mannWhitneyInterval, mannWhitneyTest } from './mann-whitney-test.ts';
import { PairwiseDifferences } from './pairwise-differences.ts';

interface Case {
  readonly call: string;
  readonly base: readonly number[];
  readonly candidate: readonly number[];
  readonly statistic: number;
  readonly pValue: number;
  readonly shift: number;
}

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

describe('the Mann–Whitney test', () => {
  for (const { call, base, candidate, statistic, pValue, shift } of readGolden<Case[]>('mann-whitney')) {
    it(`agrees with SciPy: ${call}, ${base.length} against ${candidate.length}`, () => {
      const test = mannWhitneyTest(base, candidate);
      assert.equal(test.candidateAbove, statistic);
      assertClose(test.pValue, pValue, 1e-9);
      assertClose(new PairwiseDifferences(base, candidate).median(), shift, 1e-9);
      if (call.includes('asymptotic')) assert.equal(test.method, 'normal');
      else assert.equal(test.method, call.includes('Permutation') ? 'conditional exact' : 'exact');
    });
  }

  it('finds nothing where every value is the same', () => {
    assert.equal(mannWhitneyTest([1, 1, 1], [1, 1]).pValue, 1);
    assert.equal(mannWhitneyTest(Array(60).fill(1), Array(60).fill(1)).pValue, 1);
  });
});

describe('the interval of a shift', () => {
  it('leaves out the differences that the tables of U say: 23 at each end for ten and ten, 2 for five and five', () => {
    // Critical values of U at 5 %, two-sided: 23 for 10 and 10, 2 for 5 and 5 (any table).
    const ten = mannWhitneyInterval(upTo(10), upTo(10), 0.95);
    const five = mannWhitneyInterval(upTo(5), upTo(5), 0.95);
    assert.ok(!ten.isRefused && !five.isRefused);
    assert.deepEqual([ten.leftOut, five.leftOut], [23, 2]);
    assert.ok(ten.confidence >= 0.95 && five.confidence >= 0.95);
  });

  it('refuses samples too small for the confidence', () => {
    const refused = mannWhitneyInterval([1, 2, 3], [4, 5, 6], 0.95);
    assert.ok(refused.isRefused);
    assert.match(refused.sentence, /3 and 3 runs are too few for 95\.0 % confidence/);
    assert.ok(mannWhitneyInterval([], [1], 0.95).isRefused);
  });

  it('holds the shift, and says when it is the normal approximation', () => {
    const base = Array.from({ length: 60 }, (_, i) => Math.sin(i * 7));
    const interval = mannWhitneyInterval(
      base,
      base.map((value) => value + 5),
      0.95,
    );
    assert.ok(!interval.isRefused);
    assert.equal(interval.method, 'normal');
    assert.ok(interval.low <= 5 && interval.high >= 5);
    assert.ok(Math.abs(interval.estimate - 5) < 0.1);
  });
});
