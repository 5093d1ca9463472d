/**
 * The sides of a run over sockets, each in its own process, so that their memory is measured separately. If the switch
 * is not part of the run, there is only the driver's process.
 */

import { totalmem } from 'node:os';
import { formatCount } from '../../base/units.ts';
import type { StormCounts } from '../../driver/storms/storm-tally.ts';
import { DriverCounter, type DriverCounterName } from '../../driver/terms/driver-counters.ts';
import { isOwnAddress } from '../../measure/is-own-address.ts';
import { kernelMemory, type SocketStatistics } from '../../measure/kernel-memory.ts';
import { currentEpochNanos, MonotonicClock } from '../../measure/monotonic-clock.ts';
import { freeMemoryBytes, roughRssBytes } from '../../measure/process-memory.ts';
import type { ThreadCpu } from '../../measure/thread-cpu.ts';
import type { ProfileSampling } from '../../measure/thread-profiler.ts';
import type { RunPlan } from '../../plan/run-plan.ts';
import { TRANSPORTS } from '../../scenario/terms/transports.ts';
import { Histogram } from '../../stats/histogram.ts';
import { GatewayCounter, type GatewayCounterName } from '../../switch/gateway-counters.ts';
import { SwitchCounter, type SwitchCounterName } from '../../switch/terms/switch-counters.ts';
import type { QueuedDigest } from '../../verdict/record/integrity.ts';
import {
  eachLatency,
  eachPlatform,
  LATENCIES,
  type LatencyHistograms,
  type LatencyName,
  type PlatformLatencies,
} from '../../verdict/record/latencies.ts';
import type { MemoryReading, SocketCount } from '../../verdict/record/memory-reading.ts';
import type { NetworkReadings } from '../../verdict/record/network-reading.ts';
import type { Inspection, SideCounters, ThreadInfo } from '../../verdict/record/run-record.ts';
import type { StoreFigures } from '../../verdict/record/store-figures.ts';
import type { ProcessCpu } from '../../verdict/record/window.ts';
import type { ProfilePart } from '../worker/thread/profiled-thread.ts';
import type { SwitchTarget, WorkerCommand } from '../worker/thread/worker-messages.ts';
import { awaitClosedSockets, socketsInUse } from './await-closed-sockets.ts';
import { crowdSettings } from './crowd-settings.ts';

import type { Freshness, IntervalReading, RunSides, SideMemory, SideRss, SwitchControl } from './run-sides.ts';
import { sideCounters } from './side-counters.ts';
import type { SideName, SideSample } from './side-messages.ts';
import { SideProcess } from './side-process.ts';
import { SwitchSide } from './switch-side.ts';
import { mainThreadOf } from './thread-names.ts';

export interface ProcessSidesSettings {
  /** Whether the shards only echo. */
  readonly isCalibration: boolean;
  /** Addresses of the switch if it is not part of the run; otherwise null. */
  readonly targets: readonly SwitchTarget[] | null;
}

/** Time between two reports on the progress of closing; most runs have closed everything before the first. */
const CLOSING_REPORT_MILLIS = 2000;
const NOTHING: SideSample = {
  counters: new Float64Array(0),
  gateway: new Float64Array(0),
  sockets: new Float64Array(0),
  inboxRefusals: 0,
  rssBytes: 0,
  processCpuMicros: 0,
  interval: null,
  more: null,
};
const NO_MEMORY: SideMemory = { rssBytes: 0, pageTableBytes: null, heapBytes: 0, ledgerBytes: 0 };

export class ProcessSides implements RunSides {
  readonly plan: RunPlan;
  readonly clock: MonotonicClock;
  readonly threads: ThreadInfo[] = [];
  http: SwitchTarget | null = null;
  readonly failure: Promise<Error>;
  readonly #settings: ProcessSidesSettings;
  readonly epochNanos = currentEpochNanos();
  readonly #driver: SideProcess;
  readonly #switch: SwitchSide | null;
  readonly #samples: Record<SideName, SideSample> = { switch: NOTHING, driver: NOTHING };
  readonly #intervals: Partial<Record<SideName, IntervalReading>> = {};
  readonly #latencies = new Map<LatencyName, Histogram>();
  #platformLatencies: readonly PlatformLatencies[] = [];
  readonly #cpu = new Map<string, ThreadCpu | null>();
  readonly #socketsBefore = socketsInUse();

  constructor(plan: RunPlan, settings: ProcessSidesSettings) {
    this.plan = plan;
    this.clock = new MonotonicClock(this.epochNanos);
    this.#settings = settings;
    const { lanes, shards } = plan.shape;
    this.#driver = new SideProcess('driver', crowdSettings(lanes), (sample) => this.#keep('driver', sample));
    const isWhole = settings.targets === null;
    this.#switch = isWhole ? new SwitchSide(crowdSettings(shards), (sample) => this.#keep('switch', sample)) : null;
    this.failure = Promise.race(this.#sides().map((side) => side.failure));
  }

  get switchControl(): SwitchControl | null {
    return this.#switch;
  }

  /** The process id of each side, for observers outside this process. */
  get processIds(): Partial<Record<SideName, number>> {
    return Object.fromEntries(this.#sides().map((side) => [side.name, side.processId]));
  }

  async start(): Promise<void> {
    const { isCalibration, targets } = this.#settings;
    const order = { plan: this.plan, isCalibration, epochNanos: this.epochNanos };
    const started = await this.#askAll((side) => side.ask('start', { side: side.name, ...order }));
    // Shards come first, as in a run in one process.
    for (const [, threads] of started.reverse()) this.threads.push(...threads);
    const places = targets ?? (await this.#switch?.ask('listen', [])) ?? [];
    await this.#driver.ask('targets', places);
    this.http = (await this.#switch?.ask('listenHttp', null)) ?? null;
  }

  async refresh(freshness: Freshness): Promise<void> {
    const [ofDriver, ofSwitch] = await Promise.all([
      this.#driver.ask('sample', freshness),
      this.#switch?.sample(freshness) ?? null,
    ]);
    this.#keep('driver', ofDriver);
    if (ofSwitch !== null) this.#keep('switch', ofSwitch);
  }

  async watch(isWatched: boolean): Promise<void> {
    await this.#askAll((side) => side.ask('watch', isWatched));
  }

  driver(name: DriverCounterName): number {
    return this.#samples.driver.counters[DriverCounter[name]] ?? 0;
  }

  switch(name: SwitchCounterName): number {
    return this.#samples.switch.counters[SwitchCounter[name]] ?? 0;
  }

  gateway(name: GatewayCounterName): number {
    return this.#samples.switch.gateway[GatewayCounter[name]] ?? 0;
  }

  counters(): SideCounters {
    const { switch: switchSide, driver } = this.#samples;
    return sideCounters({
      driver: driver.counters,
      switch: switchSide.counters,
      driverSockets: driver.sockets,
      switchSockets: switchSide.sockets,
      gateway: switchSide.gateway,
    });
  }

  get intervalReading(): IntervalReading {
    const { switch: switchSide, driver } = this.#intervals;
    return {
      deliveryP50Micros: driver?.deliveryP50Micros ?? null,
      deliveryP99Micros: driver?.deliveryP99Micros ?? null,
      sendDelayP99Micros: driver?.sendDelayP99Micros ?? null,
      switchLedgerBytes: switchSide?.switchLedgerBytes ?? null,
      driverLedgerBytes: driver?.driverLedgerBytes ?? null,
      threads: [...(switchSide?.threads ?? []), ...(driver?.threads ?? [])],
    };
  }

  inboxRefusals(): number | null {
    return this.#switch === null ? null : this.#samples.switch.inboxRefusals;
  }

  latency(name: LatencyName): Histogram {
    return this.#latencies.get(name) ?? Histogram.ofRange(this.plan.shape.latencyRangeBits);
  }

  latencies(): LatencyHistograms {
    return eachLatency((name) => this.latency(name));
  }

  platformLatencies(): readonly PlatformLatencies[] {
    return this.#platformLatencies;
  }

  cpu(): ReadonlyMap<string, ThreadCpu | null> {
    return new Map(this.#cpu);
  }

  processCpu(): ProcessCpu {
    const { switch: switchSide, driver } = this.#samples;
    return {
      switchMicros: this.#switch === null ? null : switchSide.processCpuMicros,
      driverMicros: driver.processCpuMicros,
      sharedMicros: null,
    };
  }

  async lanes(command: WorkerCommand): Promise<void> {
    await this.#driver.ask('lanes', command);
  }

  async inspect(collect: boolean): Promise<Map<string, Inspection>> {
    const answers = await this.#askAll((side) => side.ask('inspect', collect));
    return new Map(answers.flatMap(([, inspections]) => [...inspections]));
  }

  async queued(): Promise<QueuedDigest | null> {
    return (await this.#switch?.ask('queued', null)) ?? null;
  }

  async storeFigures(): Promise<StoreFigures | null> {
    return (await this.#switch?.storeFigures()) ?? null;
  }

  async storms(): Promise<StormCounts[]> {
    return this.#driver.ask('storms', null);
  }

  async network(): Promise<NetworkReadings> {
    return this.#driver.ask('network', null);
  }

  async readMemory(connections: number): Promise<MemoryReading> {
    const readings = new Map(await this.#askAll((side) => side.ask('memory', null)));
    const [switchSide, driver] = [readings.get('switch'), readings.get('driver')];
    const both = [switchSide, driver].filter((reading) => reading !== undefined);
    const free = freeMemoryBytes();
    const kernel = kernelMemory();
    return {
      connections,
      rssBytes: both.reduce((sum, reading) => sum + reading.rssBytes, 0),
      pageTableBytes: sumOfKnown(both.map((reading) => reading.pageTableBytes)),
      hugePageBytes: sumOfKnown(both.map((reading) => reading.hugePageBytes)),
      switchRssBytes: switchSide?.rssBytes ?? null,
      driverRssBytes: driver?.rssBytes ?? null,
      switchLedgerBytes: switchSide?.switch.ledgerBytes ?? null,
      driverLedgerBytes: (driver?.driver ?? NO_MEMORY).ledgerBytes,
      switchHeapBytes: switchSide?.switch.heapBytes ?? null,
      driverHeapBytes: (driver?.driver ?? NO_MEMORY).heapBytes,
      kernelBytes: kernel.socketBytes,
      machineBytes: free === null ? null : totalmem() - free,
      sockets: this.#sockets(connections, kernel.sockets),
      ledger: both.flatMap((reading) => reading.ledger),
    };
  }

  get profilable(): readonly string[] {
    return [...this.threads.map(({ name }) => name), ...this.#sides().map(({ name }) => mainThreadOf(name))];
  }

  async startProfiles(names: readonly string[], part: ProfilePart, sampling: ProfileSampling): Promise<void> {
    await this.#askAll((side) => side.ask('startProfiles', { names, part, sampling }));
  }

  async stopProfiles(names: readonly string[], folder: string): Promise<void> {
    await this.#askAll((side) => side.ask('stopProfiles', { names, folder }));
  }

  roughRssBytes(): number {
    return roughRssBytes() + this.#samples.switch.rssBytes + this.#samples.driver.rssBytes;
  }

  sideRss(): SideRss {
    const { switch: switchSide, driver } = this.#samples;
    return {
      switchRssBytes: this.#switch === null ? null : switchSide.rssBytes,
      driverRssBytes: driver.rssBytes,
    };
  }

  async stop(onProgress: (text: string) => void = () => {}): Promise<readonly string[]> {
    const before = this.#socketsBefore ?? 0;
    const timer = setInterval(() => {
      const left = Math.max(0, (socketsInUse() ?? before) - before);
      onProgress(`closing connections: ${formatCount(left)} sockets are left`);
    }, CLOSING_REPORT_MILLIS);
    try {
      return await this.#stop();
    } finally {
      clearInterval(timer);
    }
  }

  async #stop(): Promise<readonly string[]> {
    const late = await this.#askAll((side) => side.ask('stop', null)).catch(() => []); // a side that failed has ended already
    await Promise.all(this.#sides().map((side) => side.end()));
    await awaitClosedSockets(this.#socketsBefore);
    return late.flatMap(([, names]) => names);
  }

  #sockets(connections: number, counted: SocketStatistics | null): SocketCount | null {
    if (counted === null) return null;
    const isAllHere = this.#settings.targets?.every(({ host }) => isOwnAddress(host)) !== false;
    const areBothHere = isAllHere && !TRANSPORTS[this.plan.settings.transport].hasOwnNetwork;
    return { own: connections * (areBothHere ? 2 : 1), tcp: counted.tcpAllocated, all: counted.used };
  }

  #sides(): (SideProcess | SwitchSide)[] {
    return this.#switch === null ? [this.#driver] : [this.#driver, this.#switch];
  }

  async #askAll<Answer>(ask: (side: SideProcess | SwitchSide) => Promise<Answer>): Promise<[SideName, Answer][]> {
    return Promise.all(this.#sides().map(async (side): Promise<[SideName, Answer]> => [side.name, await ask(side)]));
  }

  #keep(name: SideName, sample: SideSample): void {
    this.#samples[name] = sample;
    if (sample.interval !== null) this.#intervals[name] = sample.interval;
    if (sample.more === null) return;
    for (const [thread, cpu] of sample.more.cpu) this.#cpu.set(thread, cpu);
    for (const latency of LATENCIES) {
      const counts = sample.more.latencies[latency];
      if (counts !== undefined) this.#latencies.set(latency, new Histogram(counts));
    }
    const { platformLatencies } = sample.more;
    if (platformLatencies.length === 0) return;
    this.#platformLatencies = eachPlatform(
      platformLatencies.length,
      (platform, latency) => new Histogram(platformLatencies[platform]?.[latency]),
    );
  }
}

/** The sum; null if one is unknown. */
function sumOfKnown(figures: readonly (number | null)[]): number | null {
  return figures.reduce((sum, figure) => (sum === null || figure === null ? null : sum + figure), 0);
}
