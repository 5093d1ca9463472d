/**
 * The threads of a run in this process: shards, lanes, or both, in one pool, and what can be read
 * of them from outside while they work. Counters and latencies lie in shared memory; the rest is
 * asked for.
 */

import { type LedgerEntry, ledgerBytesUsed } from '../../base/ledger.ts';
import { DRIVER_COUNTERS, DriverCounter, type DriverCounterName } from '../../driver/driver-counters.ts';
import { collectGarbage } from '../../measure/garbage.ts';
import { processMemory, roughRssBytes } from '../../measure/memory.ts';
import { MonotonicClock } from '../../measure/monotonic-clock.ts';
import { processCpuMicros } from '../../measure/process-cpu.ts';
import { readThreadCpu, type ThreadCpu } from '../../measure/thread-cpu.ts';
import type { RunPlan } from '../../plan/run-plan.ts';
import type { RunShape } from '../../plan/run-shape.ts';
import { Histogram } from '../../stats/histogram.ts';
import { SWITCH_COUNTERS, SwitchCounter, type SwitchCounterName } from '../../switch/switch-counters.ts';
import { type WorkerSpecification, WorkerThreadsPool } from '../../threads/worker-threads-pool.ts';
import { SOCKET_COUNTERS } from '../../transport/socket-counters.ts';
import { openBellDescriptor } from '../../transport/tcp/event-doorbell.ts';
import { loadSystemCalls } from '../../transport/tcp/system-calls.ts';
import { ThreadDescriptors } from '../../transport/tcp/thread-descriptors.ts';
import {
  type Inspection,
  LATENCIES,
  type LatencyHistograms,
  type LatencyName,
  type MemoryReading,
  type ProcessCpu,
  type QueuedDigest,
  type SideCounters,
  type ThreadInfo,
} from '../../verdict/side-figures.ts';
import { RunMemory } from '../worker/run-memory.ts';
import type { WorkerCommand, WorkerData, WorkerReady, WorkerRole } from '../worker/worker-messages.ts';
import { crowdSettings } from './crowd.ts';
import type { RunSides, SideMemory } from './run-sides.ts';

/** Which threads are in this process. */
export type Side = 'both' | 'switch' | 'driver';

export interface RunThreadsSettings {
  readonly side: Side;
  /** The shards only echo. */
  readonly isCalibration: boolean;
  /** The run's zero of time; see currentEpochNanos. */
  readonly epochNanos: string;
}

/** Starting takes a moment for each thread, and there may be hundreds. */
const START_MILLIS = 30_000;
const START_MILLIS_PER_THREAD = 500;
const LIMITS = { commandMillis: 60_000, stopMillis: 5_000 };
/** The file that workers start with. */
const WORKER_ENTRY = new URL('../worker/worker-main.js', import.meta.url);
/** The same and all that it imports in one file, see scripts/setup.mjs. */
const CROWD_ENTRY = new URL('../../worker/worker-main.js', import.meta.url);

export class RunThreads implements RunSides {
  readonly plan: RunPlan;
  readonly memory: RunMemory;
  readonly clock: MonotonicClock;
  readonly threads: ThreadInfo[] = [];
  readonly #pool: WorkerThreadsPool<WorkerCommand>;
  readonly #shape: RunShape;
  readonly #shardRows: readonly Float64Array[];
  readonly #laneRows: readonly Float64Array[];
  readonly #shardSockets: readonly Float64Array[];
  readonly #laneSockets: readonly Float64Array[];

  constructor(plan: RunPlan, { side, isCalibration, epochNanos }: RunThreadsSettings) {
    const shape = {
      ...plan.shape,
      lanes: side === 'switch' ? 0 : plan.shape.lanes,
      shards: side === 'driver' ? 0 : plan.shape.shards,
    };
    this.plan = plan;
    this.#shape = shape;
    this.memory = RunMemory.allocate(shape, bellDescriptors(plan, shape));
    this.clock = new MonotonicClock(epochNanos);
    this.#shardRows = Array.from({ length: shape.shards }, (_, shard) => this.memory.shardCounters(shard));
    this.#laneRows = Array.from({ length: shape.lanes }, (_, lane) => this.memory.laneCounters(lane));
    this.#shardSockets = Array.from({ length: shape.shards }, (_, shard) => this.memory.shardSockets(shard));
    this.#laneSockets = Array.from({ length: shape.lanes }, (_, lane) => this.memory.laneSockets(lane));
    const descriptors = plan.settings.transport === 'tcp' ? new ThreadDescriptors() : null;
    const crowd = crowdSettings(shape.shards + shape.lanes);
    const data = { plan, buffers: this.memory.buffers, epochNanos, isCalibration };
    const specification = (role: WorkerRole, index: number): WorkerSpecification => {
      const bell = role === 'lane' ? this.memory.laneBell(index) : this.memory.shardBell(index);
      return {
        name: `${role === 'lane' ? 'lane' : 'shard'}-${index}`,
        data: () => ({ ...data, role, index, inheritedDescriptors: descriptors?.list() ?? [] }) satisfies WorkerData,
        wake: () => bell.ring(),
        ...(crowd === null ? {} : { resourceLimits: crowd.resourceLimits }),
      };
    };
    const shardRole = isCalibration ? 'null-shard' : 'shard';
    const specifications = [
      ...Array.from({ length: shape.shards }, (_, index) => specification(shardRole, index)),
      ...Array.from({ length: shape.lanes }, (_, index) => specification('lane', index)),
    ];
    const startMillis = START_MILLIS + START_MILLIS_PER_THREAD * specifications.length;
    const entry = crowd === null ? WORKER_ENTRY : CROWD_ENTRY;
    const limits = { startMillis, isStartedInTurn: descriptors !== null, ...LIMITS };
    this.#pool = new WorkerThreadsPool<WorkerCommand>(entry, specifications, limits);
  }

  get failure(): Promise<Error> {
    return this.#pool.failure;
  }

  async start(): Promise<void> {
    for (const [name, info] of await this.#pool.start()) {
      const { threadId } = info as WorkerReady; // what worker-main says when it is ready
      this.threads.push({ name, role: isLane(name) ? 'lane' : 'shard', threadId });
    }
  }

  async refresh(): Promise<void> {
    // Shared memory is always fresh.
  }

  async watch(): Promise<void> {
    // likewise
  }

  driver(name: DriverCounterName): number {
    let sum = 0;
    for (let lane = 0; lane < this.#shape.lanes; lane++) {
      sum += this.memory.laneCounters(lane)[DriverCounter[name]] ?? 0;
    }
    return sum;
  }

  switch(name: SwitchCounterName): number {
    let sum = 0;
    for (let shard = 0; shard < this.#shape.shards; shard++) {
      sum += this.memory.shardCounters(shard)[SwitchCounter[name]] ?? 0;
    }
    return sum;
  }

  counters(): SideCounters {
    return {
      driver: sums(DRIVER_COUNTERS, this.#laneRows),
      switch: sums(SWITCH_COUNTERS, this.#shardRows),
      switchSockets: this.#sum(SOCKET_COUNTERS, this.#shardSockets),
      driverSockets: this.#sum(SOCKET_COUNTERS, this.#laneSockets),
    };
  }

  inboxRefusals(): number {
    let sum = 0;
    for (let shard = 0; shard < this.#shape.shards; shard++) sum += this.memory.inboxRefusals(shard);
    return sum;
  }

  latency(name: LatencyName): Histogram {
    const merged = Histogram.ofRange(this.#shape.latencyRangeBits);
    for (let lane = 0; lane < this.#shape.lanes; lane++) merged.merge(this.memory.latency(lane, name));
    return merged;
  }

  latencies(): LatencyHistograms {
    const merged = Object.fromEntries(LATENCIES.map((name) => [name, this.latency(name)]));
    return merged as LatencyHistograms; // one for each name
  }

  cpu(): Map<string, ThreadCpu | null> {
    return new Map(this.threads.map((thread) => [thread.name, readThreadCpu(thread.threadId)]));
  }

  processCpu(): ProcessCpu {
    return { switchMicros: null, driverMicros: null, sharedMicros: processCpuMicros() };
  }

  async lanes(command: WorkerCommand): Promise<void> {
    await this.#pool.requestAll<null>(command, isLane);
  }

  /** Tells every shard something. */
  async shards(command: WorkerCommand): Promise<void> {
    await this.#pool.requestAll<null>(command, (name) => !isLane(name));
  }

  /** Asks one thread. */
  request<Answer>(name: string, command: WorkerCommand): Promise<Answer> {
    return this.#pool.request<Answer>(name, command);
  }

  inspect(collect: boolean): Promise<Map<string, Inspection>> {
    return this.#pool.requestAll<Inspection>({ kind: 'inspect', collect }, () => true);
  }

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

  async readMemory(connections: number): Promise<MemoryReading> {
    const { switch: switchSide, driver, ledger, ...process } = await this.readSides();
    return {
      connections,
      ...process,
      switchRssBytes: null,
      driverRssBytes: null,
      switchLedgerBytes: switchSide.ledgerBytes,
      driverLedgerBytes: driver.ledgerBytes,
      switchHeapBytes: switchSide.heapBytes,
      driverHeapBytes: driver.heapBytes,
      kernelBytes: null,
      machineBytes: null,
      sockets: null,
      ledger,
    };
  }

  /** Memory of this process after a collection in every thread, and what each side has of it. */
  async readSides(): Promise<ProcessReading> {
    const inspections = await this.inspect(true);
    collectGarbage();
    const { rssBytes, pageTableBytes } = processMemory();
    const heaps = { switch: 0, driver: 0 };
    const ledger: LedgerEntry[] = [];
    for (const [name, inspection] of inspections) {
      heaps[isLane(name) ? 'driver' : 'switch'] += inspection.heapUsedBytes;
      ledger.push(...inspection.ledger);
    }
    return {
      rssBytes,
      pageTableBytes,
      switch: { heapBytes: heaps.switch, ledgerBytes: ledgerBytesUsed(ledger, 'switch') },
      driver: { heapBytes: heaps.driver, ledgerBytes: ledgerBytesUsed(ledger, 'driver') },
      ledger,
    };
  }

  roughRssBytes(): number {
    return roughRssBytes();
  }

  async stop(): Promise<readonly string[]> {
    return (await this.#pool.stop({ kind: 'stop' })).terminated;
  }

  /** Ends all threads at once. */
  async terminate(): Promise<void> {
    await this.#pool.terminate();
  }

  #sum(names: readonly string[], rows: readonly Float64Array[]): Record<string, number> {
    if (this.#shape.connectionRingBytes > 0) return {};
    return sums(names, rows);
  }
}

/** The sums of counters over rows, by name. Asked for every second and more, so it makes nothing but its answer. */
function sums(names: readonly string[], rows: readonly Float64Array[]): Record<string, number> {
  const answer: Record<string, number> = {};
  for (let i = 0; i < names.length; i++) {
    let sum = 0;
    for (const row of rows) sum += row[i] ?? 0;
    answer[names[i] as string] = sum; // below the length
  }
  return answer;
}

/** Memory of one process, and the parts of it that each side owns. */
export interface ProcessReading {
  readonly rssBytes: number;
  readonly pageTableBytes: number | null;
  readonly switch: Pick<SideMemory, 'heapBytes' | 'ledgerBytes'>;
  readonly driver: Pick<SideMemory, 'heapBytes' | 'ledgerBytes'>;
  readonly ledger: readonly LedgerEntry[];
}

function isLane(name: string): boolean {
  return name.startsWith('lane-');
}

/** Bells for threads that sleep in epoll, made before any thread takes a private table. */
function bellDescriptors(plan: RunPlan, shape: RunShape): readonly number[] | null {
  if (plan.settings.transport !== 'tcp') return null;
  const calls = loadSystemCalls();
  return Array.from({ length: shape.shards + shape.lanes }, () => openBellDescriptor(calls));
}
