import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DelayLine } from './delay-line.ts';

interface Waiting {
  readonly row: number;
  readonly time: number;
  readonly attempts: number;
  readonly firstDue: number;
}

function firstOf(line: DelayLine): Waiting {
  const [time = Number.NaN, firstDue = Number.NaN] = line.first;
  return { row: line.row(), time, attempts: line.attempts(), firstDue };
}

describe('phones that wait', () => {
  it('leave in the order in which they came, and a full line refuses, as a list would', () => {
    const step = fc.record({ push: fc.nat(9000), shift: fc.nat(9000) });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 12, size: 'max' }),
        fc.integer({ min: 1, max: 20_000 }),
        (steps, capacity) => {
          const line = new DelayLine(capacity);
          const list: Waiting[] = [];
          let taken = 0;
          let made = 0;
          for (const { push, shift } of steps) {
            for (let n = 0; n < push; n++, made++) {
              const waiting = { row: made % 777, time: made, attempts: made % 5, firstDue: made / 2 };
              const fits = list.length - taken < capacity;
              line.next.set([waiting.time, waiting.firstDue]);
              assert.equal(line.push(waiting.row, waiting.attempts), fits);
              if (fits) list.push(waiting);
            }
            for (let n = 0; n < shift && line.length > 0; n++) {
              assert.deepEqual(firstOf(line), list[taken++]);
              line.shift();
            }
            assert.equal(line.length, list.length - taken);
            assert.equal(line.first[0], list[taken]?.time ?? Number.POSITIVE_INFINITY);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('take memory for the most that ever waited, not for all that ever did', () => {
    const line = new DelayLine(1_000_000);
    const waitAtOnce = 10_000;
    let most = 0;
    for (let round = 0; round < 20; round++) {
      for (let n = 0; n < waitAtOnce; n++) line.push(n, 0);
      while (line.length > 0) line.shift();
      if (round === 0) most = line.bytes;
    }
    assert.equal(line.bytes, most);
    assert.ok(most < 3 * 24 * waitAtOnce, `${most} bytes`);
  });
});
