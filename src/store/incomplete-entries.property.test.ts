import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { IncompleteEntries } from './incomplete-entries.ts';

it('holds messages as a list would, up to its capacity', () => {
  fc.assert(
    fc.property(fc.nat(5), fc.array(fc.boolean(), { maxLength: 40 }), (capacity, pushes) => {
      const incomplete = new IncompleteEntries(capacity);
      const naive: { batch: number; entry: number }[] = [];
      pushes.forEach((isPush, n) => {
        if (isPush && !incomplete.isFull) {
          incomplete.push(n + 100, n + 1);
          naive.push({ batch: n + 100, entry: n + 1 });
        } else if (!isPush && incomplete.length > 0) {
          assert.equal(incomplete.batch, naive[0]?.batch);
          assert.equal(incomplete.shift(), naive.shift()?.entry);
        }
        naive.forEach(({ entry }, place) => {
          assert.equal(incomplete.entryAt(place), entry);
        });
        assert.deepEqual([incomplete.length, incomplete.isFull], [naive.length, naive.length === capacity]);
      });
    }),
  );
});
