/**
 * A run that starts from the store of the one before: what waits there is delivered, and new messages are told from it.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parseResult } from '../../result/parse-result.ts';
import type { Result } from '../../result/result-schema.ts';
import { RunningCommand } from './support/command.test-suite.ts';

/**
 * So few phones that each sends far more messages per second than there are ids for it in a second of calendar time.
 */
const LOAD = Object.entries({
  'phones.count': '40',
  'phones.session': 'none',
  'login.rate': '2k',
  'traffic.rate': '2k',
  'switch.shards': '2',
  'switch.durability': 'fsync',
  'driver.lanes': '1',
  'phases.calibrate': 'false',
  'phases.settle': '0',
  'phases.measure': '2s',
  'phases.drain': '60s',
  thresholds: '{}',
}).flatMap(([key, value]) => ['--set', `${key}=${value}`]);

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'trunkline-run-store-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

async function integrityOf(...settings: string[]): Promise<Result['integrity']> {
  const sets = settings.flatMap((setting) => ['--set', setting]);
  const command = new RunningCommand(['run', 'smoke', '--store', 'mail', ...LOAD, ...sets], folder);
  const { stdout, stderr } = await command.outcome;
  const path = /^result +(.*)$/m.exec(stdout)?.[1];
  assert.ok(path !== undefined, `${stdout}${stderr}`);
  return parseResult(readFileSync(join(folder, path), 'utf8'), path).integrity;
}

describe('a run on the store of the one before', () => {
  it('delivers what waited, loses nothing, and goes on with new ids however many were used', async () => {
    const first = await integrityOf('phones.offline=50%');
    assert.equal(first.isSound, true);
    assert.ok((first.queued ?? 0) > 0, 'messages wait for phones that never connect');
    const second = await integrityOf('phones.offline=0%');
    const { isSound, lost, duplicated, reordered, rejected } = second;
    assert.deepEqual(
      { isSound, lost, duplicated, reordered, rejected },
      { isSound: true, lost: 0, duplicated: 0, reordered: 0, rejected: 0 },
    );
    assert.equal(second.earlier, first.queued, 'each of them came');
    const third = await integrityOf('phones.offline=0%');
    assert.deepEqual([third.isSound, third.earlier], [true, 0]);
  });
});
