/** The table of late sessions, against a map of what each is waiting for. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { LATE_SESSIONS_MAX, LateSessions } from './late-sessions.ts';

const SLOTS = 6;
const slot = fc.nat(SLOTS - 1);
const generation = fc.nat(2);
const kind = <K extends string>(name: K): fc.Arbitrary<K> => fc.constant(name);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: kind('add'), slot, generation }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('has'), slot, generation }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('remove'), slot }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('ask'), limit: fc.nat(4), refusesAfter: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('keepOnly'), generation }) },
);

describe('late sessions', () => {
  it('are remembered one per row, by their generation, and asked for in the order in which they found no room', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100, size: 'max' }), (steps) => {
        const late = new LateSessions();
        const model = new Map<number, { generation: number; isAsked: boolean }>();
        for (const one of steps) {
          if (one.kind === 'add') {
            assert.equal(late.add(one.slot, one.generation), true);
            model.delete(one.slot);
            model.set(one.slot, { generation: one.generation, isAsked: false });
          } else if (one.kind === 'has') {
            const isSame = model.get(one.slot)?.generation === one.generation;
            assert.equal(late.has(one.slot, one.generation), isSame);
            if (!isSame) model.delete(one.slot); // an earlier session of the row is forgotten
          } else if (one.kind === 'remove') {
            late.remove(one.slot);
            model.delete(one.slot);
          } else if (one.kind === 'keepOnly') {
            late.keepOnly((_slot, of) => of === one.generation);
            for (const [row, entry] of model) if (entry.generation !== one.generation) model.delete(row);
          } else {
            const asked: [number, number][] = [];
            late.forEachWithoutRoom(one.limit, (row, of) => {
              if (asked.length === one.refusesAfter) return false;
              asked.push([row, of]);
              late.setAsked(row, of);
              return true;
            });
            const waiting = [...model].filter(([, entry]) => !entry.isAsked);
            const expected = waiting.slice(0, Math.min(one.limit, one.refusesAfter));
            assert.deepEqual(
              asked,
              expected.map(([row, entry]) => [row, entry.generation]),
            );
            for (const [, entry] of expected) entry.isAsked = true;
          }
          assert.equal(late.size, model.size);
          assert.equal(late.withoutRoom, [...model.values()].filter(({ isAsked }) => !isAsked).length);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('are so many at most, and a further one is refused until another is forgotten', () => {
    const late = new LateSessions();
    for (let row = 0; row < LATE_SESSIONS_MAX; row++) assert.equal(late.add(row, 1), true);
    assert.equal(late.add(LATE_SESSIONS_MAX, 1), false);
    assert.equal(late.add(0, 2), true, 'one that is in the table finds its own place');
    assert.equal(late.size, LATE_SESSIONS_MAX);
    late.keepOnly((row) => row !== 7);
    assert.equal(late.add(LATE_SESSIONS_MAX, 1), true);
    assert.equal(late.withoutRoom, LATE_SESSIONS_MAX);
  });
});
