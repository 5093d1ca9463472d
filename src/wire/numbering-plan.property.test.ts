import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { SERIAL_MASK, serialDistance } from '../base/serial-distance.ts';
import { blockCounts, blockOrder, ROUND_TURNS } from './block-order.ts';
import {
  accountHigh,
  accountLow,
  accountNumber,
  FrameType,
  messageFrameBytes,
  readAccountHigh,
  readAccountLow,
  readSerial,
  writeMessage,
} from './frames.ts';
import { NO_ACCOUNT, NumberingPlan } from './numbering-plan.ts';
import { Placement } from './placement.ts';

/** Blocks near each other, also around multiples of 2^32 where halves carry. */
const blocks = fc
  .tuple(
    fc.constantFrom(0, 447_700_000_000, 2 ** 32 - 20, 5 * 2 ** 32 - 7, 999_999_999_999_000),
    fc.array(fc.tuple(fc.nat(9), fc.integer({ min: 1, max: 12 })), { minLength: 1, maxLength: 6 }),
  )
  .map(([from, gaps]) => {
    let first = from;
    return gaps.map(([gap, count]) => {
      const block = { first: first + gap, count };
      first += gap + count;
      return block;
    });
  });

it('turns numbers into indices and back as a list of all numbers would', () => {
  fc.assert(
    fc.property(blocks, (list) => {
      const plan = new NumberingPlan([...list].reverse());
      const numbers = list.flatMap(({ first, count }) => Array.from({ length: count }, (_, i) => first + i));
      assert.equal(plan.size, numbers.length);
      const least = (numbers[0] ?? 0) - 3;
      for (let number = Math.max(0, least); number < (numbers.at(-1) ?? 0) + 3; number++) {
        assert.equal(plan.indexOf(number), numbers.indexOf(number), String(number));
        assert.equal(plan.indexOfHalves(accountHigh(number), accountLow(number)), numbers.indexOf(number));
      }
      numbers.forEach((number, index) => {
        assert.equal(plan.numberOf(index), number);
        assert.equal(accountNumber(plan.highOf(index), plan.lowOf(index)), number);
      });
      assert.equal(plan.indexOf((numbers[0] ?? 0) + 0.5), NO_ACCOUNT);
      assert.equal(plan.indexOf(-1), NO_ACCOUNT);
    }),
  );
});

/** Turns of up to six blocks, one round in all. */
const turns = fc.array(fc.integer({ min: 1, max: 160 }), { minLength: 1, maxLength: 6 }).map((some) => {
  const sum = some.slice(1).reduce((all, one) => all + one, 0);
  return [ROUND_TURNS - sum, ...some.slice(1)];
});

it('divides indexes among blocks that take turns, as a list of turns would, and puts other blocks behind them', () => {
  fc.assert(
    fc.property(turns, fc.integer({ min: 1000, max: 2500 }), fc.nat(3), (of, size, others) => {
      const counts = blockCounts(of, size);
      const sorted = of.map((turnsOf, block) => {
        return { first: 2 ** 32 - 900 + 5000 * block, count: counts[block] ?? 0, turns: turnsOf };
      });
      const plain = Array.from({ length: others }, (_, n) => ({ first: 100_000 * n, count: 7 }));
      const plan = new NumberingPlan([...plain, ...[...sorted].reverse()]);
      assert.equal(plan.size, size + 7 * others);
      const order = blockOrder(sorted.map((block) => block.turns));
      const given = sorted.map(() => 0);
      for (let index = 0; index < size; index++) {
        const block = order[index % ROUND_TURNS] as number; // inside a round
        const number = (sorted[block]?.first ?? 0) + (given[block] as number);
        given[block] = (given[block] as number) + 1;
        assert.equal(plan.numberOf(index), number);
        assert.equal(plan.indexOf(number), index);
      }
      for (const { first, count } of sorted) assert.equal(plan.indexOf(first + count), NO_ACCOUNT);
      for (let index = size; index < plan.size; index++) assert.equal(plan.indexOf(plan.numberOf(index)), index);
    }),
    { numRuns: 40 },
  );
});

it('lets every hundred indexes have numbers of each block as its share says', () => {
  const of = [500, 300, 150, 50];
  const order = blockOrder(of);
  for (let from = 0; from < ROUND_TURNS; from += 100) {
    of.forEach((turnsOf, block) => {
      const found = order.slice(from, from + 100).filter((at) => at === block).length;
      assert.ok(Math.abs(found - turnsOf / 10) <= 2, `${block}: ${found} in ${from}…`);
    });
  }
});

it('refuses blocks that overlap', () => {
  assert.throws(
    () =>
      new NumberingPlan([
        { first: 10, count: 5 },
        { first: 14, count: 1 },
      ]),
    /do not overlap/,
  );
});

it('carries 15 digits and 30 bits in twelve bytes more than the payload', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 999_999_999_999_999 }),
      fc.integer({ min: 0, max: SERIAL_MASK }),
      (account, serial) => {
        const view = new DataView(new ArrayBuffer(messageFrameBytes(3)));
        const payload = writeMessage(view, 0, FrameType.SEND, serial, accountHigh(account), accountLow(account), 3);
        assert.equal(payload, 12);
        assert.equal(readSerial(view, 2), serial);
        assert.equal(accountNumber(readAccountHigh(view, 2), readAccountLow(view, 2)), account);
      },
    ),
  );
});

it('orders serial numbers around their end', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: SERIAL_MASK }),
      fc.integer({ min: -(2 ** 28), max: 2 ** 28 }),
      (from, ahead) => {
        const to = (from + ahead) & SERIAL_MASK;
        assert.equal(serialDistance(to, from), ahead);
      },
    ),
  );
});

it('places accounts evenly, densely and reversibly', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 400 }),
      fc.integer(),
      (shards, accounts, salt) => {
        const placement = new Placement(shards, salt);
        const counts = new Array<number>(shards).fill(0);
        for (let account = 0; account < accounts; account++) {
          const shard = placement.shardOf(account);
          counts[shard] = (counts[shard] ?? 0) + 1;
          assert.equal(placement.accountAt(shard, placement.rowOf(account)), account);
          assert.ok(placement.rowOf(account) < placement.rowsFor(accounts));
        }
        assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, 'even to within one account');
      },
    ),
  );
});
