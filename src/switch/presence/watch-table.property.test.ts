import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { NumberingPlan } from '../../wire/numbering-plan.ts';
import { HOME_SALT, Placement } from '../../wire/placement.ts';
import { PresenceTables } from './presence-tables.ts';
import { NO_ROW, WatchState } from './watch-rows.ts';

const MAX = 12;
const SESSIONS = 6;

const slot = fc.nat(SESSIONS - 1);
const generation = fc.constantFrom(0, 1, 2047);
const account = fc.constantFrom(0, 1, 2, 2 ** 31 - 2);
const step = fc.record({
  kind: fc.constantFrom('add' as const, 'add' as const, 'remove' as const, 'state' as const),
  slot,
  generation,
  account,
  state: fc.constantFrom(WatchState.TO_SAY, WatchState.SAID, WatchState.LEAVING),
});

it('finds and counts what each session watches, as a map would, after any additions and removals', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150, size: 'max' }), (steps) => {
      const { watches: table, rows } = new PresenceTables({
        watchesMax: MAX,
        sessions: SESSIONS,
        homes: new Placement(1, HOME_SALT),
        plan: new NumberingPlan([{ first: 1000, count: 10 }]),
      });
      const naive = new Map<string, number>();
      for (const one of steps) {
        const key = `${one.slot} ${one.generation} ${one.account}`;
        const place = table.find(one.slot, one.generation, one.account);
        assert.equal(place !== NO_ROW, naive.has(key));
        if (one.kind === 'add' && place === NO_ROW && !table.isFull) {
          table.add(one.slot, one.generation, one.account);
          naive.set(key, WatchState.TO_SAY);
        } else if (one.kind === 'remove' && place !== NO_ROW) {
          table.remove(one.slot, place);
          naive.delete(key);
        } else if (one.kind === 'state' && place !== NO_ROW) {
          rows.setState(place, one.state);
          naive.set(key, one.state);
        }
        assert.equal(table.isFull, naive.size === MAX);
      }
      for (const [key, state] of naive) {
        const [s = 0, g = 0, a = 0] = key.split(' ').map(Number);
        const place = table.find(s, g, a);
        assert.deepEqual([table.slot(place), rows.generation(place), rows.account(place)], [s, g, a]);
        assert.equal(rows.state(place), state);
        const ofSession = [...naive].filter(([other]) => other.startsWith(`${s} ${g} `));
        assert.equal(table.countOf(s, g), ofSession.filter(([, of]) => of !== WatchState.LEAVING).length);
      }
      for (let s = 0; s < SESSIONS; s++) {
        const listed: string[] = [];
        for (let place = table.first(s); place !== NO_ROW; place = table.next(place))
          listed.push(`${s} ${rows.generation(place)} ${rows.account(place)}`);
        const expected = [...naive.keys()].filter((key) => key.startsWith(`${s} `));
        assert.deepEqual(listed.sort(), expected.sort());
      }
      assert.equal(rows.used, naive.size);
      assert.ok(rows.fresh <= MAX, 'rows are used again');
      assert.equal(table.ledger()[0]?.rowsUsed, new Set([...naive.keys()].map((key) => key.split(' ')[0])).size);
    }),
    { numRuns: 300 },
  );
});
