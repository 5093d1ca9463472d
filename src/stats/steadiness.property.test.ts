/** When a load counts as steady: what must not matter does not, and random loads of a steady rate pass. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { nextRandom, RANDOM_STATE_WORDS, seedRandom } from '../base/pseudo-random.ts';
import {
  BACKLOG_SHARE_MAX,
  backlogGrowth,
  backlogGrowthMax,
  type IntervalCounts,
  isSteady,
  isSteadyWithinNoise,
  STEADY_INTERVALS,
  TREND_SHARE_MAX,
  trendShare,
  trendShareMax,
} from './steadiness.ts';

const interval = fc.record<IntervalCounts>({
  done: fc.nat(10_000),
  intended: fc.nat(10_000),
  backlog: fc.nat(2000),
});
const intervals = fc.array(interval, { minLength: STEADY_INTERVALS, maxLength: 12 });

/** Ten million times the median: rounding alone is more than a trend of ordinary loads may differ by. */
const HUGE_TREND: IntervalCounts[] = [
  { done: 6554, intended: 2, backlog: 0 },
  { done: 1, intended: 4651, backlog: 0 },
  { done: 3277, intended: 1, backlog: 0 },
  { done: 0, intended: 0, backlog: 0 },
  { done: 0, intended: 0, backlog: 0 },
];

/** A normal deviate from twelve uniform ones. */
function normal(random: Int32Array): number {
  let sum = -6;
  for (let n = 0; n < 12; n++) sum += ((nextRandom(random, 0) >>> 0) + 0.5) / 2 ** 32;
  return sum;
}

describe('the trend of a load', () => {
  it('has no sign and no unit: as much up as down, and the same for ten times the load', () => {
    fc.assert(
      fc.property(intervals, (some) => {
        const trend = trendShare(some) ?? Number.NaN;
        const reversed = [...some].slice(-STEADY_INTERVALS).reverse();
        const isSame = (other: number | null): boolean => Math.abs((other ?? 0) - trend) < 1e-9 * Math.max(1, trend);
        assert.ok(isSame(trendShare(reversed)));
        const larger = some.map((one) => ({ ...one, done: 10 * one.done, intended: 10 * one.intended }));
        assert.ok(isSame(trendShare(larger)));
      }),
      { examples: [[HUGE_TREND]] },
    );
  });

  it('looks at the last five intervals alone', () => {
    fc.assert(
      fc.property(intervals, intervals, (earlier, last) => {
        const all = [...earlier, ...last.slice(-STEADY_INTERVALS)];
        assert.equal(trendShare(all), trendShare(last));
        assert.equal(isSteady(all), isSteady(last));
        assert.equal(isSteadyWithinNoise(all), isSteadyWithinNoise(last));
      }),
    );
  });

  it('allows more within noise than without, and never less than the strict limits', () => {
    fc.assert(
      fc.property(intervals, (some) => {
        assert.ok(trendShareMax(some) >= TREND_SHARE_MAX);
        if (isSteady(some)) assert.equal(isSteadyWithinNoise(some), true);
      }),
    );
  });
});

describe('the growth of a backlog', () => {
  it('is never negative, and that of a line whatever the number of intervals', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 30 }), fc.nat(100), fc.nat(1000), (length, slope, start) => {
        const line = Array.from({ length }, (_, i) => ({ done: 1, intended: 1, backlog: start + slope * i }));
        assert.ok(Math.abs(backlogGrowth(line) - slope * (length - 1)) < 1e-6);
        assert.equal(backlogGrowth([...line].reverse()), 0);
      }),
    );
  });

  it('does not change when every backlog is higher, and its limit only rises', () => {
    fc.assert(
      fc.property(intervals, fc.nat(5000), (some, more) => {
        const higher = some.map((one) => ({ ...one, backlog: one.backlog + more }));
        assert.ok(Math.abs(backlogGrowth(higher) - backlogGrowth(some)) < 1e-9);
        assert.ok(backlogGrowthMax(higher) >= backlogGrowthMax(some));
        const done = some.reduce((sum, one) => sum + one.done, 0);
        assert.ok(backlogGrowthMax(some) >= BACKLOG_SHARE_MAX * done);
      }),
    );
  });
});

describe('a load of a steady rate', () => {
  const random = new Int32Array(RANDOM_STATE_WORDS);
  const loadsOf = (rates: readonly number[], runs: number): IntervalCounts[][] =>
    Array.from({ length: runs }, () =>
      rates.map((rate) => ({
        done: Math.max(0, Math.round(rate + Math.sqrt(rate) * normal(random))), // as Poisson counts vary
        intended: 1000,
        backlog: Math.max(0, Math.round(20 + Math.sqrt(20) * normal(random))),
      })),
    );
  const steadyRates = (rate: number): number[] => Array.from({ length: STEADY_INTERVALS }, () => rate);

  it('is refused at the first look in at most 1 of 500 runs, with few events and with many', () => {
    seedRandom(random, 0, 11, 4);
    for (const rate of [30, 100, 10_000]) {
      const refused = loadsOf(steadyRates(rate), 5000).filter((some) => !isSteadyWithinNoise(some)).length;
      assert.ok(refused <= 10, `${refused} of 5000 runs with ${rate} events were refused`);
    }
  });

  it('has a trend whose limit is four of its standard deviations, as they are found by simulation', () => {
    seedRandom(random, 0, 11, 5);
    for (const rate of [100, 1000]) {
      const trends = loadsOf(steadyRates(rate), 5000).map(
        (some) => (trendShare(some) ?? Number.NaN) / trendShareMax(some),
      );
      const deviations = 1 / Math.sqrt(trends.reduce((sum, trend) => sum + trend ** 2, 0) / trends.length);
      assert.ok(Math.abs(deviations - 4) < 0.15, `${deviations} with ${rate} events`);
    }
  });

  it('is told from one that doubles within the five intervals, even with few events', () => {
    seedRandom(random, 0, 11, 6);
    const passed = loadsOf([100, 125, 150, 175, 200], 1000).filter((some) => isSteadyWithinNoise(some)).length;
    assert.ok(passed <= 50, `${passed} of 1000 were found steady`);
  });
});
