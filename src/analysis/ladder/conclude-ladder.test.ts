import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TrunklineError } from '../../base/errors.ts';
import { ladderMarkdown } from '../../report/ladder/ladder-markdown.ts';
import { schemaComplaints } from '../../result/published-schema.test-suite.ts';
import { madeResult, noiseFactors } from '../comparison/made-results.test-suite.ts';
import { concludeLadder, type LadderRun } from './conclude-ladder.ts';
import type { KnobEffect, LadderOutcome } from './ladder-schema.ts';
import { ladderTurns, ladderVariants, parseLadderFile } from './parse-ladder-file.ts';

const TEXT = `
name: made
description: Three rungs
scenario: smoke
settings: [phones.count=5k]
pairs: 8
metrics: [cpu.switchMicrosPerMessage]
rungs:
  - name: low
    settings: [transport=ws]
  - name: middle
    settings: [transport=tcp]
  - name: high
    settings: [switch.shards=1]
`;
const ladder = parseLadderFile(TEXT, 'made.yaml');

/** All runs, each variant with its cost of a message; those without one fail. */
function runsOf(cpuMicros: Readonly<Record<string, number>>, noise = { seed: 3, spreadShare: 0.002 }): LadderRun[] {
  const next = noiseFactors(noise.seed, noise.spreadShare);
  return ladderTurns(ladder).map(({ round, variant }) => {
    const cost = cpuMicros[variant.name];
    const result = cost === undefined ? null : madeResult({ cpuMicros: cost * next() });
    return { variant: variant.name, round, result, failure: cost === undefined ? 'it did not fit' : null };
  });
}

const conclude = (cpuMicros: Readonly<Record<string, number>>): LadderOutcome => {
  const runs = runsOf(cpuMicros);
  return concludeLadder(ladder, runs, runs.length);
};
const near = (found: number | null | undefined, expected: number): void =>
  assert.ok(Math.abs((found ?? Number.NaN) - expected) < 0.02, `${found} is not near ${expected}`);

describe('a ladder', () => {
  it('adds its rungs up, and takes each knob between away from the last', () => {
    const settings = Object.fromEntries(ladderVariants(ladder).map((variant) => [variant.name, variant.settings]));
    assert.deepEqual(settings, {
      low: ['phones.count=5k', 'transport=ws'],
      middle: ['phones.count=5k', 'transport=ws', 'transport=tcp'],
      high: ['phones.count=5k', 'transport=ws', 'transport=tcp', 'switch.shards=1'],
      'without-middle': ['phones.count=5k', 'transport=ws', 'switch.shards=1'],
    });
  });

  it('runs every variant once in a round, and each second round backwards', () => {
    const rounds = Array.from({ length: 8 }, (_, round) =>
      ladderTurns(ladder)
        .filter((turn) => turn.round === round)
        .map((turn) => turn.variant.name),
    );
    for (const round of rounds) assert.equal(new Set(round).size, 4);
    for (const even of [0, 2, 4, 6]) assert.deepEqual(rounds[even + 1], [...(rounds[even] ?? [])].reverse());
    assert.deepEqual(ladderTurns(ladder), ladderTurns(ladder), 'the same seed gives the same order');
  });

  it('compares each rung with the one before and with the first', () => {
    const { rungs, sentence, isComplete } = conclude({ low: 8, middle: 4, high: 3, 'without-middle': 6 });
    const [low, middle, high] = rungs;
    assert.equal(isComplete, true);
    assert.equal(low?.withFirst, null);
    near(middle?.withBefore?.rows[0]?.changeShare, -0.5);
    near(high?.withBefore?.rows[0]?.changeShare, -0.25);
    near(high?.withFirst?.rows[0]?.changeShare, -0.625);
    assert.match(sentence, /^high against low: Improved/);
  });

  const knobOf = (outcome: LadderOutcome, rung: string): KnobEffect =>
    outcome.knobs.find((knob) => knob.rung === rung) ?? assert.fail(`no knob ${rung}`);

  it('puts what adding a knob gained beside what removing it loses', () => {
    const middle = knobOf(conclude({ low: 8, middle: 4, high: 3, 'without-middle': 6 }), 'middle');
    near(middle.addedShare, -0.5);
    near(middle.removedShare, 1);
    near(middle.difference?.share, 0);
    assert.deepEqual([middle.verdict, middle.difference?.n], ['additive', 8]);
    assert.match(middle.sentence, /50\.\d % less when added, .* more when removed .*: independent of the others/);
  });

  it('calls it an interaction where the two differ by more than what matters', () => {
    const middle = knobOf(conclude({ low: 8, middle: 4, high: 3, 'without-middle': 3.2 }), 'middle');
    assert.equal(middle.verdict, 'interaction');
    near(middle.difference?.share, 2 / (3.2 / 3) - 1); // twice as good when added, a fifteenth when removed
    assert.match(middle.sentence, /interaction, so it has no figure of its own/);
  });

  it('does not take noise for an interaction', () => {
    const noisy = { low: 8, middle: 4, high: 3, 'without-middle': 6 };
    const verdicts = Array.from({ length: 40 }, (_, i) => {
      const runs = runsOf(noisy, { seed: i, spreadShare: 0.1 });
      return knobOf(concludeLadder(ladder, runs, runs.length), 'middle').verdict;
    });
    const interactions = verdicts.filter((verdict) => verdict === 'interaction').length;
    assert.ok(interactions <= 4, `${interactions} of 40 at a confidence of 95 %`);
    assert.ok(verdicts.includes('undecided'));
  });

  it('has one comparison for the last rung, which is added and removed by the same pairs', () => {
    const high = knobOf(conclude({ low: 8, middle: 4, high: 3, 'without-middle': 6 }), 'high');
    near(high.addedShare, -0.25);
    near(high.removedShare, 1 / 3);
    assert.deepEqual([high.verdict, high.difference], [null, null]);
  });

  it('does not tell a knob apart where too few rounds have all four runs', () => {
    const runs = runsOf({ low: 8, middle: 4, high: 3, 'without-middle': 3.2 }).map((run) =>
      run.variant === 'without-middle' && run.round < 3 ? { ...run, result: madeResult({ tripped: 'steady' }) } : run,
    );
    const outcome = concludeLadder(ladder, runs, runs.length);
    const middle = knobOf(outcome, 'middle');
    assert.deepEqual([middle.verdict, middle.difference], ['undecided', null]);
    assert.match(middle.sentence, /too few rounds had all four runs valid/);
    assert.deepEqual(outcome.runs, { planned: 32, run: 32, valid: 29 });
    assert.match(ladderMarkdown(outcome), /29 of 32 runs valid/);
  });

  it('calls a comparison invalid that has lost more than a quarter of its pairs, in its sentence and in each row', () => {
    const runs = runsOf({ low: 8, middle: 4, high: 3, 'without-middle': 6 }).map((run) =>
      run.variant === 'middle' && run.round < 3 ? { ...run, result: madeResult({ tripped: 'steady' }) } : run,
    );
    const report = ladderMarkdown(concludeLadder(ladder, runs, runs.length));
    assert.match(report, /^\*\*high against low: Improved/m);
    assert.match(report, /^\| middle \| .* \| invalid \| .* \| invalid \|$/m);
    assert.match(report, /^\| high \| .* \| invalid \| .* \| improved \|$/m);
  });

  it('is as its published schema says, whole, begun and not yet begun', () => {
    const runs = runsOf({ low: 8, middle: 4, 'without-middle': 6 });
    for (const some of [runs, runs.slice(0, 5), []]) {
      assert.deepEqual(schemaComplaints('ladder', concludeLadder(ladder, some, runs.length)), []);
    }
  });

  it('shows a rung that failed, and still compares the others', () => {
    const outcome = conclude({ low: 8, high: 3, 'without-middle': 6 });
    const [, middle, high] = outcome.rungs;
    assert.deepEqual([middle?.failed, middle?.runs, middle?.withFirst], [8, 8, null]);
    near(high?.withFirst?.rows[0]?.changeShare, -0.625);
    assert.match(outcome.sentence, /Failed rungs: middle\./);
    assert.match(ladderMarkdown(outcome), /- middle: 8 of 8 runs, the first: it did not fit/);
  });

  it('says that it is not complete', () => {
    const runs = runsOf({ low: 8, middle: 4, high: 3, 'without-middle': 6 });
    const half = concludeLadder(ladder, runs.slice(0, 16), runs.length);
    assert.deepEqual([half.isComplete, half.pairs], [false, { planned: 8, run: 4 }]);
    assert.match(half.sentence, /^NOT COMPLETE/);
  });

  for (const [what, text, message] of [
    ['an unknown key', `${TEXT}rung: 1\n`, /^made\.yaml:15:1: unknown key "rung"; did you mean "rungs"/],
    ['a metric there is not', TEXT.replace('cpu.switch', 'cpu.swich'), /^made\.yaml:7:11: there is no metric/],
    ['a name twice', TEXT.replace('name: high', 'name: low'), /^made\.yaml:13:5: low is named twice/],
    ['a setting without a value', TEXT.replace('[transport=tcp]', '[tcp]'), /^made\.yaml:12:16: .*key=value/],
    [
      'fewer pairs than its metrics need',
      TEXT.replace('pairs: 8', 'pairs: 6').replace('Message]', 'Message, latency.delivery p(99)]'),
      /^made\.yaml:6:8: 2 metrics that decide need at least 7 pairs, found 6/,
    ],
    ['one rung', TEXT.slice(0, TEXT.indexOf('  - name: middle')), /rungs/],
  ] as const) {
    it(`refuses ${what}, with its line and column`, () => {
      assert.throws(
        () => parseLadderFile(text, 'made.yaml'),
        (error) => error instanceof TrunklineError && error.code === 'LADDER_INVALID' && message.test(error.message),
      );
    });
  }
});
