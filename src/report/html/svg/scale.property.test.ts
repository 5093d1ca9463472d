import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { extentOf, linearScale, logScale, ratioExtentOf } from './scale.ts';
import { changeLabel, changeTicks, linearTicks, logTicks } from './ticks.ts';

const figure = fc.double({ min: 1e-6, max: 1e9, noNaN: true });
const domain = fc
  .tuple(figure, fc.double({ min: 1.001, max: 1e6, noNaN: true }))
  .map(([low, factor]) => [low, low * factor] as const);
const anything = fc.oneof(
  figure,
  fc.constantFrom(0, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
);
const scales = domain.chain(([low, high]) =>
  fc.constantFrom(linearScale(low, high, [10, 110]), logScale(low, high, [10, 110]), logScale(low, high, [110, 10])),
);

describe('a scale', () => {
  it('keeps every figure on its axis, in order, whatever the figure is', () => {
    fc.assert(
      fc.property(scales, anything, anything, (scale, one, other) => {
        const [a, b] = [scale.at(one), scale.at(other)];
        assert.ok(a >= 10 && a <= 110, String(a));
        const direction = Math.sign(scale.to - scale.from);
        if (one < other) assert.ok((b - a) * direction >= 0, `${one} at ${a}, ${other} at ${b}`);
      }),
    );
  });

  it('says what is beyond its ends, where figures that are not numbers are as well', () => {
    const scale = logScale(1, 100, [0, 100]);
    assert.deepEqual([0, 0.5, 1, 10, 100, 101, Number.NaN, Number.POSITIVE_INFINITY].map(scale.isOutside), [
      true,
      true,
      false,
      false,
      false,
      true,
      true,
      true,
    ]);
    assert.deepEqual([1, 10, 100].map(scale.at), [0, 50, 100]);
    assert.deepEqual([0, 25, 100].map(linearScale(0, 100, [100, 0]).at), [100, 75, 0]);
    assert.equal(linearScale(5, 5, [0, 100]).at(5), 50, 'a domain of one figure');
  });
});

describe('the extent of figures', () => {
  it('holds all that are finite, has room, and is the given one without any', () => {
    assert.deepEqual(extentOf([], [0, 1]), [0, 1]);
    assert.deepEqual(extentOf([Number.POSITIVE_INFINITY, Number.NaN], [0, 1]), [0, 1]);
    assert.deepEqual(extentOf([2, 4, Number.NEGATIVE_INFINITY], [0, 1], 0.5), [1, 5]);
    assert.deepEqual(extentOf([0], [3, 4]), [-0.05, 0.05]);
    assert.deepEqual(ratioExtentOf([0, -1, Number.NaN], [1, 2]), [1, 2]);
    assert.deepEqual(ratioExtentOf([0, 2, 8], [1, 2], 2), [1, 16]);
    const [low, high] = ratioExtentOf([10], [1, 2]);
    assert.ok(low < 10 && high > 10);
  });

  it('takes more figures than a call takes arguments', () => {
    assert.deepEqual(
      extentOf(
        Array.from({ length: 300_000 }, (_, i) => i),
        [0, 1],
      ),
      [0, 299_999],
    );
  });
});

describe('the ticks of an axis', () => {
  it('are inside it, ascending, round, and not more than asked for', () => {
    fc.assert(
      fc.property(scales, fc.integer({ min: 2, max: 10 }), (scale, most) => {
        for (const ticks of [linearTicks(scale, most), logTicks(scale, most)]) {
          assert.ok(ticks.length <= most + 1, `${ticks.length} of ${most}`);
          for (const [i, tick] of ticks.entries()) {
            assert.ok(tick >= scale.low * (1 - 1e-6) && tick <= scale.high * (1 + 1e-6), String(tick));
            assert.ok(i === 0 || tick > (ticks[i - 1] ?? 0));
          }
        }
      }),
    );
  });

  it('are the figures that a reader expects', () => {
    assert.deepEqual(linearTicks(linearScale(0, 47, [0, 1]), 5), [0, 10, 20, 30, 40]);
    assert.deepEqual(linearTicks(linearScale(0.1, 0.3, [0, 1]), 4), [0.1, 0.15, 0.2, 0.25, 0.3]);
    assert.deepEqual(logTicks(logScale(90, 4000, [0, 1]), 6), [100, 200, 500, 1000, 2000]);
    assert.deepEqual(logTicks(logScale(1, 1e6, [0, 1]), 8), [1, 10, 100, 1000, 10_000, 100_000, 1_000_000]);
  });

  it('of changes are apart from each other, with "equal" among them', () => {
    fc.assert(
      fc.property(fc.double({ min: 1.02, max: 200, noNaN: true }), (half) => {
        const scale = logScale(1 / half, half, [0, 300]);
        const places = changeTicks(scale, 40).map((share) => scale.at(1 + share));
        assert.ok(places.some((place) => Math.abs(place - 150) < 1e-6));
        for (const [i, place] of places.entries()) assert.ok(i === 0 || place - (places[i - 1] ?? 0) >= 40);
      }),
    );
    assert.deepEqual(
      [-0.5, -0.02, 0, 0.005, 1, 9].map((share) => changeLabel(share, 'equal')),
      ['−50 %', '−2 %', 'equal', '+0.5 %', '×2', '×10'],
    );
  });
});
