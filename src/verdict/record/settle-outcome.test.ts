import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { IntervalCounts } from '../../stats/steadiness.ts';
import { madeInterval } from './made-interval.test-suite.ts';
import { countsOf, settled } from './settle-outcome.ts';

const counts = (done: readonly number[]): IntervalCounts[] =>
  done.map((one) => ({ done: one, intended: 1000, backlog: 5 }));
const STEADY = counts([1000, 1001, 999, 1000, 1002]);
const NOISY = counts([1000, 1030, 960, 1040, 1050]);
const RISING = counts([1000, 2000, 4000, 8000, 16_000]);

describe('whether a load has settled', () => {
  it('is decided as soon as it is steady, and otherwise only when the time is over', () => {
    assert.equal(settled(STEADY, false)?.isSteady, true);
    assert.equal(settled(NOISY, false), null, 'there is time to wait');
    assert.equal(settled(NOISY, true)?.isSteady, true, 'a variation that chance explains');
    assert.equal(settled(RISING, true)?.isSteady, false);
  });

  it('is not known from fewer than five intervals, however long it lasted', () => {
    const few = STEADY.slice(1);
    assert.equal(settled(few, false), null);
    assert.deepEqual([settled(few, true)?.isSteady, settled(few, true)?.trendShare], [false, null]);
  });

  it('says the trend and what was allowed, more for few events than for many', () => {
    const few = settled(NOISY, true);
    const many = settled(
      NOISY.map((one) => ({ ...one, done: one.done * 1000, intended: one.intended * 1000 })),
      true,
    );
    assert.equal(few?.trendShare, many?.trendShare);
    assert.ok((few?.trendShareMax ?? 0) > (many?.trendShareMax ?? 1));
    assert.equal(many?.isSteady, false);
  });
});

describe('an interval as a guard sees it', () => {
  it('has what was done in it, and what was intended from its start to its end', () => {
    const asked: number[] = [];
    const interval = madeInterval({ atSeconds: 7.5, seconds: 0.5, messagesPerSecond: 400, backlogMessages: 9 });
    const one = countsOf(interval, (fromMicros, toMicros) => {
      asked.push(fromMicros, toMicros);
      return 210;
    });
    assert.deepEqual(asked, [7e6, 7.5e6]);
    assert.deepEqual(one, { done: 200, intended: 210, backlog: 9 });
  });
});
