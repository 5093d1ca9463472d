import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { elapsedMicros, WORD_MICROS } from './elapsed-micros.ts';

it('is the difference of two moments, however far apart and wherever they lie', () => {
  const moment = fc.integer({ min: 0, max: 2 ** 46 });
  const near = fc.integer({ min: -(2 ** 33), max: 2 ** 33 });
  fc.assert(
    fc.property(moment, near, (from, distance) => {
      const to = Math.max(0, from + distance);
      assert.equal(elapsedMicros(from | 0, (from / WORD_MICROS) | 0, to | 0, (to / WORD_MICROS) | 0), to - from);
    }),
  );
});
