import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Ladder, ladderTurns, ladderVariants, parseLadderFile } from './parse-ladder-file.ts';

const GOOD = `name: two-knobs
description: What each knob is worth
scenario: smoke
rungs:
  - name: plain
    settings: []
  - name: cores
    settings: [switch.shards=2]
  - name: window
    settings: [switch.deliveryWindow=32]
`;

describe('the file of a ladder', () => {
  it('is read with the defaults of a comparison', () => {
    const { pairs, seed, settings, metrics, rungs } = parseLadderFile(GOOD, 'ladder.yaml');
    assert.deepEqual([pairs, seed, settings], [10, 1, []]);
    assert.equal(metrics.length, 5, 'the usual metrics');
    assert.deepEqual(
      rungs.map(({ name, place }) => [name, place]),
      [
        ['plain', 'ladder.yaml:5:5'],
        ['cores', 'ladder.yaml:7:5'],
        ['window', 'ladder.yaml:9:5'],
      ],
    );
  });

  const faults: [what: string, text: string, message: RegExp][] = [
    ['a misspelt key', GOOD.replace('scenario:', 'scenarios:'), /^ladder\.yaml:1:1: the key "scenario" is missing/],
    ['a name with blanks', GOOD.replace('two-knobs', 'two knobs'), /^ladder\.yaml:1:7: .*small letters/],
    ['a rung without a value', GOOD.replace('switch.shards=2', 'switch.shards'), /^ladder\.yaml:8:\d+: .*key=value/],
    ['one rung', GOOD.slice(0, GOOD.indexOf('  - name: cores')), /^ladder\.yaml:5:3: .*rungs/],
    ['the same name twice', GOOD.replace('name: window', 'name: cores'), /^ladder\.yaml:9:5: cores is named twice/],
    [
      'a rung that changes nothing',
      GOOD.replace('[switch.shards=2]', '[]'),
      /^ladder\.yaml:7:5: cores changes nothing/,
    ],
    [
      'an unknown metric',
      `${GOOD}metrics: [cpu.switchMicros]\n`,
      /^ladder\.yaml:11:11: there is no metric "cpu\.switchMicros"/,
    ],
    [
      'too few pairs for its metrics',
      `${GOOD}pairs: 7\n`,
      /^ladder\.yaml:11:8: 5 metrics .* at least 8 pairs, found 7/,
    ],
    ['too few pairs for one', `${GOOD}pairs: 5\n`, /^ladder\.yaml:11:8: .*from 6 to 100/],
    ['no YAML', 'rungs: [', /^ladder\.yaml:1:\d+: not YAML/],
  ];
  for (const [what, text, message] of faults) {
    it(`is refused with its place for ${what}`, () => {
      assert.throws(() => parseLadderFile(text, 'ladder.yaml'), {
        name: 'TrunklineError',
        code: 'LADDER_INVALID',
        message,
      });
    });
  }
});

const ladders = fc
  .record({
    count: fc.integer({ min: 2, max: 8 }),
    pairs: fc.integer({ min: 6, max: 30 }),
    seed: fc.nat(2 ** 31 - 1),
  })
  .map(({ count, pairs, seed }): Ladder => {
    const rungs = Array.from({ length: count }, (_, i) => ({
      name: `rung-${i}`,
      settings: [`knob${i}=on`],
      place: `made:${i + 1}:1`,
    }));
    const fixed = { name: 'made', description: 'Made', scenario: 'smoke', metrics: ['cpu.switchMicrosPerMessage'] };
    return { ...fixed, settings: ['fixed=1'], pairs, seed, rungs };
  });

describe('the variants of a ladder', () => {
  it('are its rungs, each with all before it, and the last one without each between', () => {
    fc.assert(
      fc.property(ladders, (ladder) => {
        const variants = ladderVariants(ladder);
        const last = ladder.rungs.length - 1;
        assert.equal(variants.length, 2 * ladder.rungs.length - 2);
        for (const { kind, rung, settings } of variants) {
          const knobs = ladder.rungs.flatMap((_, i) => {
            const isOn = kind === 'rung' ? i <= rung : i !== rung;
            return isOn ? [`knob${i}=on`] : [];
          });
          assert.deepEqual(settings, ['fixed=1', ...knobs]);
          if (kind === 'without') assert.ok(rung > 0 && rung < last);
        }
        assert.equal(new Set(variants.map(({ name }) => name)).size, variants.length);
      }),
    );
  });
});

describe('the turns of a ladder', () => {
  it('run every variant once per round, and each second round is the one before backwards', () => {
    fc.assert(
      fc.property(ladders, (ladder) => {
        const names = ladderVariants(ladder).map(({ name }) => name);
        const turns = ladderTurns(ladder);
        assert.equal(turns.length, names.length * ladder.pairs);
        const rounds = Array.from({ length: ladder.pairs }, (_, round) =>
          turns.filter((turn) => turn.round === round).map(({ variant }) => variant.name),
        );
        assert.deepEqual(
          turns.map(({ round }) => round),
          [...turns.map(({ round }) => round)].sort((a, b) => a - b),
        );
        rounds.forEach((round, i) => {
          assert.deepEqual([...round].sort(), [...names].sort());
          if (i % 2 === 1) assert.deepEqual(round, [...(rounds[i - 1] ?? [])].reverse());
        });
      }),
    );
  });

  it('are those of the seed, and more pairs only add rounds', () => {
    fc.assert(
      fc.property(ladders, (ladder) => {
        const turns = ladderTurns(ladder);
        assert.deepEqual(ladderTurns(ladder), turns);
        assert.deepEqual(ladderTurns({ ...ladder, pairs: ladder.pairs + 3 }).slice(0, turns.length), turns);
      }),
    );
  });

  it('place each variant first as often as the others, over the seeds', () => {
    const rungs = parseLadderFile(GOOD, 'ladder.yaml');
    const first = new Map<string, number>();
    const seeds = 400;
    for (let seed = 0; seed < seeds; seed++) {
      const name = ladderTurns({ ...rungs, seed })[0]?.variant.name ?? '';
      first.set(name, (first.get(name) ?? 0) + 1);
    }
    // Four variants, 100 expected of each; five standard deviations are 43.
    for (const { name } of ladderVariants(rungs)) assert.ok(Math.abs((first.get(name) ?? 0) - 100) < 43, name);
  });
});
