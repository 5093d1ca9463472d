import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { RETURNS_PLANNED_MICROS, ScaledReturns } from './scaled-returns.ts';

const START_MICROS = 5e6;
/** Nobody returns for 100 s, then 50 per second. */
const PLAN = { countAt: (micros: number): number => Math.max(0, micros - 100e6) * 50e-6 };

describe('returns where all rates change', () => {
  it('has the same returns at any speed, in time as it passes for phones', () => {
    const step = fc.record({
      factor: fc.double({ min: 0.05, max: 4, noNaN: true }),
      seconds: fc.integer({ min: 1, max: 90 }),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
        const returns = new ScaledReturns(PLAN, START_MICROS);
        let now = START_MICROS;
        let passed = 0;
        for (const { factor, seconds } of steps) {
          returns.changeSpeed(factor, now);
          const until = passed + seconds * 1e6 * factor;
          const intended = (PLAN.countAt(until) - PLAN.countAt(passed)) / seconds;
          const found = returns.perSecond(now, now + seconds * 1e6);
          assert.ok(Math.abs(found - intended) < 1e-6 * Math.max(1, intended), `${found} for ${intended}`);
          now += seconds * 1e6;
          passed = until;
        }
      }),
    );
  });

  it('goes on as at the end of the plan, where a search takes longer', () => {
    const ended = { countAt: (micros: number): number => Math.min(micros, RETURNS_PLANNED_MICROS) * 50e-6 };
    const returns = new ScaledReturns(ended, 0);
    returns.changeSpeed(0.5, 0);
    const later = 10 * RETURNS_PLANNED_MICROS;
    assert.ok(Math.abs(returns.perSecond(later, later + 10e6) - 25) < 1e-6);
  });

  it('has none before traffic has begun', () => {
    const returns = new ScaledReturns({ countAt: (micros) => micros }, START_MICROS);
    returns.changeSpeed(2, START_MICROS);
    assert.equal(returns.perSecond(0, START_MICROS), 0);
  });
});
