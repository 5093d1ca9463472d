import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { TrunklineError } from '../base/errors.ts';
import type { Manner, TestCommand } from './pool-test-worker.test-worker.ts';
import { type PoolLimits, WorkerThreadsPool } from './worker-threads-pool.ts';

const ENTRY = new URL('./pool-test-worker.test-worker.js', import.meta.url);
const LIMITS = { startMillis: 5000, commandMillis: 5000, stopMillis: 1000 };

function poolOf(manners: readonly Manner[], limits: PoolLimits = LIMITS): WorkerThreadsPool<TestCommand> {
  const specifications = manners.map((manner, i) => ({
    name: `worker-${i}`,
    data: () => ({ manner }),
    resourceLimits: { maxOldGenerationSizeMb: 24 },
  }));
  return new WorkerThreadsPool<TestCommand>(ENTRY, specifications, limits);
}

function open(gate: Int32Array): void {
  Atomics.store(gate, 0, 1);
  Atomics.notify(gate, 0);
}

/** Lets mocked time pass in steps shorter than those of the pool, with a turn of the event loop after each. */
async function passes(millis: number): Promise<void> {
  const STEP_MILLIS = 50;
  for (let passed = 0; passed < millis; passed += STEP_MILLIS) {
    mock.timers.tick(STEP_MILLIS);
    await turn();
  }
}

describe('the pool of worker threads', () => {
  it('starts all, asks all, and lets all leave', async () => {
    const pool = poolOf(['answers', 'answers', 'answers']);
    const ready = await pool.start();
    assert.deepEqual([...ready.keys()], ['worker-0', 'worker-1', 'worker-2']);
    const answers = await pool.requestAll<string>('ping', () => true);
    assert.deepEqual([...answers.values()], ['did ping', 'did ping', 'did ping']);
    assert.deepEqual(await pool.stop('stop'), { stopped: ['worker-0', 'worker-1', 'worker-2'], terminated: [] });
  });

  it('starts one after another where asked, and asks for what each starts with only then', async () => {
    const asked: string[] = [];
    const specifications = [0, 1, 2].map((i) => ({
      name: `worker-${i}`,
      data: () => {
        asked.push(`worker-${i}`);
        return { manner: 'answers' };
      },
    }));
    const pool = new WorkerThreadsPool<TestCommand>(ENTRY, specifications, { ...LIMITS, isStartedInTurn: true });
    const started = pool.start();
    assert.deepEqual(asked, ['worker-0'], 'the others wait for their turn');
    await started;
    assert.deepEqual(asked, ['worker-0', 'worker-1', 'worker-2']);
    await pool.stop('stop');
  });

  it('asks those that take what others have to say only when the others have ended', async () => {
    const asked: string[] = [];
    const specifications = ['taker', 'giver'].map((name) => ({
      name,
      data: () => ({ manner: 'answers' }),
      wake: () => {
        asked.push(name);
      },
    }));
    const pool = new WorkerThreadsPool<TestCommand>(ENTRY, specifications, LIMITS);
    await pool.start();
    const stopped = pool.stop('stop', (name) => name === 'taker');
    assert.deepEqual(asked, ['giver']);
    assert.deepEqual(await stopped, { stopped: ['taker', 'giver'], terminated: [] });
    assert.deepEqual(asked, ['giver', 'taker']);
  });

  it('names those whose turn never came', async () => {
    const limits = { ...LIMITS, startMillis: 1000, isStartedInTurn: true };
    const pool = poolOf(['answers', 'never ready', 'answers'], limits);
    await assert.rejects(pool.start(), /still starting: (worker-0, )?worker-1, worker-2\./);
  });

  const failures: [Manner, RegExp][] = [
    ['throws', /worker-1 threw: RangeError: told to throw$/],
    ['exits', /worker-1 exited with code 7$/],
    ['fills memory', /worker-1 ran out of memory/],
  ];
  for (const [manner, message] of failures) {
    it(`names the worker that ${manner}, and settles whoever waits`, async () => {
      const pool = poolOf(['answers', manner]);
      await pool.start();
      await assert.rejects(pool.request('worker-1', 'fail'), message);
      const failure = await pool.failure;
      assert.ok(failure instanceof TrunklineError);
      assert.equal(failure.code, 'WORKER_FAILED');
      assert.match(failure.message, message);
      await assert.rejects(pool.request('worker-0', 'ping'), message, 'nobody is asked after a failure');
      await pool.terminate();
    });
  }

  it('gives up on an answer that does not come in time', async () => {
    const pool = poolOf(['hangs'], { ...LIMITS, commandMillis: 100 });
    await pool.start();
    await assert.rejects(
      pool.request('worker-0', 'fail'),
      (error) => error instanceof TrunklineError && error.code === 'PHASE_TIMEOUT',
    );
    assert.deepEqual(await pool.stop('stop'), { stopped: [], terminated: ['worker-0'] });
  });

  it('waits for a worker that takes long to leave, as long as it gets on', async () => {
    const pool = poolOf(['leaves slowly', 'answers'], { ...LIMITS, stopMillis: 1000 });
    await pool.start();
    const report = await pool.stop('stop');
    assert.deepEqual(report.terminated, [], 'two seconds, and nobody was ended');
    assert.equal(report.stopped.length, 2);
  });

  it('waits for workers that take long to start, as long as they get ready one by one', async () => {
    const LIMIT_MILLIS = 10_000;
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const gates = [0, 1, 2].map(() => new Int32Array(new SharedArrayBuffer(4)));
      let asked = 0;
      const specifications = gates.map((gate, i) => ({
        name: `worker-${i}`,
        data: () => {
          asked++;
          return { manner: 'starts when told', gate };
        },
      }));
      const limits = { ...LIMITS, startMillis: LIMIT_MILLIS, isStartedInTurn: true };
      const pool = new WorkerThreadsPool<TestCommand>(ENTRY, specifications, limits);
      const started = pool.start();
      for (const [i, gate] of gates.entries()) {
        await passes(0.8 * LIMIT_MILLIS);
        open(gate);
        while (i + 1 < gates.length && asked <= i + 1) await turn();
      }
      assert.equal((await started).size, 3, 'together they took more than twice the limit');
      mock.timers.reset();
      await pool.stop('stop');
    } finally {
      mock.timers.reset();
    }
  });

  it('does not count time in which its own thread was stopped', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const gate = new Int32Array(new SharedArrayBuffer(4));
      const specification = { name: 'worker', data: () => ({ manner: 'starts when told', gate }) };
      const pool = new WorkerThreadsPool<TestCommand>(ENTRY, [specification], { ...LIMITS, startMillis: 1000 });
      const started = pool.start();
      mock.timers.tick(3_600_000);
      await turn();
      open(gate);
      assert.deepEqual([...(await started).keys()], ['worker']);
      mock.timers.reset();
      await pool.stop('stop');
    } finally {
      mock.timers.reset();
    }
  });

  it('names those that are not ready in time, and leaves none behind', async () => {
    const pool = poolOf(['answers', 'never ready'], { ...LIMITS, startMillis: 1000 });
    await assert.rejects(pool.start(), /still starting: (worker-0, )?worker-1\./);
  });
});
