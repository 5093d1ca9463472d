import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { WaitingAcknowledgements } from './waiting-acknowledgements.ts';

it('holds messages as a list would, up to its capacity', () => {
  fc.assert(
    fc.property(fc.nat(5), fc.array(fc.boolean(), { maxLength: 40 }), (capacity, pushes) => {
      const waiting = new WaitingAcknowledgements(capacity);
      const naive: { batch: number; entry: number }[] = [];
      pushes.forEach((isPush, n) => {
        if (isPush && !waiting.isFull) {
          waiting.push(n + 100, n + 1);
          naive.push({ batch: n + 100, entry: n + 1 });
        } else if (!isPush && waiting.length > 0) {
          assert.equal(waiting.batch, naive[0]?.batch);
          assert.equal(waiting.shift(), naive.shift()?.entry);
        }
        naive.forEach(({ entry }, place) => {
          assert.equal(waiting.entryAt(place), entry);
        });
        assert.deepEqual([waiting.length, waiting.isFull], [naive.length, naive.length === capacity]);
      });
    }),
  );
});
