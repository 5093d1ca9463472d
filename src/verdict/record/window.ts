/** The difference between two instants of a run: counters, latencies, processor time. */
import type { DriverCounterName } from '../../driver/terms/driver-counters.ts';
import type { MachineCpu } from '../../measure/machine-cpu.ts';
import type { ThreadCpu } from '../../measure/thread-cpu.ts';
import { Histogram } from '../../stats/histogram.ts';
import type { SwitchCounterName } from '../../switch/terms/switch-counters.ts';
import {
  eachLatency,
  eachPlatform,
  type LatencyHistograms,
  type LatencyName,
  type PlatformLatencies,
} from './latencies.ts';

/**
 * Processor time of whole processes since their start, in microseconds; null for a process that is not part of the run.
 */
export interface ProcessCpu {
  /** Of each side, if it has a process of its own. */
  readonly switchMicros: number | null;
  readonly driverMicros: number | null;
  /** Of both sides in one process. */
  readonly sharedMicros: number | null;
}

/** Everything that is read at one instant. */
export interface Snapshot {
  readonly atMicros: number;
  readonly driver: Readonly<Record<string, number>>;
  readonly switch: Readonly<Record<string, number>>;
  readonly latencies: LatencyHistograms;
  /** Latencies by platform; empty without platforms. */
  readonly platformLatencies: readonly PlatformLatencies[];
  readonly cpu: ReadonlyMap<string, ThreadCpu | null>;
  readonly processCpu: ProcessCpu;
  /** Of the process that controls the run. */
  readonly controllerMicros: number;
  readonly machine: MachineCpu;
}

export interface ThreadShare {
  readonly cpuMicros: number | null;
  readonly busyShare: number | null;
  readonly waitShare: number | null;
}

/** Ticks per second: USER_HZ, which is 100 on every platform of Node. */
const TICK_MICROS = 10_000;

/** Messages that were due in a window, whether or not they could be sent. */
export function dueMessages(window: Window): number {
  return window.driver('messagesSent') + window.driver('messagesBacklog') + window.driver('messagesNoConnection');
}

/** An amount of a window per second; null if nothing was measured. */
export function perSecond(window: Window | undefined, amount: (window: Window) => number): number | null {
  return window === undefined ? null : amount(window) / window.seconds;
}

export class Window {
  readonly start: Snapshot;
  readonly end: Snapshot;

  constructor(start: Snapshot, end: Snapshot) {
    this.start = start;
    this.end = end;
  }

  get micros(): number {
    return this.end.atMicros - this.start.atMicros;
  }

  get seconds(): number {
    return this.micros / 1e6;
  }

  driver(name: DriverCounterName): number {
    return (this.end.driver[name] ?? 0) - (this.start.driver[name] ?? 0);
  }

  switch(name: SwitchCounterName): number {
    return (this.end.switch[name] ?? 0) - (this.start.switch[name] ?? 0);
  }

  latency(name: LatencyName): Histogram {
    return this.end.latencies[name].since(this.start.latencies[name]);
  }

  latencies(): LatencyHistograms {
    return eachLatency((name) => this.latency(name));
  }

  /** Latencies by platform of the recipients; empty without platforms. */
  platformLatencies(): PlatformLatencies[] {
    const { start, end } = this;
    return eachPlatform(end.platformLatencies.length, (platform, name) => {
      const [before, after] = [start.platformLatencies[platform], end.platformLatencies[platform]];
      if (before === undefined || after === undefined) return new Histogram();
      return after[name].since(before[name]);
    });
  }

  /** What one thread used. */
  thread(name: string): ThreadShare {
    const before = this.start.cpu.get(name);
    const after = this.end.cpu.get(name);
    if (!before || !after) return { cpuMicros: null, busyShare: null, waitShare: null };
    const cpuMicros = after.cpuMicros - before.cpuMicros;
    return {
      cpuMicros,
      busyShare: cpuMicros / this.micros,
      waitShare: (after.waitMicros - before.waitMicros) / this.micros,
    };
  }

  /**
   * Processor time of all threads whose name has this prefix; null if there are none, or if the kernel does not report
   * it.
   */
  cpuMicros(prefix: string): number | null {
    const names = [...this.end.cpu.keys()].filter((name) => name.startsWith(prefix));
    if (names.length === 0) return null;
    let sum = 0;
    for (const name of names) {
      const { cpuMicros } = this.thread(name);
      if (cpuMicros === null) return null;
      sum += cpuMicros;
    }
    return sum;
  }

  /** Processor time of a whole process; null if there is none of this kind. */
  processMicros(which: keyof ProcessCpu): number | null {
    const before = this.start.processCpu[which];
    const after = this.end.processCpu[which];
    return before === null || after === null ? null : after - before;
  }

  /** Processor time taken by other virtual machines (steal), as a share of all. */
  get stealShare(): number {
    const total = this.end.machine.totalTicks - this.start.machine.totalTicks;
    return total === 0 ? 0 : (this.end.machine.stealTicks - this.start.machine.stealTicks) / total;
  }

  /** Processor time of the machine used by others than the run and its controller, as a share of all. */
  get otherProgramsShare(): number {
    const of = (key: 'totalTicks' | 'idleTicks' | 'stealTicks'): number =>
      (this.end.machine[key] - this.start.machine[key]) * TICK_MICROS;
    const controller = this.end.controllerMicros - this.start.controllerMicros;
    const sides = (this.processMicros('switchMicros') ?? 0) + (this.processMicros('driverMicros') ?? 0);
    const own = this.processMicros('sharedMicros') ?? sides + controller; // one process is its own controller
    const total = of('totalTicks');
    return total === 0 ? 0 : Math.max(0, total - of('idleTicks') - of('stealTicks') - own) / total;
  }

  /** The longest time that a thread of the run was runnable without a processor, as a share of the time. */
  get longestWaitShare(): number {
    const waits = [...this.end.cpu.keys()].map((name) => this.thread(name).waitShare ?? 0);
    return Math.min(1, Math.max(0, ...waits)); // a wait that ends in the window may have started before it
  }

  get throttledPeriods(): number {
    return this.end.machine.throttledPeriods - this.start.machine.throttledPeriods;
  }

  get swappedPages(): number {
    return this.end.machine.swappedPages - this.start.machine.swappedPages;
  }
}
