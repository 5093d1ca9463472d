/**
 * The two sides of a run as its phases see them, wherever their threads are: all in this process
 * (run-threads), or each side in a process of its own (process-sides).
 *
 * Figures are read without waiting, as of the last `refresh`; a side in this process is always
 * fresh, one in another sends its counters every few milliseconds.
 */
import type { LedgerEntry } from '../../base/ledger.ts';
import type { DriverCounterName } from '../../driver/driver-counters.ts';
import type { MonotonicClock } from '../../measure/monotonic-clock.ts';
import type { ThreadCpu } from '../../measure/thread-cpu.ts';
import type { Histogram } from '../../stats/histogram.ts';
import type { SwitchCounterName } from '../../switch/switch-counters.ts';
import type { LatencyName } from '../plan/run-memory.ts';
import type { RunPlan } from '../plan/run-plan.ts';
import type { Inspection, QueuedDigest, WorkerCommand } from '../worker/worker-messages.ts';

export interface ThreadInfo {
  readonly name: string;
  readonly role: 'shard' | 'lane';
  readonly threadId: number | null;
}

/** Memory of one side's process. */
export interface SideMemory {
  readonly rssBytes: number;
  readonly pageTableBytes: number | null;
  readonly heapBytes: number;
  readonly ledgerBytes: number;
}

/** Sockets at some number of connections. */
export interface SocketCount {
  /** Ends of the run's connections on this machine. */
  readonly own: number;
  /** TCP sockets of the whole machine, and sockets of all kinds in this network namespace. */
  readonly tcp: number;
  readonly all: number;
}

/** Memory at rest at some number of connections. */
export interface MemoryReading {
  readonly connections: number;
  /** Of the process, or of both processes together. */
  readonly rssBytes: number;
  readonly pageTableBytes: number | null;
  /** Of each side by itself, where it has a process of its own. */
  readonly switchRssBytes: number | null;
  readonly driverRssBytes: number | null;
  /** Null where the switch is elsewhere. */
  readonly switchLedgerBytes: number | null;
  readonly driverLedgerBytes: number;
  readonly switchHeapBytes: number | null;
  readonly driverHeapBytes: number;
  /** What the kernel holds for sockets of this machine; null without sockets. */
  readonly kernelBytes: number | null;
  /** Memory of the machine that is in use; null without sockets. */
  readonly machineBytes: number | null;
  /** Of the machine and of the run; null without sockets, and where the kernel does not say. */
  readonly sockets: SocketCount | null;
  readonly ledger: readonly LedgerEntry[];
}

/** Processor time of whole processes since they started, in microseconds; null where the process is not part of the run. */
export interface ProcessCpu {
  /** Of each side, where it has a process of its own. */
  readonly switchMicros: number | null;
  readonly driverMicros: number | null;
  /** Of both sides in one process. */
  readonly sharedMicros: number | null;
}

export type LatencyHistograms = Readonly<Record<LatencyName, Histogram>>;

export interface SideCounters {
  readonly driver: Record<string, number>;
  readonly switch: Record<string, number>;
  /** What sockets have met on each side; empty without sockets. */
  readonly switchSockets: Record<string, number>;
  readonly driverSockets: Record<string, number>;
}

/** What {@link RunSides.refresh} brings up to date besides counters. */
export type Freshness = 'counters' | 'latencies' | 'all';

export interface RunSides {
  readonly plan: RunPlan;
  readonly clock: MonotonicClock;
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
