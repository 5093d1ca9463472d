import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { mixPair } from '../../base/pseudo-random.ts';
import { WORD_MICROS } from '../terms/elapsed-micros.ts';
import { READ_UNKNOWN, RecentReads } from './recent-reads.ts';

const PLACES = 2 ** 13;

/** Rows, numbers and readers of which several meet in one place. */
const key = fc.tuple(fc.nat(3000), fc.integer({ min: 1, max: 40 }), fc.nat(30));
const step = fc.record({ key, isAsked: fc.boolean(), micros: fc.nat(2e9) });

it('knows the last time of each message until another takes its place, and tells it once', () => {
  const collisions = { met: 0 };
  // Pairs of keys for one place, since random ones hardly ever meet.
  const byPlace = new Map<number, (readonly [number, number, number])[]>();
  for (let row = 0; row < 3000; row++) {
    const place = placeOf(row, 1, 7);
    byPlace.set(place, [...(byPlace.get(place) ?? []), [row, 1, 7]]);
  }
  const meeting = [...byPlace.values()].filter((keys) => keys.length > 1).flat();
  const some = fc.oneof(key, fc.constantFrom(...meeting.slice(0, 8)));
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          step,
          step.chain((one) => some.map((k) => ({ ...one, key: [...k] as [number, number, number] }))),
        ),
        { maxLength: 80, size: 'max' },
      ),
      (steps) => {
        const reads = new RecentReads();
        const naive = new Map<number, { key: string; at: number }>();
        let now = 0;
        for (const {
          key: [row, number, reader],
          isAsked,
          micros,
        } of steps) {
          now += micros;
          const [word, high] = [now | 0, Math.floor(now / WORD_MICROS)];
          const [place, key] = [placeOf(row, number, reader), `${row} ${number} ${reader}`];
          const known = naive.get(place);
          const isKnown = known?.key === key;
          if (known !== undefined && !isKnown) collisions.met++;
          if (isAsked) {
            const age = reads.takeAgeMicros(row, number, reader, word, high);
            assert.equal(age, known !== undefined && isKnown ? now - known.at : READ_UNKNOWN);
            if (isKnown) naive.delete(place);
          } else {
            reads.add(row, number, reader, word, high);
            naive.set(place, { key, at: now });
          }
        }
      },
    ),
    { numRuns: 200 },
  );
  assert.ok(collisions.met > 20, `${collisions.met} messages met`);
});

function placeOf(row: number, number: number, reader: number): number {
  return mixPair(mixPair(row, number), reader) & (PLACES - 1);
}
