/**
 * The two sides of a run as its phases see them, wherever their threads are: all in this process
 * (run-threads), or each side in a process of its own (process-sides).
 *
 * Figures are read without waiting and are those of the last `refresh`. Counters of a side in this process are always
 * current; a side in another process can send its counters every few milliseconds (see `watch`).
 */

import type { Clock } from '../../base/clock.ts';
import type { StormCounts } from '../../driver/storms/storm-tally.ts';
import type { DriverCounterName } from '../../driver/terms/driver-counters.ts';
import type { ThreadCpu } from '../../measure/thread-cpu.ts';
import type { ProfileSampling } from '../../measure/thread-profiler.ts';
import type { RunPlan } from '../../plan/run-plan.ts';
import type { Histogram } from '../../stats/histogram.ts';
import type { GatewayCounterName } from '../../switch/gateway-counters.ts';
import type { SwitchCounterName } from '../../switch/terms/switch-counters.ts';
import type { QueuedDigest } from '../../verdict/record/integrity.ts';
import type { LatencyHistograms, LatencyName, PlatformLatencies } from '../../verdict/record/latencies.ts';
import type { MemoryReading } from '../../verdict/record/memory-reading.ts';
import type { NetworkReadings } from '../../verdict/record/network-reading.ts';
import type { Inspection, SideCounters, ThreadInfo } from '../../verdict/record/run-record.ts';
import type { StoreFigures } from '../../verdict/record/store-figures.ts';
import type { ProcessCpu } from '../../verdict/record/window.ts';
import type { ProfilePart } from '../worker/thread/profiled-thread.ts';
import type { SwitchTarget, WorkerCommand } from '../worker/thread/worker-messages.ts';

/** Memory of one side's process. */
export interface SideMemory {
  readonly rssBytes: number;
  readonly pageTableBytes: number | null;
  readonly heapBytes: number;
  readonly ledgerBytes: number;
}

/**
 * What {@link RunSides.refresh} updates: counters; also the figures of an interval of the time series; or everything.
 */
export type Freshness = 'counters' | 'interval' | 'all';

/**
 * What {@link RunSides.refresh} reads at the end of an interval, besides counters. Figures that are not known are null.
 */
export interface IntervalReading {
  /** Of deliveries between the last two refreshes of an interval; null if there were too few. */
  readonly deliveryP50Micros: number | null;
  readonly deliveryP99Micros: number | null;
  /** How late messages were sent, in the same time. */
  readonly sendDelayP99Micros: number | null;
  readonly switchLedgerBytes: number | null;
  readonly driverLedgerBytes: number | null;
  /** The first threads of each role, in the order of {@link RunSides.threads}. */
  readonly threads: readonly ThreadReading[];
}

/** Totals of a thread since its start. */
export interface ThreadReading {
  readonly name: string;
  readonly role: ThreadInfo['role'];
  readonly cpuMicros: number | null;
  readonly collections: number;
  readonly pauseMicros: number;
}

/** Resident memory of each side, if it has a process of its own; approximate. */
export interface SideRss {
  readonly switchRssBytes: number | null;
  readonly driverRssBytes: number | null;
}

/** What faults do to the process of a switch. */
export interface SwitchControl {
  /** How often it was killed. */
  readonly kills: number;
  /** kill -9. */
  kill(): Promise<void>;
  /**
   * Starts it again, at the same places.
   * @returns what its store has done so far, which is to read back what was stored; null without a store.
   * @throws what starting a switch throws.
   */
  startAgain(): Promise<StoreFigures | null>;
  /** SIGSTOP. */
  suspend(): void;
  /** SIGCONT. */
  resume(): void;
}

export interface RunSides {
  readonly plan: RunPlan;
  readonly clock: Clock;
  /** The instant at which the clock is zero; see currentEpochNanos. */
  readonly epochNanos: string;
  readonly threads: readonly ThreadInfo[];
  /** Where the HTTP side listens, once the sides have started; null without one. */
  readonly http: SwitchTarget | null;
  /** The process of the switch; null if it has none of its own. */
  readonly switchControl: SwitchControl | null;
  /** Settles with the first thread or process that fails; never rejects. */
  readonly failure: Promise<Error>;
  /** @throws WORKER_START_TIMEOUT, WORKER_FAILED or SIDE_FAILED. */
  start(): Promise<void>;
  refresh(freshness: Freshness): Promise<void>;
  /**
   * Whether each side sends its counters every few milliseconds without being asked, for phases that watch them.
   * Otherwise they are updated only by {@link refresh}, and the main thread of a side has almost nothing to do.
   */
  watch(isWatched: boolean): Promise<void>;
  /** A counter, summed over all lanes. */
  driver(name: DriverCounterName): number;
  /** A counter, summed over all shards. */
  switch(name: SwitchCounterName): number;
  /** A counter of the gateway; 0 without one. */
  gateway(name: GatewayCounterName): number;
  counters(): SideCounters;
  /** How often a hop found an inbox full; null if the switch is not part of the run. */
  inboxRefusals(): number | null;
  /** The reading at the end of the last interval. */
  readonly intervalReading: IntervalReading;
  /** The values that all lanes have recorded so far. */
  latency(name: LatencyName): Histogram;
  latencies(): LatencyHistograms;
  /** Latencies by platform, in the order of the scenario; empty without platforms. */
  platformLatencies(): readonly PlatformLatencies[];
  /** Processor time of each thread, by name. */
  cpu(): ReadonlyMap<string, ThreadCpu | null>;
  /**
   * Processor time of whole processes, including threads of the runtime such as those of garbage collector and
   * compiler.
   */
  processCpu(): ProcessCpu;
  /** Sends a command to every lane. */
  lanes(command: WorkerCommand): Promise<void>;
  /** Asks every thread for its heap and ledger. @param collect whether to collect garbage first. */
  inspect(collect: boolean): Promise<Map<string, Inspection>>;
  /** The messages that wait in all mailboxes; null if the switch is not part of the run. */
  queued(): Promise<QueuedDigest | null>;
  /** What store threads have counted so far; null without a store. */
  storeFigures(): Promise<StoreFigures | null>;
  /** What the lanes have counted of each storm of the scenario. */
  storms(): Promise<StormCounts[]>;
  /** What the lanes have counted of packets and networks; only over tun. */
  network(): Promise<NetworkReadings>;
  readMemory(connections: number): Promise<MemoryReading>;
  /** Names of the threads that can be profiled: those of {@link threads}, and the main thread of each process. */
  readonly profilable: readonly string[];
  /** Starts a profile of threads. @throws PROFILER_UNAVAILABLE. */
  startProfiles(names: readonly string[], part: ProfilePart, sampling: ProfileSampling): Promise<void>;
  /** Ends the profiles of threads; each writes its files into a folder. @throws OUTPUT_UNWRITABLE. */
  stopProfiles(names: readonly string[], folder: string): Promise<void>;
  /** Approximate resident memory of all processes. */
  roughRssBytes(): number;
  sideRss(): SideRss;
  /**
   * Asks all threads to end, and terminates those that do not. Never rejects.
   * @returns the names of those terminated.
   */
  stop(onProgress?: (text: string) => void): Promise<readonly string[]>;
}
