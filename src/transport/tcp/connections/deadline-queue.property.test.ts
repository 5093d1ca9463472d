import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DeadlineQueue } from './deadline-queue.ts';

interface Entry {
  readonly descriptor: number;
  readonly number: number;
  readonly time: number;
}

const CAPACITY = 8;
const DELAY = 10;
/** Millisecond counters wrap around; the queue begins shortly before that. */
const START = 2 ** 31 - 100;
const action = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('push' as const), descriptor: fc.nat(5), number: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'shift' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('trim' as const), waiting: fc.nat(5) }) },
);

describe('DeadlineQueue', () => {
  it('is a bounded queue', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 200, size: 'max' }), (script) => {
        const queue = new DeadlineQueue(CAPACITY, DELAY);
        const model: Entry[] = [];
        script.forEach((step, n) => {
          const time = (START + n) | 0;
          if (step.kind === 'push') {
            assert.equal(queue.push(step.descriptor, step.number, time), model.length < CAPACITY);
            if (model.length < CAPACITY) model.push({ descriptor: step.descriptor, number: step.number, time });
          } else if (step.kind === 'shift') {
            if (model.shift() !== undefined) queue.shift();
          } else {
            queue.trim((descriptor) => descriptor === step.waiting);
            while (model[0] !== undefined && model[0].descriptor !== step.waiting) model.shift();
          }
          assert.equal(queue.isFull, model.length === CAPACITY);
          assert.equal(queue.isDue(time), model[0] !== undefined && ((time - model[0].time) | 0) >= DELAY);
          if (model[0] === undefined) return;
          assert.equal(queue.descriptor(), model[0].descriptor);
          assert.equal(queue.number(), model[0].number);
        });
      }),
    );
  });
});
