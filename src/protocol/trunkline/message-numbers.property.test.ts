import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { MessageNumbers } from './message-numbers.ts';

const ID_MAX = 2 ** 30 - 1;

it('goes on from the highest id of each phone, and tells earlier messages from its own', () => {
  const highest = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: ID_MAX })), { minLength: 1 });
  fc.assert(
    fc.property(
      highest,
      fc.integer({ min: 1, max: 10_000 }),
      fc.integer({ min: 0, max: 10_000 }),
      (ids, number, back) => {
        const numbers = new MessageNumbers(ids.length);
        ids.forEach((id, row) => {
          numbers.begin(row, id);
        });
        ids.forEach((id, row) => {
          assert.equal(numbers.idOf(row, number), ((id === 0 ? 0 : id + 16) + number) % 2 ** 30);
          assert.equal(numbers.numberOf(row, numbers.idOf(row, number)), number);
          const earlier = (id - back + 2 ** 30) % 2 ** 30;
          assert.ok(numbers.numberOf(row, earlier) <= 0, `${earlier} was before ${id}`);
        });
      },
    ),
  );
});

it('keeps nothing where the switch has just begun', () => {
  const numbers = new MessageNumbers(1000);
  for (let row = 0; row < 1000; row++) numbers.begin(row, 0);
  assert.deepEqual(numbers.ledger(1000), []);
  numbers.begin(7, 41);
  assert.equal(numbers.ledger(1000)[0]?.bytes, 4000);
  assert.deepEqual([numbers.idOf(7, 1), numbers.idOf(8, 1)], [58, 1]);
});

it('goes on from one id for all phones where the switch knows of none, and from its own where it does', () => {
  const numbers = new MessageNumbers(3, 1000);
  assert.deepEqual([numbers.idOf(0, 1), numbers.numberOf(0, 1000)], [1001, 0]);
  numbers.begin(0, 0);
  numbers.begin(1, 41);
  numbers.begin(2, 0);
  assert.deepEqual([numbers.idOf(0, 1), numbers.idOf(1, 1), numbers.idOf(2, 5)], [1001, 58, 1005]);
});
