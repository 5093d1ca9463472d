import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { LoginQueue } from './login-queue.ts';

interface Waiting {
  readonly row: number;
  readonly untilMicros: number;
}

const step = fc.oneof(
  fc.record({ kind: fc.constant('wait' as const), micros: fc.integer({ min: 0, max: 40e6 }) }),
  fc.record({ kind: fc.constant('pass' as const), micros: fc.integer({ min: 0, max: 20e6 }) }),
  fc.record({ kind: fc.constant('pass' as const), micros: fc.integer({ min: 0, max: 3000 }) }),
);

describe('the queue of phones that wait to log in', () => {
  it('lets each act at the first full millisecond after its time, as a list would that is searched', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 0, max: 1e12 }), (steps, startMicros) => {
        const queue = new LoginQueue(60);
        queue.take(startMicros); // a lane asks in every turn
        let waiting: Waiting[] = [];
        let nowMicros = startMicros;
        let rows = 0;
        for (const { kind, micros } of steps) {
          if (kind === 'wait') {
            queue.next.set([nowMicros + micros, 7 * rows]);
            queue.push(rows, rows + 1, rows + 2);
            waiting.push({ row: rows++, untilMicros: nowMicros + micros });
          } else nowMicros += micros;
          const first = Math.min(...waiting.map(({ untilMicros }) => Math.ceil(untilMicros / 1000) * 1000));
          assert.ok((queue.dueMicros[0] as number) <= Math.max(first, nowMicros + 1000), 'the lane wakes in time');
          const taken: number[] = [];
          while (queue.take(nowMicros)) {
            taken.push(queue.row);
            assert.deepEqual([queue.attempts, queue.seriesMicros], [queue.row + 1, queue.row + 2]);
            assert.equal(queue.firstDueMicros[0], 7 * queue.row);
          }
          const isDue = ({ untilMicros }: Waiting): boolean => untilMicros <= nowMicros;
          const isSure = ({ untilMicros }: Waiting): boolean => Math.ceil(untilMicros / 1000 + 1) * 1000 <= nowMicros;
          const gone = new Set(taken);
          assert.ok(
            taken.every((row) => waiting.some((one) => one.row === row && isDue(one))),
            'none acts early',
          );
          assert.ok(
            waiting.every((one) => !isSure(one) || gone.has(one.row)),
            'none acts late',
          );
          waiting = waiting.filter(({ row }) => !gone.has(row));
          assert.equal(queue.length, waiting.length);
        }
        const left = new Set<number>();
        while (queue.takeAny()) left.add(queue.row);
        assert.deepEqual([...left].sort(), waiting.map(({ row }) => row).sort());
        assert.equal(queue.dueMicros[0], Number.POSITIVE_INFINITY);
      }),
    );
  });

  it('has room for every phone, and uses the memory of those that have gone again', () => {
    const queue = new LoginQueue(20_000);
    const fill = (): void => {
      for (let row = 0; row < 20_000; row++) {
        queue.next[0] = 1000 + 1500 * row;
        queue.push(row, 0, 0);
      }
    };
    fill();
    const full = queue.bytes;
    let taken = 0;
    while (queue.take(1e9)) assert.equal(queue.row, taken++, 'in the order of their times');
    fill();
    assert.equal(queue.bytes, full);
    assert.ok(full < 20_000 * 40 + 2 ** 18, `${full} bytes`);
    assert.throws(() => queue.push(1, 0, 0), /a phone waits once/);
  });
});
