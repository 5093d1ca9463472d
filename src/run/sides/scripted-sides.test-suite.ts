/**
 * Sides whose figures a test sets, on a clock that moves only when a phase reads it. For a phase they behave like
 * threads or processes, so a test can make a switch lose a message, a ramp get stuck or memory run out at a known time.
 */

import type { Clock } from '../../base/clock.ts';
import type { StormCounts } from '../../driver/storms/storm-tally.ts';
import type { DriverCounterName } from '../../driver/terms/driver-counters.ts';
import type { ThreadCpu } from '../../measure/thread-cpu.ts';
import type { ProfileSampling } from '../../measure/thread-profiler.ts';
import { MACHINE } from '../../plan/measured-machine.test-suite.ts';
import { planOn, type RunPlan } from '../../plan/run-plan.ts';
import { parseScenario } from '../../scenario/scenario.ts';
import { Histogram } from '../../stats/histogram.ts';
import type { GatewayCounterName } from '../../switch/gateway-counters.ts';
import type { SwitchCounterName } from '../../switch/terms/switch-counters.ts';
import { reading } from '../../verdict/made-evidence.test-suite.ts';
import type { QueuedDigest } from '../../verdict/record/integrity.ts';
import { eachLatency, type LatencyName, type PlatformLatencies } from '../../verdict/record/latencies.ts';
import type { MemoryReading } from '../../verdict/record/memory-reading.ts';
import type { NetworkReadings } from '../../verdict/record/network-reading.ts';
import type { Inspection, SideCounters, ThreadInfo } from '../../verdict/record/run-record.ts';
import type { ProcessCpu } from '../../verdict/record/window.ts';
import type { ProfilePart } from '../worker/thread/profiled-thread.ts';
import type { WorkerCommand } from '../worker/thread/worker-messages.ts';
import type { Freshness, IntervalReading, RunSides, SideRss, SwitchControl } from './run-sides.ts';

const SCENARIO = `
name: scripted
description: What a test says
phones: { count: 1k, offline: 0, heartbeat: none, session: none }
login: { rate: 10k }
traffic: { rate: 1k, payload: 64B }
switch: { shards: 1 }
driver: { lanes: 1 }
`;

/** The plan of scripted sides, over memory on a machine of two cores. @param settings `a.b=c` each. */
export function scriptedPlan(...settings: string[]): RunPlan {
  return planOn(parseScenario(SCENARIO, 'scripted.yaml', settings), MACHINE, 'both').plan;
}

/** Time that each reading of the clock takes. */
const LOOK_MICROS = 1000;

export class ScriptedSides implements RunSides {
  readonly plan: RunPlan;
  threads: readonly ThreadInfo[] = [
    { name: 'shard-0', role: 'shard', threadId: null },
    { name: 'lane-0', role: 'lane', threadId: null },
  ];
  readonly failure: Promise<Error>;
  /** Ends the sides as the failure of a worker does. */
  fail: (error: Error) => void = () => {};
  readonly ofDriver: Partial<Record<DriverCounterName, number>> = {};
  readonly ofSwitch: Partial<Record<SwitchCounterName, number>> = {};
  readonly ofSockets: Record<string, number> = {};
  readonly ofGateway: Partial<Record<GatewayCounterName, number>> = {};
  readonly http = null;
  switchControl: SwitchControl | null = null;
  readonly epochNanos = '0';
  readonly histograms = eachLatency(() => new Histogram());
  readonly threadCpu = new Map<string, ThreadCpu | null>();
  /** All requests to the sides, in order. */
  readonly calls: string[] = [];
  readonly commands: WorkerCommand[] = [];
  /** Called with the time before each reading of the clock, so that a test can change figures. */
  script: (nowMicros: number) => void = () => {};
  /** Called before each reading of a counter. */
  onRead: () => void = () => {};
  /** Called with each command for lanes. */
  onCommand: (command: WorkerCommand) => void = () => {};
  onRefresh: () => Promise<void> = async () => {};
  waiting: QueuedDigest | null = { messages: 0, low: 0, high: 0 };
  /** The resident memory of the next readings; the last value is then used for all further ones. */
  rssBytes: number[] = [1e6];
  intervalReading: IntervalReading = {
    deliveryP50Micros: null,
    deliveryP99Micros: null,
    sendDelayP99Micros: null,
    switchLedgerBytes: null,
    driverLedgerBytes: null,
    threads: [],
  };
  isStopped = false;
  #nowMicros = 0;

  constructor(plan: RunPlan = scriptedPlan()) {
    this.plan = plan;
    this.failure = new Promise((resolve) => {
      this.fail = resolve;
    });
  }

  readonly clock: Clock = {
    nowMicros: () => {
      this.script(this.#nowMicros);
      this.#nowMicros += LOOK_MICROS;
      return this.#nowMicros;
    },
    tell: (into) => {
      into[0] = this.#nowMicros;
    },
  };

  /** Moves the clock on. */
  pass(micros: number): void {
    this.#nowMicros += micros;
  }

  get profilable(): readonly string[] {
    return [...this.threads.map(({ name }) => name), 'main'];
  }

  async startProfiles(names: readonly string[], part: ProfilePart, { intervalMicros }: ProfileSampling): Promise<void> {
    this.calls.push(`profile ${part} of ${names} every ${intervalMicros}`);
  }

  async stopProfiles(names: readonly string[], folder: string): Promise<void> {
    this.calls.push(`keep ${names} in ${folder}`);
  }

  async start(): Promise<void> {
    this.calls.push('start');
  }

  async refresh(freshness: Freshness): Promise<void> {
    this.calls.push(`refresh ${freshness}`);
    await this.onRefresh();
  }

  async watch(isWatched: boolean): Promise<void> {
    this.calls.push(`watch ${isWatched}`);
  }

  driver(name: DriverCounterName): number {
    this.onRead();
    return this.ofDriver[name] ?? 0;
  }

  switch(name: SwitchCounterName): number {
    this.onRead();
    return this.ofSwitch[name] ?? 0;
  }

  gateway(name: GatewayCounterName): number {
    this.onRead();
    return this.ofGateway[name] ?? 0;
  }

  counters(): SideCounters {
    const { ofDriver, ofSwitch, ofSockets } = this;
    return {
      driver: { ...ofDriver },
      switch: { ...ofSwitch },
      switchSockets: {},
      driverSockets: { ...ofSockets },
      gateway: { ...this.ofGateway },
    };
  }

  inboxRefusals(): number {
    return 0;
  }

  latency(name: LatencyName): Histogram {
    return this.histograms[name].copy();
  }

  latencies(): Record<LatencyName, Histogram> {
    return eachLatency((name) => this.latency(name));
  }

  platformLatencies(): readonly PlatformLatencies[] {
    return [];
  }

  cpu(): ReadonlyMap<string, ThreadCpu | null> {
    return new Map(this.threadCpu);
  }

  processCpu(): ProcessCpu {
    return { switchMicros: null, driverMicros: null, sharedMicros: 0 };
  }

  async lanes(command: WorkerCommand): Promise<void> {
    this.calls.push(command.kind);
    this.commands.push(command);
    this.onCommand(command);
  }

  async inspect(collect: boolean): Promise<Map<string, Inspection>> {
    this.calls.push(`inspect ${collect}`);
    return new Map();
  }

  async storeFigures(): Promise<null> {
    return null;
  }

  async storms(): Promise<StormCounts[]> {
    return [];
  }

  async network(): Promise<NetworkReadings> {
    return new Map();
  }

  async queued(): Promise<QueuedDigest | null> {
    return this.waiting;
  }

  async readMemory(connections: number): Promise<MemoryReading> {
    this.calls.push(`memory ${connections}`);
    const [rssBytes = 0] = this.rssBytes.length > 1 ? this.rssBytes.splice(0, 1) : this.rssBytes;
    const ledger = [
      { owner: 'switch', name: 'sessions', bytes: 200 * connections, rowBytes: 100, rowsUsed: connections },
    ] as const;
    return { ...reading(connections), rssBytes, sockets: null, ledger };
  }

  sideRss(): SideRss {
    return { switchRssBytes: null, driverRssBytes: null };
  }

  roughRssBytes(): number {
    return this.rssBytes[0] ?? 0;
  }

  async stop(): Promise<readonly string[]> {
    this.calls.push('stop');
    this.isStopped = true;
    return [];
  }
}
