/** What a comparison says must not depend on what does not matter: units, order of metrics, drift of the machine. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { triedCases } from '../../base/tried-cases.test-suite.ts';
import type { Result } from '../../result/result-schema.ts';
import { comparePairs } from './compare-pairs.ts';
import { compareUnpaired } from './compare-unpaired.ts';
import type { Comparison, ComparisonRow } from './comparison-schema.ts';
import { madePairs } from './made-results.test-suite.ts';
import type { Pair } from './usable-pairs.ts';

const CPU = 'cpu.switchMicrosPerMessage';
const BYTES = 'memory.switch.bytesPerConnection';
const ORDER = { gating: [CPU, BYTES] };
const made = fc.record({
  pairs: fc.integer({ min: 8, max: 16 }),
  seed: fc.nat(10_000),
  spreadShare: fc.constantFrom(0.001, 0.01, 0.05),
  cpuRatio: fc.constantFrom(0.8, 0.97, 1, 1.03, 1.3),
  bytesRatio: fc.constantFrom(0.9, 1, 1.1),
});
const few = { numRuns: triedCases(6, 2) };

const gating = (comparison: Comparison): ComparisonRow[] => comparison.rows.filter(({ role }) => role === 'gating');

function scaled(result: Result, factor: number): Result {
  const micros = result.cpu.switchMicrosPerMessage;
  return { ...result, cpu: { ...result.cpu, switchMicrosPerMessage: micros === null ? null : micros * factor } };
}

describe(`a comparison of pairs, ${few.numRuns} cases each`, () => {
  it('mirrors when base and candidate change places: every ratio is inverted, every verdict reversed', () => {
    const reversed = { improved: 'regressed', regressed: 'improved' } as const;
    fc.assert(
      fc.property(made, (one) => {
        const pairs = madePairs(one);
        const mirrored = pairs.map(({ base, candidate }): Pair => ({ base: candidate, candidate: base }));
        const there = gating(comparePairs(pairs, ORDER));
        const back = gating(comparePairs(mirrored, ORDER));
        there.forEach((row, i) => {
          const other = back[i];
          const { verdict } = row;
          assert.ok((row.lowShare ?? 1) <= (row.changeShare ?? 0) && (row.changeShare ?? 0) <= (row.highShare ?? -1));
          assert.equal(other?.verdict, verdict === 'improved' || verdict === 'regressed' ? reversed[verdict] : verdict);
          assert.ok(Math.abs((1 + (row.lowShare ?? 0)) * (1 + (other?.highShare ?? 0)) - 1) < 1e-9);
          assert.ok(Math.abs((row.pValue ?? 0) - (other?.pValue ?? 0)) < 1e-12);
        });
      }),
      few,
    );
  });

  it('does not depend on what a pair has in common: a slow hour, or a faster machine for the second half', () => {
    fc.assert(
      fc.property(
        made,
        fc.array(fc.double({ min: 0.2, max: 5, noNaN: true }), { minLength: 16, maxLength: 16 }),
        (one, factors) => {
          const pairs = madePairs(one);
          const drifted = pairs.map(({ base, candidate }, i): Pair => {
            const factor = factors[i] ?? 1;
            return { base: scaled(base, factor), candidate: scaled(candidate, factor) };
          });
          const [before] = gating(comparePairs(pairs, ORDER));
          const [after] = gating(comparePairs(drifted, ORDER));
          assert.equal(after?.verdict, before?.verdict);
          assert.ok(Math.abs((after?.lowShare ?? 0) - (before?.lowShare ?? 0)) < 1e-9);
        },
      ),
      few,
    );
  });

  it('has the same rows whatever order the pairs come in', () => {
    fc.assert(
      fc.property(made, (one) => {
        const pairs = madePairs(one);
        const strip = (comparison: Comparison) =>
          gating(comparison).map((row) => [
            row.verdict,
            row.changeShare,
            row.lowShare,
            row.highShare,
            row.pValue,
            row.base,
          ]);
        assert.deepEqual(strip(comparePairs([...pairs].reverse(), ORDER)), strip(comparePairs(pairs, ORDER)));
      }),
      few,
    );
  });

  it('judges every metric apart: what one does changes no row of another', () => {
    fc.assert(
      fc.property(made, fc.constantFrom(0.5, 2, 10), (one, cpuRatio) => {
        const [, bytes] = gating(comparePairs(madePairs(one), ORDER));
        const [, same] = gating(comparePairs(madePairs({ ...one, cpuRatio }), ORDER));
        assert.deepEqual(same, bytes);
      }),
      few,
    );
  });

  it('calls one build against itself worse in hardly any of many comparisons, and a clear change in all', () => {
    let alarms = 0;
    let found = 0;
    const rounds = triedCases(30, 10);
    for (let seed = 0; seed < rounds; seed++) {
      const shared = { seed, pairs: 10, spreadShare: 0.02 };
      if (comparePairs(madePairs(shared), ORDER).verdict === 'regressed') alarms++;
      if (comparePairs(madePairs({ ...shared, cpuRatio: 1.25 }), ORDER).verdict === 'regressed') found++;
    }
    assert.ok(alarms <= 1, `${alarms} false alarms of ${rounds}`); // the interval must be beyond 3 %, so fewer than 2.5 %
    assert.equal(found, rounds);
  });
});

describe(`a comparison without pairs, ${few.numRuns} cases`, () => {
  it('mirrors as well, and does not look at the order of runs', () => {
    fc.assert(
      fc.property(made, (one) => {
        const pairs = madePairs(one);
        const [bases, candidates] = [pairs.map(({ base }) => base), pairs.map(({ candidate }) => candidate)];
        const there = gating(compareUnpaired(bases, candidates, ORDER));
        const back = gating(compareUnpaired(candidates, bases, ORDER));
        const mixed = gating(compareUnpaired([...bases].reverse(), candidates, ORDER));
        there.forEach((row, i) => {
          assert.ok(Math.abs((1 + (row.lowShare ?? 0)) * (1 + (back[i]?.highShare ?? 0)) - 1) < 1e-9);
          assert.deepEqual([mixed[i]?.verdict, mixed[i]?.lowShare], [row.verdict, row.lowShare]);
        });
      }),
      few,
    );
  });
});
