import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { PENDING_LOGINS_MAX, PendingLogins } from './pending-logins.ts';

const ROWS = 8;
const SHARDS = 3;

interface Login {
  readonly address: number;
  readonly generation: number;
  readonly asked: number;
  isTold: boolean;
}

const row = fc.nat(ROWS - 1);
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      what: fc.constant('add' as const),
      row,
      address: fc.nat(SHARDS - 1),
      generation: fc.nat(5),
    }),
  },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('told' as const), row }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('remove' as const), row }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('lose' as const), address: fc.nat(SHARDS - 1) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('overdue' as const), age: fc.nat(6) }) },
);

/** The table as a user of it sees it. */
function contents(logins: PendingLogins): object {
  const rows: [number, number, number][] = [];
  for (let n = 0; n < ROWS; n++) if (logins.has(n)) rows.push([n, logins.address(n), logins.generation(n)]);
  const untold: number[] = [];
  logins.forEachUntold((one) => untold.push(one));
  return { rows, untold: untold.sort(), size: logins.size, hasUntold: logins.hasUntold };
}

function contentsOf(naive: Map<number, Login>): object {
  const entries = [...naive].sort(([a], [b]) => a - b);
  const untold = entries.filter(([, { isTold }]) => !isTold).map(([n]) => n);
  const rows = entries.map(([n, { address, generation }]) => [n, address, generation]);
  return { rows, untold, size: naive.size, hasUntold: untold.length > 0 };
}

it('knows each waiting login, and whose earlier session was not told, as a map does', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150, size: 'max' }), (steps) => {
      const logins = new PendingLogins();
      const naive = new Map<number, Login>();
      steps.forEach((one, tick) => {
        if (one.what === 'add' && !naive.has(one.row)) {
          assert.ok(logins.add(one.row, one.address, one.generation, tick));
          naive.set(one.row, { address: one.address, generation: one.generation, asked: tick, isTold: false });
        } else if (one.what === 'told' && naive.has(one.row)) {
          logins.setTold(one.row);
          (naive.get(one.row) as Login).isTold = true; // it is there
        } else if (one.what === 'remove' && naive.delete(one.row)) {
          logins.remove(one.row);
        } else if (one.what === 'lose') {
          logins.forget((address) => address === one.address);
          for (const [n, { address }] of naive) if (address === one.address) naive.delete(n);
        } else if (one.what === 'overdue') {
          const expected = [...naive].filter(([, { asked }]) => asked < tick - one.age).map(([n]) => n);
          const found: number[] = [];
          logins.forEachAskedBefore(tick - one.age, (n) => {
            found.push(n);
            logins.remove(n); // as the home does
          });
          assert.deepEqual(found.sort(), expected.sort());
          for (const n of expected) naive.delete(n);
        }
        assert.deepEqual(contents(logins), contentsOf(naive));
      });
    }),
  );
});

it('refuses a login when it is full, and has a place again for each that is removed', () => {
  const logins = new PendingLogins();
  for (let n = 0; n < PENDING_LOGINS_MAX; n++) assert.ok(logins.add(n, n, 0, 0));
  assert.ok(!logins.add(PENDING_LOGINS_MAX, 7, 0, 0));
  assert.ok(!logins.has(PENDING_LOGINS_MAX));
  logins.remove(5);
  assert.ok(logins.add(PENDING_LOGINS_MAX, 7, 0, 0));
  assert.ok(!logins.add(5, 5, 0, 0));
  assert.equal(logins.address(PENDING_LOGINS_MAX), 7);
  assert.equal(logins.address(6), 6, 'the others keep what they had');
  assert.equal(logins.size, PENDING_LOGINS_MAX);
});
