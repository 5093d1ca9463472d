/**
 * The two sides of a run as its phases see them, wherever their threads are: all in this process
 * (run-threads), or each side in a process of its own (process-sides).
 *
 * Figures are read without waiting, as of the last `refresh`; a side in this process is always
 * fresh, one in another sends its counters every few milliseconds.
 */
import type { Clock } from '../../base/clock.ts';
import type { DriverCounterName } from '../../driver/driver-counters.ts';
import type { ThreadCpu } from '../../measure/thread-cpu.ts';
import type { RunPlan } from '../../plan/run-plan.ts';
import type { Histogram } from '../../stats/histogram.ts';
import type { SwitchCounterName } from '../../switch/switch-counters.ts';
import type { QueuedDigest } from '../../verdict/integrity.ts';
import type { LatencyHistograms, LatencyName } from '../../verdict/latencies.ts';
import type { MemoryReading } from '../../verdict/memory-reading.ts';
import type { Inspection, SideCounters, ThreadInfo } from '../../verdict/run-record.ts';
import type { ProcessCpu } from '../../verdict/window.ts';
import type { WorkerCommand } from '../worker/worker-messages.ts';

/** Memory of one side's process. */
export interface SideMemory {
  readonly rssBytes: number;
  readonly pageTableBytes: number | null;
  readonly heapBytes: number;
  readonly ledgerBytes: number;
}

/** What {@link RunSides.refresh} brings up to date besides counters: what an interval of the time series is told by, or all. */
export type Freshness = 'counters' | 'interval' | 'all';

export interface RunSides {
  readonly plan: RunPlan;
  readonly clock: Clock;
  readonly threads: readonly ThreadInfo[];
  /** Settles with the first thread or process that fails; never rejects. */
  readonly failure: Promise<Error>;
  /** @throws WORKER_START_TIMEOUT, WORKER_FAILED or SIDE_FAILED. */
  start(): Promise<void>;
  refresh(freshness: Freshness): Promise<void>;
  /**
   * Whether counters come by themselves every few milliseconds, as phases want that watch them, or only with
   * {@link refresh}: then a side's main thread has next to nothing to do.
   */
  watch(isWatched: boolean): Promise<void>;
  /** A counter, summed over all lanes. */
  driver(name: DriverCounterName): number;
  /** A counter, summed over all shards. */
  switch(name: SwitchCounterName): number;
  counters(): SideCounters;
  /** Times that an inbox was found full; null where the switch is elsewhere. */
  inboxRefusals(): number | null;
  /** The p99 of deliveries between the last two refreshes of an interval; null where there were too few. */
  readonly deliveryP99Micros: number | null;
  /** What all lanes have recorded so far. */
  latency(name: LatencyName): Histogram;
  latencies(): LatencyHistograms;
  /** Processor time of each thread, by name. */
  cpu(): ReadonlyMap<string, ThreadCpu | null>;
  /** Of whole processes: threads of the runtime, such as the collector's and the compiler's, are in it. */
  processCpu(): ProcessCpu;
  /** Tells every lane something. */
  lanes(command: WorkerCommand): Promise<void>;
  /** Asks every thread for its heap and ledger, after collecting garbage if so asked. */
  inspect(collect: boolean): Promise<Map<string, Inspection>>;
  /** What waits in all mailboxes; null where the switch is elsewhere. */
  queued(): Promise<QueuedDigest | null>;
  readMemory(connections: number): Promise<MemoryReading>;
  /** Resident memory of all processes, roughly. */
  roughRssBytes(): number;
  /** Lets the threads leave, and ends those that do not. Never rejects. @returns the names of those. */
  stop(onProgress?: (text: string) => void): Promise<readonly string[]>;
}
