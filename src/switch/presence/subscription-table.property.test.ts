import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { NOT_WATCHED, SubscriptionTable } from './subscription-table.ts';

const MAX = 8;

/** A subscription, and whether it was told the present version of its account. */
interface Subscription {
  readonly row: number;
  readonly address: number;
  readonly generation: number;
  isTold: boolean;
}

const row = fc.nat(3);
const address = fc.constantFrom(0, 1, 2, -1, 2 ** 30);
const generation = fc.constantFrom(0, 1, 2047);
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('add' as const), row, address, generation }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('remove' as const), row, address, generation }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('change' as const), row }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('tell' as const), row, limit: fc.nat(3) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('shard' as const), address, limit: fc.integer({ min: 1, max: 9 }) }),
  },
);

/** Tells at most so many of an account's subscriptions; @returns the addresses that were told. */
function tell(table: SubscriptionTable, of: number, limit: number): string[] {
  const watched = table.find(of);
  const told: string[] = [];
  while (watched !== NOT_WATCHED && told.length < limit) {
    const place = table.firstUntold(watched);
    if (place === NOT_WATCHED) break;
    told.push(`${table.address(place)} ${table.generation(place)}`);
    table.setFirstTold(watched);
  }
  return told;
}

it('tells each subscription of each account once per change, as a list would, whoever comes and goes meanwhile', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
      const table = new SubscriptionTable(MAX);
      let naive: Subscription[] = [];
      const of = (one: number): Subscription[] => naive.filter((subscription) => subscription.row === one);
      for (const one of steps) {
        if (one.kind === 'add') {
          const rest = naive.filter((other) => other.row !== one.row || other.address !== one.address);
          const hasRoom = rest.length < MAX;
          assert.equal(table.add(one.row, one.address, one.generation) !== NOT_WATCHED, hasRoom);
          if (hasRoom) naive = [...rest, { ...one, isTold: false }];
        } else if (one.kind === 'remove') {
          const rest = naive.filter(
            (other) => other.row !== one.row || other.address !== one.address || other.generation !== one.generation,
          );
          assert.equal(table.remove(one.row, one.address, one.generation), rest.length < naive.length);
          naive = rest;
        } else if (one.kind === 'change') {
          const watched = table.find(one.row);
          assert.equal(watched !== NOT_WATCHED, of(one.row).length > 0);
          if (watched !== NOT_WATCHED) table.changed(watched);
          for (const subscription of of(one.row)) subscription.isTold = false;
        } else if (one.kind === 'tell') {
          const untold = of(one.row).filter(({ isTold }) => !isTold);
          const told = tell(table, one.row, one.limit);
          assert.equal(told.length, Math.min(one.limit, untold.length));
          assert.equal(new Set(told).size, told.length, 'nobody is told twice');
          for (const name of told) {
            const subscription = untold.find((other) => `${other.address} ${other.generation}` === name);
            assert.ok(subscription, 'told is who was not told before');
            subscription.isTold = true;
          }
        } else {
          let at = 0;
          while (at !== NOT_WATCHED) at = table.removeSome(at, one.limit, (other) => other === one.address);
          naive = naive.filter((other) => other.address !== one.address);
        }
        assert.equal(table.size, naive.length);
      }
      assert.equal(table.ledger()[1]?.rowsUsed, new Set(naive.map((one) => one.row)).size);
      for (const one of [0, 1, 2, 3]) {
        const left = of(one).filter(({ isTold }) => !isTold);
        assert.deepEqual(
          tell(table, one, MAX).sort(),
          left.map((other) => `${other.address} ${other.generation}`).sort(),
        );
      }
    }),
    { numRuns: 300 },
  );
});

it('goes on where it was when an account with many watchers changes while they are told', () => {
  const table = new SubscriptionTable(100);
  for (let n = 0; n < 100; n++) table.add(7, n, 0);
  const watched = table.find(7);
  const times = new Map<string, number>();
  for (let n = 0; n < 20; n++) {
    for (const name of tell(table, 7, 10)) times.set(name, (times.get(name) ?? 0) + 1);
    table.changed(watched);
  }
  assert.equal(times.size, 100);
  assert.deepEqual(new Set(times.values()), new Set([2]), 'nobody starves behind those that are told again and again');
});
