import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import type { LadderOutcome } from '../../analysis/ladder/ladder-schema.ts';
import { schemaComplaints } from '../../result/published-schema.test-suite.ts';
import type { Outcome } from './support/command.test-suite.ts';
import { commandFolder, MADE_RUNS } from './support/command-folder.test-suite.ts';

const AT_ONCE = 2;
const { path, start, trunkline } = commandFolder();

/** Three rungs, four variants a round; made runs have the bytes that the last description says. */
const LADDER = `
name: made
description: Fewer bytes with each rung
scenario: ./tiny.yaml
settings: ["description=bytesPerConnection 60"]
pairs: 6
metrics: [memory.switch.bytesPerConnection]
rungs:
  - name: sixty
    settings: []
  - name: fifty
    settings: ["description=bytesPerConnection 50"]
  - name: forty
    settings: ["description=bytesPerConnection 40"]
`;

before(() => writeFileSync(path('made.yaml'), LADDER));

const climb = (...args: string[]): Promise<Outcome> => trunkline(['ladder', './made.yaml', ...args], MADE_RUNS);

function folderOf(out: string): string {
  const [name, ...others] = readdirSync(path(out));
  assert.ok(name !== undefined && others.length === 0, `one folder in ${out}`);
  return path(join(out, name));
}

const keptRuns = (folder: string): string[] => readdirSync(folder).filter((name) => /^\d{3}-.*\.json$/.test(name));

describe('trunkline ladder', () => {
  it('climbs, and leaves the report and the truth it was made from', async () => {
    const { code, stdout, stderr } = await climb('--out', 'whole');
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^0 of 24 runs are in whole/);
    assert.match(stderr, /^24 of 24: round 6, \S+: valid$/m);
    const folder = folderOf('whole');
    assert.deepEqual(keptRuns(folder).length, 24);
    assert.ok(!readdirSync(folder).includes('warm-up'), 'what counts for nothing is gone');
    const markdown = readFileSync(join(folder, 'ladder.md'), 'utf8');
    assert.match(stdout, /^trunkline ladder .*\nforty against sixty: Improved: .*33\.3 % less/);
    assert.match(stdout, /^forty +40\.0 B +−20\.0 % .* improved +−33\.3 % .* improved$/m);
    assert.match(markdown, /^\*\*forty against sixty: Improved: .*33\.3 % less/m);
    assert.match(markdown, /^\| forty \| 40\.0 B \| −20\.0 % .* \| improved \| −33\.3 % .* \| improved \|$/m);
    assert.match(markdown, /^- 6 of 6 rounds; .*; 24 of 24 runs valid$/m);
    const outcome = JSON.parse(readFileSync(join(folder, 'ladder.json'), 'utf8')) as LadderOutcome;
    assert.deepEqual(schemaComplaints('ladder', outcome), []);
    // The last rung sets what fifty does: without fifty it is as good, so fifty has no figure of its own.
    assert.deepEqual(
      outcome.knobs.map(({ rung, verdict }) => [rung, verdict]),
      [
        ['fifty', 'interaction'],
        ['forty', null],
      ],
    );
  });

  it('goes on after kill -9 where it stopped, with the same command, and one process at a time', async () => {
    const slow = { ...MADE_RUNS, TEST_MADE_PAUSE_MILLIS: '1000' };
    const killed = start(['ladder', './made.yaml', '--out', 'killed'], slow);
    await killed.says(/^2 of 24/m);
    const second = await climb('--out', 'killed');
    assert.equal(second.code, 2);
    assert.match(second.stderr, /SERIES_RUNNING: .*process \d+ is running/);
    killed.child.kill('SIGKILL');
    await killed.outcome;
    const folder = folderOf('killed');
    const times = new Map(keptRuns(folder).map((name) => [name, statSync(join(folder, name)).mtimeMs]));
    const { code, stderr } = await climb('--out', 'killed');
    assert.equal(code, 0, stderr);
    assert.match(stderr, new RegExp(`^${times.size} of 24 runs are in killed`));
    for (const [name, time] of times) assert.equal(statSync(join(folder, name)).mtimeMs, time, `${name} is untouched`);
    assert.equal(keptRuns(folder).length, 24);
  });

  it('says that it is not complete where --for ended it, and begins anew where the ladder was changed', async () => {
    const { code, stdout } = await climb('--out', 'short', '--for', '1us');
    assert.equal(code, 4);
    assert.match(stdout, /^NOT COMPLETE/m);
    writeFileSync(path('other.yaml'), LADDER.replace('pairs: 6', 'pairs: 7'));
    await trunkline(['ladder', './other.yaml', '--out', 'short', '--for', '1us'], MADE_RUNS);
    assert.equal(readdirSync(path('short')).length, 2, 'runs of another ladder are not taken for its own');
  });

  it('shows rungs that failed', async () => {
    writeFileSync(path('failing.yaml'), LADDER.replace('bytesPerConnection 40', 'tripped steady'));
    const order = ['ladder', './failing.yaml', '--out', 'failing'];
    const { code, stdout, stderr } = await trunkline(order, MADE_RUNS);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^forty against sixty: Invalid: .*Failed rungs: forty\./m);
    assert.match(stdout, /^ {2}forty: 6 of 6 runs, the first: steady: it was too much$/m);
    assert.match(stdout, /^fifty +50\.0 B .* −16\.7 %/m);
  });
});

describe('trunkline ladder', { concurrency: AT_ONCE }, () => {
  const refusals: [what: string, text: string, message: RegExp][] = [
    [
      'a setting that no scenario has, before anything runs',
      LADDER.replace('"description=bytesPerConnection 50"', 'phones.cuont=3'),
      /LADDER_INVALID: \S+:\d+:\d+: fifty: .*phones\.cuont/,
    ],
    ['a scenario there is not', LADDER.replace('./tiny.yaml', 'timy'), /SCENARIO_UNKNOWN: There is no scenario "timy"/],
    ['no YAML', 'name: [', /LADDER_INVALID/],
  ];
  for (const [i, [what, text, message]] of refusals.entries()) {
    it(`refuses ${what}`, async () => {
      writeFileSync(path(`refused-${i}.yaml`), text);
      const { code, stderr } = await trunkline(['ladder', `./refused-${i}.yaml`, '--out', `refused-${i}`], MADE_RUNS);
      assert.equal(code, 2);
      assert.match(stderr, message);
      assert.ok(!readdirSync(path('.')).includes(`refused-${i}`), 'nothing is left behind');
    });
  }

  it('refuses a ladder that is not there', async () => {
    const { code, stderr } = await trunkline(['ladder', './nowhere.yaml'], MADE_RUNS);
    assert.equal(code, 2);
    assert.match(stderr, /LADDER_INVALID: \.\/nowhere\.yaml: expected a YAML file that can be read/);
  });
});
