import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { countNoise, countNoiseShare } from './count-noise.ts';
import { backlogGrowth, backlogGrowthMax, isSteady, isSteadyWithinNoise, trendShare } from './steadiness.ts';

const intervals = (
  counts: readonly number[],
  backlog = (_i: number): number => 0,
  intended = (_i: number): number => 100,
) => counts.map((done, i) => ({ done, intended: intended(i), backlog: backlog(i) }));

describe('the steadiness of a load', () => {
  it('needs five intervals without a trend', () => {
    assert.equal(isSteady(intervals([100, 100, 100, 100])), false);
    assert.equal(isSteady(intervals([100, 101, 100, 99, 100])), true);
    assert.equal(isSteady(intervals([100, 104, 108, 112, 116])), false);
    assert.equal(isSteady(intervals([1, 50, 100, 100, 100, 100, 100])), true, 'only the last five count');
    assert.ok((trendShare(intervals([100, 104, 108, 112, 116])) ?? 0) > 0.15);
  });

  it('is judged against what was intended: a load that grows as it is meant to is steady', () => {
    const grows = (i: number): number => 100 + 4 * i;
    assert.equal(isSteady(intervals([100, 104, 108, 112, 116], undefined, grows)), true);
    assert.equal(isSteady(intervals([100, 100, 100, 100, 100], undefined, grows)), false);
  });

  it('needs a backlog that does not grow', () => {
    assert.equal(isSteady(intervals([100, 100, 100, 100, 100], (i) => i * 10)), false);
    assert.equal(isSteady(intervals([100, 100, 100, 100, 100], (i) => 50 - i)), true);
  });

  it('leaves room for chance when the time is up: little for many events, more for few', () => {
    const few = [100, 104, 96, 106, 108];
    assert.equal(isSteady(intervals(few)), false);
    assert.equal(isSteadyWithinNoise(intervals(few)), true);
    const many = few.map((count) => count * 1000);
    assert.equal(isSteadyWithinNoise(intervals(many, undefined, () => 100_000)), false);
  });
});

describe('the growth of a backlog', () => {
  it('is that of a straight line through all, whatever one interval says', () => {
    assert.equal(backlogGrowth(intervals([1, 1, 1, 1, 1, 1], (i) => 10 * i)), 50);
    assert.equal(backlogGrowth(intervals([1, 1, 1, 1, 1], (i) => 10 * i)), 40);
    assert.equal(backlogGrowth(intervals([1, 1, 1, 1, 1, 1], (i) => (i === 5 ? 1e6 : 3))), 0, 'the last one alone');
    assert.equal(backlogGrowth(intervals([1, 1, 1, 1], (i) => -i)), 0);
    assert.equal(backlogGrowth([]), 0);
  });

  it('may be the larger of 1 % of what was done and what two counts of it differ by', () => {
    assert.equal(backlogGrowthMax(intervals([1e6, 1e6], () => 8)), 2e4);
    assert.equal(backlogGrowthMax(intervals([10, 10], () => 8)), 16);
  });
});

describe('the room for chance in counts', () => {
  it('is four standard deviations of the difference of two', () => {
    assert.equal(countNoiseShare(800), 0.2);
    assert.equal(countNoise(800), 160);
    assert.equal(countNoiseShare(0), 1);
  });
});
