/** Quantiles against what they mean: shares of a sample, and against values of R. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { median, quantile } from './quantiles.ts';

const sample = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 30 });
const share = fc.double({ min: 0, max: 1, noNaN: true });

describe('a quantile', () => {
  it("has R's values (quantile, type 7, of 1, 2, 4, 8, 16)", () => {
    const values = [16, 1, 8, 2, 4];
    const expected: [q: number, value: number][] = [
      [0, 1],
      [0.1, 1.4],
      [0.25, 2],
      [0.5, 4],
      [0.9, 12.8],
      [0.975, 15.2],
      [1, 16],
    ];
    for (const [q, value] of expected) assert.ok(Math.abs(quantile(values, q) - value) < 1e-12, `${q}`);
  });

  it('has its share of the sample on either side, and does not change the sample', () => {
    fc.assert(
      fc.property(sample, share, (values, q) => {
        const before = [...values];
        const found = quantile(values, q);
        assert.deepEqual(values, before);
        const below = values.filter((value) => value < found).length;
        const above = values.filter((value) => value > found).length;
        assert.ok(below <= Math.ceil((values.length - 1) * q) && above <= Math.ceil((values.length - 1) * (1 - q)) + 1);
        assert.ok(found >= Math.min(...values) && found <= Math.max(...values));
      }),
    );
  });

  it('rises with its share, and mirrors when the sample does', () => {
    fc.assert(
      fc.property(sample, share, share, (values, one, other) => {
        assert.ok(quantile(values, Math.min(one, other)) <= quantile(values, Math.max(one, other)));
        const mirrored = values.map((value) => 0 - value);
        assert.ok(Math.abs(quantile(mirrored, 1 - one) + quantile(values, one)) < 1e-9);
      }),
    );
  });

  it('of one half is the median: half of the values on either side', () => {
    fc.assert(
      fc.property(sample, (values) => {
        const sorted = [...values].sort((a, b) => a - b);
        const half = sorted.length >> 1;
        const middle = sorted.length % 2 === 1 ? sorted[half] : ((sorted[half - 1] ?? 0) + (sorted[half] ?? 0)) / 2;
        assert.equal(median(values), middle);
      }),
    );
    assert.throws(() => median([]), /at least one value/);
  });
});
