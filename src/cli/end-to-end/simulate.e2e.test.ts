/** `trunkline simulate`: a failure is stored with the faults that suffice, and replayed; what is wrong is refused. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { eventually } from '../../measure/leftovers.test-suite.ts';
import { commandFolder } from './support/command-folder.test-suite.ts';
import { TrunklineProcess } from './support/trunkline-process.test-suite.ts';

const { path, trunkline } = commandFolder();
const set = (...settings: string[]): string[] => settings.flatMap((setting) => ['--set', setting]);
/** Phones that lose their connection cannot be back so soon: every seed fails. */
const HOPELESS = set(
  'simulate.time=30ms',
  'simulate.heal=1ms',
  'simulate.swarm=false',
  'simulate.faults.duplicateConnects=1k/s',
);

describe('trunkline simulate', () => {
  it('stores a failure with the faults that suffice, and replays it', async () => {
    const { code, stdout } = await trunkline(['simulate', 'faults', '--seed', '3', '--out', 'failed', ...HOPELESS]);
    assert.equal(code, 1, stdout);
    assert.match(stdout, /^Seed 3 failed: /);
    const [folder = ''] = readdirSync(path('failed'));
    const file = `failed/${folder}/seed-3.json`;
    const replay = JSON.parse(readFileSync(path(file), 'utf8')) as { faults: unknown[]; drawnFaults: number };
    assert.ok(replay.faults.length < replay.drawnFaults && replay.faults.length > 0);
    assert.match(stdout, new RegExp(`${replay.faults.length} of ${replay.drawnFaults} faults suffice`));
    const again = await trunkline(['simulate', '--replay', file]);
    assert.equal(again.code, 1);
    assert.match(again.stdout, /the last events:[\s\S]*liveness after [\s\S]*The digest is that of the recorded run\./);
    const report = await trunkline(['report', `failed/${folder}`, '--format', 'html']);
    assert.equal(report.stdout.trimEnd(), readFileSync(path(`failed/${folder}/report.html`), 'utf8').trimEnd());
    writeFileSync(path('other.json'), JSON.stringify({ ...replay, commit: 'f'.repeat(40) }));
    const other = await trunkline(['simulate', '--replay', 'other.json']);
    assert.equal(other.code, 2);
    assert.match(other.stderr, /REPLAY_INVALID: other\.json: expected a file of commit .*, found one of f{40}\./);
    writeFileSync(path('changed.json'), JSON.stringify({ ...replay, isDirty: true, buildDigest: 'f'.repeat(16) }));
    const changed = await trunkline(['simulate', '--replay', 'changed.json']);
    assert.equal(changed.code, 2);
    assert.match(changed.stderr, /found one of the same commit, .* digest f{16} \(with uncommitted changes\)\. /);
  });

  it('ends the search for fewer faults when it is interrupted, and stores what it has', async () => {
    // Each run of the search takes about as long as the first one, and there are up to 200.
    const long = set('simulate.time=300ms', 'simulate.heal=1ms');
    const run = new TrunklineProcess(['simulate', 'faults', '--seed', '3', '--out', 'stopped', ...HOPELESS, ...long], {
      folder: path('.'),
    });
    await eventually(
      () => run.stderr.includes('searching for the fewest faults'),
      () => run.stderr,
    );
    run.kill('SIGINT');
    assert.equal(await run.exited, 130, run.stderr);
    const [folder = ''] = readdirSync(path('stopped'));
    const replay = JSON.parse(readFileSync(path(`stopped/${folder}/seed-3.json`), 'utf8')) as Record<string, unknown>;
    assert.equal(replay.isShortest, false);
    assert.match(run.stdout, /^Seed 3 failed: /);
  });

  it('runs a series in two processes, says how far it is, and checks the first of twenty seeds twice', async () => {
    const short = set('simulate.time=20ms', 'phones.count=60');
    const series = ['simulate', 'faults', '--seeds', '22', '--seed', '5', '--processes', '2', '--out', 'series'];
    const { code, stdout } = await trunkline([...series, ...short]);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /^22 seeds from 5: all checks passed\./);
    assert.match(stdout, /checked +2 seeds run twice, with equal digests/, 'the first and the twenty-first');
    assert.match(stdout, /events, .* per process; .* of virtual time in .* with 2 processes: [\d.]+ × real time/);
    const [folder = ''] = readdirSync(path('series'));
    const stored = JSON.parse(readFileSync(path(`series/${folder}/simulation.json`), 'utf8')) as Record<
      string,
      unknown
    >;
    const { seeds, firstSeed, repeated, differed, processes } = stored;
    assert.deepEqual(
      { seeds, firstSeed, repeated, differed, processes },
      { seeds: 22, firstSeed: 5, repeated: 2, differed: 0, processes: 2 },
    );
  });

  it('starts new seeds until the time is over, and says on the way how far it is', async () => {
    const short = set('simulate.time=20ms', 'phones.count=60');
    const seriesOf = (minutes: number): ReturnType<typeof trunkline> =>
      trunkline(['simulate', 'faults', '--minutes', `${minutes}`, '--processes', '2', '--out', `${minutes}`, ...short]);
    let minutes = 0.12;
    let outcome = await seriesOf(minutes);
    const seedsRun = (): number =>
      Number(/^([\d,]+) seeds from 1: all checks passed/.exec(outcome.stdout)?.[1]?.replaceAll(',', ''));
    // Each process runs one seed; on a busy machine the time may be over then, of which starting them takes seconds.
    for (; seedsRun() === 2 && minutes < 2; outcome = await seriesOf(minutes)) minutes *= 4;
    assert.equal(outcome.code, 0, outcome.stdout);
    assert.ok(seedsRun() > 2, outcome.stdout);
    assert.match(outcome.stderr, /seeds: [\d,]+, 0 failed; .* events\/s per process, [\d.]+ × real time/);
    const { virtualSeconds, elapsedSeconds } = JSON.parse(
      readFileSync(path(`${minutes}/${readdirSync(path(`${minutes}`))[0] ?? ''}/simulation.json`), 'utf8'),
    ) as { virtualSeconds: number; elapsedSeconds: number };
    assert.ok(virtualSeconds > 0 && elapsedSeconds >= minutes * 60, `${elapsedSeconds} s`);
  });

  const REFUSED: readonly [args: string[], says: RegExp][] = [
    [[], /ARGUMENT_INVALID: Expected a scenario, such as trunkline simulate faults, or --replay FILE, found neither/],
    [['faults', '--seeds', '0'], /--seeds: expected a whole number from 1 to \d+, found 0/],
    [['faults', '--seed', '1.5'], /--seed: expected a whole number from 0 to \d+, found 1\.5/],
    [['faults', '--minutes', '0'], /--minutes: expected a number above 0, found 0/],
    [['faults', '--processes', '99'], /--processes: expected a whole number from 1 to 64, found 99/],
    [['faults', ...set('simulate.faults.stalls=often')], /simulate\.faults\.stalls: expected events per second/],
    [['faults', '--replay', 'tiny.yaml'], /--replay: expected no scenario, found faults: the file has its own/],
    [['--replay', 'tiny.yaml'], /REPLAY_INVALID: tiny\.yaml: expected JSON/],
    [['--replay', 'nowhere.json'], /FILE_UNREADABLE: --replay: expected a file that can be read at nowhere\.json/],
  ];
  it('refuses what is wrong with its arguments', async () => {
    for (const [args, says] of REFUSED) {
      const { code, stderr } = await trunkline(['simulate', ...args]);
      assert.match(stderr, says);
      assert.equal(code, 2, args.join(' '));
    }
  });
});
