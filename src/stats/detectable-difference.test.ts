import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { detectableDifference, standardDeviation } from './detectable-difference.ts';

describe('the detectable difference', () => {
  it('is (1.96 + 0.84) standard errors, and a little more for ranks', () => {
    const ofMeans = 1.959964 + 0.841621;
    const found = detectableDifference(5, 1 / 25, 0.95);
    assert.ok(Math.abs(found / (ofMeans * Math.sqrt(Math.PI / 3)) - 1) < 1e-6);
  });

  it('halves with four times the runs and grows with the confidence', () => {
    assert.equal(detectableDifference(1, 1 / 40, 0.95), detectableDifference(1, 1 / 10, 0.95) / 2);
    assert.ok(detectableDifference(1, 1 / 10, 0.99) > detectableDifference(1, 1 / 10, 0.95));
  });
});

describe('the standard deviation', () => {
  it('is that of a sample', () => {
    assert.equal(standardDeviation([2, 4, 4, 4, 5, 5, 7, 9]), Math.sqrt(32 / 7));
    assert.equal(standardDeviation([3]), 0);
  });
});
