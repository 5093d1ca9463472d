/** A worker for the pool's tests: it answers, or fails in the way it is told to. */
import { workerData } from 'node:worker_threads';
import { WorkerPort } from './worker-port.ts';
import type { PooledWorkerData } from './worker-threads-pool.ts';

export type Manner = 'answers' | 'throws' | 'exits' | 'fills memory' | 'hangs' | 'never ready' | 'leaves slowly';
export type TestCommand = 'ping' | 'fail' | 'stop';

const { data, announced } = workerData as PooledWorkerData<{ manner: Manner }>; // only the tests start this
const port = new WorkerPort<TestCommand>(announced);
/** Between two signs that leaving gets on: below the pool's patience, ten times above it. */
const SLOW_MILLIS = 200;
const never = new Int32Array(new SharedArrayBuffer(4));
let stopped = false;

function fail(): void {
  if (data.manner === 'throws') throw new RangeError('told to throw');
  if (data.manner === 'exits') process.exit(7);
  if (data.manner === 'hangs') Atomics.wait(never, 0, 0);
  if (data.manner === 'fills memory') {
    const hoard: unknown[] = [];
    for (;;) hoard.push(new Array(1000).fill({}));
  }
}

if (data.manner === 'never ready') Atomics.wait(never, 0, 0);
port.ready({ manner: data.manner });
while (!stopped) {
  port.poll((command) => {
    if (command === 'fail') fail();
    if (command === 'stop') stopped = true;
    return `did ${command}`;
  });
  Atomics.wait(never, 0, 0, 1);
}
for (let n = 0; data.manner === 'leaves slowly' && n < 10; n++) {
  Atomics.wait(never, 0, 0, SLOW_MILLIS);
  port.progress();
}
