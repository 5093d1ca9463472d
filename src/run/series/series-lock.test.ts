import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { processStart } from '../../measure/process-start.ts';
import { SeriesLock } from './series-lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'trunkline-'));
after(() => rmSync(folder, { recursive: true, force: true }));

describe('the lock of a series', () => {
  it('is refused while another process has it, and leaves nothing behind', async () => {
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    try {
      const name = `running-${other.pid}-${processStart(other.pid as number)}`; // it was started
      writeFileSync(join(folder, name), '');
      await assert.rejects(SeriesLock.take(folder), { code: 'SERIES_RUNNING', message: new RegExp(`${other.pid}`) });
      assert.deepEqual(readdirSync(folder), [name]);
    } finally {
      other.kill('SIGKILL');
      await once(other, 'exit');
    }
  });

  it('is taken over from a process that is no more, also where its id lives on in another', async () => {
    writeFileSync(join(folder, `running-${process.ppid}-1`), '');
    writeFileSync(join(folder, 'running-4194305-77'), ''); // above the highest id there is
    const lock = await SeriesLock.take(folder);
    assert.equal(readdirSync(folder).filter((name) => name.startsWith('running-')).length, 1);
    await lock.release();
    assert.deepEqual(readdirSync(folder), []);
  });

  it('needs a folder that can be written', async () => {
    await assert.rejects(SeriesLock.take(join(folder, 'none')), { code: 'OUTPUT_UNWRITABLE' });
  });
});
