import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { Comparison } from '../../analysis/comparison/comparison-schema.ts';
import { parseNoiseFloors } from '../../analysis/comparison/noise-floors-schema.ts';
import { readIntervalLine } from '../../result/interval-schema.ts';
import { JSON_LINES } from '../../run/streams/line-format.ts';
import { KNOWN, RUN } from '../../run/streams/made-stream.test-suite.ts';
import { commandFolder, MADE_RUNS } from './support/command-folder.test-suite.ts';

const { path, trunkline } = commandFolder();
/** Runs that are made up disturb nobody. */
const AT_ONCE = 2;
const BYTES = 'memory.switch.bytesPerConnection';
const CPU = 'cpu.switchMicrosPerMessage';

describe('trunkline compare', { concurrency: AT_ONCE }, () => {
  const compare = (pairs: number, ...args: string[]) =>
    trunkline(['compare', './tiny.yaml', '--pairs', String(pairs), '--seed', '1', ...args], MADE_RUNS);
  const more = ['--candidate-set', 'description=bytesPerConnection 44', '--metric', BYTES];

  it('runs pairs in fresh processes, alternately, and keeps the comparison beside them', async () => {
    const { code, stdout, stderr } = await compare(6, ...more, '--out', 'paired', '--format', 'json');
    assert.equal(code, 0, stderr);
    const comparison = JSON.parse(stdout) as Comparison;
    assert.deepEqual([comparison.method, comparison.verdict], ['paired', 'regressed']);
    assert.deepEqual(
      comparison.scenarioDifferences.map(({ name }) => name),
      ['description'],
    );
    const order = [...stderr.matchAll(/run \d+ of 12: (\w)/g)].map(([, side]) => side).join('');
    assert.match(order, /^(bccb){3}$|^(cbbc){3}$/);
    const [series = ''] = readdirSync(path('paired'));
    const kept: unknown = JSON.parse(readFileSync(path(`paired/${series}/comparison.json`), 'utf8'));
    assert.deepEqual(kept, comparison);
    assert.equal(readdirSync(path(`paired/${series}`)).filter((name) => name.startsWith('run-')).length, 12);
    assert.equal(existsSync(path(`paired/${series}/warm-up`)), false, 'warm-up runs count for nothing');
  });

  it('passes on the intervals of all runs in one stream, with the side and number of each', async () => {
    const line = JSON_LINES.line({ ...RUN, id: 'made' }, KNOWN, []);
    const { code, stderr } = await trunkline(
      ['compare', './tiny.yaml', '--pairs', '6', '--seed', '1', ...more, '--stream', 'jsonl=compare.jsonl'],
      { ...MADE_RUNS, TEST_MADE_INTERVAL: line },
    );
    assert.equal(code, 0, stderr);
    const runs = [...stderr.matchAll(/run (\d+) of (12): (\w+)/g)].map(([, run, of, side]) => [
      `made-${run}`,
      side,
      Number(run),
      Number(of),
    ]);
    assert.equal(runs.length, 12);
    const lines = readFileSync(path('compare.jsonl'), 'utf8').trimEnd().split('\n');
    const read = lines.map((text) => readIntervalLine(text) ?? assert.fail(text));
    assert.deepEqual(
      read.map((one) => [one.run, one.side, one.runNumber, one.runsPlanned]),
      runs,
    );
  });

  const verdicts: [verdict: string, args: string[], code: number][] = [
    ['Regressed', more, 1],
    ['Improved', ['--candidate-set', 'description=bytesPerConnection 36', '--metric', BYTES], 0],
    ['Inconclusive', ['--candidate-set', 'description=cpuSpread 0.3', '--metric', CPU], 4],
  ];
  for (const [verdict, args, code] of verdicts) {
    it(`says ${verdict} first, and exits ${code} as it was asked to`, async () => {
      const outcome = await compare(6, ...args, '--fail-on', 'regressed', '--inconclusive-exit');
      assert.ok(outcome.stdout.startsWith(verdict), outcome.stdout);
      assert.equal(outcome.code, code);
    });
  }

  it('refuses a number of warm-up runs that is none', async () => {
    const { code, stderr } = await compare(6, ...more, '--warm-ups', '-1');
    assert.equal(code, 2);
    assert.match(stderr, /--warm-ups: expected a number of at least 0, such as 10, found "-1"/);
  });

  it('keeps what it has when the disk is full, and goes on when there is room', async () => {
    const args = ['compare', './tiny.yaml', '--candidate-set', 'seed=2', '--metric', BYTES, '--pairs', '6'];
    const full = await trunkline([...args, '--out', 'full'], { ...MADE_RUNS, TEST_FULL_DISK_AT: '5' });
    assert.equal(full.code, 2);
    assert.match(full.stderr, /RUN_REFUSED: .*OUTPUT_UNWRITABLE: .*no space left/);
    const [, folder = ''] =
      /4 of 12 runs are stored; continue with the same command and --resume (\S+)/.exec(full.stderr) ?? [];
    const { code, stdout, stderr } = await trunkline([...args, '--resume', folder], MADE_RUNS);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^Equivalent/);
    assert.doesNotMatch(stderr, /run 4 of 12/);
    assert.match(stderr, /run 5 of 12/);
    const seedIn = (said: string): string | undefined => /order of the sides by seed (\d+)/.exec(said)?.[1];
    assert.ok(seedIn(full.stderr) !== undefined, full.stderr);
    assert.equal(seedIn(stderr), seedIn(full.stderr), 'the seed that was drawn at the start, and said');
  });
});

describe('trunkline aa', { concurrency: AT_ONCE }, () => {
  it('stores noise floors; a metric that is noisier than what matters does not decide', async () => {
    const noisy = ['--set', 'description=cpuSpread 0.2'];
    const { code, stdout } = await trunkline(['aa', './tiny.yaml', ...noisy, '--pairs', '8', '--out', 'aa'], MADE_RUNS);
    assert.equal(code, 0);
    assert.match(stdout, /^made against itself: \d+ of \d+ metrics are precise enough to gate; 8 of 8 pairs valid/);
    const [series = ''] = readdirSync(path('aa'));
    const file = path(`aa/${series}/noise-floors.json`);
    const { floors } = parseNoiseFloors(readFileSync(file, 'utf8'), file);
    assert.equal(floors.find(({ metric }) => metric === BYTES)?.floorShare, 0, 'a ledger does not vary');
    assert.equal(floors.find(({ metric }) => metric === CPU)?.isUsable, false);
    const runs = path(`aa/${series}`);
    const stored = ['compare', '--results', runs, '--against', runs, '--noise-floors', file];
    const refused = await trunkline([...stored, '--metric', CPU]);
    assert.equal(refused.code, 3);
    assert.match(refused.stderr, /nothing was decided: .*its noise floor, .*, is above the smallest difference/);
  });

  it('exits 3 where no run was valid', async () => {
    const tripped = [
      'aa',
      './tiny.yaml',
      '--set',
      'description=tripped steady',
      '--pairs',
      '8',
      '--format',
      'markdown',
    ];
    const { code, stderr } = await trunkline(tripped, MADE_RUNS);
    assert.equal(code, 3);
    assert.match(
      stderr,
      /no noise floor: 0 of 8 pairs are valid; trunkline report with a run in results\/\S+ says why/,
    );
  });
});
