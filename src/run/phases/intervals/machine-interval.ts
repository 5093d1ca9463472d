/**
 * What happens on the machine in an interval of the time series: stolen processor time, and what the kernel says of
 * sockets.
 */
import type { ReadText } from '../../../measure/cgroup-limits.ts';
import { difference, type KernelCounters, kernelCounters } from '../../../measure/kernel-counters.ts';
import { kernelMemory } from '../../../measure/kernel-memory.ts';
import { type MachineCpu, machineCpu } from '../../../measure/machine-cpu.ts';
import { readOrEmpty } from '../../../measure/read-or-empty.ts';

/**
 * Minimum of time between two readings of the kernel: one of its memory takes 0.4 ms, as it counts the slabs of all
 * caches.
 */
const KERNEL_READING_MICROS_MIN = 1e6;

export interface MachineFigures {
  readonly stealShare: number | null;
  readonly kernelSocketBytes: number | null;
  readonly throttledPeriods: number;
  readonly swappedPages: number;
  /** Since the start; null without sockets. */
  readonly kernel: KernelCounters | null;
}

export class MachineInterval {
  readonly #hasSockets: boolean;
  readonly #read: ReadText;
  readonly #startSocketBytes: number | null;
  #cpu: MachineCpu;
  #kernelAtMicros = Number.NEGATIVE_INFINITY;
  #kernelSocketBytes: number | null = null;
  readonly #countersAtStart: KernelCounters | null;
  #kernel: KernelCounters | null = null;

  /** @param hasSockets whether phones connect through the kernel. */
  constructor(hasSockets: boolean, read: ReadText = readOrEmpty) {
    this.#hasSockets = hasSockets;
    this.#read = read;
    this.#cpu = machineCpu(read);
    this.#startSocketBytes = this.#socketBytes();
    this.#countersAtStart = hasSockets ? kernelCounters(read) : null;
  }

  /** The figures since the last call. */
  next(nowMicros: number): MachineFigures {
    const before = this.#cpu;
    this.#cpu = machineCpu(this.#read);
    const ticks = this.#cpu.totalTicks - before.totalTicks;
    const stolen = this.#cpu.stealTicks - before.stealTicks;
    if (nowMicros - this.#kernelAtMicros >= KERNEL_READING_MICROS_MIN) this.#readKernel(nowMicros);
    return {
      stealShare: ticks > 0 ? stolen / ticks : null,
      kernelSocketBytes: this.#kernelSocketBytes,
      throttledPeriods: this.#cpu.throttledPeriods - before.throttledPeriods,
      swappedPages: this.#cpu.swappedPages - before.swappedPages,
      kernel: this.#kernel,
    };
  }

  #readKernel(nowMicros: number): void {
    this.#kernelAtMicros = nowMicros;
    if (this.#countersAtStart !== null) this.#kernel = difference(this.#countersAtStart, kernelCounters(this.#read));
    if (this.#startSocketBytes === null) return;
    const bytes = this.#socketBytes();
    this.#kernelSocketBytes = bytes === null ? null : Math.max(0, bytes - this.#startSocketBytes);
  }

  /** Null without slabinfo: the sum of all slabs also changes for many other reasons. */
  #socketBytes(): number | null {
    if (!this.#hasSockets) return null;
    const { source, socketBytes } = kernelMemory(this.#read);
    return source === 'slabinfo' ? socketBytes : null;
  }
}
