import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { mlrSearchStep, type SearchRange, type SearchTrial } from './mlr-search-step.ts';
import { trialsLeft } from './trials-left.ts';

const RANGE: SearchRange = { lowestLoad: 100, highestLoad: 1_000_000, firstLoad: 1000 };

/** All trials of a search of a system with this capacity. */
function searched(capacity: number): SearchTrial[] {
  const trials: SearchTrial[] = [];
  for (;;) {
    const step = mlrSearchStep(trials, RANGE);
    if (step.kind === 'done') return trials;
    trials.push({ load: step.load, isGood: step.load <= capacity, isValid: true });
  }
}

describe('the trials that are left', () => {
  it('are none at the end and some before', () => {
    fc.assert(
      fc.property(fc.integer({ min: 50, max: 2_000_000 }), (capacity) => {
        const all = searched(capacity);
        assert.equal(trialsLeft(all, RANGE), 0);
        for (const [n] of all.entries()) assert.ok(trialsLeft(all.slice(0, n), RANGE) >= 1, `after ${n} trials`);
      }),
      { numRuns: 50 },
    );
  });

  it('are about what the search then takes, once both bounds are known', () => {
    fc.assert(
      fc.property(fc.integer({ min: 200, max: 900_000 }), (capacity) => {
        const all = searched(capacity);
        const known = all.findIndex(({ isGood }, n) => all.slice(0, n).some((one) => one.isGood !== isGood)) + 1;
        for (let n = known; n < all.length; n++) {
          const left = trialsLeft(all.slice(0, n), RANGE);
          assert.ok(Math.abs(left - (all.length - n)) <= 6, `${left} after ${n} of ${all.length}`);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('do not run on where no load can be measured', () => {
    const invalid: SearchTrial[] = [{ load: 1000, isGood: false, isValid: false }];
    const left = trialsLeft(invalid, RANGE);
    assert.ok(left > 0 && left <= 100, String(left));
  });
});
