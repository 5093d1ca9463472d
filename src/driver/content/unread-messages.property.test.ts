/** The queue of unread messages against a list, and the table of recent reads against a map. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { READ_UNKNOWN, RecentReads } from './recent-reads.ts';
import { UnreadMessages } from './unread-messages.ts';

describe('unread messages', () => {
  it('come out in their order with all their fields, however the queue grows and goes round', () => {
    const burst = fc.record({ pushed: fc.nat(1500), taken: fc.nat(1500) });
    fc.assert(
      fc.property(fc.array(burst, { minLength: 1, maxLength: 8 }), (bursts) => {
        const queue = new UnreadMessages();
        const model: number[] = [];
        let n = 0;
        for (const { pushed, taken } of bursts) {
          for (let k = 0; k < pushed; k++, n++) {
            queue.next[0] = n * 10;
            assert.equal(queue.push(n, n + 1, n + 2, n + 3), true);
            model.push(n);
          }
          for (let k = 0; k < taken && model.length > 0; k++) {
            const first = model.shift() ?? -1;
            assert.deepEqual(
              [queue.first[0], queue.row(), queue.author(), queue.id(), queue.number()],
              [first * 10, first, first + 1, first + 2, first + 3],
            );
            queue.shift();
          }
          assert.equal(queue.length, model.length);
          assert.equal(queue.first[0], model.length === 0 ? Number.POSITIVE_INFINITY : (model[0] ?? 0) * 10);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('are refused beyond the bound, and taken again when there is a place', () => {
    const queue = new UnreadMessages(2 ** 11);
    for (let n = 0; n < 2 ** 11; n++) assert.equal(queue.push(n, 0, 0, 0), true);
    assert.equal(queue.push(9, 0, 0, 0), false);
    queue.shift();
    assert.equal(queue.push(9, 0, 0, 0), true);
    assert.deepEqual([queue.length, queue.row()], [2 ** 11, 1]);
    assert.equal(queue.bytes, 2 ** 11 * 24);
  });
});

it('recent reads know the time of a message once for each reader, and never that of another', () => {
  const step = fc.record({
    row: fc.nat(5),
    number: fc.integer({ min: 1, max: 6 }),
    reader: fc.nat(2),
    adds: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const recent = new RecentReads();
      const model = new Map<string, number>();
      for (const [now, { row, number, reader, adds }] of steps.entries()) {
        const key = `${row} ${number} ${reader}`;
        if (adds) {
          recent.add(row, number, reader, now, 0);
          model.set(key, now);
          continue;
        }
        const age = recent.takeAgeMicros(row, number, reader, now, 0);
        // Another message may have taken its place; what is known is right.
        if (age !== READ_UNKNOWN) assert.equal(age, now - (model.get(key) ?? Number.NaN));
        model.delete(key);
        assert.equal(recent.takeAgeMicros(row, number, reader, now, 0), READ_UNKNOWN);
      }
    }),
  );
  const recent = new RecentReads();
  recent.add(3, 7, 9, 100, 0);
  assert.equal(recent.takeAgeMicros(3, 7, 8, 200, 0), READ_UNKNOWN);
  assert.equal(recent.takeAgeMicros(3, 7, 9, 250, 0), 150);
});
