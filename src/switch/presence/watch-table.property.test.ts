import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { WATCH_NONE, WatchState, WatchTable } from './watch-table.ts';

const MAX = 12;

const slot = fc.nat(5);
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
      const table = new WatchTable(MAX);
      const naive = new Map<string, number>();
      for (const one of steps) {
        const key = `${one.slot} ${one.generation} ${one.account}`;
        const place = table.find(one.slot, one.generation, one.account);
        assert.equal(place !== WATCH_NONE, naive.has(key));
        if (one.kind === 'add' && place === WATCH_NONE && !table.isFull) {
          table.add(one.slot, one.generation, one.account);
          naive.set(key, WatchState.TO_SAY);
        } else if (one.kind === 'remove' && place !== WATCH_NONE) {
          table.remove(place);
          naive.delete(key);
        } else if (one.kind === 'state' && place !== WATCH_NONE) {
          table.setState(place, one.state);
          naive.set(key, one.state);
        }
        assert.equal(table.isFull, naive.size === MAX);
      }
      for (const [key, state] of naive) {
        const [s = 0, g = 0, a = 0] = key.split(' ').map(Number);
        const place = table.find(s, g, a);
        assert.deepEqual([table.slot(place), table.generation(place), table.account(place)], [s, g, a]);
        assert.equal(table.state(place), state);
        const ofSession = [...naive].filter(([other]) => other.startsWith(`${s} ${g} `));
        assert.equal(table.countOf(s, g), ofSession.filter(([, of]) => of !== WatchState.LEAVING).length);
      }
      assert.equal(table.ledger()[0]?.rowsUsed, naive.size);
    }),
    { numRuns: 300 },
  );
});
