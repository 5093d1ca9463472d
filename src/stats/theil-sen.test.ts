import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { median, quantile } from './quantiles.ts';
import { isLinear, slopeInterval, theilSen } from './theil-sen.ts';

const xs = [1, 2, 3, 5, 8, 13];

describe('a robust line', () => {
  it('finds slope and intercept of points on a line', () => {
    assert.deepEqual(
      theilSen(
        xs,
        xs.map((x) => 40 * x + 7),
      ),
      { slope: 40, intercept: 7 },
    );
  });

  it('is not bent by one bad point', () => {
    const ys = xs.map((x) => 40 * x + 7);
    ys[2] = 10_000;
    assert.ok(Math.abs(theilSen(xs, ys).slope - 40) < 1e-9);
  });

  it('has an interval that holds the slope, the same for the same seed, and narrow for a clean line', () => {
    const offsets = [3, -2, 4, -5, 1, 2];
    const ys = xs.map((x, i) => 40 * x + (offsets[i] ?? 0));
    const interval = slopeInterval(xs, ys, 0.95, 1);
    assert.ok(interval.low <= 40 && interval.high >= 40);
    assert.deepEqual(slopeInterval(xs, ys, 0.95, 1), interval);
    const clean = slopeInterval(
      xs,
      xs.map((x) => 40 * x),
      0.95,
      1,
    );
    assert.ok(clean.high - clean.low < 1e-9);
  });

  it('knows a bend', () => {
    assert.equal(
      isLinear(
        xs,
        xs.map((x) => 40 * x),
      ),
      true,
    );
    assert.equal(
      isLinear(
        xs,
        xs.map((x) => (x < 4 ? 40 * x : 60 * x - 60)),
      ),
      false,
    );
  });
});

describe('quantiles', () => {
  it('interpolate as R does by default', () => {
    assert.equal(median([3, 1, 2]), 2);
    assert.equal(median([4, 1, 2, 3]), 2.5);
    assert.equal(quantile([1, 2, 3, 4], 0.25), 1.75);
  });
});
