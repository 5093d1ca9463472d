import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MANY_REFUSALS, RefusedPairs } from './refused-pairs.ts';

describe('the refusals of pairs', () => {
  it('are many where so many messages were refused since the last that was accepted, for each pair apart', () => {
    const step = fc.record({ row: fc.nat(3), contact: fc.nat(3), times: fc.nat(150), isAccepted: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
        const refusals = new RefusedPairs(4);
        const naive = new Map<string, number>();
        for (const { row, contact, times, isAccepted } of steps) {
          const pair = `${row} ${contact}`;
          if (isAccepted) refusals.accepted(row, contact);
          for (let n = 0; n < times; n++) refusals.refused(row, contact);
          const inARow = (isAccepted ? 0 : (naive.get(pair) ?? 0)) + times;
          naive.set(pair, inARow);
          assert.equal(refusals.areMany(row, contact, 1000), inARow >= MANY_REFUSALS);
          assert.equal(refusals.areMany(row, contact, MANY_REFUSALS), false, 'so many cannot have gone before it');
        }
      }),
    );
  });

  it('may be many of pairs for which there was no room', () => {
    const refusals = new RefusedPairs(4);
    const last = 3 * 2 ** 12 - 1;
    for (let row = 0; row < last; row++) refusals.refused(row, 0);
    assert.equal(refusals.areMany(last + 1, 0, 1000), false);
    refusals.refused(last, 0);
    refusals.refused(last + 1, 0);
    assert.equal(refusals.areMany(last, 0, 1000), false, 'one that is known had one');
    assert.equal(refusals.areMany(last + 1, 0, 1000), true);
    assert.equal(refusals.areMany(last + 1, 0, MANY_REFUSALS), false);
    refusals.accepted(last + 1, 0);
    assert.equal(refusals.areMany(last + 2, 0, 1000), true, 'what is not known is left as it is');
  });
});
