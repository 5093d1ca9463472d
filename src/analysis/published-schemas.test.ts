import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { schemaComplaints } from '../result/published-schema.test-suite.ts';
import { type CapacityOrder, concludeCapacity } from './capacity/conclude-capacity.ts';
import { judgeTrial } from './capacity/judge-trial.ts';
import { CAPACITY_GOAL } from './capacity/mlr-search-step.ts';
import { comparePairs } from './comparison/compare-pairs.ts';
import { compareUnpaired } from './comparison/compare-unpaired.ts';
import { madePairs, madeResult } from './comparison/made-results.test-suite.ts';
import { makeBaseline } from './gate/baseline.ts';
import { evaluateGate } from './gate/evaluate-gate.ts';
import { parseGateRules } from './gate/gate-rules.ts';
import { changeHistory } from './history/change-history.ts';

const sides = madePairs({ bytesRatio: 1.1 });
const bases = sides.map(({ base }) => base);
const candidates = sides.map(({ candidate }) => candidate);
const rules = parseGateRules('relative: [memory.switch.bytesPerConnection]\nabsolute: [integrity.lost == 0]', 'x');
/** A level that changes in the middle. */
const levels = Array.from({ length: 20 }, (_, i) =>
  madeResult({
    id: `r${i}`,
    startedAt: `2026-01-${String(i + 1).padStart(2, '0')}T00:00:00.000Z`,
    bytesPerConnection: (i < 10 ? 40 : 50) + (i % 3) / 100,
  }),
);

const CAPACITY_ORDER: CapacityOrder = {
  over: 'messages',
  ownLoad: 100_000,
  scenario: 'made',
  transport: 'memory',
  isSimulated: true,
  machineClass: 'made',
  limits: [],
  range: { lowestLoad: 100, highestLoad: 2000, firstLoad: 1000 },
  rangeEnd: 'the end of the given range',
  goal: CAPACITY_GOAL,
  published: [],
  command: null,
};

describe('the published schemas', () => {
  it('hold for comparisons, paired, unpaired and without a figure', () => {
    assert.deepEqual(schemaComplaints('comparison', comparePairs(sides)), []);
    assert.deepEqual(schemaComplaints('comparison', compareUnpaired(bases, candidates)), []);
    const dropped = comparePairs([{ base: madeResult({ cpuMicros: null }), candidate: madeResult({ tripped: 'a' }) }]);
    assert.deepEqual(schemaComplaints('comparison', dropped), []);
  });

  it('hold for gates, with a base and without', () => {
    assert.deepEqual(schemaComplaints('gate', evaluateGate(rules, { pairs: sides })), []);
    const absolute = parseGateRules('absolute: [integrity.lost == 0, latency.login p(99.99) < 1s]', 'x');
    assert.deepEqual(schemaComplaints('gate', evaluateGate(absolute, { candidates: [madeResult()] })), []);
  });

  it('hold for histories with changes in them, and for baselines', () => {
    const history = changeHistory(levels, { seed: 1 });
    assert.ok(history.histories.some(({ changes }) => changes.length > 0));
    assert.deepEqual(schemaComplaints('history', history), []);
    assert.deepEqual(schemaComplaints('baseline', makeBaseline(levels, new Date(0))), []);
  });

  it('hold for capacities, with and without the first load and the confirming run', () => {
    const trial = judgeTrial(madeResult(), 'messages', 1000, []);
    const range = { lowestLoad: 100, highestLoad: 2000 };
    const confirming = { resultId: 'r', seconds: 60, trial };
    for (const order of [CAPACITY_ORDER, { ...CAPACITY_ORDER, range }]) {
      assert.deepEqual(schemaComplaints('capacity', concludeCapacity(order, [trial], [])), []);
      assert.deepEqual(schemaComplaints('capacity', concludeCapacity(order, [trial], [confirming])), []);
    }
  });

  it('refuse what is not of them', () => {
    const comparison = comparePairs(sides);
    assert.notDeepEqual(schemaComplaints('comparison', { ...comparison, verdict: 'better' }), []);
    assert.notDeepEqual(schemaComplaints('comparison', { ...comparison, more: 1 }), []);
    assert.notDeepEqual(schemaComplaints('gate', { ...evaluateGate(rules, { pairs: sides }), rules: undefined }), []);
    assert.notDeepEqual(schemaComplaints('history', { ...changeHistory(levels, { seed: 1 }), invalidResults: -1 }), []);
  });
});
