import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parseResult } from '../result/parse-result.ts';
import { commandFolder } from './command.test-suite.ts';

const { path, trunkline } = commandFolder();

function onlyEntry(folder: string): string {
  const [name, ...others] = readdirSync(path(folder));
  assert.ok(name !== undefined && others.length === 0, `one entry in ${folder}`);
  return join(folder, name);
}

describe('trunkline run --repeat', () => {
  it('prints an array of results with --json, each of a process and a folder of its own', async () => {
    const { code, stdout } = await trunkline([
      'run',
      './tiny.yaml',
      '--repeat',
      '2',
      '--json',
      '--quiet',
      '--out',
      'twice',
    ]);
    const results = (JSON.parse(stdout) as unknown[]).map((one) => parseResult(JSON.stringify(one), 'stdout'));
    assert.equal(results.length, 2);
    assert.equal(code, results.every(({ validity }) => validity.isValid) ? 0 : 3);
    const series = onlyEntry('twice');
    for (const [i, { id }] of results.entries()) {
      assert.ok(existsSync(path(join(series, `run-00${i + 1}-run`, id, 'result.json'))));
    }
  });

  it('goes on after kill -9, measures nothing twice, and refuses another scenario', async () => {
    const command = ['run', './tiny.yaml', '--repeat', '3', '--out', 'killed'];
    await trunkline(command, (stderr, kill) => {
      if (stderr.includes('run 2 of 3')) kill('SIGKILL');
    });
    const series = onlyEntry('killed');
    const first = path(join(onlyEntry(join(series, 'run-001-run')), 'result.json'));
    const before = statSync(first).mtimeMs;

    const other = await trunkline([...command, '--resume', series, '--set', 'phones.count=301']);
    assert.equal(other.code, 2);
    assert.match(other.stderr, /SERIES_INVALID: .*the scenario of run was/);
    const fewer = await trunkline(['run', './tiny.yaml', '--repeat', '2', '--resume', series]);
    assert.match(fewer.stderr, /the number of pairs or runs was 3 and is 2/);

    const { stdout, stderr } = await trunkline([...command, '--resume', series]);
    assert.match(stdout, /of 3 runs valid/);
    assert.doesNotMatch(stderr, /run 1 of 3/);
    assert.equal(statSync(first).mtimeMs, before, 'what was there is untouched');
    const again = await trunkline([...command, '--resume', series]);
    assert.equal(again.stderr, '', 'nothing is left to run');
    assert.equal(again.stdout, stdout);
  });

  it('keeps what is there at Ctrl-C, and says how to go on', async () => {
    const { code, stderr } = await trunkline(['run', './tiny.yaml', '--repeat', '3', '--out', 'cut'], (said, kill) => {
      if (said.includes('run 2 of 3') && !said.includes('Interrupted')) kill('SIGINT');
    });
    assert.equal(code, 130);
    const series = onlyEntry('cut');
    assert.ok(stderr.includes(`1 of 3 runs are kept; go on with the same command and --resume ${series}`), stderr);
    assert.deepEqual(
      readdirSync(path(series)).sort(),
      ['run-001-run', 'run.yaml', 'series.json'],
      'no half a run, no half a file',
    );
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
      ['--repeat', '2', '--set', 'phones.count=500M', '--set', 'switch.mailbox.blocks=1G'],
      /SERIES_RUN_REFUSED: run-001-run .*PLAN_EXCEEDS/,
    ],
    ['a folder that cannot be written', ['--repeat', '2', '--out', 'tiny.yaml/x'], /OUTPUT_UNWRITABLE/],
  ];
  for (const [what, args, message] of refusals) {
    it(`exits 2 for ${what}`, async () => {
      mkdirSync(path('torn'), { recursive: true });
      writeFileSync(path('torn/series.json'), '{"schema": "trunk');
      const { code, stdout, stderr } = await trunkline(['run', './tiny.yaml', ...args]);
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
      assert.equal(stdout, '');
    });
  }

  it('keeps the plan in series.json', () => {
    const file = JSON.parse(readFileSync(path(join(onlyEntry('killed'), 'series.json')), 'utf8')) as {
      blocks: number;
      runs: { block: number }[];
    };
    assert.equal(file.blocks, 3);
    assert.deepEqual(
      file.runs.map(({ block }) => block),
      [0, 1, 2],
    );
  });
});
