/** The file that every worker thread of a run starts with. */
import { workerData } from 'node:worker_threads';
import { CollectionCounter, collectGarbage, heapUsedBytes } from '../measure/garbage.ts';
import { MonotonicClock } from '../measure/monotonic-clock.ts';
import { currentThreadId } from '../measure/thread-cpu.ts';
import { WorkerPort } from '../threads/worker-port.ts';
import type { PooledWorkerData } from '../threads/worker-threads-pool.ts';
import { makeLane } from './lane-worker.ts';
import { runReactor } from './reactor-loop.ts';
import { RunMemory } from './run-memory.ts';
import { makeNullShard, makeShard } from './shard-worker.ts';
import type { Inspection, WorkerCommand, WorkerData, WorkerReady } from './worker-messages.ts';
import type { WorkerReactor } from './worker-reactor.ts';

const { data, announced } = workerData as PooledWorkerData<WorkerData>; // only the pool starts this file

function makeReactor(memory: RunMemory, clock: MonotonicClock): WorkerReactor {
  const { role, index, plan, isCalibration } = data;
  if (role === 'lane') return makeLane(plan, memory, index, clock, isCalibration);
  return role === 'shard' ? makeShard(plan, memory, index, clock) : makeNullShard(plan, memory, index, clock);
}

function main(): void {
  const memory = new RunMemory(data.buffers);
  const reactor = makeReactor(memory, new MonotonicClock(data.epochNanos));
  const bell = data.role === 'lane' ? memory.laneBell(data.index) : memory.shardBell(data.index);
  const { spins, nap, park } = data.plan.settings.idle;
  const collections = new CollectionCounter();
  const port = new WorkerPort<WorkerCommand>(announced);
  let stopped = false;
  const inspect = (collect: boolean): Inspection => {
    const counted = collections.read();
    if (collect) collectGarbage();
    const inspection = {
      heapUsedBytes: heapUsedBytes(),
      ledger: reactor.ledger(),
      findings: reactor.findings(),
      ...counted,
    };
    if (collect) collections.read(); // the collection that was asked for is not the switch's own
    return inspection;
  };
  const handle = (command: WorkerCommand): unknown => {
    if (command.kind === 'inspect') return inspect(command.collect);
    if (command.kind === 'stop') stopped = true;
    return reactor.command(command);
  };
  port.ready({ threadId: currentThreadId() } satisfies WorkerReady);
  runReactor(
    reactor,
    bell,
    { spins, napMicros: nap, parkMicros: park },
    () => port.poll(handle),
    () => stopped,
  );
}

main();
