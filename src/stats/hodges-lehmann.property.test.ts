/** The robust estimate of location against sorting all averages, and against outliers. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { hodgesLehmann } from './hodges-lehmann.ts';
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

  it('needs a value', () => {
    assert.throws(() => hodgesLehmann([]), /at least one value/);
  });
});
