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

it('has a bounded size', () => {
  for (const rows of [0, 1, 100, 50_000, 1e8]) {
    const places = recentPairsPlaces(rows);
    assert.ok(places >= 256 && places <= 2 ** 20 && Number.isInteger(Math.log2(places)));
    assert.equal(new RecentPairs(places).ledger()[0]?.bytes, recentPairsBytes(places));
  }
});
