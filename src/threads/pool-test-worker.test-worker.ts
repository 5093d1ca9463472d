/** A worker for the pool's tests: it answers, or fails in the way it is told to. */
import { workerData } from 'node:worker_threads';
import { TrunklineError } from '../base/errors.ts';
import { WorkerPort } from './worker-port.ts';
import type { PooledWorkerData } from './worker-threads-pool.ts';

export type Manner =
  | 'answers'
  | 'throws'
  | 'exits'
  | 'exits as if done'
  | 'refuses'
  | 'answers with a function'
  | 'fills memory'
  | 'hangs'
  | 'never ready'
  | 'starts when told'
  | 'exits at once'
  | 'throws at once'
  | 'refuses at once'
  | 'leaves slowly';
/** A number is answered with itself. */
export type TestCommand = 'ping' | 'fail' | 'stop' | number;

/** A gate opens with a value other than zero. */
type Told = { readonly manner: Manner; readonly gate?: Int32Array };

const { data, announced } = workerData as PooledWorkerData<Told>; // only the tests start this
const port = new WorkerPort<TestCommand>(announced);
/** Between two signs that leaving gets on: below the pool's patience, ten times above it. */
const SLOW_MILLIS = 200;
const never = new Int32Array(new SharedArrayBuffer(4));
let stopped = false;

const refusal = (): TrunklineError => new TrunklineError('LISTEN_FAILED', 'Expected a free port, found none.');

function fail(): unknown {
  if (data.manner === 'throws') throw new RangeError('told to throw');
  if (data.manner === 'refuses') throw refusal();
  if (data.manner === 'exits') process.exit(7);
  if (data.manner === 'exits as if done') process.exit(0);
  if (data.manner === 'answers with a function') return () => undefined;
  if (data.manner === 'hangs') Atomics.wait(never, 0, 0);
  if (data.manner === 'fills memory') {
    const hoard: unknown[] = [];
    for (;;) hoard.push(new Array(1000).fill({}));
  }
  return undefined;
}

if (data.manner === 'exits at once') process.exit(3);
if (data.manner === 'throws at once') throw new RangeError('no start');
if (data.manner === 'refuses at once') throw refusal();

if (data.manner === 'never ready') Atomics.wait(never, 0, 0);
if (data.gate !== undefined) Atomics.wait(data.gate, 0, 0);
port.ready({ manner: data.manner });
while (!stopped) {
  port.poll((command) => {
    if (command === 'fail') return fail();
    if (command === 'stop') stopped = true;
    return typeof command === 'number' ? command : `did ${command}`;
  });
  Atomics.wait(never, 0, 0, 1);
}
for (let n = 0; data.manner === 'leaves slowly' && n < 10; n++) {
  Atomics.wait(never, 0, 0, SLOW_MILLIS);
  port.progress();
}
