import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CounterSums } from './counter-sums.ts';

describe('the sums of counters over threads', () => {
  it('follow the counters, which threads go on changing', () => {
    const rows = [Float64Array.of(1, 20), Float64Array.of(3, 40)];
    const sums = new CounterSums(rows, 2);
    assert.deepEqual([...sums.all()], [4, 60]);
    rows[1]?.set([5, 41]);
    assert.deepEqual([...sums.all()], [6, 61], 'nothing of the sums before is left');
    assert.equal(sums.sum(1), 61);
  });

  it('are 0 without threads, and none where threads have no such counters', () => {
    assert.deepEqual([...new CounterSums([], 2).all()], [0, 0]);
    assert.deepEqual([...new CounterSums([Float64Array.of(7)], 0).all()], []);
  });
});
