import assert from 'node:assert/strict';
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
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

describe('the lock of a series among real processes', () => {
  const ENTRY = fileURLToPath(new URL('./series-lock.test-worker.js', import.meta.url));

  async function started(inFolder: string): Promise<ChildProcess> {
    const child = fork(ENTRY, [inFolder]);
    assert.deepEqual(await once(child, 'message'), ['ready', undefined]);
    return child;
  }

  /** What came of it: `taken`, or the code of the refusal. */
  async function answerOf(child: ChildProcess): Promise<unknown> {
    const [answer] = await once(child, 'message');
    return answer;
  }

  async function end(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  it('is never taken by two that begin at once, and one that is refused leaves nothing behind', async () => {
    const own = mkdtempSync(join(tmpdir(), 'trunkline-'));
    const children = await Promise.all([started(own), started(own), started(own)]);
    try {
      for (let round = 0; round < 5; round++) {
        const answers = children.map(answerOf);
        for (const child of children) child.send('take');
        const said = await Promise.all(answers);
        const taken = said.filter((one) => one === 'taken').length;
        assert.ok(taken <= 1, `${taken} have it`);
        assert.equal(said.filter((one) => one === 'SERIES_RUNNING').length, children.length - taken);
        assert.equal(readdirSync(own).length, taken, 'a file for whoever has it');
        if (taken > 0) break; // a process asks once: it would take its own lock again
      }
    } finally {
      await Promise.all(children.map(end));
      rmSync(own, { recursive: true, force: true });
    }
  });

  it('passes on when the process that has it is killed, and is not taken from one that lives', async () => {
    const own = mkdtempSync(join(tmpdir(), 'trunkline-'));
    const [first, second] = await Promise.all([started(own), started(own)]);
    try {
      first.send('take');
      assert.equal(await answerOf(first), 'taken');
      second.send('take');
      assert.equal(await answerOf(second), 'SERIES_RUNNING');
      const [left] = readdirSync(own);
      assert.match(left ?? '', new RegExp(`^running-${first.pid}-\\d+$`));
      first.kill('SIGKILL');
      await once(first, 'exit');
      assert.deepEqual(readdirSync(own), [left], 'it could not tidy up');
      second.send('take');
      assert.equal(await answerOf(second), 'taken');
      assert.deepEqual(readdirSync(own).length, 1);
    } finally {
      await Promise.all([first, second].map(end));
      rmSync(own, { recursive: true, force: true });
    }
  });
});
