import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { MARK, markedProcesses, pause } from '../../measure/leftovers.test-suite.ts';
import { readIntervalLine } from '../../result/interval-schema.ts';
import { parseResult } from '../../result/parse-result.ts';
import { commandFolder, MADE_RUNS } from './support/command-folder.test-suite.ts';

/** Commands that are refused disturb nobody. */
const AT_ONCE = 2;
/** Far less than what the run would take, far more than what its end does. */
const PATIENCE_MILLIS = 100_000;
const POLL_MILLIS = 50;
const { path, start, trunkline } = commandFolder();

function onlyEntry(folder: string): string {
  const [name, ...others] = readdirSync(path(folder));
  assert.ok(name !== undefined && others.length === 0, `one entry in ${folder}`);
  return join(folder, name);
}

/** Waits for an event; fails where it does not come at all. */
async function waitFor(holds: () => boolean): Promise<void> {
  const until = performance.now() + PATIENCE_MILLIS;
  while (!holds()) {
    assert.ok(performance.now() < until, `still waiting: ${JSON.stringify(markedProcesses())}`);
    await pause(POLL_MILLIS);
  }
}

/** Blocks of the runs that series.json names, in its order. */
function storedBlocks(series: string): number[] {
  const file = JSON.parse(readFileSync(path(join(series, 'series.json')), 'utf8')) as { runs: { block: number }[] };
  return file.runs.map(({ block }) => block);
}

describe('trunkline run --repeat', () => {
  it('prints an array of results with --json, each of processes and a folder of its own', async () => {
    const order = ['run', './tiny.yaml', '--repeat', '2', '--json', '--quiet', '--out', 'twice'];
    const { code, stdout, stderr } = await trunkline([...order, '--stream', 'jsonl=twice.jsonl']);
    const results = (JSON.parse(stdout) as unknown[]).map((one) => parseResult(JSON.stringify(one), 'stdout'));
    assert.equal(results.length, 2);
    assert.equal(code, results.every(({ validity }) => validity.isValid) ? 0 : 3);
    const series = onlyEntry('twice');
    for (const [i, { id }] of results.entries()) {
      assert.ok(existsSync(path(join(series, `run-00${i + 1}-run`, id, 'result.json'))));
    }
    const lines = readFileSync(path('twice.jsonl'), 'utf8').trimEnd().split('\n');
    const intervals = lines.map((line) => readIntervalLine(line) ?? assert.fail(line));
    assert.deepEqual(
      intervals.map(({ run, runNumber, runsPlanned, atSeconds }) => [run, runNumber, runsPlanned, atSeconds]),
      results.flatMap(({ id, series: { atSeconds } }, i) => atSeconds.map((at) => [id, i + 1, 2, at])),
      'one stream has the intervals of both runs',
    );
    assert.equal(stderr, '');
  });

  it('goes on after kill -9, measures nothing twice, and refuses another scenario and a second process', async () => {
    const command = ['run', './tiny.yaml', '--repeat', '3', '--out', 'killed'];
    const killed = start(command, { ...MADE_RUNS, TEST_ENDLESS_AT: '2' });
    await killed.says(/run 2 of 3/);
    const series = onlyEntry('killed');
    const resume = [...command, '--resume', series];
    const second = await trunkline(resume, MADE_RUNS);
    assert.equal(second.code, 2);
    assert.match(second.stderr, /SERIES_RUNNING: .*process \d+ is running this series/);
    killed.child.kill('SIGKILL');
    await killed.outcome;
    const first = path(join(onlyEntry(join(series, 'run-001-run')), 'result.json'));
    const before = statSync(first).mtimeMs;

    const other = await trunkline([...resume, '--set', 'phones.count=301'], MADE_RUNS);
    assert.equal(other.code, 2);
    assert.match(other.stderr, /SERIES_INVALID: .*the scenario of run was/);
    const fewer = await trunkline(['run', './tiny.yaml', '--repeat', '2', '--resume', series], MADE_RUNS);
    assert.match(fewer.stderr, /the number of pairs or runs was 3 and is 2/);
    const file = path(join(series, 'series.json'));
    const written = readFileSync(file, 'utf8');
    writeFileSync(file, written.replace(/"code": "\w+"/, '"code": "0123456789abcdef"')); // begun by other code
    const rebuilt = await trunkline(resume, MADE_RUNS);
    assert.equal(rebuilt.code, 2);
    assert.match(rebuilt.stderr, /SERIES_INVALID: .*the code of run was 0123456789abcdef and is [0-9a-f]{16}\./);
    writeFileSync(file, written);

    const { stdout, stderr } = await trunkline(resume, MADE_RUNS);
    assert.match(stdout, /3 of 3 runs valid/);
    assert.deepEqual([...stderr.matchAll(/run \d of 3/g)].flat(), ['run 2 of 3', 'run 3 of 3']);
    assert.equal(statSync(first).mtimeMs, before, 'what was there is untouched');
    const again = await trunkline(resume, MADE_RUNS);
    assert.equal(again.stderr, '', 'nothing is left to run');
    assert.equal(again.stdout, stdout);
    assert.deepEqual(storedBlocks(series), [0, 1, 2]);
    assert.deepEqual(
      readdirSync(path(series)).filter((name) => name.startsWith('running-')),
      [],
      'nobody runs it any more',
    );
  });

  it('leaves no run behind when it is killed', { skip: !existsSync('/proc/self/environ') }, async () => {
    const long = ['run', './tiny.yaml', '--repeat', '2', '--set', 'phases.measure=10m', '--out', 'orphan'];
    const killed = start(long, MARK);
    await killed.says(/run 1 of 2/);
    await waitFor(() => markedProcesses().some(({ commandLine }) => commandLine.includes('run ./run.yaml')));
    killed.child.kill('SIGKILL');
    await killed.outcome;
    try {
      await waitFor(() => markedProcesses().length === 0);
    } finally {
      for (const { processId } of markedProcesses()) process.kill(processId, 'SIGKILL');
    }
  });

  it('keeps what is there at Ctrl-C, and says how to go on', async () => {
    const cut = start(['run', './tiny.yaml', '--repeat', '50', '--out', 'cut']);
    await cut.says(/run 2 of 50/);
    cut.child.kill('SIGINT');
    const { code, stderr } = await cut.outcome;
    assert.equal(code, 130);
    const series = onlyEntry('cut');
    const [, count] =
      /(\d+) of 50 runs are stored; continue with the same command and --resume (.+)/.exec(stderr) ?? [];
    assert.ok(stderr.includes(`--resume ${series}`), stderr);
    const runs = storedBlocks(series).map((block) => `run-${String(block + 1).padStart(3, '0')}-run`);
    assert.equal(runs.length, Number(count));
    assert.deepEqual(
      readdirSync(path(series)).sort(),
      [...runs, 'run.yaml', 'series.json'],
      'no half a run, no half a file',
    );
  });
});

describe('trunkline run --repeat', { concurrency: AT_ONCE }, () => {
  before(() => {
    mkdirSync(path('torn'));
    writeFileSync(path('torn/series.json'), '{"schema": "trunk');
  });

  const refusals: [what: string, args: string[], message: RegExp][] = [
    ['no number of runs', ['--repeat', '0'], /ARGUMENT_INVALID: --repeat: expected 1 to 1000 runs, found 0/],
    [
      'a series that is not there',
      ['--repeat', '2', '--resume', 'none'],
      /SERIES_INVALID: --resume none: expected the folder/,
    ],
    ['a series that is cut off', ['--repeat', '2', '--resume', 'torn'], /torn.series.json: not JSON/],
    ['a scenario that does not fit', ['--repeat', '2', '--set', 'phones.cuont=1'], /SETTING_INVALID/],
    [
      'more phones than there is memory',
      ['--repeat', '2', '--set', 'phones.count=500M', '--set', 'switch.mailbox.blocks=500M'],
      /RUN_REFUSED: A run of .\/run.yaml was refused: .*PLAN_EXCEEDS/,
    ],
    [
      'a scenario with steps',
      ['--repeat', '2', '--set', 'steps=[{name: one, set: {seed: 2}}]'],
      /expected a scenario without steps, found 1/,
    ],
    ['two scenarios', ['smoke', '--repeat', '2'], /--repeat: expected one scenario and no step, found .*smoke/],
    ['a folder that cannot be written', ['--repeat', '2', '--out', 'tiny.yaml/x'], /OUTPUT_UNWRITABLE/],
  ];
  for (const [what, args, message] of refusals) {
    it(`exits 2 for ${what}`, async () => {
      const { code, stdout, stderr } = await trunkline(['run', './tiny.yaml', ...args]);
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
      assert.equal(stdout, '');
    });
  }
});
