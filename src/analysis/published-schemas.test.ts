import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { makeBaseline } from './baseline.ts';
import { changeHistory } from './change-history.ts';
import { comparePairs } from './comparison.ts';
import { evaluateGate } from './gate.ts';
import { parseGateRules } from './gate-rules.ts';
import { madePairs, madeResult } from './made-results.test-suite.ts';
import { compareUnpaired } from './unpaired.ts';

/** Complains of `outcome`; an empty list where it is as published. */
function complaints(name: string, outcome: unknown): unknown[] {
  const schema: unknown = JSON.parse(readFileSync(new URL(`../${name}.schema.json`, import.meta.url), 'utf8'));
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  const validate = ajv.compile(schema as object); // checked by ajv itself
  return validate(JSON.parse(JSON.stringify(outcome))) ? [] : (validate.errors ?? []);
}

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

describe('the published schemas', () => {
  it('hold for comparisons, paired, unpaired and without a figure', () => {
    assert.deepEqual(complaints('comparison', comparePairs(sides)), []);
    assert.deepEqual(complaints('comparison', compareUnpaired(bases, candidates)), []);
    const dropped = comparePairs([{ base: madeResult({ cpuMicros: null }), candidate: madeResult({ tripped: 'a' }) }]);
    assert.deepEqual(complaints('comparison', dropped), []);
  });

  it('hold for gates, with a base and without', () => {
    assert.deepEqual(complaints('gate', evaluateGate(rules, { pairs: sides })), []);
    const absolute = parseGateRules('absolute: [integrity.lost == 0, latency.login.p9999Micros < 1s]', 'x');
    assert.deepEqual(complaints('gate', evaluateGate(absolute, { candidates: [madeResult()] })), []);
  });

  it('hold for histories with changes in them, and for baselines', () => {
    const history = changeHistory(levels, { seed: 1 });
    assert.ok(history.histories.some(({ changes }) => changes.length > 0));
    assert.deepEqual(complaints('history', history), []);
    assert.deepEqual(complaints('baseline', makeBaseline(levels, new Date(0))), []);
  });

  it('refuse what is not of them', () => {
    const comparison = comparePairs(sides);
    assert.notDeepEqual(complaints('comparison', { ...comparison, verdict: 'better' }), []);
    assert.notDeepEqual(complaints('comparison', { ...comparison, more: 1 }), []);
    assert.notDeepEqual(complaints('gate', { ...evaluateGate(rules, { pairs: sides }), rules: undefined }), []);
    assert.notDeepEqual(complaints('history', { ...changeHistory(levels, { seed: 1 }), invalidResults: -1 }), []);
  });
});
