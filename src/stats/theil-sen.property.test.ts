/** A robust line: exact for a line, the same for any order of points, and unmoved by up to 29 % of bad ones. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { median } from './quantiles.ts';
import { isLinear, slopeInterval, theilSen } from './theil-sen.ts';

const points = fc
  .uniqueArray(fc.integer({ min: 0, max: 1000 }), { minLength: 3, maxLength: 12 })
  .chain((xs) =>
    fc
      .array(fc.integer({ min: -500, max: 500 }), { minLength: xs.length, maxLength: xs.length })
      .map((ys) => ({ xs, ys })),
  );
const slopes = fc.integer({ min: -50, max: 50 });

describe('the slope of a robust line', () => {
  it('is the median of the slopes of all pairs of points', () => {
    fc.assert(
      fc.property(points, ({ xs, ys }) => {
        const all = xs.flatMap((x, i) =>
          xs.slice(i + 1).map((other, j) => ((ys[i + 1 + j] ?? 0) - (ys[i] ?? 0)) / (other - x)),
        );
        const line = theilSen(xs, ys);
        assert.equal(line.slope, median(all));
        assert.equal(line.intercept, median(ys.map((y, i) => y - line.slope * (xs[i] ?? 0))));
      }),
    );
  });

  it('follows a line that is added to the points', () => {
    fc.assert(
      fc.property(points, slopes, ({ xs, ys }, more) => {
        const tilted = ys.map((y, i) => y + more * (xs[i] ?? 0));
        assert.ok(Math.abs(theilSen(xs, tilted).slope - theilSen(xs, ys).slope - more) < 1e-6);
      }),
    );
  });

  it('is exact although two of ten points are anywhere', () => {
    const anywhere = fc.integer({ min: -1_000_000, max: 1_000_000 });
    fc.assert(
      fc.property(slopes, fc.nat(9), fc.nat(9), anywhere, anywhere, (slope, one, other, wild, wilder) => {
        const xs = [1, 2, 3, 5, 8, 13, 21, 34, 55, 89];
        const ys = xs.map((x) => slope * x + 7);
        ys[one] = wild;
        ys[other] = wilder;
        // 28 of 45 slopes are those of the line.
        assert.ok(Math.abs(theilSen(xs, ys).slope - slope) < 1e-9);
      }),
    );
  });
});

describe('the interval of a slope', () => {
  it('is the same for a seed, mirrors with the points, and is no wider with less confidence', () => {
    fc.assert(
      fc.property(points, fc.nat(1000), ({ xs, ys }, seed) => {
        const wide = slopeInterval(xs, ys, 0.95, seed);
        const narrow = slopeInterval(xs, ys, 0.5, seed);
        const mirrored = slopeInterval(
          xs,
          ys.map((y) => 0 - y),
          0.95,
          seed,
        );
        assert.ok(wide.low <= narrow.low && narrow.low <= narrow.high && narrow.high <= wide.high);
        assert.ok(Math.abs(mirrored.low + wide.high) < 1e-9 && Math.abs(mirrored.high + wide.low) < 1e-9);
      }),
      { numRuns: 5 },
    );
  });
});

describe('whether points are on a line', () => {
  it('is yes for any line, and no for two halves that differ by a fifth', () => {
    const xs = [1, 2, 3, 4, 5, 6, 7, 8];
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: -100, max: 100 }), (slope, start) => {
        assert.equal(
          isLinear(
            xs,
            xs.map((x) => start + slope * x),
          ),
          true,
        );
        const bent = xs.map((x) => start + slope * (x <= 4 ? x : 4 + 1.2 * (x - 4)));
        assert.equal(isLinear(xs, bent), false);
      }),
    );
    assert.equal(isLinear([1, 2, 3], [1, 9, 2]), true, 'too few points to tell');
  });
});
