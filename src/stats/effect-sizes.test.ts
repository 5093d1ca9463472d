import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cliffsDelta, rankBiserial } from './effect-sizes.ts';

describe('effect sizes', () => {
  it('are 1 where everything is higher, 0 where nothing differs', () => {
    assert.equal(cliffsDelta([1, 2, 3], [4, 5, 6]), 1);
    assert.equal(cliffsDelta([4, 5, 6], [1, 2, 3]), -1);
    assert.equal(cliffsDelta([1, 2], [1, 2]), 0);
    assert.equal(rankBiserial([1, 2, 3]), 1);
    assert.equal(rankBiserial([0, 0]), 0);
  });

  it('count pairs: equal ones half', () => {
    // Of the pairs (1,2) (1,3) (2,2) (2,3) the candidate is higher in three and equal in one.
    assert.equal(cliffsDelta([1, 2], [2, 3]), 0.75);
    assert.throws(() => cliffsDelta([], [1]), /at least one value on each side/);
  });

  it('weigh differences by their rank', () => {
    assert.equal(rankBiserial([3, 2, -1]), (5 - 1) / 6);
  });
});
