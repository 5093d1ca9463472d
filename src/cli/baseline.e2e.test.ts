/** A gate that keeps its runs, one that is held against them, and what either refuses before it measures. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { makeBaseline } from '../analysis/baseline.ts';
import type { GateOutcome } from '../analysis/gate-outcome.ts';
import { madeResult } from '../analysis/made-results.test-suite.ts';
import { commandFolder } from './command-folder.test-suite.ts';

const { path, trunkline } = commandFolder();
const BYTES = 'memory.switch.bytesPerConnection';
const GATE = ['gate', 'rules.yaml', './tiny.yaml', '--warm-ups', '0'];

before(() => {
  writeFileSync(path('rules.yaml'), `looks: [6]\nrelative: [${BYTES}]\n`);
  const ofTiny = madeResult();
  const other = makeBaseline([{ ...ofTiny, scenario: { ...ofTiny.scenario, name: 'tiny' } }], new Date(0));
  mkdirSync(path('others'));
  writeFileSync(path('others/tiny.0.0.json'), JSON.stringify(other));
});

describe('trunkline gate with a baseline', () => {
  it('keeps runs of the candidate alone, and is held against them by name of scenario and class', async () => {
    const saved = await trunkline([...GATE, '--save-baseline', 'baselines']);
    if (saved.code === 3) {
      // The machine was too busy: nothing may have been kept of it.
      assert.match(saved.stderr, /BASELINE_INVALID: .*runs are not valid, .*no baseline was saved/);
      assert.equal(existsSync(path('baselines')), false);
      return;
    }
    assert.equal(saved.code, 0, saved.stderr);
    assert.match(saved.stderr, /[56] runs are kept as the baseline baselines\/tiny\.[0-9a-f]{12}\.[0-9a-f]{8}\.json/);
    const [series = ''] = readdirSync(path('results'));
    const runs = readdirSync(path(`results/${series}`)).filter((name) => name.startsWith('run-'));
    assert.deepEqual([runs.length, runs.every((name) => name.endsWith('-candidate'))], [6, true]);

    // The same runs are the candidate now: what is judged is known without measuring again.
    const args = [...GATE, '--baseline', 'baselines', '--resume', `results/${series}`, '--format', 'json'];
    const { code, stdout, stderr } = await trunkline(args);
    const gate = JSON.parse(stdout) as GateOutcome;
    assert.deepEqual([code, gate.outcome, gate.comparison?.method], [0, 'passed', 'unpaired, weaker'], stderr);
    assert.match(gate.rules[0]?.sentence ?? '', /the same .*equivalent, within 2\.0 % \(unpaired, weaker\)/);

    const [file = ''] = readdirSync(path('baselines'));
    const text = readFileSync(path(`baselines/${file}`), 'utf8');
    writeFileSync(path(`baselines/${file}`), text.slice(0, 1000));
    const cut = await trunkline(args);
    assert.equal(cut.code, 2);
    assert.match(cut.stderr, /RESULT_UNREADABLE: baselines\/tiny.*not JSON \(cut off\?\)/);
  });

  const refusals: [what: string, args: string[], message: RegExp][] = [
    ['a baseline that is not there', ['--baseline', 'none'], /BASELINE_MISSING: .*none.*--save-baseline/],
    [
      'a baseline of other machines',
      ['--baseline', 'others'],
      /BASELINE_MISMATCH: .*machine class "linux-x64 Made CPU/,
    ],
    [
      'a baseline beside another base',
      ['--baseline', 'others', '--base-set', 'seed=2'],
      /ARGUMENT_INVALID: --baseline: expected no other base beside it/,
    ],
    [
      'a revision that is not there',
      ['--base-revision', 'no-such-branch'],
      /REVISION_UNKNOWN: .*"no-such-branch"|REPOSITORY_MISSING/, // the tests may run outside a repository
    ],
    [
      'a candidate without a base',
      ['--candidate-revision', 'HEAD'],
      /ARGUMENT_INVALID: --candidate-revision: expected --base-revision/,
    ],
  ];
  for (const [what, args, message] of refusals) {
    it(`exits 2 for ${what}, before anything is measured`, async () => {
      const { code, stdout, stderr } = await trunkline([...GATE, ...args, '--out', 'refused']);
      assert.deepEqual([code, stdout, existsSync(path('refused'))], [2, '', false], stderr);
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /\n\s+at /, 'no stack trace');
    });
  }
});
