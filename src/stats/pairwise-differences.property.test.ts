import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { PairwiseDifferences } from './pairwise-differences.ts';

/** All of them, made and sorted. */
function naive(base: readonly number[], candidate: readonly number[]): number[] {
  return base.flatMap((from) => candidate.map((to) => to - from)).sort((a, b) => a - b);
}

/** With ties, wild values, values next to each other, and values that hardly differ from 0. */
const value = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.double({ noNaN: true, min: -1e12, max: 1e12 }),
  fc.constantFrom(0.1, 0.1 + Number.EPSILON / 8, Number.MIN_VALUE, -Number.MIN_VALUE, 1e300, -1e300),
);
const sample = fc.array(value, { minLength: 1, maxLength: 12, size: 'max' });

describe('differences of pairs', () => {
  it('are those that a list of all of them has at each place', () => {
    fc.assert(
      fc.property(sample, sample, (base, candidate) => {
        const all = naive(base, candidate);
        const differences = new PairwiseDifferences(base, candidate);
        assert.equal(differences.length, all.length);
        for (const [i, one] of all.entries()) assert.ok(differences.at(i) === one, `at ${i}`);
        assert.equal(differences.zeros(), all.filter((one) => one === 0).length);
        const half = all.length >> 1;
        const [left = 0, right = 0] = [all[half - 1], all[half]];
        assert.ok(differences.median() === (all.length % 2 === 1 ? right : (left + right) / 2));
      }),
    );
  });
});
