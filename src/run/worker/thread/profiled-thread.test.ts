import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ALLOCATION_SAMPLES_MAX, withFewerSamples } from './profiled-thread.ts';

it('a file of allocations keeps a bounded number of single samples, and its whole tree', () => {
  const head = { selfSize: 7 };
  const samples = Array.from({ length: ALLOCATION_SAMPLES_MAX + 5 }, (_, ordinal) => ({ ordinal }));
  assert.deepEqual(withFewerSamples({ head, samples }), { head, samples: samples.slice(0, ALLOCATION_SAMPLES_MAX) });
  assert.deepEqual(withFewerSamples({ head }), { head });
});
