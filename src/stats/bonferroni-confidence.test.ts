import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bonferroniConfidence } from './bonferroni-confidence.ts';

describe('the correction for several comparisons', () => {
  it('asks more confidence of each of several intervals, and leaves a single one as it is', () => {
    assert.equal(bonferroniConfidence(0.95, 1), 0.95);
    assert.equal(Number(bonferroniConfidence(0.95, 5).toFixed(12)), 0.99);
    assert.equal(Number(bonferroniConfidence(0.95, 10).toFixed(12)), 0.995);
    assert.throws(() => bonferroniConfidence(0.95, 0), /at least one comparison/);
  });
});
