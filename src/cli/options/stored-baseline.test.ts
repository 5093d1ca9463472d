import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, it } from 'node:test';
import { type MadeFigures, madeResult } from '../../analysis/comparison/made-results.test-suite.ts';
import { type Baseline, baselineKeyOf, makeBaseline } from '../../analysis/gate/baseline.ts';
import { readStoredBaseline, writeStoredBaseline } from './stored-baseline.ts';

const folders: string[] = [];
let folder = '';
const SAVED_AT = new Date('2026-02-03T04:05:06.000Z');
const baselineOf = (made: MadeFigures = {}): Baseline => makeBaseline([madeResult(made), madeResult(made)], SAVED_AT);
const OTHER_MACHINE = { environment: { machineClass: 'linux-x64 Other CPU ×8 64 GiB' } };
const OTHER_SCENARIO = { written: { phones: { count: '2k' } } };

describe('a folder of baselines', () => {
  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), 'trunkline-')), 'baselines');
    folders.push(join(folder, '..'));
  });
  after(() => {
    for (const one of folders) rmSync(one, { recursive: true, force: true });
  });

  it('gives back what was saved for the same scenario and class of machines, one for each', async () => {
    await writeStoredBaseline(folder, baselineOf());
    await writeStoredBaseline(folder, baselineOf(OTHER_MACHINE));
    await writeStoredBaseline(folder, baselineOf(OTHER_SCENARIO));
    assert.equal(readdirSync(folder).length, 3);
    for (const made of [{}, OTHER_MACHINE, OTHER_SCENARIO]) {
      assert.deepEqual(readStoredBaseline(folder, baselineKeyOf(madeResult(made))), baselineOf(made));
    }
  });

  it('replaces the older one of the same key, and leaves nothing beside it', async () => {
    await writeStoredBaseline(folder, baselineOf({ bytesPerConnection: 40 }));
    await writeStoredBaseline(folder, baselineOf({ bytesPerConnection: 50 }));
    assert.equal(readdirSync(folder).length, 1);
    const [first] = readStoredBaseline(folder, baselineKeyOf(madeResult())).results;
    assert.equal(first?.memory.switch.ledger?.bytesPerConnection, 50);
  });

  it('says how to make one that is not there', async () => {
    const key = baselineKeyOf(madeResult());
    assert.throws(() => readStoredBaseline(folder, key), { code: 'BASELINE_MISSING', message: /--save-baseline/ });
    await writeStoredBaseline(folder, baselineOf());
    const other = { ...key, scenario: 'mad' }; // the start of the other's name
    assert.throws(() => readStoredBaseline(folder, other), {
      code: 'BASELINE_MISSING',
      message: /baseline of mad in .*, found none/,
    });
  });

  it('refuses one of another class of machines or another text of the scenario, and says so', async () => {
    await writeStoredBaseline(folder, baselineOf(OTHER_MACHINE));
    const key = baselineKeyOf(madeResult());
    assert.throws(() => readStoredBaseline(folder, key), {
      code: 'BASELINE_MISMATCH',
      message: /machine class "linux-x64 Other CPU ×8 64 GiB", and this is "linux-x64 Made CPU/,
    });
    await writeStoredBaseline(folder, baselineOf(OTHER_SCENARIO)); // nearer, as it is of this class
    assert.throws(() => readStoredBaseline(folder, key), {
      code: 'BASELINE_MISMATCH',
      message: /another version of the scenario or its settings/,
    });
  });

  it('refuses one that was put where another belongs', async () => {
    const { path } = await writeStoredBaseline(folder, baselineOf());
    writeFileSync(path, JSON.stringify(baselineOf(OTHER_MACHINE)));
    assert.throws(() => readStoredBaseline(folder, baselineKeyOf(madeResult())), { code: 'BASELINE_MISMATCH' });
  });

  it('refuses one that is cut off, of a newer schema, or not whole, and names the file', async () => {
    const { path } = await writeStoredBaseline(folder, baselineOf());
    const text = readFileSync(path, 'utf8');
    const key = baselineKeyOf(madeResult());
    const cases: [text: string, message: RegExp][] = [
      [text.slice(0, text.length / 2), /made\.[^ ]*\.json: not JSON \(cut off\?\)/],
      [text.replace('trunkline.baseline/1', 'trunkline.baseline/2'), /expected schema .*\/1, found .*\/2.*version/],
      [text.replace('"savedAt"', '"savedThen"'), /not a complete baseline: /],
      [text.replaceAll('"isValid":true', '"isValid":1'), /not a complete baseline: results\.0\.validity\.isValid/],
    ];
    for (const [stored, message] of cases) {
      writeFileSync(path, stored);
      assert.throws(() => readStoredBaseline(folder, key), { code: 'RESULT_UNREADABLE', message });
    }
  });

  it('is refused where it cannot be written', async () => {
    await writeStoredBaseline(folder, baselineOf());
    const file = join(folder, readdirSync(folder)[0] ?? '');
    await assert.rejects(writeStoredBaseline(file, baselineOf()), {
      code: 'OUTPUT_UNWRITABLE',
      message: /Choose another with --save-baseline/,
    });
  });
});
