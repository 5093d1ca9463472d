import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { bytesScale, linearScale, logarithmicScale } from './plot-scale.ts';

const ENDS = { from: 0, to: 100 };
const value = fc.double({ min: -1e12, max: 1e12, noNaN: true });

describe('a linear scale', () => {
  it('covers all values within its ends, with few ticks at equal steps', () => {
    fc.assert(
      fc.property(value, value, fc.integer({ min: 2, max: 8 }), (a, b, ticksMax) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        fc.pre(high - low > Math.max(Math.abs(low), Math.abs(high), 1e-90) * 1e-9);
        const { position, ticks } = linearScale(low, high, ENDS, ticksMax);
        for (const one of [low, (low + high) / 2, high]) {
          assert.ok(position(one) >= -1e-6 && position(one) <= 100 + 1e-6, `${one} stands at ${position(one)}`);
        }
        assert.ok(ticks.length >= 2 && ticks.length <= ticksMax + 2, `${ticks.length} ticks`);
        assert.ok(position(high) > position(low));
      }),
    );
  });

  it('has round ticks, and one for a single value', () => {
    assert.deepEqual(linearScale(0, 1_000_000, ENDS, 5).ticks, [0, 250_000, 500_000, 750_000, 1_000_000]);
    assert.deepEqual(linearScale(0, 0, ENDS).ticks.at(0), 0);
    assert.equal(linearScale(0, 10, { from: 200, to: 0 }).position(10), 0);
  });
});

describe('a scale of sizes', () => {
  it('has ticks that are round in the unit in which they are written', () => {
    assert.deepEqual(bytesScale(0, 9.2 * 2 ** 30, ENDS, 4).ticks, [0, 5 * 2 ** 30, 10 * 2 ** 30]);
    assert.deepEqual(
      bytesScale(0, 130 * 2 ** 20, ENDS, 4).ticks,
      [0, 50, 100, 150].map((one) => one * 2 ** 20),
    );
    assert.deepEqual(bytesScale(0, 40, ENDS, 5).ticks, [0, 10, 20, 30, 40]);
  });
});

describe('a logarithmic scale', () => {
  it('has a tick per decade, and stands values below it at its start', () => {
    const { position, ticks } = logarithmicScale(30, 2000, ENDS);
    assert.deepEqual(ticks, [10, 100, 1000, 10_000]);
    assert.equal(position(10), 0);
    assert.equal(position(10_000), 100);
    assert.ok(Math.abs(position(100) - 100 / 3) < 1e-9);
    assert.equal(position(0), 0);
  });

  it('has a decade for a single power of ten', () => {
    assert.deepEqual(logarithmicScale(100, 100, ENDS).ticks, [100, 1000]);
  });
});
