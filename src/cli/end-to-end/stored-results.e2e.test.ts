import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import type { Comparison } from '../../analysis/comparison/comparison-schema.ts';
import { type MadeFigures, madePairs, madeResult } from '../../analysis/comparison/made-results.test-suite.ts';
import type { Result } from '../../result/result-schema.ts';
import { commandFolder } from './support/command-folder.test-suite.ts';

const { path, trunkline } = commandFolder();
/** Commands that measure nothing and disturb nobody. */
const AT_ONCE = 2;
const BYTES = 'memory.switch.bytesPerConnection';

function store(folder: string, results: readonly (Result | string)[]): void {
  for (const [i, result] of results.entries()) {
    const run = path(join(folder, `run-${i}`));
    mkdirSync(run, { recursive: true });
    writeFileSync(join(run, 'result.json'), typeof result === 'string' ? result : JSON.stringify(result));
  }
}

const made = (count: number, figures: MadeFigures = {}): Result[] =>
  Array.from({ length: count }, (_, i) => madeResult({ id: `made-${i}`, ...figures }));

before(() => {
  const pairs = madePairs({ bytesRatio: 1.1 });
  store(
    'old',
    pairs.map(({ base }) => base),
  );
  store(
    'new',
    pairs.map(({ candidate }) => candidate),
  );
});

describe('trunkline compare of stored results', { concurrency: AT_ONCE }, () => {
  const stored = ['compare', '--results', 'old', '--against', 'new', '--metric', BYTES];

  it('says what changed in one sentence, then a table, and that it is weaker', async () => {
    const { code, stdout } = await trunkline(stored);
    assert.equal(code, 0);
    assert.match(stdout, /^Regressed: memory\.switch\.bytesPerConnection: \d+\.\d % more/);
    assert.match(stdout, /unpaired, weaker/);
    assert.equal((await trunkline([...stored, '--fail-on', 'regressed'])).code, 1);
  });

  it('prints JSON and Markdown, and takes many folders', async () => {
    const { stdout } = await trunkline([...stored, '--format', 'json']);
    assert.equal((JSON.parse(stdout) as Comparison).verdict, 'regressed');
    const bases = ['old/run-0', 'old/run-1'].flatMap((folder) => ['--results', folder]);
    const candidates = ['new/run-0', 'new/run-1/result.json'].flatMap((folder) => ['--against', folder]);
    const { stdout: page } = await trunkline(['compare', ...bases, ...candidates, '--format', 'markdown']);
    assert.match(page, /4 of 4 runs valid/);
  });

  it('exits 2 where what it prints cannot be written', { skip: !existsSync('/dev/full') }, async () => {
    const stored = ['compare', '--results', 'old', '--against', 'new', '--format', 'json'];
    const { code, stderr } = await trunkline(stored, {}, '/dev/full');
    assert.equal(code, 2);
    assert.match(stderr, /OUTPUT_UNWRITABLE: Expected a file that can be written at stdout: .*ENOSPC/);
  });

  const bad: [what: string, results: readonly (Result | string)[], args: string[], code: number, message: RegExp][] = [
    [
      'a newer schema',
      [JSON.stringify({ ...madeResult(), schema: 'trunkline.result/9' })],
      [],
      2,
      /expected schema trunkline.result\/1, found the newer "trunkline.result\/9"\. Update trunkline/,
    ],
    [
      'a result that is cut off',
      ['{"schema": "trunkline.result/1", "id'],
      [],
      2,
      /run-0.result\.json: not JSON \(cut off\?\)/,
    ],
    [
      'another scenario',
      [{ ...madeResult(), scenario: { ...madeResult().scenario, name: 'else' } }],
      [],
      2,
      /expected results of one scenario, found made, else/,
    ],
    [
      'another class of machines',
      made(10, { environment: { machineClass: 'other' } }),
      [],
      3,
      /the environments differ in machineClass/,
    ],
    ['one run only', made(1), [], 3, /nothing was decided: .*too few.* Compare more runs/],
    [
      'runs of which none is valid',
      made(10, { tripped: 'steady' }),
      [],
      3,
      /nothing was decided: .*dropped.* trunkline report/,
    ],
    [
      'a metric that does not exist',
      made(10),
      ['--metric', 'cpu.switchMicrosPerMesage'],
      2,
      /METRIC_UNKNOWN: .*did you mean "cpu.switchMicrosPerMessage"/,
    ],
    [
      'noise floors that are not there',
      made(10),
      ['--noise-floors', 'none.json'],
      2,
      /--noise-floors none.json: expected a file that trunkline aa stored/,
    ],
  ];
  for (const [i, [what, results, args, code, message]] of bad.entries()) {
    it(`exits ${code} for ${what}, and says so`, async () => {
      store(`bad-${i}`, results);
      const outcome = await trunkline(['compare', '--results', 'old', '--against', `bad-${i}`, ...args]);
      assert.equal(outcome.code, code, outcome.stderr);
      assert.match(outcome.stderr, message);
      assert.doesNotMatch(outcome.stderr, /\n\s+at /, 'no stack trace');
    });
  }

  const refusals: [what: string, args: string[], message: RegExp][] = [
    ['a folder that is not there', ['--results', 'none', '--against', 'new'], /none: expected a result or a folder/],
    ['a folder without results', ['--results', 'empty', '--against', 'new'], /expected a folder with a result.json/],
    ['one side only', ['--results', 'old'], /ARGUMENT_INVALID/],
    [
      'settings for what has run already',
      ['--results', 'old', '--against', 'new', '--candidate-set', 'seed=2'],
      /stored results are compared as they are/,
    ],
    ['nothing to compare', [], /Expected a scenario, or --results and --against/],
    ['the same thing twice', ['./tiny.yaml'], /found the same scenario twice/],
    [
      'too few pairs',
      ['./tiny.yaml', '--candidate-set', 'seed=2', '--pairs', '4'],
      /--pairs 4: need at least \d+ pairs/,
    ],
  ];
  for (const [what, args, message] of refusals) {
    it(`exits 2 for ${what}, before anything is measured`, async () => {
      mkdirSync(path('empty'), { recursive: true });
      const { code, stdout, stderr } = await trunkline(['compare', ...args]);
      assert.deepEqual([code, stdout], [2, ''], stderr);
      assert.match(stderr, message);
    });
  }
});

describe('trunkline history and report', { concurrency: AT_ONCE }, () => {
  it('show every result with its commit, and where a figure changed', async () => {
    const level = (count: number, bytesPerConnection: number, commit: string): Result[] =>
      made(count, { bytesPerConnection, commit: commit.repeat(40) }).map((result, i) => ({
        ...result,
        id: `${commit}-${i}`,
        startedAt: `2026-01-${commit === 'a' ? '0' : '1'}${i}T00:00:00.000Z`,
      }));
    store('kept', [...level(10, 40, 'a').slice(1), ...level(10, 60, 'b')]);
    const { code, stdout } = await trunkline(['history', 'made', '--out', 'kept', '--metric', BYTES]);
    assert.equal(code, 0);
    assert.match(stdout, /2026-01-10T00:00:00.000Z +bbbbbbbbbbbb +60\.0 B \*/);
    assert.match(stdout, /1 change in 19 results/);
    const { stdout: page } = await trunkline(['history', 'kept', '--format', 'markdown']);
    assert.match(page, /\| 2026-01-01T00:00:00.000Z \| aaaaaaaaaaaa \|/);
    const { code: unknown, stderr } = await trunkline(['history', 'mad', '--out', 'kept']);
    assert.equal(unknown, 2);
    assert.match(stderr, /found results of made there/);
  });

  it('exit 3 where no result is valid', async () => {
    store('tripped', made(3, { tripped: 'steady' }));
    const { code, stderr } = await trunkline(['history', 'tripped']);
    assert.equal(code, 3);
    assert.match(stderr, /3 results are not valid/);
    const report = await trunkline(['report', 'tripped/run-0', '--format', 'markdown']);
    assert.match(report.stdout, /Not valid, do not quote these figures: steady/);
  });

  const whole = madeResult();
  const series = { ...whole.series, atSeconds: [1, 2], phase: ['ramp', 'drain'], held: [3] };
  const unreadable: [what: string, text: string, says: RegExp][] = [
    [
      'a newer schema',
      JSON.stringify({ ...whole, schema: 'trunkline.result/9' }),
      /found the newer .*Update trunkline/,
    ],
    ['a result that is cut off', JSON.stringify(whole).slice(0, 2000), /broken.*result\.json: not JSON \(cut off\?\)/],
    ['an empty file', '', /broken.*result\.json: not JSON \(cut off\?\)/],
    [
      'a part of a result',
      '{"schema": "trunkline.result/1", "id": "x"}',
      /broken.*result\.json: not a whole result: startedAt/,
    ],
    [
      'a series in which a column is shorter',
      JSON.stringify({ ...whole, series }),
      /series\.held: expected 2 entries .*found 1/,
    ],
  ];
  for (const [i, [what, text, says]] of unreadable.entries()) {
    it(`exit 2 for ${what}, with one sentence that names the file`, async () => {
      store(`broken-${i}`, [text]);
      const { code, stdout, stderr } = await trunkline(['report', `broken-${i}`]);
      assert.deepEqual([code, stdout], [2, ''], stderr);
      assert.match(stderr, says);
      assert.ok(stderr.length < 500 && !/\n\s+at /.test(stderr), stderr);
    });
  }

  it('say what a result lacks over time, and show the rest', async () => {
    store('lacking', [madeResult()]);
    const { code, stdout, stderr } = await trunkline(['report', 'lacking']);
    assert.equal(code, 0);
    assert.match(stdout, /^trunkline made/);
    assert.match(stderr, /^note: The result has no intervals, so no figures over time/);
    const page = await trunkline(['report', 'lacking', '--format', 'html']);
    assert.equal(page.code, 0, page.stderr);
    assert.match(page.stdout, /^<!doctype html>/i);
  });

  it('take a thousand results, and name the one that cannot be read', async () => {
    const thousand = Array.from({ length: 1000 }, (_, i) =>
      madeResult({ id: `r${i}`, startedAt: new Date(Date.UTC(2026, 0, 1) + i * 3.6e6).toISOString() }),
    );
    store('thousand', thousand);
    const { code, stdout } = await trunkline(['history', 'thousand', '--metric', BYTES]);
    assert.equal(code, 0);
    assert.match(stdout, /no change detected in 1,000 results|changes? in 1,000 results/);
    const { stderr } = await trunkline(['report', 'thousand']);
    assert.match(stderr, /expected one result, found 1000: name one, such as thousand\/run-\d+/);
    assert.ok(stderr.length < 500);
    writeFileSync(path('thousand/run-500/result.json'), '{"schema": "trunkline.result/1", "i');
    for (const args of [
      ['history', 'thousand'],
      ['compare', '--results', 'thousand', '--against', 'new'],
    ]) {
      const broken = await trunkline(args);
      assert.deepEqual([broken.code, broken.stdout], [2, ''], broken.stderr);
      assert.match(broken.stderr, /run-500.result\.json: not JSON \(cut off\?\)/);
    }
  });

  it('print one stored result as text, JSON and Markdown', async () => {
    assert.match((await trunkline(['report', 'old/run-0'])).stdout, /^trunkline made · transport memory · simulated/);
    const { stdout: page } = await trunkline(['report', 'old/run-0/result.json', '--format', 'markdown']);
    assert.match(page, /\| memory\.switch\.bytesPerConnection \| \d+\.\d B \|/);
    const { code, stderr } = await trunkline(['report', 'old']);
    assert.equal(code, 2);
    assert.match(stderr, /expected one result, found 10/);
  });
});
