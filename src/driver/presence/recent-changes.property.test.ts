import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { WORD_MICROS } from '../terms/elapsed-micros.ts';
import { CHANGE_UNKNOWN, RecentChanges } from './recent-changes.ts';

const PLACES = 2 ** 14;
/** Rows of which several have one place. */
const row = fc.tuple(fc.nat(3), fc.nat(2)).map(([place, lap]) => place + lap * PLACES);
const step = fc.record({
  row,
  what: fc.constantFrom('add', 'add', 'remove', 'ask', 'ask', 'ask'),
  isAvailable: fc.boolean(),
  micros: fc.nat(2e9),
});

it('knows the last change of each phone until it is removed or another takes its place', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
      const changes = new RecentChanges(true);
      const naive = new Map<number, { row: number; isAvailable: boolean; at: number }>();
      let now = 0;
      for (const { row: phone, what, isAvailable, micros } of steps) {
        now += micros;
        const [word, high] = [now | 0, Math.floor(now / WORD_MICROS)];
        const known = naive.get(phone % PLACES);
        if (what === 'add') {
          changes.add(phone, isAvailable, word, high);
          naive.set(phone % PLACES, { row: phone, isAvailable, at: now });
        } else if (what === 'remove') {
          changes.remove(phone);
          if (known?.row === phone) naive.delete(phone % PLACES);
        } else {
          const isKnown = known?.row === phone && known.isAvailable === isAvailable;
          assert.equal(changes.ageMicros(phone, isAvailable, word, high), isKnown ? now - known.at : CHANGE_UNKNOWN);
        }
      }
    }),
    { numRuns: 300 },
  );
});

it('takes memory only where it is used, and then the same for any number of phones', () => {
  assert.equal(new RecentChanges(true).bytes, 2 ** 18);
  assert.equal(new RecentChanges(false).bytes, 16);
});
