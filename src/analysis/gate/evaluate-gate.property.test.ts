/** A gate on made runs: what it must never do, whatever the noise. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { schemaComplaints } from '../../result/published-schema.test-suite.ts';
import { type MadePairs, madePairs, madeResult } from '../comparison/made-results.test-suite.ts';
import { evaluateGate } from './evaluate-gate.ts';
import { parseGateRules } from './gate-rules.ts';
import { type GateOutcome, overallOutcome, type RuleOutcome } from './gate-schema.ts';

const RULES = parseGateRules(
  `absolute:
  - memory.switch.bytesPerConnection < 60B
  - integrity.lost == 0
relative:
  - memory.switch.bytesPerConnection within 5%
  - cpu.switchMicrosPerMessage within 10%
`,
  'gate.yaml',
);
const made = fc.record({
  seed: fc.nat(100_000),
  spreadShare: fc.constantFrom(0.001, 0.01, 0.1),
  bytesRatio: fc.constantFrom(0.5, 1, 1.02, 1.2, 2),
  cpuRatio: fc.constantFrom(0.5, 1, 1.05, 2),
});
const few = { numRuns: 8 };

const gate = (pairs: MadePairs): GateOutcome => evaluateGate(RULES, { pairs: madePairs(pairs) });

describe('a gate', () => {
  it('says what its rules say, is as published, and survives JSON', () => {
    fc.assert(
      fc.property(made, (one) => {
        const outcome = gate(one);
        assert.deepEqual(schemaComplaints('gate', outcome), []);
        assert.deepEqual(JSON.parse(JSON.stringify(outcome)), outcome);
        assert.equal(outcome.outcome, overallOutcome(outcome.rules));
        assert.equal(outcome.rules.length, 4);
        const failed = outcome.rules.filter((rule) => rule.outcome === 'failed');
        assert.equal(outcome.outcome === 'failed', failed.length > 0);
        for (const { sentence } of failed.slice(0, 1)) assert.ok(outcome.sentence.includes(sentence));
      }),
      few,
    );
  });

  it('never passes an upper limit that half of the runs exceed, nor fails one that all are far below', () => {
    fc.assert(
      fc.property(made, fc.integer({ min: 0, max: 10 }), (one, above) => {
        const pairs = madePairs({ ...one, bytesRatio: 1, spreadShare: 0.001 }).map(({ base, candidate }, i) => ({
          base,
          candidate: i < above ? madeResult({ bytesPerConnection: 90 }) : candidate,
        }));
        const [limit] = evaluateGate(RULES, { pairs }).rules;
        if (above >= 5) assert.equal(limit?.outcome, 'failed', `${above} of 10 runs are above`);
        if (above === 0) assert.equal(limit?.outcome, 'passed');
      }),
      few,
    );
  });

  it('does not pass a candidate that is worse than one which it failed', () => {
    fc.assert(
      fc.property(made, fc.constantFrom(1.5, 3), (one, factor) => {
        const before = gate(one).rules[2];
        const worse = gate({ ...one, bytesRatio: one.bytesRatio * factor }).rules[2];
        if (before?.outcome === 'failed') assert.equal(worse?.outcome, 'failed');
        if (worse?.outcome === 'passed') assert.equal(before?.outcome, 'passed');
      }),
      few,
    );
  });

  it('is invalid, and neither passed nor failed, where too many runs do not count', () => {
    fc.assert(
      fc.property(made, fc.integer({ min: 0, max: 10 }), (one, broken) => {
        const pairs = madePairs({ ...one, bytesRatio: 1, cpuRatio: 1, spreadShare: 0.001 }).map(
          ({ base, candidate }, i) => ({
            base,
            candidate: i < broken ? madeResult({ tripped: 'processor steal' }) : candidate,
          }),
        );
        const { outcome, sentence } = evaluateGate(RULES, { pairs });
        // A quarter may be dropped: two of ten. Eight pairs are enough for two metrics at 97.5 %.
        assert.equal(outcome, broken > 2 ? 'invalid' : 'passed', `${broken} dropped: ${sentence}`);
        if (broken > 2) assert.match(sentence, /processor steal/);
      }),
      few,
    );
  });

  it('fails for one lost message, however good the rest is', () => {
    fc.assert(
      fc.property(made, fc.nat(9), (one, at) => {
        const pairs = madePairs({ ...one, bytesRatio: 0.5, cpuRatio: 0.5 });
        const outcome = evaluateGate(RULES, {
          pairs: pairs.map((pair, i) => (i === at ? { ...pair, candidate: madeResult({ lost: 1 }) } : pair)),
        });
        assert.equal(outcome.outcome, 'failed');
        assert.match(outcome.sentence, /integrity\.lost == 0: broken, found 1/);
      }),
      few,
    );
  });
});

describe('the outcome of several rules', () => {
  it('is failed before invalid where a rule was judged, then inconclusive, then passed', () => {
    const rule = (outcome: RuleOutcome['outcome'], isEvaluated = true): RuleOutcome => ({
      rule: 'x',
      kind: 'absolute',
      metric: 'connections.held',
      unit: 'count',
      operator: '<',
      limit: 1,
      outcome,
      isEvaluated,
      figure: null,
      low: null,
      high: null,
      sentence: '',
    });
    assert.equal(
      overallOutcome([rule('passed'), rule('inconclusive'), rule('failed'), rule('invalid', false)]),
      'failed',
    );
    assert.equal(overallOutcome([rule('passed'), rule('inconclusive')]), 'inconclusive');
    assert.equal(overallOutcome([rule('passed'), rule('invalid', false)]), 'invalid');
    assert.equal(overallOutcome([rule('passed'), rule('passed')]), 'passed');
    assert.equal(overallOutcome([rule('inconclusive', false)]), 'invalid', 'nothing was judged');
  });
});
