/** Values by two numbers, against a Map. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { NO_VALUE, PairTable } from './pair-table.ts';

const number = fc.oneof(fc.nat(12), fc.integer({ min: 2 ** 30 - 4, max: 2 ** 30 - 1 }));
const step = fc.record({
  kind: fc.constantFrom('put', 'put', 'put', 'delete', 'get'),
  first: number,
  second: fc.oneof(fc.nat(40), number),
  value: fc.nat(2 ** 30 - 1),
});

for (const pairsMax of [3, 60, Number.POSITIVE_INFINITY]) {
  it(`has the values that were put and not deleted, of at most ${pairsMax} pairs`, () => {
    let longest = 0;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400, size: 'max' }), (steps) => {
        const table = new PairTable(pairsMax);
        const model = new Map<string, number>();
        for (const { kind, first, second, value } of steps) {
          const pair = `${first} ${second}`;
          if (kind === 'put') {
            const isKept = model.has(pair) || model.size < pairsMax;
            assert.equal(table.put(first, second, value), isKept);
            if (isKept) model.set(pair, value);
          } else if (kind === 'delete') {
            table.delete(first, second);
            model.delete(pair);
          }
          assert.equal(table.get(first, second), model.get(pair) ?? NO_VALUE);
          longest = Math.max(longest, model.size);
        }
        for (const [pair, value] of model) {
          const [first = 0, second = 0] = pair.split(' ').map(Number);
          assert.equal(table.get(first, second), value, pair);
        }
      }),
    );
    assert.ok(
      pairsMax < 100 ? longest === pairsMax : longest > 100,
      `the table had to be full, or to grow: ${longest}`,
    );
  });
}

it('takes 12 bytes for a place, of which three quarters are taken before it grows', () => {
  const table = new PairTable(2 ** 20);
  for (let n = 0; n < 10_000; n++) assert.ok(table.put(n % 7, n, n));
  assert.equal(table.bytes, 2 ** 14 * 12);
});
