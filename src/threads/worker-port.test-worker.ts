/** A worker that lives in Node's event loop and answers later, or never because it fails. */
import { workerData } from 'node:worker_threads';
import { WorkerPort } from './worker-port.ts';
import type { PooledWorkerData } from './worker-threads-pool.ts';

export type PromisedCommand = 'now' | 'later' | 'fail' | 'stop';

const { announced } = workerData as PooledWorkerData<object>; // only the test starts this
const port = new WorkerPort<PromisedCommand>(announced);

async function later(): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, 20));
  return 'did later';
}

const timer = setInterval(() => {
  port.poll((command) => {
    if (command === 'stop') clearInterval(timer);
    if (command === 'fail') return later().then(() => Promise.reject(new RangeError('told to throw')));
    return command === 'later' ? later() : `did ${command}`;
  });
}, 1);
port.ready({});
