import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { PairTurns } from './pair-turns.ts';

describe('the turns of pairs', () => {
  it('tell the next message, gaps, repetitions and earlier ones, for each pair apart', () => {
    const step = fc.record({ row: fc.nat(3), contact: fc.nat(3), ahead: fc.integer({ min: -100, max: 100 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400, size: 'max' }), (steps) => {
        const turns = new PairTurns(4);
        const newest = new Map<string, number>();
        for (const { row, contact, ahead } of steps) {
          const pair = `${row} ${contact}`;
          const turn = (newest.get(pair) ?? 0) + ahead;
          if (turn < 0) continue;
          assert.equal(turns.advance(row, contact, turn, false), ahead);
          if (ahead > 0) newest.set(pair, turn);
        }
      }),
    );
  });

  it('tell the next message after up to 255 that were refused, where their sender says so', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 256 }), (turn, ahead) => {
        const turns = new PairTurns(1);
        for (let n = 1; n <= turn; n++) turns.advance(0, 0, n, false);
        assert.equal(turns.advance(0, 0, turn + ahead, true), ahead);
        assert.equal(turns.advance(0, 0, turn + ahead + 1, false), 1);
      }),
    );
  });

  it('count four bytes per phone', () => {
    const { bytes, rowBytes, rowsUsed } = new PairTurns(1000).ledger(7);
    assert.deepEqual([bytes, rowBytes, rowsUsed], [4000, 4, 7]);
  });
});
