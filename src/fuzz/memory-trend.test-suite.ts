/** Whether a process's memory stays as it is, by samples of its resident memory taken while work goes on. */
import { readFileSync } from 'node:fs';

export interface MemorySample {
  /** How much work was done when it was taken. */
  readonly done: number;
  readonly mib: number;
}

/** Resident memory of a process; null where there is no /proc, or the process has gone. */
export function residentMib(processId: number): number | null {
  try {
    const kib = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${processId}/status`, 'utf8'))?.[1];
    return kib === undefined ? null : Number(kib) / 1024;
  } catch {
    return null;
  }
}

export interface MemoryTrend {
  readonly earlyMib: number;
  readonly lateMib: number;
  readonly growthMib: number;
  readonly samples: number;
}

/** Too few to say anything. */
const SAMPLES_MIN = 9;

/**
 * Growth from the first third of the work after `after` to the last third: medians, so that one sample before or after
 * a collection decides nothing. Null where there are too few samples.
 */
export function memoryTrend(samples: readonly MemorySample[], after: number): MemoryTrend | null {
  const counted = samples.filter(({ done }) => done > after);
  if (counted.length < SAMPLES_MIN) return null;
  const third = Math.floor(counted.length / 3);
  const earlyMib = medianMib(counted.slice(0, third));
  const lateMib = medianMib(counted.slice(-third));
  return { earlyMib, lateMib, growthMib: lateMib - earlyMib, samples: counted.length };
}

function medianMib(samples: readonly MemorySample[]): number {
  const sorted = samples.map(({ mib }) => mib).sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

/**
 * Growth of what is kept on heaps below which a switch that is fuzzed is flat; garbage is not in it. A leak of
 * 100 bytes a stream is 6 MiB more in a run of 100,000; without one it is some tens of KiB.
 */
export const HEAPS_GROWTH_MIB_MAX = 4;

/**
 * The same for resident memory, which also has what no heap has, such as buffers of the kernel's rings: garbage is
 * collected twice per second, and pages that it leaves stay with the process for a while.
 */
export const GROWTH_MIB_MAX = 24;
