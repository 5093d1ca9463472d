import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { madeInterval } from '../record/made-interval.test-suite.ts';
import { calmIntervals } from './load-guards.ts';

const STORM = { name: 'storm', detail: 'all lost', startMicros: 5e6, endMicros: Number.POSITIVE_INFINITY } as const;

/** The ends of the calm ones of intervals of a second, by how many phones are online at the end of each. */
function calmSeconds(held: readonly number[], hasStorm = true): number[] {
  const intervals = held.map((phones, n) => madeInterval({ atSeconds: n + 1, held: phones }));
  return calmIntervals(intervals, hasStorm ? [STORM] : []).map(({ atSeconds }) => atSeconds);
}

describe('the intervals that a storm has no effect on', () => {
  it('are those in which everyone was there from the start, but for the two after a recovery', () => {
    assert.deepEqual(calmSeconds([1000, 1000, 300, 700, 1000, 1000, 1000, 1000]), [1, 2, 7, 8]);
  });

  it('may lack one phone in a hundred', () => {
    assert.deepEqual(calmSeconds([990, 1000, 989, 1000, 1000, 1000]), [1, 2, 6]);
  });

  it('are all where no storm is declared', () => {
    assert.deepEqual(calmSeconds([1000, 300, 1000], false), [1, 2, 3]);
  });
});
