import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { triedCases } from '../../base/tried-cases.test-suite.ts';
import type { Result } from '../../result/result-schema.ts';
import { type MadePairs, madePairs, madeResult } from '../comparison/made-results.test-suite.ts';
import { measureNoiseFloors } from '../comparison/measure-noise-floors.ts';
import { asEarlierLook, evaluateGate, type GateOptions } from './evaluate-gate.ts';
import { parseGateRules } from './gate-rules.ts';
import type { GateOutcome } from './gate-schema.ts';

function gate(rules: string, made: MadePairs, options: GateOptions = {}): GateOutcome {
  return evaluateGate(parseGateRules(rules, 'gate.yaml'), { pairs: madePairs(made) }, options);
}

const RELATIVE = 'relative: [memory.switch.bytesPerConnection, cpu.switchMicrosPerMessage]';
const rounds = triedCases(300, 60);
const TWO_LOOKS = `looks: [10, 20]\n${RELATIVE}`;

describe('absolute rules', () => {
  it('pass only if the bad end of the interval passes', () => {
    // 40 B with noise of half a percent: the interval is some tenths of a byte wide.
    const outcomes = ['< 41B', '< 40.02B', '< 39B', '> 39B', '> 41B'].map(
      (limit) => gate(`absolute: [memory.switch.bytesPerConnection ${limit}]`, {}).rules[0],
    );
    assert.deepEqual(
      outcomes.map((rule) => rule?.outcome),
      ['passed', 'failed', 'failed', 'passed', 'failed'],
    );
    assert.match(outcomes[1]?.sentence ?? '', /not proven, the limit lies inside the interval/);
    assert.match(outcomes[2]?.sentence ?? '', /broken, found \d\d\.\d B \(95\.1 % interval/);
  });

  it('state their limit in the unit of the metric, and relative rules the smallest difference that matters', () => {
    const { rules } = gate(`absolute: [latency.delivery p(99) < 5ms]\n${RELATIVE}`, {});
    assert.deepEqual(
      rules.map(({ operator, limit }) => [operator, limit]),
      [['<', 5000], [null, 0.02], ...rules.slice(2).map(({ limit }) => [null, limit])],
    );
  });

  it('take figures of 0 and below as figures', () => {
    const flat = gate('absolute: [memory.switch.bytesPerConnection < 1B]', { candidate: { bytesPerConnection: -0.2 } });
    assert.deepEqual([flat.outcome, flat.rules[0]?.high], ['passed', -0.2]);
  });

  it('are broken by a latency above its range, if the limit is below it', () => {
    const outcomes = ['< 5ms', '< 1h'].map((limit) =>
      gate(`absolute: [latency.delivery p(99) ${limit}]`, { candidate: { p99Micros: 2 ** 28 } }),
    );
    assert.deepEqual(
      outcomes.map(({ outcome }) => outcome),
      ['failed', 'invalid'],
    );
    assert.match(outcomes[0]?.sentence ?? '', /broken, found more than 268 s in 10 of 10 runs/);
  });

  it('hold a count to its limit in every run', () => {
    const rules = 'absolute: [integrity.lost == 0]';
    assert.equal(gate(rules, {}).outcome, 'passed');
    const one = [...madePairs({ pairs: 9 }), { base: madeResult(), candidate: madeResult({ lost: 1 }) }];
    const outcome = evaluateGate(parseGateRules(rules, 'x'), { pairs: one });
    assert.equal(outcome.outcome, 'failed');
    assert.match(outcome.sentence, /broken, found 1/);
  });

  it('are judged by the candidate alone, without pairs', () => {
    const candidates = madePairs().map(({ candidate }) => candidate);
    const rules = parseGateRules('absolute: [memory.switch.bytesPerConnection < 41B]', 'x');
    const outcome = evaluateGate(rules, { candidates });
    assert.deepEqual([outcome.outcome, outcome.comparison, outcome.runs], ['passed', null, 10]);
  });

  it('judge a slope too small to be measured by the upper end of its interval, and only for an upper limit', () => {
    const candidates = madePairs().map(({ candidate }) => structuredClone(candidate));
    for (const { memory } of candidates) {
      Object.assign(memory.switch.ledger ?? {}, {
        bytesPerConnection: null,
        lowBytesPerConnection: -3,
        highBytesPerConnection: 9,
      });
    }
    const outcomeOf = (text: string): string => evaluateGate(parseGateRules(text, 'x'), { candidates }).outcome;
    assert.equal(outcomeOf('absolute: [memory.switch.bytesPerConnection < 10B]'), 'passed');
    assert.notEqual(outcomeOf('absolute: [memory.switch.bytesPerConnection < 8B]'), 'passed');
    assert.equal(outcomeOf('absolute: [memory.switch.bytesPerConnection > 1B]'), 'invalid');
  });

  it('are invalid, not passed, where nothing could be evaluated', () => {
    const few = gate('absolute: [memory.switch.bytesPerConnection < 41B]', { pairs: 4 });
    assert.equal(few.outcome, 'invalid');
    assert.match(few.sentence, /no rule could be evaluated: .*need at least 6 runs, found 4/);
    const unmeasured = gate('absolute: [cpu.switchMicrosPerMessage < 9us]', { candidate: { cpuMicros: null } });
    assert.match(unmeasured.sentence, /was not measured in 10 of 10 runs/);
    const tripped = gate('absolute: [integrity.lost == 0]', { candidate: { tripped: 'steady' } });
    assert.equal(tripped.outcome, 'invalid');
    assert.match(tripped.sentence, /10 of 10 runs are not valid, the first because of steady/);
  });
});

describe('relative rules', () => {
  it('fail only on a regression', () => {
    assert.equal(gate(RELATIVE, {}).outcome, 'passed');
    assert.equal(gate(RELATIVE, { bytesRatio: 0.8 }).outcome, 'passed', 'an improvement');
    const worse = gate(RELATIVE, { bytesRatio: 1.1 });
    assert.equal(worse.outcome, 'failed');
    assert.match(worse.sentence, /^Failed: 1 of 2 rules broken: memory\.switch\.bytesPerConnection: .* more/);
    assert.equal(gate(RELATIVE, { spreadShare: 0.05 }).outcome, 'inconclusive');
  });

  it('take the difference that they name', () => {
    const within = 'relative: [memory.switch.bytesPerConnection within 20%]';
    assert.equal(gate(within, { bytesRatio: 1.1 }).outcome, 'passed');
  });

  it('are invalid as a whole where the environments differ, and keep quiet about figures', () => {
    const outcome = gate(RELATIVE, { candidate: { environment: { kernel: '7.0' } }, bytesRatio: 2 });
    assert.equal(outcome.outcome, 'invalid');
    assert.ok(outcome.rules.every((rule) => rule.outcome === 'invalid' && !rule.isEvaluated));
    assert.match(outcome.sentence, /the environments differ in kernel/);
  });

  it('do not gate below the noise floor, and a gate of nothing else is invalid', () => {
    const floors = measureNoiseFloors(madePairs({ spreadShare: 0.1, seed: 9 }), {
      confidence: 0.975,
      plannedPairs: 10,
    });
    const noisy = { spreadShare: 0.1, bytesRatio: 3, cpuRatio: 3 };
    const outcome = gate(RELATIVE, noisy, { noiseFloors: floors });
    assert.equal(outcome.outcome, 'invalid');
    assert.match(outcome.sentence, /no rule could be evaluated: .*noise floor/);
    const beside = gate(`${RELATIVE}\nabsolute: [integrity.lost == 0]`, noisy, { noiseFloors: floors });
    assert.equal(beside.outcome, 'inconclusive');
  });

  it('let a broken rule speak before one that could not be judged', () => {
    const outcome = gate(`${RELATIVE}\nabsolute: [latency.login p(99.99) < 1s]`, { bytesRatio: 1.1 });
    assert.deepEqual(
      [outcome.outcome, ...outcome.rules.map((rule) => rule.outcome)],
      ['failed', 'invalid', 'failed', 'passed'],
    );
  });
});

describe('a slope that was not measurable', () => {
  const reason = 'not measurable at 4,000 connections; needs about 790k';
  const none = (result: Result): Result => {
    const { ledger } = result.memory.switch;
    assert.ok(ledger !== null);
    const slope = { ...ledger, bytesPerConnection: null, reason };
    return { ...result, memory: { ...result.memory, switch: { ...result.memory.switch, ledger: slope } } };
  };
  const pairs = madePairs().map(({ base, candidate }) => ({ base, candidate: none(candidate) }));

  it('leaves an absolute rule unjudged, and says why', () => {
    const rules = parseGateRules('absolute: [memory.switch.bytesPerConnection < 41B]', 'x');
    const { outcome, sentence } = evaluateGate(rules, { candidates: pairs.map(({ candidate }) => candidate) });
    assert.equal(outcome, 'invalid');
    assert.ok(sentence.includes(`was not measured in 10 of 10 runs: ${reason}`), sentence);
  });

  it('leaves a relative rule unjudged, and says why', () => {
    const { outcome, sentence } = evaluateGate(parseGateRules(RELATIVE, 'x'), { pairs });
    assert.equal(outcome, 'invalid');
    assert.ok(sentence.includes(reason), sentence);
  });
});

describe('looks', () => {
  it('are those that were declared', () => {
    assert.throws(() => gate(RELATIVE, { pairs: 12 }), /declare looks at 10 pairs, found 12/);
    assert.throws(() => gate(TWO_LOOKS, { pairs: 30 }), /declare looks at 10 and 20 pairs, found 30/);
    assert.throws(
      () => evaluateGate(parseGateRules(RELATIVE, 'x'), { candidates: [madeResult()] }),
      /need pairs of base and candidate/,
    );
    assert.throws(() => evaluateGate(parseGateRules(RELATIVE, 'x'), { pairs: [] }), /found none/);
  });

  it('share the error: half for each, then by metric', () => {
    const first = gate(TWO_LOOKS, {});
    assert.equal(first.comparison?.confidence, 0.975);
    assert.equal(first.comparison?.gatingConfidence, 0.9875);
    assert.equal(gate(RELATIVE, {}).comparison?.gatingConfidence, 0.975);
  });

  it('ask for the second only where the first was not sure', () => {
    assert.equal(gate(TWO_LOOKS, { bytesRatio: 1.1 }).nextLookPairs, null);
    const unsure = gate(TWO_LOOKS, { spreadShare: 0.05 });
    assert.deepEqual([unsure.outcome, unsure.nextLookPairs], ['inconclusive', 20]);
    assert.match(unsure.sentence, /run up to 20 pairs and judge again/);
    const second = gate(TWO_LOOKS, { spreadShare: 0.05, pairs: 20 });
    assert.deepEqual([second.outcome, second.nextLookPairs], ['inconclusive', null]);
  });

  it('keep what the first found, without its comparison', () => {
    const first = gate(TWO_LOOKS, { spreadShare: 0.05 });
    const pairs = madePairs({ spreadShare: 0.05, pairs: 20 });
    const second = evaluateGate(parseGateRules(TWO_LOOKS, 'x'), { pairs }, { earlierLooks: [asEarlierLook(first)] });
    assert.deepEqual(first.earlierLooks, []);
    assert.deepEqual(
      second.earlierLooks.map(({ runs, outcome, sentence }) => [runs, outcome, sentence]),
      [[10, 'inconclusive', first.sentence]],
    );
    assert.deepEqual(second.earlierLooks[0]?.rules, first.rules);
  });

  it('ask for the second where too many runs were lost to say, but not where nothing is measured at all', () => {
    const absolute = 'absolute: [memory.switch.bytesPerConnection < 41B, integrity.lost == 0]';
    const rules = parseGateRules(`looks: [8, 14]\n${RELATIVE}\n${absolute}`, 'x');
    const pairs = madePairs({ pairs: 14 }).map(({ base, candidate }, i) =>
      i < 2 ? { base, candidate: madeResult({ tripped: 'steal' }) } : { base, candidate },
    );
    const first = evaluateGate(rules, { pairs: pairs.slice(0, 8) });
    assert.deepEqual([first.outcome, first.nextLookPairs], ['invalid', 14]);
    assert.match(first.sentence, /^Not decided at the first look: .*run up to 14 pairs and judge again/);
    assert.equal(evaluateGate(rules, { pairs }).outcome, 'passed');
    const nothing = gate('looks: [10, 20]\nrelative: [memory.kernel.bytesPerConnection]', {});
    assert.deepEqual([nothing.outcome, nothing.nextLookPairs], ['invalid', null]);
  });

  it(`fail a good candidate about as often as the confidence says, two looks together, ${rounds} times`, () => {
    // With a true ratio right at the smallest difference a regression is a false alarm: at most 5 %.
    const rules = parseGateRules('looks: [10, 20]\nrelative: [memory.switch.bytesPerConnection within 2%]', 'x');
    let alarms = 0;
    for (let seed = 0; seed < rounds; seed++) {
      const pairs = madePairs({ pairs: 20, seed: 5000 + seed, spreadShare: 0.01, bytesRatio: 1.02 });
      const first = evaluateGate(rules, { pairs: pairs.slice(0, 10) });
      const last = first.nextLookPairs === null ? first : evaluateGate(rules, { pairs });
      if (last.outcome === 'failed') alarms++;
    }
    assert.ok(alarms <= 0.05 * rounds, `${alarms} of ${rounds}`);
  });
});
