import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { Contacts } from './contacts.ts';

const shape = fc.record({
  seed: fc.integer(),
  count: fc.integer({ min: 1, max: 4 }),
  phones: fc.integer({ min: 5, max: 300 }),
});

it('gives every phone one writer for each place, and nobody itself or the same contact twice', () => {
  fc.assert(
    fc.property(shape, ({ seed, count, phones }) => {
      const contacts = new Contacts(seed, count, phones);
      for (let j = 0; j < count; j++) {
        const written = new Set<number>();
        for (let phone = 0; phone < phones; phone++) {
          const other = contacts.phoneOf(phone, j);
          assert.ok(other !== phone && other >= 0 && other < phones);
          assert.equal(contacts.writerOf(other, j + 1, 0), phone, 'who is written to knows by whom');
          assert.equal(contacts.writerOf(other, j + 1, 1), -1, 'and by nobody else');
          written.add(other);
        }
        assert.equal(written.size, phones);
      }
      const ofFirst = Array.from({ length: count }, (_, j) => contacts.phoneOf(0, j));
      assert.equal(new Set(ofFirst).size, count);
    }),
    { numRuns: 40 },
  );
});

it('lets a phone write to its contacts in turn, and tells how many messages to one of them a number leaves out', () => {
  fc.assert(
    fc.property(shape, fc.nat(30), ({ seed, count, phones }, left) => {
      const contacts = new Contacts(seed, count, phones);
      const numbers = Array.from({ length: count }, (): number[] => []); // of the messages to each contact
      for (let number = 1; number <= 40; number++) {
        const j = contacts.contactFor(0, number);
        assert.equal(j, (number - 1) % count);
        const before = numbers[j] as number[]; // j < count
        const gone = Math.min(left, before.length); // these arrived, and those after them did not
        const last = gone === 0 ? 0 : (before[gone - 1] as number);
        assert.equal(contacts.turnsBetween(last, number), before.length - gone);
        before.push(number);
      }
    }),
  );
});

it('depends on the seed, and on nothing else', () => {
  const pairs = (seed: number): number[] => [0, 1, 2, 3].map((j) => new Contacts(seed, 4, 10_000).phoneOf(17, j));
  assert.deepEqual(pairs(5), pairs(5));
  assert.notDeepEqual(pairs(5), pairs(6));
});
