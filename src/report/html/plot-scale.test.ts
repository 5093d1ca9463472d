import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { bytesPlotScale, linearPlotScale, logarithmicPlotScale } from './plot-scale.ts';

const ENDS = { from: 0, to: 100 };
const value = fc.double({ min: -1e12, max: 1e12, noNaN: true });

describe('a linear scale', () => {
  it('covers all values within its ends, with few ticks at equal steps', () => {
    fc.assert(
      fc.property(value, value, fc.integer({ min: 2, max: 8 }), (a, b, ticksMax) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        fc.pre(high - low > Math.max(Math.abs(low), Math.abs(high), 1e-90) * 1e-9);
        const { position, ticks } = linearPlotScale(low, high, ENDS, ticksMax);
        for (const one of [low, (low + high) / 2, high]) {
          assert.ok(position(one) >= -1e-6 && position(one) <= 100 + 1e-6, `${one} stands at ${position(one)}`);
        }
        assert.ok(ticks.length >= 2 && ticks.length <= ticksMax + 2, `${ticks.length} ticks`);
        assert.ok(position(high) > position(low));
      }),
    );
  });

  it('has round ticks, and one for a single value', () => {
    assert.deepEqual(linearPlotScale(0, 1_000_000, ENDS, 5).ticks, [0, 250_000, 500_000, 750_000, 1_000_000]);
    assert.deepEqual(linearPlotScale(0, 0, ENDS).ticks.at(0), 0);
    assert.equal(linearPlotScale(0, 10, { from: 200, to: 0 }).position(10), 0);
  });
});

describe('a scale of sizes', () => {
  it('has ticks that are round in the unit in which they are written', () => {
    assert.deepEqual(bytesPlotScale(0, 9.2 * 2 ** 30, ENDS, 4).ticks, [0, 5 * 2 ** 30, 10 * 2 ** 30]);
    assert.deepEqual(
      bytesPlotScale(0, 130 * 2 ** 20, ENDS, 4).ticks,
      [0, 50, 100, 150].map((one) => one * 2 ** 20),
    );
    assert.deepEqual(bytesPlotScale(0, 40, ENDS, 5).ticks, [0, 10, 20, 30, 40]);
  });
});

describe('a logarithmic scale', () => {
  it('has a tick per decade, and stands values below it at its start', () => {
    const { position, ticks } = logarithmicPlotScale(30, 2000, ENDS);
    assert.deepEqual(ticks, [10, 100, 1000, 10_000]);
    assert.equal(position(10), 0);
    assert.equal(position(10_000), 100);
    assert.ok(Math.abs(position(100) - 100 / 3) < 1e-9);
    assert.equal(position(0), 0);
  });

  it('has a decade for a single power of ten', () => {
    assert.deepEqual(logarithmicPlotScale(100, 100, ENDS).ticks, [100, 1000]);
  });
});

describe('scales of any figures', () => {
  const positive = fc.double({ min: 1e-3, max: 1e12, noNaN: true });

  it('of sizes have ticks that are read with their units in few digits, all at equal distances', () => {
    fc.assert(
      fc.property(positive, fc.integer({ min: 3, max: 8 }), (high, ticksMax) => {
        const { ticks, position } = bytesPlotScale(0, high, ENDS, ticksMax);
        assert.equal(ticks[0], 0);
        assert.ok(position(high) <= 100 + 1e-6 && position(high) > 40, `${high} stands at ${position(high)}`);
        const step = (ticks[1] ?? 0) - (ticks[0] ?? 0);
        for (const [i, tick] of ticks.entries()) {
          assert.ok(Math.abs(tick - i * step) <= step * 1e-6);
          assert.ok(Math.abs(position(tick) - (100 * i) / (ticks.length - 1)) < 1e-6, 'the ends are ticks');
        }
        const unit = 2 ** (10 * Math.min(3, Math.floor(Math.log2(Math.max(1, high)) / 10)));
        const digits = (step / unit)
          .toPrecision(4)
          .replace(/e.*|^0\.0*|\./g, '')
          .replace(/0+$/, '');
        assert.match(digits, /^(1|2|25|5)$/, `a step of ${step / unit} units`);
      }),
    );
  });

  it('of decades rise with the value, from a power of ten at or below the least to one at or above the most', () => {
    fc.assert(
      fc.property(positive, positive, (a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const { ticks, position } = logarithmicPlotScale(low, high, ENDS);
        assert.ok((ticks[0] ?? 0) <= low * 1.000001 && (ticks.at(-1) ?? 0) >= high * 0.999999);
        assert.ok(ticks.length >= 2);
        assert.ok(position(low) >= -1e-6 && position(high) <= 100 + 1e-6 && position(low) <= position(high));
        for (const [i, tick] of ticks.entries()) {
          assert.ok(i === 0 || Math.abs(tick / (ticks[i - 1] ?? 0) - 10) < 1e-6);
          assert.ok(Math.abs(position(tick) - (100 * i) / (ticks.length - 1)) < 1e-6);
        }
        assert.equal(position(low / 1e9), 0, 'nothing stands outside');
      }),
    );
  });

  it('have places for a value that all figures share, and for ends in the wrong order of the drawing', () => {
    for (const same of [0, 1e-9, 5, -3, 1e12]) {
      const { ticks, position } = linearPlotScale(same, same, ENDS);
      assert.ok(ticks.length >= 2 && position(same) >= 0 && position(same) <= 100, `${same}`);
    }
    const down = linearPlotScale(0, 8, { from: 90, to: 10 });
    assert.deepEqual([down.position(0), down.position(8)], [90, 10]);
  });
});
