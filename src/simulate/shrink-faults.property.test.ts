import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Fault } from './faults/fault-kinds.ts';
import { shrinkFaults } from './shrink-faults.ts';

const faultAt = (atMicros: number): Fault => ({ kind: 'stalls', atMicros, target: 0, micros: 0, salt: 0 });
/** A list of faults, and those of them that are needed together. */
const needed = fc
  .uniqueArray(fc.nat(1000), { maxLength: 60 })
  .chain((times) => fc.record({ times: fc.constant(times), needs: fc.subarray(times) }));

describe('a list of faults', () => {
  it('shrinks to exactly those that are needed, in their order', async () => {
    await fc.assert(
      fc.asyncProperty(needed, async ({ times, needs }) => {
        const faults = times.map(faultAt);
        const fails = (list: readonly Fault[]): boolean =>
          needs.every((time) => list.some(({ atMicros }) => atMicros === time));
        const shrunk = await shrinkFaults(faults, fails, Number.POSITIVE_INFINITY);
        assert.deepEqual(
          shrunk.faults.map(({ atMicros }) => atMicros),
          times.filter((time) => needs.includes(time)),
        );
        assert.equal(shrunk.isShortest, true);
      }),
    );
  });

  it('ends with a list that fails and has no fault too many, whatever fails', async () => {
    const rule = fc.record({
      faults: fc.uniqueArray(fc.nat(200), { minLength: 1, maxLength: 40 }),
      modulus: fc.integer({ min: 2, max: 7 }),
    });
    await fc.assert(
      fc.asyncProperty(rule, async ({ faults: times, modulus }) => {
        // Any fault of a class suffices, so that many short lists fail.
        const fails = (list: readonly Fault[]): boolean => list.some(({ atMicros }) => atMicros % modulus === 0);
        const all = times.map(faultAt);
        fc.pre(fails(all));
        const { faults } = await shrinkFaults(all, fails, Number.POSITIVE_INFINITY);
        assert.equal(faults.length, 1);
        assert.ok(fails(faults));
      }),
    );
  });

  it('is kept where the limit of runs is reached, and it says so', async () => {
    const faults = Array.from({ length: 64 }, (_, n) => faultAt(n));
    let runs = 0;
    const fails = (list: readonly Fault[]): boolean => {
      runs++;
      return list.length === faults.length || list.some(({ atMicros }) => atMicros === 63);
    };
    const shrunk = await shrinkFaults(faults, fails, 2);
    assert.equal(shrunk.isShortest, false);
    assert.ok(runs <= 3 && shrunk.runs === runs);
    assert.ok(shrunk.faults.some(({ atMicros }) => atMicros === 63));
  });

  it('is kept where somebody stops the search, and it says so', async () => {
    const faults = Array.from({ length: 64 }, (_, n) => faultAt(n));
    let runs = 0;
    const fails = (list: readonly Fault[]): boolean => {
      runs++;
      return list.some(({ atMicros }) => atMicros === 63);
    };
    const shrunk = await shrinkFaults(faults, fails, Number.POSITIVE_INFINITY, () => runs === 3);
    assert.equal(shrunk.isShortest, false);
    assert.equal(shrunk.runs, 3);
    assert.ok(shrunk.faults.length < 64 && fails(shrunk.faults));
  });
});
