/** What becomes of those who wait when workers refuse, fail, leave or are ended, and the order of their answers. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TrunklineError } from '../base/errors.ts';
import type { Manner, TestCommand } from './pool-test-worker.test-worker.ts';
import { type PoolLimits, WorkerThreadsPool } from './worker-threads-pool.ts';

const ENTRY = new URL('./pool-test-worker.test-worker.js', import.meta.url);
const LIMITS = { startMillis: 20_000, commandMillis: 20_000, stopMillis: 5000 };

function poolOf(manners: readonly Manner[], limits: PoolLimits = LIMITS): WorkerThreadsPool<TestCommand> {
  const specifications = manners.map((manner, i) => ({ name: `worker-${i}`, data: () => ({ manner }) }));
  return new WorkerThreadsPool<TestCommand>(ENTRY, specifications, limits);
}

async function errorOf(promise: Promise<unknown>): Promise<TrunklineError> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof TrunklineError, String(error));
    return error;
  }
  return assert.fail('an error was expected');
}

describe('the answers of workers', () => {
  it('come in the order of the requests, each to its own, also from several workers at once', async () => {
    const pool = poolOf(['answers', 'answers']);
    await pool.start();
    const order: number[][] = [[], []];
    const requests = Array.from({ length: 120 }, async (_, n) => {
      const worker = n % 2;
      assert.equal(await pool.request<number>(`worker-${worker}`, n), n);
      order[worker]?.push(n);
    });
    await Promise.all(requests);
    for (const one of order)
      assert.deepEqual(
        one,
        [...one].sort((a, b) => a - b),
      );
    assert.equal(order.flat().length, 120);
    await pool.stop('stop');
  });

  it('are asked only of those whose names match, and each is woken once for each command', async () => {
    const woken: string[] = [];
    const specifications = ['shard-0', 'lane-0', 'lane-1'].map((name) => ({
      name,
      data: () => ({ manner: 'answers' }),
      wake: () => void woken.push(name),
    }));
    const pool = new WorkerThreadsPool<TestCommand>(ENTRY, specifications, LIMITS);
    await pool.start();
    const answers = await pool.requestAll('ping', (name) => name.startsWith('lane-'));
    assert.deepEqual([...answers.keys()], ['lane-0', 'lane-1']);
    assert.deepEqual(woken, ['lane-0', 'lane-1']);
    await pool.stop('stop');
    assert.deepEqual(woken.slice(2), ['shard-0', 'lane-0', 'lane-1'], 'a sleeper has to learn that it is to stop');
  });

  it('may be a refusal with a code, after which the worker works on', async () => {
    const pool = poolOf(['refuses']);
    await pool.start();
    const { code, message } = await errorOf(pool.request('worker-0', 'fail'));
    assert.deepEqual([code, message], ['LISTEN_FAILED', 'Expected a free port, found none.']);
    assert.equal(await pool.request('worker-0', 'ping'), 'did ping');
    assert.deepEqual(await pool.stop('stop'), { stopped: ['worker-0'], terminated: [] });
  });
});

describe('a worker that does not get ready', () => {
  const early: [manner: Manner, code: string, message: RegExp][] = [
    ['exits at once', 'WORKER_FAILED', /^worker-1 exited with code 3$/],
    ['throws at once', 'WORKER_FAILED', /^worker-1 threw: RangeError: no start$/],
    ['refuses at once', 'LISTEN_FAILED', /^worker-1: Expected a free port, found none\.$/],
  ];
  for (const [manner, code, expected] of early) {
    it(`because it ${manner} ends the start at once, by name, and the others with it`, async () => {
      for (const isStartedInTurn of [false, true]) {
        const pool = poolOf(['answers', manner, 'answers'], { ...LIMITS, isStartedInTurn });
        const error = await errorOf(pool.start());
        assert.equal(error.code, code);
        assert.match(error.message, expected);
        assert.equal(await pool.failure, error, 'whoever waits for a failure is told the same');
        const { terminated } = await pool.stop('stop');
        assert.deepEqual(terminated, [], 'none was left to be ended');
      }
    });
  }
});

describe('a worker that ends in the middle of work', () => {
  it('settles requests to it and to all others with the same error', async () => {
    const pool = poolOf(['hangs', 'exits as if done']);
    await pool.start();
    const waiting = [errorOf(pool.request('worker-0', 'fail')), errorOf(pool.request('worker-0', 'ping'))];
    const own = await errorOf(pool.request('worker-1', 'fail'));
    assert.equal(own.code, 'WORKER_FAILED');
    assert.match(own.message, /^worker-1 exited with code 0$/, 'nobody asked it to leave');
    for (const error of await Promise.all(waiting)) assert.equal(error, own);
    await pool.terminate();
  });

  it('fails by name where its answer cannot be sent', async () => {
    const pool = poolOf(['answers with a function']);
    await pool.start();
    assert.match(
      (await errorOf(pool.request('worker-0', 'fail'))).message,
      /^worker-0 threw: Error: DataCloneError: .*could not be cloned/,
    );
    await pool.terminate();
  });

  it('is the failure of the pool; those that fail after it are not', async () => {
    const pool = poolOf(['throws', 'exits']);
    await pool.start();
    const requests = [pool.request('worker-0', 'fail'), pool.request('worker-1', 'fail')];
    const errors = await Promise.all(requests.map(errorOf));
    const failure = await pool.failure;
    for (const error of errors) assert.equal(error, failure);
    assert.match(failure.message, /^worker-[01] (threw: RangeError: told to throw|exited with code 7)$/);
    await pool.terminate();
  });
});

describe('a pool that is ended', () => {
  it('rejects requests that are still open at once, and later ones as well', { timeout: 60_000 }, async () => {
    const pool = poolOf(['hangs', 'answers'], { ...LIMITS, commandMillis: 3_600_000 });
    await pool.start();
    const open = [errorOf(pool.request('worker-0', 'fail')), errorOf(pool.request('worker-0', 'ping'))];
    assert.equal(await pool.request('worker-1', 'ping'), 'did ping');
    await pool.terminate();
    for (const { code, message } of await Promise.all(open)) {
      assert.equal(code, 'WORKER_ENDED');
      assert.equal(message, 'worker-0 was ended before it answered.');
    }
    assert.equal((await errorOf(pool.request('worker-1', 'ping'))).code, 'WORKER_ENDED');
  });

  it('reports no failure, and can be ended again', async () => {
    const pool = poolOf(['answers', 'answers']);
    await pool.start();
    let failed = false;
    void pool.failure.then(() => {
      failed = true;
    });
    await pool.terminate();
    await pool.terminate();
    assert.deepEqual(await pool.stop('stop'), { stopped: ['worker-0', 'worker-1'], terminated: [] });
    assert.equal(failed, false, 'they were told to end');
  });

  it('before it was started has nobody to ask', async () => {
    assert.deepEqual(await poolOf(['answers']).stop('stop'), { stopped: [], terminated: [] });
  });

  it('names those that had to be ended beside those that left', async () => {
    const pool = poolOf(['answers', 'hangs'], { ...LIMITS, stopMillis: 1000 });
    await pool.start();
    const hanging = errorOf(pool.request('worker-1', 'fail'));
    const report = await pool.stop('stop');
    assert.equal((await hanging).code, 'WORKER_ENDED');
    assert.ok(report.terminated.includes('worker-1'));
    assert.deepEqual([...report.stopped, ...report.terminated].sort(), ['worker-0', 'worker-1']);
  });
});
