/** Ticks against the naive way to find them: try every round figure there is. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { linearScale, logScale } from './scale.ts';
import { changeLabel, changeTicks, linearTicks, logTicks } from './ticks.ts';

const close = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b), 1e-300);
/** Not shorter than a ten-thousandth of its figures: whether an end is a multiple of the step is then beyond doubt. */
const domain = fc
  .tuple(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.double({ min: 1e-3, max: 1e6, noNaN: true }))
  .map(([low, length]) => [low, low + Math.max(length, 1e-4 * Math.abs(low))] as const);

/** All multiples of a step within the domain, counted one by one. */
function multiples(step: number, low: number, high: number): number[] {
  const found: number[] = [];
  for (let n = Math.floor(low / step) - 1; n * step <= high + step; n++) {
    const value = n * step;
    if (value >= low - 1e-9 * step && value <= high + 1e-9 * step) found.push(value);
  }
  return found;
}

describe('the ticks of an axis with equal differences', () => {
  it('are all multiples within it of the smallest step of 1, 2 or 5 that gives no more than asked for', () => {
    fc.assert(
      fc.property(domain, fc.integer({ min: 2, max: 12 }), ([low, high], most) => {
        const ticks = linearTicks(linearScale(low, high, [0, 100]), most);
        const steps = Array.from({ length: 14 }, (_, n) => 10 ** (n - 6)).flatMap((power) => [
          power,
          2 * power,
          5 * power,
        ]);
        const step = steps.find((one) => (high - low) / one <= most * (1 + 1e-9)) ?? Number.NaN;
        const wanted = multiples(step, low, high);
        assert.equal(ticks.length, wanted.length, `${ticks.join()} for ${wanted.join()}`);
        wanted.forEach((value, i) => {
          assert.ok(
            Math.abs((ticks[i] ?? Number.NaN) - value) < Math.max(1e-6 * step, 1e-11 * Math.abs(value)),
            `${ticks[i]} for ${value}`,
          );
        });
      }),
    );
  });

  it('are written without the digits of binary arithmetic', () => {
    fc.assert(
      fc.property(domain, ([low, high]) => {
        for (const tick of linearTicks(linearScale(low, high, [0, 1]), 6)) {
          assert.ok(String(Math.abs(tick)).replace(/e.*|\D/g, '').length <= 12, String(tick));
        }
      }),
    );
    assert.deepEqual(linearTicks(linearScale(0, 0.6, [0, 1]), 6), [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6]);
    assert.deepEqual(linearTicks(linearScale(7, 7, [0, 1]), 6), [7], 'an axis of one figure has that');
  });
});

describe('the ticks of an axis with equal ratios', () => {
  const wide = fc
    .tuple(
      fc.integer({ min: -6, max: 6 }),
      fc.double({ min: 1, max: 9.9, noNaN: true }),
      fc.integer({ min: 1, max: 9 }),
    )
    .map(([power, first, decades]) => [first * 10 ** power, first * 10 ** (power + decades)] as const);

  it('have the same leading digits in each decade, or are whole powers of ten equally far apart', () => {
    fc.assert(
      fc.property(wide, fc.integer({ min: 3, max: 12 }), ([low, high], most) => {
        const ticks = logTicks(logScale(low, high, [0, 100]), most);
        assert.ok(ticks.length >= 1 && ticks.length <= most, `${ticks.length} of ${most}`);
        const digits = new Set(ticks.map((tick) => Number(tick.toExponential().split('e')[0])));
        const families = [[1, 2, 5], [1, 3], [1]];
        const family = families.find((one) => [...digits].every((digit) => one.some((other) => close(other, digit))));
        assert.ok(family !== undefined, [...digits].join());
        if (digits.size > 1) {
          const all = Array.from({ length: 22 }, (_, n) => 10 ** (n - 8))
            .flatMap((power) => family.map((factor) => factor * power))
            .filter((value) => value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9));
          assert.equal(ticks.length, all.length, 'none of the family is left out');
        } else {
          const ratios = ticks.slice(1).map((tick, i) => Math.round(Math.log10(tick / (ticks[i] ?? 1))));
          assert.ok(new Set(ratios).size <= 1, ratios.join());
        }
      }),
    );
  });

  it('are those of equal differences where the axis spans less than a factor of five, or starts at 0', () => {
    for (const [low, high] of [
      [100, 499],
      [0, 1000],
      [-5, 5],
    ] as const) {
      const scale = logScale(low, high, [0, 100]);
      assert.deepEqual(logTicks(scale, 6), linearTicks(scale, 6));
    }
    assert.deepEqual(logTicks(logScale(100, 500, [0, 100]), 6), [100, 200, 500]);
  });
});

describe('the ticks of changes', () => {
  it('are no change, and round shares that lie on the axis', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        fc.double({ min: 1.01, max: 120, noNaN: true }),
        fc.integer({ min: 5, max: 80 }),
        (low, high, gap) => {
          const scale = logScale(low, high, [0, 400]);
          const ticks = changeTicks(scale, gap);
          assert.ok(ticks.includes(0));
          for (const share of ticks) {
            assert.ok(1 + share >= low && 1 + share <= high, `${share} from ${low} to ${high}`);
            assert.match(changeLabel(share, '0 %'), /^(0 %|[+−](0\.5|1|2|5|10|20|50|75|90|99) %|×(2|4|10|100))$/);
          }
          assert.deepEqual(
            ticks,
            [...new Set(ticks)].sort((a, b) => a - b),
          );
        },
      ),
    );
  });

  it('leave out the small ones first, where there is little room', () => {
    const all = changeTicks(logScale(0.5, 2, [0, 2000]), 10);
    const few = changeTicks(logScale(0.5, 2, [0, 2000]), 300);
    assert.ok(few.length < all.length && few.every((share) => all.includes(share)));
    assert.ok(few.includes(1) && few.includes(-0.5), 'the ends of the axis are marked');
  });
});
