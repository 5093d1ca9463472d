import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ALL_FAULTS } from '../small-simulation.test-suite.ts';
import { drawFaults, swarmRates } from './draw-faults.ts';
import { FAULT_NAMES, type FaultRates } from './fault-kinds.ts';

const SECOND = 1e6;
const seed = fc.integer();
const rates = fc.record(
  Object.fromEntries(FAULT_NAMES.map((kind) => [kind, fc.constantFrom(0, 1, 20)])),
) as fc.Arbitrary<FaultRates>; // one for each name

describe('the faults of a seed', () => {
  it('come in order of time, within the time, and are whole numbers', () => {
    fc.assert(
      fc.property(rates, seed, (of, from) => {
        const faults = drawFaults(of, from, SECOND);
        let before = 0;
        for (const { kind, atMicros, target, micros, salt } of faults) {
          assert.ok(atMicros >= before && atMicros < SECOND);
          before = atMicros;
          assert.ok([atMicros, target, micros, salt].every(Number.isInteger) && target >= 0 && micros >= 0);
          assert.ok(of[kind] > 0);
        }
        assert.deepEqual(drawFaults(of, from, SECOND), faults, 'the same seed draws the same');
      }),
    );
  });

  it('of one kind do not depend on the rates of the others', () => {
    fc.assert(
      fc.property(rates, rates, seed, fc.constantFrom(...FAULT_NAMES), (one, other, from, kind) => {
        const of = (all: FaultRates) =>
          drawFaults({ ...all, [kind]: 15 }, from, SECOND).filter((fault) => fault.kind === kind);
        assert.deepEqual(of(one), of(other));
      }),
    );
  });

  it('are as frequent as their rate says', () => {
    const faults = drawFaults({ ...ALL_FAULTS, stalls: 50 }, 3, 100 * SECOND).filter(({ kind }) => kind === 'stalls');
    assert.ok(Math.abs(faults.length - 5000) < 5 * Math.sqrt(5000), `${faults.length}`); // five standard deviations
  });
});

describe('a swarm', () => {
  it('leaves out about half of the kinds, and keeps the others within a factor of four', () => {
    let leftOut = 0;
    for (let from = 0; from < 200; from++) {
      for (const [kind, rate] of Object.entries(swarmRates(ALL_FAULTS, from))) {
        if (rate === 0) leftOut++;
        else {
          const factor = rate / ALL_FAULTS[kind as keyof FaultRates];
          assert.ok(factor >= 0.25 && factor <= 4, `${kind}: ${factor}`);
        }
      }
    }
    const share = leftOut / (200 * FAULT_NAMES.length);
    assert.ok(Math.abs(share - 0.5) < 0.05, `${share}`);
  });
});
