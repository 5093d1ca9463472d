import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TrunklineError } from '../base/errors.ts';
import { ladderMarkdown } from '../report/ladder-markdown.ts';
import { concludeLadder, type LadderOutcome, type LadderRun } from './ladder.ts';
import { ladderTurns, ladderVariants, parseLadder } from './ladder-file.ts';
import { madeResult, noiseFactors } from './made-results.test-suite.ts';

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
const ladder = parseLadder(TEXT, 'made.yaml');

/** All runs, each variant with its cost of a message; those without one fail. */
function runsOf(cpuMicros: Readonly<Record<string, number>>): LadderRun[] {
  const next = noiseFactors(3, 0.002);
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

  it('puts what adding a knob gained beside what removing it loses', () => {
    const { knobs } = conclude({ low: 8, middle: 4, high: 3, 'without-middle': 6 });
    const middle = knobs.find((knob) => knob.rung === 'middle');
    near(middle?.gain, Math.log(2));
    near(middle?.loss, Math.log(2));
    assert.equal(middle?.isInteraction, false);
  });

  it('calls it an interaction where the two differ by more than what matters', () => {
    const { knobs } = conclude({ low: 8, middle: 4, high: 3, 'without-middle': 3.2 });
    const middle = knobs.find((knob) => knob.rung === 'middle');
    assert.equal(middle?.isInteraction, true);
    assert.match(middle?.sentence ?? '', /interaction, so it has no figure of its own/);
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
      TEXT.replace('pairs: 8', 'pairs: 6').replace('Message]', 'Message, latency.delivery.p99Micros]'),
      /^made\.yaml:6:8: 2 metrics that decide need 7 pairs at least, found 6/,
    ],
    ['one rung', TEXT.slice(0, TEXT.indexOf('  - name: middle')), /rungs/],
  ] as const) {
    it(`refuses ${what}, with its line and column`, () => {
      assert.throws(
        () => parseLadder(text, 'made.yaml'),
        (error) => error instanceof TrunklineError && error.code === 'LADDER_INVALID' && message.test(error.message),
      );
    });
  }
});
