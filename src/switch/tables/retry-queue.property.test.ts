import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { RetryQueue } from './retry-queue.ts';

it('gives rows in the order in which they came, as a list does, and refuses when it is full', () => {
  const step = fc.option(fc.nat(2 ** 29), { nil: null, freq: 2 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4 }), fc.array(step, { maxLength: 100, size: 'max' }), (bits, steps) => {
      const queue = new RetryQueue(2 ** bits);
      const list: number[] = [];
      for (const row of steps) {
        if (row === null) assert.equal(queue.shift(), list.shift() ?? -1);
        else {
          assert.equal(queue.push(row), list.length < 2 ** bits);
          if (list.length < 2 ** bits) list.push(row);
        }
        assert.equal(queue.length, list.length);
      }
    }),
  );
});
