/** When each kind of input was shed, against a list of all intervals. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { overloadSchema } from '../../result/sections/overload-schema.ts';
import type { SwitchCounterName } from '../../switch/terms/switch-counters.ts';
import { SHED_KINDS, ShedTimes } from './shed-times.ts';

const SECONDS = 0.5;

describe('the times in which input was shed', () => {
  it('begin and end with the intervals in which a counter grew, of each kind by its own', () => {
    const interval = fc.record({ grown: fc.array(fc.constantFrom(0, 0, 0, 7), { minLength: 5, maxLength: 5 }) });
    const property = fc.property(fc.array(interval, { maxLength: 12 }), (intervals) => {
      const shed = new ShedTimes();
      const counters = new Map<SwitchCounterName, number>();
      intervals.forEach(({ grown }, n) => {
        SHED_KINDS.forEach(({ counter }, kind) => {
          counters.set(counter, (counters.get(counter) ?? 0) + (grown[kind] ?? 0));
        });
        shed.interval(n * SECONDS, (n + 1) * SECONDS, (name) => counters.get(name) ?? 0);
      });
      SHED_KINDS.forEach(({ kind }, place) => {
        const during = intervals.flatMap(({ grown }, n) => ((grown[place] ?? 0) > 0 ? [n] : []));
        const [first, last] = [during[0], during.at(-1)];
        const expected =
          first === undefined || last === undefined
            ? undefined
            : { firstSeconds: first * SECONDS, lastSeconds: (last + 1) * SECONDS };
        assert.deepEqual(shed.times.get(kind), expected, kind);
      });
    });
    fc.assert(property);
  });

  it('are of each kind that a result names, in its order, with counters that no other kind has', () => {
    const kinds = SHED_KINDS.map(({ kind }) => kind);
    const part = { delayMicros: null, workMicrosPerMessage: 0, withinMicros: 1, offeredPerSecond: null };
    const figures = { count: 0, shardSeconds: 0, firstSeconds: null, lastSeconds: null };
    const shed = kinds.map((kind) => ({ kind, ...figures }));
    assert.ok(overloadSchema.safeParse({ ...part, goodputPerSecond: null, refusedPerSecond: null, shed }).success);
    const counters = SHED_KINDS.flatMap(({ counter, micros }) => [counter, micros]);
    assert.equal(new Set(counters).size, 2 * kinds.length);
  });
});
