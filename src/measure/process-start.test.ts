import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { eventually } from './leftovers.test-suite.ts';
import { processStart } from './process-start.ts';

const IS_LINUX = platform() === 'linux';
const statOf = (processId: number | undefined): string => readFileSync(`/proc/${processId}/stat`, 'latin1');

describe('the start of a process', () => {
  it('stays what it is while the process lives, and is null when it has ended', async () => {
    const own = processStart(process.pid);
    assert.match(own ?? '', /^\d+$/);
    assert.equal(processStart(process.pid), own);
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const pid = child.pid as number; // it was started
    const started = processStart(pid);
    assert.notEqual(started, null);
    if (IS_LINUX) assert.ok(Number(started) > Number(own), 'it has started later');
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.equal(processStart(pid), null);
  });

  it('is found behind a name with spaces and brackets', { skip: !IS_LINUX }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'trunkline-start-'));
    const plain = spawn('sleep', ['600']);
    const path = join(folder, 'a) 1 (b 2 3');
    symlinkSync('/bin/sleep', path);
    const odd = spawn(path, ['600']);
    try {
      await Promise.all([once(plain, 'spawn'), once(odd, 'spawn')]);
      assert.match(statOf(odd.pid), /^\d+ \(a\) 1 \(b 2 3\) /, 'the kernel names it so');
      const [one, other] = [processStart(plain.pid ?? 0), processStart(odd.pid ?? 0)];
      assert.ok(Number(one) > Number(processStart(process.pid)) && Number(other) >= Number(one), `${one} ${other}`);
    } finally {
      plain.kill('SIGKILL');
      odd.kill('SIGKILL');
      rmSync(folder, { recursive: true });
    }
  });

  it('is null for one that has ended and that nobody has waited for', { skip: !IS_LINUX }, async () => {
    // The shell starts a child and becomes a program that waits for no child. The child ends only after that.
    const parent = spawn('sh', ['-c', 'sleep 600 & echo $!; exec sleep 600']);
    try {
      const [text] = (await once(parent.stdout, 'data')) as [Buffer];
      const child = Number(text);
      await eventually(
        () => / \(sleep\) /.test(statOf(parent.pid)),
        () => 'the shell becomes another program',
      );
      process.kill(child, 'SIGKILL');
      const isZombie = (): boolean => / Z \d+/.test(statOf(child));
      await eventually(isZombie, () => 'the child ends');
      assert.equal(processStart(child), null);
      assert.notEqual(processStart(parent.pid ?? 0), null);
    } finally {
      parent.kill('SIGKILL');
    }
  });
});
