/** A gate that keeps its runs, one that is held against them, and what either refuses before it measures. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { madeResult } from '../../analysis/comparison/made-results.test-suite.ts';
import { type Baseline, makeBaseline, parseBaseline } from '../../analysis/gate/baseline.ts';
import type { GateOutcome } from '../../analysis/gate/gate-schema.ts';
import { fingerprint } from '../../measure/fingerprint.ts';
import type { Result } from '../../result/result-schema.ts';
import { scenarioHash } from '../../run/phases/order/scenario-hash.ts';
import { parseScenario } from '../../scenario/scenario.ts';
import type { Outcome } from './support/command.test-suite.ts';
import { commandFolder, MADE_RUNS } from './support/command-folder.test-suite.ts';

const { path, trunkline } = commandFolder();
const BYTES = 'memory.switch.bytesPerConnection';
/** What the made runs leave: of the scenario and the machine that the command finds. */
let made: Result;

before(() => {
  const { name, written } = parseScenario(readFileSync(path('tiny.yaml'), 'utf8'), 'tiny.yaml');
  const one = madeResult({ environment: { machineClass: fingerprint().machineClass } });
  made = { ...one, scenario: { ...one.scenario, name, hash: scenarioHash(written) } };
  writeFileSync(path('rules.yaml'), `looks: [6]\nrelative: [${BYTES}]\n`);
  writeFileSync(path('absolute.yaml'), `looks: [6]\nabsolute: [integrity.lost == 0, ${BYTES} < 30B]\n`);
});

/** A gate of `tiny.yaml` whose runs are made up: 40 B for each connection. */
function gate(
  rules: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const out = args.includes('--out') ? [] : ['--out', 'results'];
  const order = ['gate', rules, './tiny.yaml', '--warm-ups', '0', ...out, ...args];
  return trunkline(order, { ...MADE_RUNS, GITHUB_ACTIONS: '', TEST_MADE_RESULT: JSON.stringify(made), ...environment });
}

function stored(folder: string): { file: string; baseline: Baseline } {
  const [name = ''] = readdirSync(path(folder));
  const file = path(`${folder}/${name}`);
  return { file, baseline: parseBaseline(readFileSync(file, 'utf8'), file) };
}

describe('trunkline gate with a baseline', () => {
  it('keeps runs of the candidate alone, and is held against them: unpaired, weaker', async () => {
    const saved = await gate('rules.yaml', ['--save-baseline', 'kept', '--out', 'saving']);
    assert.equal(saved.code, 0, saved.stderr);
    assert.match(saved.stderr, /6 runs are stored as the baseline kept\/tiny\.[0-9a-f]{12}\.[0-9a-f]{8}\.json/);
    const [series = ''] = readdirSync(path('saving'));
    const runs = readdirSync(path(`saving/${series}`)).filter((name) => name.startsWith('run-'));
    assert.deepEqual([runs.length, runs.every((name) => name.endsWith('-candidate'))], [6, true]);

    const held = await gate('rules.yaml', ['--baseline', 'kept', '--format', 'json']);
    const found = JSON.parse(held.stdout) as GateOutcome;
    assert.deepEqual([held.code, found.outcome, found.comparison?.method], [0, 'passed', 'unpaired, weaker']);
    assert.match(found.rules[0]?.sentence ?? '', /the same .*equivalent, within 2\.0 % \(unpaired, weaker\)/);
  });

  it('fails what is worse than it was', async () => {
    const { ledger } = made.memory.switch;
    assert.ok(ledger !== null);
    const less = { ...made.memory.switch, ledger: { ...ledger, bytesPerConnection: 36 } };
    const runs = Array.from({ length: 6 }, () => ({ ...made, memory: { ...made.memory, switch: less } }));
    await gate('rules.yaml', ['--save-baseline', 'better']);
    writeFileSync(stored('better').file, JSON.stringify(makeBaseline(runs, new Date(0))));
    const { code, stdout } = await gate('rules.yaml', ['--baseline', 'better']);
    assert.equal(code, 1);
    assert.match(stdout, /^Failed: 1 of 1 rule broken: .*11\.1 % more .*regressed \(unpaired, weaker\)/);
  });

  it('keeps nothing of a candidate that fails, or whose runs do not count', async () => {
    const failed = await gate('absolute.yaml', ['--save-baseline', 'failed']);
    assert.deepEqual([failed.code, existsSync(path('failed'))], [1, false], failed.stderr);
    const valid = made;
    made = madeResult({ tripped: 'steal' });
    const { code, stderr } = await gate('rules.yaml', ['--save-baseline', 'invalid']);
    made = valid;
    assert.deepEqual([code, existsSync(path('invalid'))], [3, false]);
    assert.match(
      stderr,
      /BASELINE_INVALID: 6 of 6 runs are not valid, the first because of steal.*no baseline was saved/,
    );
  });

  it('exits 2 for one that is cut off, of a newer schema, or of other machines, and names the file', async () => {
    await gate('rules.yaml', ['--save-baseline', 'bad']);
    const { file, baseline } = stored('bad');
    const text = JSON.stringify(baseline);
    const cases: [text: string, message: RegExp][] = [
      [text.slice(0, 1000), /RESULT_UNREADABLE: bad\/tiny\.\S+json: not JSON \(cut off\?\)/],
      [text.replace('baseline/1', 'baseline/2'), /RESULT_UNREADABLE: .*expected schema trunkline\.baseline\/1, found/],
      [text.replaceAll(fingerprint().machineClass, 'another'), /BASELINE_MISMATCH: .*of the machine class "another"/],
    ];
    for (const [stale, message] of cases) {
      writeFileSync(file, stale);
      const { code, stdout, stderr } = await gate('rules.yaml', ['--baseline', 'bad', '--out', 'refused']);
      assert.deepEqual([code, stdout, existsSync(path('refused'))], [2, '', false], stderr);
      assert.match(stderr, message);
    }
  });

  it('exits 2 for one of another transport than best-real is here', async () => {
    const written = (transport: string): unknown =>
      parseScenario(readFileSync(path('tiny.yaml'), 'utf8'), 'tiny.yaml', [`transport=${transport}`]).written;
    const valid = made;
    made = { ...made, scenario: { ...made.scenario, hash: scenarioHash(written('tun')) } };
    await gate('rules.yaml', ['--save-baseline', 'over-tun', '--set', 'transport=tun']);
    made = { ...made, scenario: { ...made.scenario, hash: scenarioHash(written('tcp')) } };
    const [best, nowhere] = [['--set', 'transport=best-real'], { PATH: path('empty') }]; // unshare is not there: no namespace
    const refused = await gate('rules.yaml', ['--baseline', 'over-tun', '--out', 'refused', ...best], nowhere);
    assert.deepEqual([refused.code, refused.stdout, existsSync(path('refused'))], [2, '', false], refused.stderr);
    assert.match(refused.stderr, /BASELINE_MISMATCH: over-tun\/tiny.* of something else/);

    await gate('rules.yaml', ['--save-baseline', 'over-tcp', '--set', 'transport=tcp']);
    const held = await gate('rules.yaml', ['--baseline', 'over-tcp', ...best], nowhere);
    made = valid;
    assert.equal(held.code, 0, held.stderr);
    assert.match(held.stderr, /^note: best-real is tcp here: for tun this machine lacks /m, 'once, for all its runs');
    assert.equal(held.stderr.match(/best-real is/g)?.length, 1);
  });

  const refusals: [what: string, args: string[], message: RegExp][] = [
    ['a folder that is not there', ['--baseline', 'none'], /BASELINE_MISSING: .*none.*--save-baseline/],
    [
      'a folder without it',
      ['--baseline', 'empty'],
      /BASELINE_MISSING: Expected a baseline of tiny in empty, found none/,
    ],
    [
      'another base beside it',
      ['--baseline', 'empty', '--base-set', 'seed=2'],
      /ARGUMENT_INVALID: --baseline: expected no other base/,
    ],
    [
      'a revision that is not there',
      ['--base-revision', 'no-such-branch', '--candidate-revision', 'no-such-branch'],
      /REVISION_UNKNOWN: .*"no-such-branch"|REPOSITORY_MISSING/, // the tests may run outside a repository
    ],
    [
      'a revision of the candidate alone',
      ['--candidate-revision', 'HEAD'],
      /ARGUMENT_INVALID: --candidate-revision: expected --base-revision/,
    ],
  ];
  for (const [what, args, message] of refusals) {
    it(`exits 2 for ${what}, before anything is measured`, async () => {
      mkdirSync(path('empty'), { recursive: true });
      const { code, stdout, stderr } = await gate('rules.yaml', [...args, '--out', 'refused']);
      assert.deepEqual([code, stdout, existsSync(path('refused'))], [2, '', false], stderr);
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /\n\s+at /, 'no stack trace');
    });
  }
});
