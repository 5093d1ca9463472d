/**
 * The threads of a run in this process, shards, lanes or both, in one pool, and their figures. Counters and latencies
 * are read from shared memory while the threads work; other figures are requested from them.
 */

import { type StormCounts, sumStorms } from '../../driver/storms/storm-tally.ts';
import { DRIVER_COUNTERS, DriverCounter, type DriverCounterName } from '../../driver/terms/driver-counters.ts';
import { collectGarbage } from '../../measure/collect-garbage.ts';
import { MonotonicClock } from '../../measure/monotonic-clock.ts';
import { processCpuMicros } from '../../measure/process-cpu-micros.ts';
import { roughRssBytes } from '../../measure/process-memory.ts';
import { readThreadCpu, type ThreadCpu } from '../../measure/thread-cpu.ts';
import type { ProfileSampling } from '../../measure/thread-profiler.ts';
import type { RunPlan } from '../../plan/run-plan.ts';
import type { RunShape } from '../../plan/sizes/run-shape.ts';
import { Histogram } from '../../stats/histogram.ts';
import { GatewayCounter, type GatewayCounterName } from '../../switch/gateway-counters.ts';
import { SWITCH_COUNTERS, SwitchCounter, type SwitchCounterName } from '../../switch/terms/switch-counters.ts';
import type { WorkerThreadsPool } from '../../threads/worker-threads-pool.ts';
import { SOCKET_COUNTERS } from '../../transport/socket-counters.ts';
import { addUndelivered, NOTHING_UNDELIVERED } from '../../verdict/record/group-balance.ts';
import type { QueuedDigest } from '../../verdict/record/integrity.ts';
import {
  eachLatency,
  eachPlatform,
  type LatencyHistograms,
  type LatencyName,
  type PlatformLatencies,
} from '../../verdict/record/latencies.ts';
import type { MemoryReading } from '../../verdict/record/memory-reading.ts';
import type { NetworkReading, NetworkReadings } from '../../verdict/record/network-reading.ts';
import type { Inspection, SideCounters, ThreadInfo } from '../../verdict/record/run-record.ts';
import type { StoreFigures } from '../../verdict/record/store-figures.ts';
import type { ProcessCpu } from '../../verdict/record/window.ts';
import { hugePageMemory } from '../worker/memory/huge-page-memory.ts';
import { sumLogs } from '../worker/memory/log-figures.ts';
import { RunMemory } from '../worker/memory/run-memory.ts';
import { ProfiledThread, type ProfilePart } from '../worker/thread/profiled-thread.ts';
import type { SwitchTarget, WorkerCommand, WorkerReady } from '../worker/thread/worker-messages.ts';
import { CounterSums } from './counter-sums.ts';
import { bellDescriptors } from './descriptor-tables.ts';
import { IntervalReader } from './interval-reader.ts';
import { type ProcessReading, readProcess } from './process-reading.ts';
import { runPool } from './run-pool.ts';
import type { Freshness, IntervalReading, RunSides, SideRss } from './run-sides.ts';
import { sideCounters } from './side-counters.ts';
import { isLane, isShard, mainThreadOf, roleOf, type Side } from './thread-names.ts';

export interface RunThreadsSettings {
  readonly side: Side;
  /** Whether the shards only echo. */
  readonly isCalibration: boolean;
  /** The instant at which the run's clock is zero; see currentEpochNanos. */
  readonly epochNanos: string;
}

const NO_COUNTERS = new Float64Array(0);
export class RunThreads implements RunSides {
  readonly plan: RunPlan;
  readonly side: Side;
  readonly memory: RunMemory;
  readonly clock: MonotonicClock;
  readonly epochNanos: string;
  readonly threads: ThreadInfo[] = [];
  http: SwitchTarget | null = null;
  readonly switchControl = null;
  readonly #pool: WorkerThreadsPool<WorkerCommand>;
  readonly #shape: RunShape;
  readonly #shards: CounterSums;
  readonly #lanes: CounterSums;
  readonly #shardSockets: CounterSums;
  readonly #laneSockets: CounterSums;
  readonly #intervals: IntervalReader;
  readonly #mainThread = new ProfiledThread();

  constructor(plan: RunPlan, { side, isCalibration, epochNanos }: RunThreadsSettings) {
    const shape = {
      ...plan.shape,
      lanes: side === 'switch' ? 0 : plan.shape.lanes,
      shards: side === 'driver' ? 0 : plan.shape.shards,
      gateways: side === 'driver' || isCalibration ? 0 : plan.shape.gateways,
      stores: side === 'driver' || isCalibration ? 0 : plan.shape.stores,
    };
    this.plan = plan;
    this.side = side;
    this.#shape = shape;
    const tables = hugePageMemory(plan.settings.memory.pages);
    this.memory = RunMemory.allocate(shape, bellDescriptors(plan, shape), tables);
    this.clock = new MonotonicClock(epochNanos);
    this.epochNanos = epochNanos;
    const ofShards = (row: (shard: number) => Float64Array) => Array.from({ length: shape.shards }, (_, n) => row(n));
    const ofLanes = (row: (lane: number) => Float64Array) => Array.from({ length: shape.lanes }, (_, n) => row(n));
    const socketCounters = shape.connectionRingBytes > 0 ? 0 : SOCKET_COUNTERS.length;
    const { memory } = this;
    this.#shards = new CounterSums(
      ofShards((shard) => memory.shardCounters(shard)),
      SWITCH_COUNTERS.length,
    );
    this.#lanes = new CounterSums(
      ofLanes((lane) => memory.laneCounters(lane)),
      DRIVER_COUNTERS.length,
    );
    this.#shardSockets = new CounterSums(
      ofShards((shard) => memory.shardSockets(shard)),
      socketCounters,
    );
    this.#laneSockets = new CounterSums(
      ofLanes((lane) => memory.laneSockets(lane)),
      socketCounters,
    );
    this.#intervals = new IntervalReader(this.memory, side);
    this.#pool = runPool({ plan, shape, memory, epochNanos, isCalibration });
  }

  get failure(): Promise<Error> {
    return this.#pool.failure;
  }

  async start(): Promise<void> {
    const started = [...(await this.#pool.start())].map(([name, info]): ThreadInfo => {
      const { threadId } = info as WorkerReady; // the message of worker-main when it is ready
      return { name, role: roleOf(name), threadId };
    });
    // These come last, as in other tables of threads, although they start first.
    const behind = ({ role }: ThreadInfo): number => ['gateway', 'store'].indexOf(role);
    this.threads.push(...started.sort((a, b) => behind(a) - behind(b)));
    if (this.side === 'both') await this.listenHttp();
  }

  /**
   * Makes the gateway listen, if there is one.
   * @throws LISTEN_FAILED
   */
  async listenHttp(): Promise<SwitchTarget | null> {
    const { http } = this.plan.settings;
    const { host, port } = http;
    if (port === 'none' || this.#shape.gateways === 0) return null;
    this.http = { host, port: await this.request<number>('gateway-0', { kind: 'listenHttp', host, port }) };
    return this.http;
  }

  /** Counters in shared memory are always up to date. */
  async refresh(freshness: Freshness): Promise<void> {
    if (freshness === 'interval') await this.#intervals.next(this.threads);
  }

  get intervalReading(): IntervalReading {
    return this.#intervals.reading;
  }

  async watch(): Promise<void> {
    // likewise
  }

  driver(name: DriverCounterName): number {
    return this.#lanes.sum(DriverCounter[name]);
  }

  switch(name: SwitchCounterName): number {
    return this.#shards.sum(SwitchCounter[name]);
  }

  counters(): SideCounters {
    return sideCounters({
      driver: this.driverRow(),
      switch: this.switchRow(),
      driverSockets: this.driverSocketRow(),
      switchSockets: this.switchSocketRow(),
      gateway: this.gatewayRow(),
    });
  }

  /** The counters of the gateway, in the order of GATEWAY_COUNTERS; empty without one. */
  gatewayRow(): Float64Array {
    return this.#shape.gateways === 0 ? NO_COUNTERS : this.memory.gatewayCounters(0);
  }

  gateway(name: GatewayCounterName): number {
    return this.gatewayRow()[GatewayCounter[name]] ?? 0;
  }

  /** Sums over all lanes, in the order of DRIVER_COUNTERS; the same array each time, here and below. */
  driverRow(): Float64Array {
    return this.#lanes.all();
  }

  /** Sums over all shards, in the order of SWITCH_COUNTERS. */
  switchRow(): Float64Array {
    return this.#shards.all();
  }

  /** Sums over the sockets of all shards, in the order of SOCKET_COUNTERS; empty without sockets. */
  switchSocketRow(): Float64Array {
    return this.#shardSockets.all();
  }

  /** Sums over the sockets of all lanes, likewise. */
  driverSocketRow(): Float64Array {
    return this.#laneSockets.all();
  }

  inboxRefusals(): number {
    let sum = 0;
    for (let shard = 0; shard < this.#shape.shards; shard++) sum += this.memory.inboxRefusals(shard);
    return sum;
  }

  latency(name: LatencyName): Histogram {
    return this.#merged((lane) => this.memory.latency(lane, name));
  }

  latencies(): LatencyHistograms {
    return eachLatency((name) => this.latency(name));
  }

  platformLatencies(): PlatformLatencies[] {
    return eachPlatform(this.#shape.platforms, (platform, name) =>
      this.#merged((lane) => this.memory.platformLatency(lane, platform, name)),
    );
  }

  cpu(): Map<string, ThreadCpu | null> {
    return new Map(this.threads.map((thread) => [thread.name, readThreadCpu(thread.threadId)]));
  }

  processCpu(): ProcessCpu {
    return { switchMicros: null, driverMicros: null, sharedMicros: processCpuMicros() };
  }

  /** A histogram of all lanes together. */
  #merged(ofLane: (lane: number) => Histogram): Histogram {
    const merged = Histogram.ofRange(this.#shape.latencyRangeBits);
    for (let lane = 0; lane < this.#shape.lanes; lane++) merged.merge(ofLane(lane));
    return merged;
  }

  async lanes(command: WorkerCommand): Promise<void> {
    await this.#pool.requestAll<null>(command, isLane);
  }

  /** Sends a command to every shard. */
  async shards(command: WorkerCommand): Promise<void> {
    await this.#pool.requestAll<null>(command, isShard);
  }

  /** Sends a command to the gateway, if there is one. */
  async gateways(command: WorkerCommand): Promise<void> {
    await this.#pool.requestAll<null>(command, (name) => roleOf(name) === 'gateway');
  }

  /** Sends a command to one thread and waits for its answer. */
  request<Answer>(name: string, command: WorkerCommand): Promise<Answer> {
    return this.#pool.request<Answer>(name, command);
  }

  inspect(collect: boolean): Promise<Map<string, Inspection>> {
    return this.#pool.requestAll<Inspection>({ kind: 'inspect', collect }, () => true);
  }

  async queued(): Promise<QueuedDigest & { readonly earlier: number }> {
    const answers = await this.#pool.requestAll<QueuedDigest>({ kind: 'queued' }, isShard);
    const total = { messages: 0, low: 0, high: 0, earlier: 0, groups: NOTHING_UNDELIVERED };
    for (const one of answers.values()) {
      total.groups = addUndelivered(total.groups, one.groups ?? NOTHING_UNDELIVERED);
      total.messages += one.messages;
      total.earlier += one.earlier ?? 0;
      total.low = (total.low + one.low) | 0;
      total.high = (total.high + one.high) | 0;
    }
    return total;
  }

  async storeFigures(): Promise<StoreFigures | null> {
    const logs = this.#shape.stores === 0 ? 0 : this.#shape.shards;
    return sumLogs(Array.from({ length: logs }, (_, shard) => this.memory.logFigures(shard)));
  }

  /** What the lanes have counted of each storm. */
  async storms(): Promise<StormCounts[]> {
    return sumStorms((await this.#pool.requestAll<StormCounts[]>({ kind: 'storms' }, isLane)).values());
  }

  async network(): Promise<NetworkReadings> {
    return this.#pool.requestAll<NetworkReading>({ kind: 'network' }, isLane);
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

  /** Memory of this process after a garbage collection in every thread, and the share of each side. */
  async readSides(): Promise<ProcessReading> {
    const inspections = await this.inspect(true);
    collectGarbage();
    return readProcess(inspections);
  }

  get profilable(): readonly string[] {
    return [...this.threads.map(({ name }) => name), mainThreadOf(this.side)];
  }

  async startProfiles(names: readonly string[], part: ProfilePart, sampling: ProfileSampling): Promise<void> {
    if (names.includes(mainThreadOf(this.side))) this.#mainThread.start(part, sampling);
    await this.#pool.requestAll<null>({ kind: 'startProfile', part, sampling }, (name) => names.includes(name));
  }

  async stopProfiles(names: readonly string[], folder: string): Promise<void> {
    const main = mainThreadOf(this.side);
    if (names.includes(main)) this.#mainThread.stop(main, folder);
    const stop = (name: string): Promise<null> => this.request<null>(name, { kind: 'stopProfile', name, folder });
    await Promise.all(this.threads.filter(({ name }) => names.includes(name)).map(({ name }) => stop(name)));
  }

  roughRssBytes(): number {
    return roughRssBytes();
  }

  /** Both sides are in this process, or the other one is not part of it. */
  sideRss(): SideRss {
    return { switchRssBytes: null, driverRssBytes: null };
  }

  async stop(): Promise<readonly string[]> {
    // Shards submit records until they end.
    return (await this.#pool.stop({ kind: 'stop' }, (name) => roleOf(name) === 'store')).terminated;
  }

  /** Ends all threads at once. */
  async terminate(): Promise<void> {
    await this.#pool.terminate();
  }
}
