import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { GateOutcome } from '../../analysis/gate/gate-schema.ts';
import type { Outcome } from './support/command.test-suite.ts';
import { commandFolder, MADE_RUNS } from './support/command-folder.test-suite.ts';

const { path, trunkline } = commandFolder();
/** Runs that are made up disturb nobody. */
const AT_ONCE = 2;
/** Whatever the tests themselves run in. */
const NO_CI = { ...MADE_RUNS, GITHUB_ACTIONS: '', GITHUB_STEP_SUMMARY: '' };
const BYTES = 'memory.switch.bytesPerConnection';
const CPU = 'cpu.switchMicrosPerMessage';
const LOST = 'absolute: [integrity.lost == 0]';

/** Holds `tiny.yaml` to these rules, its made runs in a folder of that name. */
function gate(name: string, rules: readonly string[], args: readonly string[], environment = {}): Promise<Outcome> {
  writeFileSync(path(`${name}.yaml`), rules.join('\n'));
  const order = ['gate', `${name}.yaml`, './tiny.yaml', '--out', name, '--seed', '1', '--warm-ups', '0', '--quiet'];
  return trunkline([...order, ...args], { ...NO_CI, ...environment });
}

const candidate = (figures: string): string[] => ['--candidate-set', `description=${figures}`];

function kept(name: string): GateOutcome {
  const [series = ''] = readdirSync(path(name));
  return JSON.parse(readFileSync(path(`${name}/${series}/gate.json`), 'utf8')) as GateOutcome; // as it was written
}

describe('trunkline gate', { concurrency: AT_ONCE }, () => {
  it('passes what holds, and writes what CI systems read', async () => {
    const outputs = [
      '--junit',
      'gate.xml',
      '--summary',
      'gate.md',
      '--comment',
      'comment.md',
      '--trend',
      'less.json',
      '--trend-more',
      'more.json',
    ];
    const rules = ['looks: [8, 12]', LOST, `relative: [${BYTES}]`];
    const { code, stdout } = await gate('passing', rules, [...candidate('the same'), ...outputs, '--format', 'json']);
    assert.equal(code, 0);
    const found = JSON.parse(stdout) as GateOutcome;
    assert.deepEqual([found.outcome, found.runs, found.rules.length], ['passed', 8, 2], 'the first look was enough');
    assert.deepEqual(kept('passing'), found);
    assert.match(readFileSync(path('gate.xml'), 'utf8'), /tests="2" failures="0"/);
    assert.match(readFileSync(path('gate.md'), 'utf8'), /Gate of made/);
    const comment = readFileSync(path('comment.md'), 'utf8');
    assert.match(comment, /^<!-- trunkline gate -->\n### ✅ Gate of made\n/);
    const [series = ''] = readdirSync(path('passing'));
    assert.equal(readFileSync(path(`passing/${series}/comment.md`), 'utf8'), comment, 'it is kept beside the JSON');
    const charted = (file: string): string[] =>
      (JSON.parse(readFileSync(path(file), 'utf8')) as { name: string }[]).map(({ name }) => name);
    assert.ok(charted('less.json').includes(`${BYTES} (simulated)`));
    assert.ok(charted('more.json').includes('connections.held (simulated)'));
  });

  it('fails a regression and a broken limit, with annotations and a summary where GitHub runs it', async () => {
    const rules = ['looks: [6]', `absolute: [${BYTES} < 42B]`, `relative: [${BYTES}]`];
    const github = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: path('step.md') };
    writeFileSync(path('step.md'), 'of a step before\n');
    const { code, stdout } = await gate('failing', rules, candidate('bytesPerConnection 44'), github);
    assert.equal(code, 1);
    assert.match(stdout, /^Failed: 2 of 2 rules broken/);
    assert.equal(stdout.match(/^::error title=failed/gm)?.length, 2);
    assert.match(readFileSync(path('step.md'), 'utf8'), /^of a step before\n## ❌ Gate of made/);
  });

  it('looks a second time where the first does not decide', async () => {
    const rules = ['looks: [8, 12]', `relative: [${CPU} within 10%]`];
    const { code } = await gate('twice', rules, candidate('cpuSpread 0.3'));
    assert.deepEqual([kept('twice').outcome, kept('twice').runs, code], ['inconclusive', 12, 0]);
    const [series = ''] = readdirSync(path('twice'));
    const again = await gate('twice', rules, [
      ...candidate('cpuSpread 0.3'),
      '--resume',
      path(`twice/${series}`),
      '--inconclusive-exit',
    ]);
    assert.equal(again.code, 4, again.stderr);
  });

  it('runs the candidate alone where no rule needs a base', async () => {
    assert.equal((await gate('alone', ['looks: [6]', LOST], [])).code, 0);
    const [series = ''] = readdirSync(path('alone'));
    assert.equal(readdirSync(path(`alone/${series}`)).filter((name) => name.startsWith('run-')).length, 6);
  });

  it('is never green where it could not measure', async () => {
    const unmeasured = await gate('unmeasured', ['looks: [6]', LOST], candidate('tripped steady'));
    assert.equal(unmeasured.code, 2, 'no rule was evaluated');
    assert.match(unmeasured.stdout, /^Invalid: no rule could be evaluated: .*not valid/);
    const rules = ['looks: [6]', `absolute: [${BYTES} < 1KiB, memory.kernel.bytesPerConnection < 1KiB]`];
    const partly = await gate('partly', rules, []);
    assert.equal(partly.code, 3);
    assert.match(partly.stdout, /^Invalid: 1 of 2 rules could not be judged: .*was not measured/);
  });

  it('has not passed where its outcome cannot be written', { skip: !existsSync('/dev/full') }, async () => {
    const { code, stderr } = await gate('full', ['looks: [6]', LOST], ['--junit', '/dev/full']);
    assert.equal(code, 2);
    assert.match(stderr, /OUTPUT_UNWRITABLE: Expected a file that can be written at \/dev\/full: ENOSPC/);
  });

  const refusals: [what: string, rules: string | null, message: RegExp][] = [
    ['rules that are not there', null, /GATE_RULES_INVALID: none.yaml: expected a YAML file that can be read/],
    ['no rule', 'looks: [10]', /expected at least one rule/],
    ['a metric that does not exist', 'absolute: [integrity.lots == 0]', /there is no metric "integrity.lots"/],
    [
      'too few pairs at the first look',
      `looks: [6, 12]\nrelative: [${BYTES}]`,
      /looks: 6 for the first look: need at least \d+ pairs/,
    ],
    ['a typing error in a rule', 'relatve: [integrity.lost]', /relatve/],
  ];
  for (const [i, [what, rules, message]] of refusals.entries()) {
    it(`exits 2 for ${what}, before anything is measured`, async () => {
      const file = rules === null ? 'none.yaml' : `bad-${i}.yaml`;
      if (rules !== null) writeFileSync(path(file), rules);
      const { code, stdout, stderr } = await trunkline(['gate', file, './tiny.yaml']);
      assert.deepEqual([code, stdout], [2, ''], stderr);
      assert.match(stderr, message);
    });
  }
});
