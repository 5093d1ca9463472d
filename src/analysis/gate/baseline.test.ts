import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { madePairs, madeResult } from '../comparison/made-results.test-suite.ts';
import { makeBaseline, parseBaseline } from './baseline.ts';
import { evaluateGate } from './evaluate-gate.ts';
import { parseGateRules } from './gate-rules.ts';

const NOW = new Date('2026-02-03T04:05:06.000Z');
const RULES = parseGateRules('relative: [memory.switch.bytesPerConnection, cpu.switchMicrosPerMessage]', 'rules.yaml');

describe('a baseline', () => {
  it('keeps the valid runs, and says of what they are', () => {
    const runs = ['a', 'b', 'c', 'd'].map((id) => madeResult({ id, commit: 'c0ffee' }));
    const baseline = makeBaseline([...runs, madeResult({ id: 'dropped', tripped: 'steal' })], NOW);
    assert.deepEqual(
      baseline.results.map(({ id }) => id),
      ['a', 'b', 'c', 'd'],
    );
    assert.deepEqual(
      [baseline.key.scenario, baseline.key.machineClass, baseline.commits, baseline.savedAt],
      ['made', 'linux-x64 Made CPU ×2 16 GiB', ['c0ffee'], '2026-02-03T04:05:06.000Z'],
    );
    assert.deepEqual(parseBaseline(JSON.stringify(baseline), 'x'), baseline);
  });

  it('is not made of runs of which more than a quarter do not count', () => {
    const tripped = madeResult({ tripped: 'steal' });
    assert.throws(() => makeBaseline([madeResult(), madeResult(), tripped], NOW), {
      code: 'BASELINE_INVALID',
      message: /1 of 3 runs are not valid, the first because of steal: it was too much: no baseline/,
    });
    assert.throws(() => makeBaseline([tripped], NOW), /1 of 1 runs are not valid/);
    assert.throws(() => makeBaseline([], NOW), /0 of 0 runs/);
  });

  it('is not made of runs that cannot be compared, nor read with one among them', () => {
    const other = madeResult({ environment: { machineClass: 'another' } });
    assert.throws(() => makeBaseline([madeResult(), other], NOW), { code: 'BASELINE_INVALID' });
    const mixed = { ...makeBaseline([madeResult()], NOW), results: [madeResult(), other] };
    assert.throws(
      () => parseBaseline(JSON.stringify(mixed), 'x'),
      /x: not a complete baseline: run made is of another/,
    );
  });
});

describe('a gate against a baseline', () => {
  const base = makeBaseline(
    madePairs().map((pair) => pair.base),
    NOW,
  );
  const judge = (made: Parameters<typeof madePairs>[0], rules = RULES): ReturnType<typeof evaluateGate> => {
    const candidates = madePairs({ ...made, seed: 2 }).map(({ candidate }) => candidate);
    return evaluateGate(rules, { bases: base.results, candidates });
  };

  it('fails what is worse, and says that it is weaker', () => {
    const outcome = judge({ bytesRatio: 1.2 });
    assert.equal(outcome.outcome, 'failed');
    assert.equal(outcome.comparison?.method, 'unpaired, weaker');
    assert.match(outcome.sentence, /% more .*regressed \(unpaired, weaker\)/);
    const paired = evaluateGate(RULES, { pairs: madePairs({ bytesRatio: 1.2 }) });
    assert.doesNotMatch(paired.sentence, /weaker/);
  });

  it('does not fail what is the same', () => {
    assert.deepEqual(
      judge({}).rules.map(({ outcome }) => outcome),
      ['passed', 'inconclusive'], // the machine of made runs drifts by 30 %, which only pairs cancel
    );
  });

  it('takes as many runs as the rules declare', () => {
    assert.throws(() => judge({ pairs: 12 }), /declare looks at 10 pairs, found 12/);
  });

  it('is invalid where the machines differ in what was not allowed to', () => {
    const candidates = madePairs({ candidate: { environment: { kernel: '7.0' } } }).map(({ candidate }) => candidate);
    const outcome = evaluateGate(RULES, { bases: base.results, candidates });
    assert.equal(outcome.outcome, 'invalid');
    assert.match(outcome.sentence, /kernel/);
  });
});
