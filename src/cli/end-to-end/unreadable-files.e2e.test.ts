/** What a command does whose own reader refuses what it has stored, which is a bug: nothing is lost, and it says so. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { before, describe, it } from 'node:test';
import { madeResult } from '../../analysis/comparison/made-results.test-suite.ts';
import { commandFolder, MADE_RUNS } from './support/command-folder.test-suite.ts';

const { path, trunkline } = commandFolder();
const UNREADABLE = `--import ${new URL('./support/unreadable-file.test-worker.js', import.meta.url).href}`;
const FRACTION = 'not a whole result: connections.held: expected int, found 0.5';
const STRANGE = 'not a whole outcome: Unrecognized key: "strange"';
const GATE = ['gate', './rules.yaml', './tiny.yaml', '--warm-ups', '0'];

before(() => {
  mkdirSync(path('kept'));
  writeFileSync(path('kept/result.json'), JSON.stringify(madeResult()));
  writeFileSync(path('rules.yaml'), 'looks: [6]\nabsolute: [integrity.lost == 0]\n');
  const tiny = readFileSync(path('tiny.yaml'), 'utf8');
  writeFileSync(path('steps.yaml'), `${tiny}steps:\n  - { name: small, set: { phones.count: 200 } }\n`);
});

interface Row {
  readonly schema: string;
  readonly args: readonly string[];
  /** Where the file is, if not below --out. */
  readonly folder?: string;
  /** What the name of the file that cannot be read again begins with. */
  readonly file: string;
  readonly found: string;
  /** Something that is printed all the same. */
  readonly prints: RegExp;
  /** Whether its runs are made up. */
  readonly isMade?: boolean;
}

const TABLE = /\nstep +small\n/;
const ROWS: readonly Row[] = [
  { schema: 'result', args: ['run', './tiny.yaml'], file: 'result', found: FRACTION, prints: /complete messages/ },
  { schema: 'result', args: ['run', './steps.yaml'], file: 'result', found: FRACTION, prints: TABLE },
  {
    schema: 'steps',
    args: ['run', './steps.yaml'],
    file: 'steps',
    found: 'not a whole table of steps: Unrecognized key: "strange"',
    prints: TABLE,
  },
  { schema: 'result', args: ['profile', './tiny.yaml'], file: 'result', found: FRACTION, prints: /\nfiles / },
  { schema: 'history', args: ['history', 'kept'], folder: 'kept', file: 'history', found: STRANGE, prints: /made/ },
  {
    schema: 'noise-floors',
    args: ['aa', './tiny.yaml', '--pairs', '8'],
    file: 'noise-floors',
    found: STRANGE,
    prints: /memory\.switch\.bytesPerConnection/,
    isMade: true,
  },
  { schema: 'gate', args: GATE, file: 'gate', found: STRANGE, prints: /^Passed/, isMade: true },
  {
    schema: 'baseline',
    args: [...GATE, '--save-baseline', 'baseline'],
    folder: 'baseline',
    file: 'made.',
    found: 'not a complete baseline: Unrecognized key: "strange"',
    prints: /^Passed/,
    isMade: true,
  },
];

describe('a command whose file cannot be read again', { concurrency: 2 }, () => {
  for (const [n, { schema, args, folder = `out-${n}`, file, found, prints, isMade = false }] of ROWS.entries())
    it(`(${args[0]}, ${schema}) keeps the file, prints what it says, and ends with 3 and the cause`, async () => {
      const made = isMade ? { ...MADE_RUNS, GITHUB_ACTIONS: '', GITHUB_STEP_SUMMARY: '' } : {};
      const { code, stdout, stderr } = await trunkline([...args, '--out', `out-${n}`], {
        ...made,
        NODE_OPTIONS: `${isMade ? MADE_RUNS['NODE_OPTIONS'] : ''} ${UNREADABLE}`,
        TEST_UNREADABLE: `trunkline.${schema}/1`,
      });
      assert.equal(code, 3, `${stdout}\n${stderr}`);
      assert.match(stdout, prints);
      const files = readdirSync(path(folder), { recursive: true, encoding: 'utf8' });
      const [kept = '', ...others] = files.filter((one) => basename(one).startsWith(file) && one.endsWith('.json'));
      assert.deepEqual([kept !== '', others], [true, []]);
      assert.match(readFileSync(path(join(folder, kept)), 'utf8'), /"held": 0\.5|"strange": ?1/);
      const said = stderr.split('\n').find((line) => line.startsWith('trunkline: RESULT_INVALID'));
      assert.equal(
        said,
        `trunkline: RESULT_INVALID: Expected to have stored what trunkline can read again, found ${join(folder, kept)}: ${found}. What was measured is in that file all the same. This is a bug in trunkline: report it, with the file.`,
      );
    });
});
