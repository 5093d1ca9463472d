/** The order in which blocks of numbers take turns: every part of a round has its share of every block. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { blockCounts, blockOrder, ROUND_TURNS } from './block-order.ts';

/** Turns of one to six blocks that fill a round; some blocks may have none. */
const turns = fc.array(fc.nat(ROUND_TURNS), { maxLength: 5 }).map((cuts) => {
  const ends = [...cuts.toSorted((a, b) => a - b), ROUND_TURNS];
  return ends.map((end, n) => end - (ends[n - 1] ?? 0));
});

describe('blocks that take turns', () => {
  it('have exactly their turns in a round, and nearly their share of every beginning of it', () => {
    fc.assert(
      fc.property(turns, (all) => {
        const order = blockOrder(all);
        const had = all.map(() => 0);
        for (const [turn, block] of order.entries()) {
          had[block] = (had[block] ?? 0) + 1;
          for (const [n, of] of all.entries()) {
            const share = (of * (turn + 1)) / ROUND_TURNS;
            assert.ok(Math.abs((had[n] ?? 0) - share) < all.length, `block ${n} after ${turn + 1} turns`);
          }
        }
        assert.deepEqual(had, all);
      }),
      { numRuns: 50 },
    );
  });

  it('are counted as they are given, for any number of indexes', () => {
    fc.assert(
      fc.property(turns, fc.nat(3 * ROUND_TURNS), (all, size) => {
        const order = blockOrder(all);
        const counts = all.map(() => 0);
        for (let index = 0; index < size; index++) {
          const block = order[index % ROUND_TURNS] ?? 0;
          counts[block] = (counts[block] ?? 0) + 1;
        }
        assert.deepEqual(blockCounts(all, size), counts);
      }),
      { numRuns: 60 },
    );
  });

  it('take turns as drawn, and need whole rounds', () => {
    const letters = [...blockOrder([500, 300, 200])].slice(0, 10).map((block) => 'ABC'[block]);
    assert.equal(letters.join(''), 'ABCAABACBA');
    assert.throws(() => blockOrder([500, 499]));
  });
});
