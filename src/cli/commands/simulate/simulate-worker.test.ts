/** The entry of a process that simulates seeds. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const WORKER = fileURLToPath(new URL('./simulate-worker.js', import.meta.url));

describe('a process that simulates', () => {
  it('ends when it is sent a seed before the scenario, so that its parent does not wait', async () => {
    const worker = fork(WORKER, [], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    assert.ok(worker.stderr !== null);
    const said = text(worker.stderr);
    worker.send({ kind: 'seed', seed: 1, times: 1 });
    const [code] = await once(worker, 'exit');
    assert.notEqual(code, 0);
    assert.match(await said, /a parent sends the scenario before the first seed/);
  });
});
