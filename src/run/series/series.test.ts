import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { Series, type SeriesListener, type SeriesOrder, type SeriesSide } from './series.ts';
import { readSeriesFile, writeSeriesFile } from './series-file.ts';
import { STORED_RESULT } from './stored-run.test-suite.ts';

const top = mkdtempSync(join(tmpdir(), 'trunkline-series-'));
after(() => rmSync(top, { recursive: true, force: true }));

/**
 * A build that writes the stored result under a new name instead of running for seconds. The file `manners.json` says
 * what its nth run does.
 */
const ENTRY = join(top, 'main.mjs');
const RUNS = join(top, 'runs.json');
const MANNERS = join(top, 'manners.json');
writeFileSync(
  ENTRY,
  `import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
  import { join } from 'node:path';
  const runs = JSON.parse(readFileSync(${JSON.stringify(RUNS)}, 'utf8'));
  const manner = JSON.parse(readFileSync(${JSON.stringify(MANNERS)}, 'utf8'))[runs.length];
  const [, , , scenario] = process.argv;
  const out = process.argv.at(-1);
  writeFileSync(${JSON.stringify(RUNS)}, JSON.stringify([...runs, out]));
  const stored = JSON.parse(readFileSync(${JSON.stringify(STORED_RESULT)}, 'utf8'));
  const result = { ...stored, id: 'result-' + runs.length, scenario: { ...stored.scenario, file: scenario } };
  if (manner === 'interrupted') result.validity.ended = 'interrupted';
  const text = JSON.stringify(result);
  if (manner === 'fails') {
    process.stderr.write('out of memory');
    process.exit(1);
  }
  mkdirSync(join(out, result.id), { recursive: true });
  writeFileSync(join(out, result.id, 'result.json'), text);
  process.stdout.write(text);`,
);

const never = new AbortController().signal;
const BLOCKS = 2;

function side(name: string, change: Partial<SeriesSide> = {}): SeriesSide {
  const build = { entry: ENTRY, commit: 'c'.repeat(40), code: 'd'.repeat(16) };
  return { name, build, scenarioText: `name: ${name}\n`, settings: [], scenarioHash: `hash of ${name}`, ...change };
}

const ORDER: SeriesOrder = {
  name: 'tested',
  sides: [side('base'), side('candidate')],
  blocks: BLOCKS,
  warmUps: 0,
  seed: 4,
};

class Told implements SeriesListener {
  readonly lines: string[] = [];
  warmUp(number: number, of: number): void {
    this.lines.push(`warm-up ${number} of ${of}`);
  }
  starts({ index }: { index: number }, of: number, name: string): void {
    this.lines.push(`${index + 1} of ${of}: ${name}`);
  }
  ends({ index }: { index: number }): void {
    this.lines.push(`${index + 1} ended`);
  }
}

const runsMade = (): string[] => JSON.parse(readFileSync(RUNS, 'utf8'));
const behave = (manners: Readonly<Record<number, string>>): void => writeFileSync(MANNERS, JSON.stringify(manners));
const foldersOf = (series: Series): string[] => readdirSync(series.folder).filter((name) => name.startsWith('run-'));

async function created(order: SeriesOrder = ORDER): Promise<Series> {
  return Series.create(join(top, 'results'), order);
}

describe('a series', () => {
  beforeEach(() => {
    writeFileSync(RUNS, '[]');
    behave({});
  });

  it('runs its sides in turn, keeps each result, and says how it goes on', async () => {
    const series = await created();
    const told = new Told();
    assert.equal(await series.run(BLOCKS, told, never), true);
    const [first, second] = told.lines[0]?.includes('base') ? ['base', 'candidate'] : ['candidate', 'base'];
    assert.deepEqual(told.lines, [
      `1 of 4: ${first}`,
      '1 ended',
      `2 of 4: ${second}`,
      '2 ended',
      `3 of 4: ${second}`,
      '3 ended',
      `4 of 4: ${first}`,
      '4 ended',
    ]);
    assert.deepEqual(runsMade(), [`run-001-${first}`, `run-002-${second}`, `run-003-${second}`, `run-004-${first}`]);
    const pairs = series.pairs(BLOCKS);
    assert.equal(pairs.length, BLOCKS);
    for (const { base, candidate } of pairs)
      assert.deepEqual([base.scenario.file, candidate.scenario.file], ['./base.yaml', './candidate.yaml']);
    const file = await readSeriesFile(series.folder);
    assert.deepEqual(
      file.runs.map(({ resultId }) => resultId),
      ['result-0', 'result-1', 'result-2', 'result-3'],
    );
    assert.equal(readFileSync(join(series.folder, 'base.yaml'), 'utf8'), 'name: base\n');
    await series.close();
    assert.deepEqual(
      readdirSync(series.folder).filter((name) => name.startsWith('running-')),
      [],
    );
  });

  it('makes warm-up runs once, of each side in turn, and keeps nothing of them', async () => {
    const series = await created({ ...ORDER, warmUps: 2 });
    const told = new Told();
    await series.run(1, told, never);
    await series.run(2, told, never);
    assert.deepEqual(
      told.lines.filter((line) => line.startsWith('warm')),
      ['warm-up 1 of 2', 'warm-up 2 of 2'],
    );
    assert.deepEqual(runsMade().slice(0, 2), ['warm-up', 'warm-up']);
    assert.equal(runsMade().length, 2 + 4, 'no run twice');
    assert.equal(existsSync(join(series.folder, 'warm-up')), false);
    assert.equal(series.count(BLOCKS), 4);
    await series.close();
  });

  it('drops the run in which it is interrupted, keeps the others, and goes on with what is missing', async () => {
    behave({ 1: 'interrupted' });
    const series = await created();
    assert.equal(await series.run(BLOCKS, new Told(), never), false);
    assert.equal(series.count(BLOCKS), 1);
    assert.equal(foldersOf(series).length, 1);
    await series.close();
    const seedBefore = (await readSeriesFile(series.folder)).seed;

    const again = await Series.resume(series.folder, { ...ORDER, seed: 99 });
    assert.equal(again.count(BLOCKS), 1);
    assert.equal(await again.run(BLOCKS, new Told(), never), true);
    assert.equal(runsMade().length, 1 + 1 + 3, 'the one that was cut off, and the three that were missing');
    assert.equal((await readSeriesFile(again.folder)).seed, seedBefore, 'its own seed holds');
    assert.equal(again.pairs(BLOCKS).length, BLOCKS);
    await again.close();
  });

  it('keeps what is there where a run fails, and says why', async () => {
    behave({ 2: 'fails' });
    const series = await created();
    await assert.rejects(series.run(BLOCKS, new Told(), never), { code: 'RUN_FAILED', message: /out of memory/ });
    assert.equal(series.count(BLOCKS), 2);
    assert.equal((await readSeriesFile(series.folder)).runs.length, 2);
    await series.close();
  });

  it('starts nothing once it is interrupted', async () => {
    const series = await created();
    behave({ 0: 'fails' });
    assert.equal(
      await series.run(BLOCKS, new Told(), AbortSignal.abort()),
      false,
      'that a run fails then is no failure',
    );
    assert.equal(series.count(BLOCKS), 0);
    await series.close();
  });
});

describe('a series that goes on', () => {
  /** The folder of a series with two of its four runs. */
  let original = '';
  before(async () => {
    writeFileSync(RUNS, '[]');
    behave({});
    const series = await created();
    await series.run(1, new Told(), never);
    await series.close();
    original = series.folder;
  });

  let copies = 0;
  function halfway(): string {
    const folder = join(top, `halfway-${++copies}`);
    cpSync(original, folder, { recursive: true });
    return folder;
  }

  it('takes a run that was finished when nobody was told any more, and repeats one that was cut off', async () => {
    const folder = halfway();
    const file = await readSeriesFile(folder);
    await writeSeriesFile(folder, { ...file, runs: [] });
    const [, second] = file.runs;
    writeFileSync(join(folder, second?.folder ?? '', 'result.json'), '{"schema": "trunkl');
    const series = await Series.resume(folder, ORDER);
    assert.equal(series.count(BLOCKS), 1);
    assert.equal((await readSeriesFile(folder)).runs.length, 1, 'and writes down that it has it');
    await series.close();
  });

  it('is refused where a run that it has is gone', async () => {
    const folder = halfway();
    const [run] = (await readSeriesFile(folder)).runs;
    rmSync(join(folder, run?.folder ?? ''), { recursive: true });
    await assert.rejects(Series.resume(folder, ORDER), {
      code: 'SERIES_INVALID',
      message: /a run of the series is gone/,
    });
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith('running-')),
      [],
      'no lock is left',
    );
  });

  const base = side('base');
  const others: [what: RegExp, order: SeriesOrder][] = [
    [/number of pairs or runs was 2 and is 3/, { ...ORDER, blocks: 3 }],
    [/number of warm-up runs was 0 and is 1/, { ...ORDER, warmUps: 1 }],
    [/the sides was base,candidate and is base/, { ...ORDER, sides: [base] }],
    [
      /scenario of base was hash of base and is other/,
      { ...ORDER, sides: [side('base', { scenarioHash: 'other' }), side('candidate')] },
    ],
    [
      /commit of candidate was c+ and is null/,
      { ...ORDER, sides: [base, side('candidate', { build: { ...base.build, commit: null } })] },
    ],
    [
      /code of candidate was d+ and is e+/,
      { ...ORDER, sides: [base, side('candidate', { build: { ...base.build, code: 'e'.repeat(16) } })] },
    ],
  ];
  it('is refused where anything that it measures is another, and says what', async () => {
    const folder = halfway();
    for (const [what, order] of others)
      await assert.rejects(Series.resume(folder, order), (error: Error & { code?: string }) => {
        assert.equal(error.code, 'SERIES_INVALID');
        assert.match(error.message, what);
        assert.match(error.message, /--resume .*Use the original arguments, or start anew without --resume\.$/);
        return true;
      });
    const file = await readSeriesFile(folder);
    await writeSeriesFile(folder, { ...file, machineClass: 'another machine' });
    await assert.rejects(Series.resume(folder, ORDER), /class of machines was another machine/);
    await writeSeriesFile(folder, { ...file, node: 'v1.0.0' });
    await assert.rejects(Series.resume(folder, ORDER), /version of Node was v1\.0\.0/);
  });
});
