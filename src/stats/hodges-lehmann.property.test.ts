/** Robust estimates against sorting all averages and all differences, and against outliers. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { hodgesLehmann, hodgesLehmannShift } from './hodges-lehmann.ts';
import { median } from './quantiles.ts';
import { walshAverages } from './walsh-averages.ts';

const sample = fc.array(fc.integer({ min: -500, max: 500 }), { minLength: 1, maxLength: 20 });

describe('the location of a sample', () => {
  it('is the median of the averages of all pairs, each value with itself included', () => {
    fc.assert(
      fc.property(sample, (values) => {
        const averages = values.flatMap((x, i) => values.slice(i).map((y) => (x + y) / 2));
        assert.deepEqual(
          [...walshAverages(values)],
          averages.sort((a, b) => a - b),
        );
        assert.equal(hodgesLehmann(values), median(averages));
      }),
    );
  });

  it('is not moved far by a quarter of wild values, as the mean is', () => {
    fc.assert(
      fc.property(fc.constantFrom(-1, 1), fc.integer({ min: 1e6, max: 1e9 }), (side, far) => {
        const calm = [97, 98, 99, 99, 100, 100, 101, 101, 102, 103, 100, 100];
        const disturbed = [...calm, side * far, side * far, side * (far + 1)];
        assert.ok(Math.abs(hodgesLehmann(disturbed) - hodgesLehmann(calm)) <= 3);
      }),
    );
  });
});

describe('the shift between two samples', () => {
  it('is the median of all differences', () => {
    fc.assert(
      fc.property(sample, sample, (base, candidate) => {
        const differences = candidate.flatMap((value) => base.map((other) => value - other));
        assert.equal(hodgesLehmannShift(base, candidate), median(differences));
      }),
    );
  });

  it('is exactly what was added to every value', () => {
    fc.assert(
      fc.property(sample, fc.integer({ min: -300, max: 300 }), (base, shift) => {
        const candidate = base.map((value) => value + shift);
        assert.equal(hodgesLehmannShift(base, candidate), shift);
      }),
    );
    assert.throws(() => hodgesLehmannShift([], [1]), /at least one value on each side/);
    assert.throws(() => hodgesLehmann([]), /at least one value/);
  });
});
