/**
 * The threads of a run: shards and lanes in one pool, and what can be read of them from outside
 * while they work. Counters and latencies lie in shared memory; the rest is asked for.
 */
import { type LedgerEntry, ledgerBytesUsed } from '../base/ledger.ts';
import { DRIVER_COUNTERS, DriverCounter, type DriverCounterName } from '../driver/driver-counters.ts';
import { collectGarbage, heapUsedBytes } from '../measure/garbage.ts';
import { processMemory } from '../measure/memory.ts';
import { currentEpochNanos, MonotonicClock } from '../measure/monotonic-clock.ts';
import { readThreadCpu, type ThreadCpu } from '../measure/thread-cpu.ts';
import { Histogram } from '../stats/histogram.ts';
import { SWITCH_COUNTERS, SwitchCounter, type SwitchCounterName } from '../switch/switch-counters.ts';
import { type WorkerSpecification, WorkerThreadsPool } from '../threads/worker-threads-pool.ts';
import { LATENCIES, type LatencyName, RunMemory } from './run-memory.ts';
import type { RunPlan } from './run-plan.ts';
import type {
  Inspection,
  QueuedDigest,
  WorkerCommand,
  WorkerData,
  WorkerReady,
  WorkerRole,
} from './worker-messages.ts';

export interface ThreadInfo {
  readonly name: string;
  readonly role: 'shard' | 'lane';
  readonly threadId: number | null;
}

/** Memory at rest at some number of connections. */
export interface MemoryReading {
  readonly connections: number;
  readonly rssBytes: number;
  readonly pageTableBytes: number | null;
  readonly switchLedgerBytes: number;
  readonly driverLedgerBytes: number;
  readonly switchHeapBytes: number;
  readonly driverHeapBytes: number;
  readonly ledger: readonly LedgerEntry[];
}

export type LatencyHistograms = Readonly<Record<LatencyName, Histogram>>;

const LIMITS = { startMillis: 30_000, commandMillis: 60_000, stopMillis: 5_000 };
/** The file that workers start with. */
export const WORKER_ENTRY = new URL('./worker-main.js', import.meta.url);

export class RunThreads {
  readonly plan: RunPlan;
  readonly memory: RunMemory;
  readonly clock: MonotonicClock;
  readonly threads: ThreadInfo[] = [];
  readonly #pool: WorkerThreadsPool<WorkerCommand>;

  /** @param isCalibration with shards that only echo. */
  constructor(plan: RunPlan, isCalibration: boolean) {
    const epochNanos = currentEpochNanos();
    this.plan = plan;
    this.memory = RunMemory.allocate(plan.shape);
    this.clock = new MonotonicClock(epochNanos);
    const { shards, lanes } = plan.shape;
    const specification = (role: WorkerRole, index: number): WorkerSpecification => ({
      name: `${role === 'lane' ? 'lane' : 'shard'}-${index}`,
      data: { role, index, plan, buffers: this.memory.buffers, epochNanos, isCalibration } satisfies WorkerData,
      wake: () => (role === 'lane' ? this.memory.laneBell(index) : this.memory.shardBell(index)).ring(),
    });
    const shardRole = isCalibration ? 'null-shard' : 'shard';
    this.#pool = new WorkerThreadsPool<WorkerCommand>(
      WORKER_ENTRY,
      [
        ...Array.from({ length: shards }, (_, index) => specification(shardRole, index)),
        ...Array.from({ length: lanes }, (_, index) => specification('lane', index)),
      ],
      LIMITS,
    );
  }

  /** Settles with the first worker that fails; never rejects. */
  get failure(): Promise<Error> {
    return this.#pool.failure;
  }

  /** Starts all threads. @throws WORKER_START_TIMEOUT or WORKER_FAILED. */
  async start(): Promise<void> {
    for (const [name, info] of await this.#pool.start()) {
      const { threadId } = info as WorkerReady; // what worker-main says when it is ready
      this.threads.push({ name, role: isLane(name) ? 'lane' : 'shard', threadId });
    }
  }

  /** A counter, summed over all lanes. */
  driver(name: DriverCounterName): number {
    let sum = 0;
    for (let lane = 0; lane < this.plan.shape.lanes; lane++) {
      sum += this.memory.laneCounters(lane)[DriverCounter[name]] ?? 0;
    }
    return sum;
  }

  /** A counter, summed over all shards. */
  switch(name: SwitchCounterName): number {
    let sum = 0;
    for (let shard = 0; shard < this.plan.shape.shards; shard++) {
      sum += this.memory.shardCounters(shard)[SwitchCounter[name]] ?? 0;
    }
    return sum;
  }

  /** All counters, summed over threads. */
  counters(): { driver: Record<string, number>; switch: Record<string, number> } {
    return {
      driver: Object.fromEntries(DRIVER_COUNTERS.map((name) => [name, this.driver(name)])),
      switch: Object.fromEntries(SWITCH_COUNTERS.map((name) => [name, this.switch(name)])),
    };
  }

  /** Times that an inbox was found full. */
  inboxRefusals(): number {
    let sum = 0;
    for (let shard = 0; shard < this.plan.shape.shards; shard++) sum += this.memory.inboxRefusals(shard);
    return sum;
  }

  /** What all lanes have recorded so far. */
  latency(name: LatencyName): Histogram {
    const merged = new Histogram();
    for (let lane = 0; lane < this.plan.shape.lanes; lane++) merged.merge(this.memory.latency(lane, name));
    return merged;
  }

  latencies(): LatencyHistograms {
    const merged = Object.fromEntries(LATENCIES.map((name) => [name, this.latency(name)]));
    return merged as LatencyHistograms; // one for each name
  }

  /** Processor time of each thread, by name. */
  cpu(): Map<string, ThreadCpu | null> {
    return new Map(this.threads.map((thread) => [thread.name, readThreadCpu(thread.threadId)]));
  }

  /** Tells every lane something. */
  async lanes(command: WorkerCommand): Promise<void> {
    await this.#pool.requestAll<null>(command, isLane);
  }

  /** Asks every thread for its heap and ledger. */
  inspect(collect: boolean): Promise<Map<string, Inspection>> {
    return this.#pool.requestAll<Inspection>({ kind: 'inspect', collect }, () => true);
  }

  /** What waits in all mailboxes. */
  async queued(): Promise<QueuedDigest> {
    const answers = await this.#pool.requestAll<QueuedDigest>({ kind: 'queued' }, (name) => !isLane(name));
    const total = { messages: 0, low: 0, high: 0 };
    for (const one of answers.values()) {
      total.messages += one.messages;
      total.low = (total.low + one.low) | 0;
      total.high = (total.high + one.high) | 0;
    }
    return total;
  }

  /** Memory of the process after a collection in every thread. */
  async readMemory(connections: number): Promise<MemoryReading> {
    const inspections = await this.inspect(true);
    collectGarbage();
    const { rssBytes, pageTableBytes } = processMemory();
    let switchHeapBytes = 0;
    let driverHeapBytes = 0;
    const ledger: LedgerEntry[] = [];
    for (const [name, inspection] of inspections) {
      if (isLane(name)) driverHeapBytes += inspection.heapUsedBytes;
      else switchHeapBytes += inspection.heapUsedBytes;
      ledger.push(...inspection.ledger);
    }
    return {
      connections,
      rssBytes,
      pageTableBytes,
      switchLedgerBytes: ledgerBytesUsed(ledger, 'switch'),
      driverLedgerBytes: ledgerBytesUsed(ledger, 'driver'),
      switchHeapBytes,
      driverHeapBytes,
      ledger,
    };
  }

  /** Bytes on the controller's own heap. */
  controllerHeapBytes(): number {
    return heapUsedBytes();
  }

  /** Lets the threads leave, and ends those that do not. Never rejects. */
  async stop(): Promise<readonly string[]> {
    return (await this.#pool.stop({ kind: 'stop' })).terminated;
  }

  /** Ends all threads at once. */
  async terminate(): Promise<void> {
    await this.#pool.terminate();
  }
}

function isLane(name: string): boolean {
  return name.startsWith('lane-');
}
