import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cliffsDelta, probabilityOfSuperiority, rankBiserial } from './effect-size.ts';
import { bonferroni, bonferroniConfidence, holm } from './multiple-comparisons.ts';

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
    assert.equal(probabilityOfSuperiority([1, 2], [2, 3]), 3.5 / 4);
    assert.equal(cliffsDelta([1, 2], [2, 3]), 0.75);
  });

  it('weigh differences by their rank', () => {
    assert.equal(rankBiserial([3, 2, -1]), (5 - 1) / 6);
  });
});

describe('several comparisons', () => {
  it('share the error', () => {
    assert.equal(bonferroniConfidence(0.95, 5).toFixed(12), '0.990000000000');
    assert.deepEqual(bonferroni([0.01, 0.4, 0.5]), [0.03, 1, 1]);
  });

  it('are adjusted in steps by Holm, keeping the order given', () => {
    const adjusted = holm([0.04, 0.01, 0.03, 0.005]).map((p) => Number(p.toFixed(6)));
    assert.deepEqual(adjusted, [0.06, 0.03, 0.06, 0.02]);
    assert.deepEqual(holm([]), []);
  });
});
