import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { PromisedCommand } from './worker-port.test-worker.ts';
import { WorkerThreadsPool } from './worker-threads-pool.ts';

const ENTRY = new URL('./worker-port.test-worker.js', import.meta.url);
const LIMITS = { startMillis: 5000, commandMillis: 5000, stopMillis: 5000 };

it('answers with what a promise resolves to, and other commands meanwhile', async () => {
  const pool = new WorkerThreadsPool<PromisedCommand>(ENTRY, [{ name: 'worker', data: () => ({}) }], LIMITS);
  await pool.start();
  const answers: unknown[] = [];
  await Promise.all(
    (['later', 'now'] as const).map(async (command) => answers.push(await pool.request('worker', command))),
  );
  assert.deepEqual(answers, ['did now', 'did later']);
  assert.deepEqual(await pool.stop('stop'), { stopped: ['worker'], terminated: [] });
});

it('fails as a worker whose promise is rejected', async () => {
  const pool = new WorkerThreadsPool<PromisedCommand>(ENTRY, [{ name: 'worker', data: () => ({}) }], LIMITS);
  await pool.start();
  await assert.rejects(pool.request('worker', 'fail'), /worker threw: RangeError: told to throw$/);
  await pool.terminate();
});
