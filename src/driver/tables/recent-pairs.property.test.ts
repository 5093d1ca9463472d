import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { NO_GROUP } from '../../wire/group-plan.ts';
import { PairVerdict, RecentPairs, recentPairsBytes, recentPairsPlaces } from './recent-pairs.ts';

const WAYS = 4;
const message = fc.record({
  sender: fc.constantFrom(0, 1, 2, 3, 7, 2 ** 31 - 2),
  row: fc.nat(2),
  number: fc.integer({ min: 1, max: 6 }),
  group: fc.constantFrom(NO_GROUP, NO_GROUP, 0, 9),
});

interface Pair {
  readonly key: string;
  newest: number;
}

function verdictOf(pair: Pair | undefined, wasFull: boolean, number: number): number {
  if (pair === undefined) return wasFull ? PairVerdict.UNKNOWN_PAIR : PairVerdict.NEW_PAIR;
  if (number === pair.newest) return PairVerdict.DUPLICATED;
  return number < pair.newest ? PairVerdict.REORDERED : PairVerdict.NEXT;
}

it('knows the four pairs that got a newer message last, and says so of every other', () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 200, size: 'max' }), (messages) => {
      const table = new RecentPairs(WAYS); // a single set
      let recent: Pair[] = [];
      for (const { sender, row, number, group } of messages) {
        const key = `${sender} ${row} ${group}`;
        const pair = recent.find((one) => one.key === key);
        const expected = verdictOf(pair, recent.length === WAYS, number);
        assert.equal(table.check(sender, row, number, group), expected);
        assert.equal(table.numberBefore, pair?.newest ?? 0);
        if (pair !== undefined && number <= pair.newest) continue;
        recent = [{ key, newest: number }, ...recent.filter((one) => one !== pair)].slice(0, WAYS);
      }
    }),
    { numRuns: 200 },
  );
});

it('never calls messages of different pairs doubled or out of order, however many pairs share the table', () => {
  const table = new RecentPairs(64);
  const newest = new Map<string, number>();
  for (let n = 0; n < 20_000; n++) {
    const sender = (n * 7919) % 97;
    const row = (n * 104_729) % 31;
    const key = `${sender} ${row}`;
    const number = (newest.get(key) ?? 0) + 1;
    newest.set(key, number);
    const verdict = table.check(sender, row, number, NO_GROUP);
    assert.ok(verdict <= PairVerdict.NEXT, `message ${n}: verdict ${verdict}`);
    if (number > 1) assert.notEqual(verdict, PairVerdict.NEW_PAIR, 'a pair that was seen is never called new');
  }
});

it('finds nearly all pairs of phones with four contacts each, as long as they fit', () => {
  const rows = 1000;
  const table = new RecentPairs(recentPairsPlaces(rows));
  let unknown = 0;
  for (let number = 1; number <= 2; number++) {
    for (let row = 0; row < rows; row++) {
      for (let j = 1; j <= 4; j++) {
        if (table.check((row + j * 131) % rows, row, number, NO_GROUP) === PairVerdict.UNKNOWN_PAIR) unknown++;
      }
    }
  }
  assert.ok(unknown < 0.1 * 8 * rows, `${unknown} of ${8 * rows} were not checked`);
});

it('finds nearly all members of groups, as long as they fit, and never confuses them', () => {
  const members = 128;
  const senders = 12;
  const table = new RecentPairs(2 ** 16, members);
  const verdicts = [0, 0, 0, 0, 0];
  for (let number = 1; number <= 2; number++) {
    for (let sender = 0; sender < senders; sender++) {
      for (let member = 0; member < members; member++) {
        const verdict = table.check(sender, member * 64, number, 1000 + (sender % 3)); // far apart, as phones are
        verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
      }
    }
  }
  const all = senders * members;
  assert.ok((verdicts[PairVerdict.NEXT] ?? 0) > 0.8 * all, `of ${all}: ${verdicts}`);
  assert.deepEqual(verdicts.slice(PairVerdict.DUPLICATED), [0, 0]);
});

it('keeps the pairs of one sender and one group near each other: too many of them push out hardly any others', () => {
  const table = new RecentPairs(2 ** 13, 20);
  const phones = 500;
  for (let row = 0; row < phones; row++) table.check(row, row + 1, 1, NO_GROUP);
  for (let row = 0; row < 30_000; row++) table.check(7, row, 1, 9);
  let known = 0;
  for (let row = 0; row < phones; row++) {
    if (table.check(row, row + 1, 2, NO_GROUP) === PairVerdict.NEXT) known++;
  }
  assert.ok(known > 0.95 * phones, `${known} of ${phones} pairs of phones were left`);
});

it('has a bounded size', () => {
  for (const rows of [0, 1, 100, 50_000, 1e8]) {
    const places = recentPairsPlaces(rows);
    assert.ok(places >= 256 && places <= 2 ** 20 && Number.isInteger(Math.log2(places)));
    assert.equal(new RecentPairs(places).ledger()[0]?.bytes, recentPairsBytes(places));
  }
});

it('finds an order that is wrong nearly always if the messages follow soon, and else about as often as pairs are known', () => {
  const pairs = 20_000;
  const table = new RecentPairs(4096);
  let seed = 1;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  let [checked, messages] = [0, 0];
  const numbers = new Int32Array(pairs);
  const talk = (): void => {
    const pair = random(pairs);
    numbers[pair] = (numbers[pair] ?? 0) + 2; // the odd number between is sent, and may be late
    messages++;
    if (table.check(pair, pair % 97, numbers[pair] ?? 0, NO_GROUP) === PairVerdict.NEXT) checked++;
  };
  const foundAfter = (others: () => number): number => {
    let found = 0;
    for (let n = 0; n < 500; n++) {
      const pair = random(pairs);
      numbers[pair] = (numbers[pair] ?? 0) + 2;
      table.check(pair, pair % 97, numbers[pair] ?? 0, NO_GROUP);
      for (let left = others(); left > 0; left--) talk();
      if (table.check(pair, pair % 97, (numbers[pair] ?? 0) - 1, NO_GROUP) === PairVerdict.REORDERED) found++;
    }
    return found / 500;
  };
  for (let n = 0; n < 40_000; n++) talk();
  [checked, messages] = [0, 0];
  for (let n = 0; n < 40_000; n++) talk();
  const share = checked / messages;
  assert.ok(share > 0.1 && share < 0.4, `${share} of the messages were checked`);
  assert.ok(foundAfter(() => 50) > 0.98);
  // The gap of two messages of a pair is geometric, as the gap that decides whether a message is checked.
  const asUsual = foundAfter(() => Math.min(200_000, Math.floor(-Math.log(1 - random(1e6) / 1e6) * 500)));
  assert.ok(asUsual > share, 'a late message follows its pair sooner than the next one does');
});
