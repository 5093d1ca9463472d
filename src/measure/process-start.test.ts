import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { processStart } from './process-start.ts';

describe('the start of a process', () => {
  it('stays what it is while the process lives, and is null when it has ended', async () => {
    const own = processStart(process.pid);
    assert.match(own ?? '', /^\d+$/);
    assert.equal(processStart(process.pid), own);
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const pid = child.pid as number; // it was started
    assert.notEqual(processStart(pid), null);
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.equal(processStart(pid), null);
  });
});
