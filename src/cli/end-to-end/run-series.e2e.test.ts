import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parseResult } from '../../result/parse-result.ts';
import { type Steps, stepsSchema } from '../../result/steps-schema.ts';
import { commandFolder } from './support/command-folder.test-suite.ts';

const FAULT = new URL('./support/fault.test-worker.js', import.meta.url).href;
/** Two steps that fit, one that fits nowhere, and one behind it. */
const LADDER = `name: mini
description: Steps for a test
phones: {count: 1k, offline: 0%, heartbeat: 2s, session: none}
login: {rate: 20k/s, arrivals: constant}
traffic: {rate: 1k/s, payload: 64B}
switch: {shards: 1, mailbox: {blocks: 64k}}
driver: {lanes: 1, messagesInFlight: 8k}
phases: {calibrate: false, bin: 100ms, settle: 3s, measure: 1s, drain: 60s}
thresholds: {integrity.lost: value==0}
steps:
  - name: small
    set: {phones.count: 500}
    published: {figure: five hundred, source: a test, metric: connections.held, value: 500}
  - name: large
    set: {phones.count: 1_500, thresholds.connections.held: 'value>=1500'}
  - name: huge
    set: {phones.count: 500M, switch.shards: 2, driver.lanes: 2, switch.mailbox.blocks: 500M}
  - name: behind
    set: {phones.count: 500}
`;
const EASY = ['--step', 'small', '--step', 'large'];

const { path, start, trunkline } = commandFolder();
before(() => {
  writeFileSync(path('mini.yaml'), LADDER);
  const single = LADDER.slice(0, LADDER.indexOf('steps:'));
  writeFileSync(path('single.yaml'), single.replace('name: mini', 'name: single'));
});

/** What was kept of the only series in a folder. */
function storedSeries(out: string): { steps: Steps; folder: string } {
  const [run, ...others] = readdirSync(path(out));
  assert.ok(run !== undefined && others.length === 0, 'one folder for the series');
  const folder = path(join(out, run));
  return { steps: stepsSchema.parse(JSON.parse(readFileSync(join(folder, 'steps.json'), 'utf8'))), folder };
}

/** The exit code that the outcomes of steps ask for; on a busy machine a step may be invalid. */
function worstOf({ steps }: Steps): number {
  const codes = { invalid: 3, failed: 3, 'thresholds failed': 1 } as Readonly<Record<string, number>>;
  return Math.max(...steps.map((step) => codes[step.outcome] ?? 0));
}

describe('trunkline run, with steps', () => {
  it('runs each as a run of its own, ends before the one that does not fit, and shows all side by side', async () => {
    const { code, stdout, stderr } = await trunkline(['run', './mini.yaml', '--out', 'ladder']);
    const { steps, folder } = storedSeries('ladder');
    assert.equal(code, worstOf(steps), `${stdout}\n${stderr}`);
    const [small, large, huge, behind] = steps.steps;
    assert.deepEqual(
      [small, large].map((step) => [step?.name, step?.figures?.connectionsHeld]),
      [
        ['small', 500],
        ['large', 1500],
      ],
    );
    assert.equal(huge?.outcome, 'not run');
    assert.match(huge?.reason ?? '', /need [\d.]+ GiB, and this machine can give/);
    assert.equal(behind?.outcome, 'not run');
    assert.match(behind?.reason ?? '', /huge does not fit/);

    const file = join(folder, small?.resultFile ?? '');
    const result = parseResult(readFileSync(file, 'utf8'), file);
    const published = { figure: 'five hundred', source: 'a test', metric: 'connections.held', value: 500 };
    assert.deepEqual(result.scenario.step, { name: 'small', number: 1, of: 4, published });
    assert.equal(result.connections.held, 500);
    assert.equal(result.integrity.isSound, true);
    assert.ok(!JSON.stringify(result.scenario.written).includes('behind'), 'a step knows nothing of the others');

    assert.match(stdout, /^1\/4 small .*500 simulated phones held/);
    assert.match(stdout, /\nstep +small +large +huge +behind\n/);
    assert.match(stdout, /published +small: five hundred: here 500, 1\.00 of it, met \(a test\)/);
    assert.match(
      readFileSync(join(folder, 'steps.md'), 'utf8'),
      /\| small \|.*\| five hundred: here 500, 1\.00 of it, met \(a test\) \|/,
    );
    const schema: unknown = JSON.parse(readFileSync(new URL('../../steps.schema.json', import.meta.url), 'utf8'));
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema as object);
    assert.ok(validate(steps), JSON.stringify(validate.errors));
  });

  it('runs only the steps that are named, and prints a list with --json', async () => {
    const { stdout, stderr } = await trunkline([
      'run',
      './mini.yaml',
      '--step',
      'large',
      '--json',
      '--quiet',
      '--out',
      'one',
    ]);
    assert.equal(stderr, '');
    const results = (JSON.parse(stdout) as unknown[]).map((one) => parseResult(JSON.stringify(one), 'stdout'));
    assert.deepEqual(
      results.map(({ scenario }) => [scenario.step?.name, scenario.step?.number]),
      [['large', 2]],
    );
  });

  it('takes several scenarios as steps', async () => {
    writeFileSync(path('other.yaml'), readFileSync(path('single.yaml'), 'utf8').replace('name: single', 'name: other'));
    const { stdout } = await trunkline(['run', './single.yaml', './other.yaml', '--quiet', '--out', 'several']);
    const { steps } = storedSeries('several');
    assert.deepEqual(
      steps.steps.map((step) => [step.number, step.name, step.scenario, step.figures?.connectionsHeld]),
      [
        [1, 'single', 'single', 1000],
        [2, 'other', 'other', 1000],
      ],
    );
    assert.match(stdout, /2 of 2 steps run/);
  });

  it('goes on after a step that fails, and exits with 3', async () => {
    const fault = path('fault');
    const settings = ['--set', 'phases.measure=10m', '--set', 'switch.shards=2'];
    const run = start(['run', './mini.yaml', ...EASY, ...settings, '--out', 'dead'], {
      NODE_OPTIONS: `--import ${FAULT}`,
      TEST_FAULT: 'throw',
      TEST_FAULT_FILE: fault,
    });
    for (const name of ['small', 'large']) {
      await run.says(new RegExp(`\\b${name}\\b[^]*\\nmeasure`));
      writeFileSync(fault, '');
    }
    const { code, stdout } = await run.outcome;
    assert.equal(code, 3);
    assert.deepEqual(
      storedSeries('dead').steps.steps.map((step) => step.outcome),
      ['failed', 'failed'],
    );
    assert.match(stdout, /not passed +small: failed: .*shard-1 threw/);
  });

  it('ends with what there is at an interruption', async () => {
    const run = start(['run', './mini.yaml', ...EASY, '--set', 'phases.measure=30s', '--out', 'interrupted']);
    await run.says(/\nmeasure/);
    run.child.kill('SIGINT');
    const { code, stdout } = await run.outcome;
    assert.equal(code, 130);
    const { steps } = storedSeries('interrupted');
    assert.deepEqual(
      steps.steps.map((step) => step.outcome),
      ['interrupted', 'not run'],
    );
    assert.equal(steps.steps[0]?.figures?.connectionsHeld, 500, 'what was measured until then is there');
    assert.match(stdout, /large: not run: the series was interrupted/);
  });

  const refusals: [what: string, args: string[], message: RegExp][] = [
    ['a first step that does not fit', ['--step', 'huge'], /PLAN_EXCEEDS_(MEMORY|LIMIT)/],
    ['a step that is not there', ['--step', 'smal'], /ARGUMENT_INVALID: --step smal: .*did you mean "small"/],
  ];
  for (const [what, args, message] of refusals) {
    it(`exits 2 for ${what}, and leaves nothing`, async () => {
      const { code, stdout, stderr } = await trunkline(['run', './mini.yaml', ...args, '--out', 'refused']);
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
      assert.equal(stdout, '');
      assert.deepEqual(existsSync(path('refused')) ? readdirSync(path('refused')) : [], []);
    });
  }

  it('has a doctor that says what each step needs, in a line', async () => {
    const { code, stdout } = await trunkline(['doctor', './mini.yaml']);
    assert.equal(code, 2);
    assert.match(stdout, /NOT OK: 1 of 4 steps does not fit; a series would end before huge/);
    assert.match(stdout, /\n✓ large +memory, simulated +1,500 /);
    assert.match(stdout, /\n✗ huge .* memory\n/);
    const easy = await trunkline(['doctor', './mini.yaml', ...EASY]);
    assert.equal(easy.code, 0, easy.stdout);
    const one = await trunkline(['doctor', './mini.yaml', '--step', 'huge']);
    assert.match(one.stdout, /✗ memory: .*would fit/);
  });
});
