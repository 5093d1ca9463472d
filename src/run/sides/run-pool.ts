/** The pool of the threads of a run: which there are, in which order they start, and what each is given. */
import type { RunPlan } from '../../plan/run-plan.ts';
import type { RunShape } from '../../plan/sizes/run-shape.ts';
import { type WorkerSpecification, WorkerThreadsPool } from '../../threads/worker-threads-pool.ts';
import type { Bell, RunMemory } from '../worker/memory/run-memory.ts';
import type { WorkerCommand, WorkerData, WorkerRole } from '../worker/thread/worker-messages.ts';
import { crowdSettings } from './crowd-settings.ts';
import { hasPrivateTables, inheritedDescriptors } from './descriptor-tables.ts';

/** Time in which some thread gets ready. There may be hundreds, which start together and then delay each other. */
const START_MILLIS = 60_000;
const THREAD_START_MILLIS = 500;
/** Bytes of a store that are certainly read back in a millisecond: a slow disk reads 20 MB/s. */
const STORED_BYTES_PER_MILLI = 20_000;
const LIMITS = { commandMillis: 60_000, stopMillis: 5_000 };
/** The file that workers start with. From modules: from the bundle a shard needed 5 % more per message. */
const WORKER_ENTRY = new URL('../worker/worker-main.js', import.meta.url);
/** The same file bundled with everything that it imports; see scripts/setup.mjs. */
const CROWD_ENTRY = new URL('../../worker/worker-main.js', import.meta.url);

export interface RunPoolSettings {
  readonly plan: RunPlan;
  /** The threads of this process. */
  readonly shape: RunShape;
  readonly memory: RunMemory;
  /** The instant at which the run's clock is zero; see currentEpochNanos. */
  readonly epochNanos: string;
  /** Whether the shards only echo. */
  readonly isCalibration: boolean;
}

/** Makes the pool; no thread has started yet. */
export function runPool({
  plan,
  shape,
  memory,
  epochNanos,
  isCalibration,
}: RunPoolSettings): WorkerThreadsPool<WorkerCommand> {
  const inherited = hasPrivateTables(plan) ? inheritedDescriptors() : () => [];
  const crowd = crowdSettings(shape.shards + shape.lanes);
  const data = { plan, buffers: memory.buffers, epochNanos, isCalibration };
  const specification = (role: WorkerRole, index: number): WorkerSpecification => {
    const bell = bellOf(memory, role, index);
    return {
      name: `${role === 'null-shard' ? 'shard' : role}-${index}`,
      data: () => ({ ...data, role, index, inheritedDescriptors: inherited(role) }) satisfies WorkerData,
      wake: () => bell.ring(),
      ...(crowd === null ? {} : { resourceLimits: crowd.resourceLimits }),
    };
  };
  const shardRole = isCalibration ? 'null-shard' : 'shard';
  const specifications = [
    // First: shards wait until their logs are open.
    ...Array.from({ length: shape.stores }, (_, index) => specification('store', index)),
    // Before shards, which wake its event loop through a descriptor that must be in the tables that they copy.
    ...Array.from({ length: shape.gateways }, (_, index) => specification('gateway', index)),
    ...Array.from({ length: shape.shards }, (_, index) => specification(shardRole, index)),
    ...Array.from({ length: shape.lanes }, (_, index) => specification('lane', index)),
  ];
  const stored = plan.storePlace?.bytes ?? 0;
  const startMillis = START_MILLIS + THREAD_START_MILLIS * specifications.length + stored / STORED_BYTES_PER_MILLI;
  const entry = crowd === null ? WORKER_ENTRY : CROWD_ENTRY;
  const limits = { startMillis, isStartedInTurn: hasPrivateTables(plan), ...LIMITS };
  return new WorkerThreadsPool<WorkerCommand>(entry, specifications, limits);
}

/** Wakes a thread. */
function bellOf(memory: RunMemory, role: WorkerRole, index: number): Bell {
  if (role === 'lane') return memory.laneBell(index);
  if (role === 'store') return memory.storeBell(index);
  return role === 'gateway' ? memory.gatewayBell(index) : memory.shardBell(index);
}
