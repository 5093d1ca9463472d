import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { BacklogRows, NO_ROW } from './backlog-rows.ts';

/** More places than rows, and few enough that some share a hash. */
const PLACES = 40;
const action = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('add' as const), place: fc.nat(PLACES - 1) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), place: fc.nat(PLACES - 1) }) },
);

it('finds the row of each place that has one, and uses rows again', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 17 }),
      fc.array(action, { maxLength: 200, size: 'max' }),
      (capacity, script) => {
        const rows = new BacklogRows(capacity);
        const model = new Map<number, number>();
        let mostUsed = 0;
        for (const { kind, place } of script) {
          const known = model.get(place);
          if (kind === 'remove' && known !== undefined) {
            rows.remove(known);
            model.delete(place);
          }
          if (kind === 'add' && known === undefined) {
            const row = rows.add(place);
            assert.equal(row === NO_ROW, model.size === capacity, 'a row is refused exactly where all are taken');
            if (row !== NO_ROW) model.set(place, row);
          }
          mostUsed = Math.max(mostUsed, model.size);
          assert.equal(rows.used, model.size);
          assert.equal(new Set(model.values()).size, model.size, 'no row is of two places');
          for (let one = 0; one < PLACES; one++) assert.equal(rows.find(one), model.get(one) ?? NO_ROW);
          assert.equal(rows.made, mostUsed, 'a row is made only where none is free');
          const used = new Set(model.values());
          for (let row = 0; row < rows.made; row++) assert.equal(rows.isUsed(row), used.has(row));
        }
      },
    ),
    { numRuns: 300 },
  );
});

it('reserves all of its bytes at once: nothing grows with use', () => {
  const rows = new BacklogRows(100);
  const before = rows.bytes;
  for (let place = 0; place < 100; place++) rows.add(1000 * place);
  assert.equal(rows.bytes, before);
  assert.ok(before >= 100 * (7 * 4 + 2 * 8));
});
