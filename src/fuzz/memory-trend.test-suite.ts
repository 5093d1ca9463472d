/** Whether a process's memory stays as it is, by samples of its resident memory taken while work goes on. */
import { readFileSync } from 'node:fs';

export interface MemorySample {
  /** How much work was done when it was taken. */
  readonly done: number;
  readonly rssMib: number;
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
const SAMPLES_LEAST = 9;

/**
 * Growth from the first third of the work after `after` to the last third: medians, so that one sample before or after a
 * collection decides nothing. Null where there are too few samples.
 */
export function memoryTrend(samples: readonly MemorySample[], after: number): MemoryTrend | null {
  const counted = samples.filter(({ done }) => done > after);
  if (counted.length < SAMPLES_LEAST) return null;
  const third = Math.floor(counted.length / 3);
  const earlyMib = medianMib(counted.slice(0, third));
  const lateMib = medianMib(counted.slice(-third));
  return { earlyMib, lateMib, growthMib: lateMib - earlyMib, samples: counted.length };
}

function medianMib(samples: readonly MemorySample[]): number {
  const sorted = samples.map(({ rssMib }) => rssMib).sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

/**
 * Growth below which a switch that is fuzzed is flat: what V8's young generations and the collector's rhythm may hold for the main
 * thread and two shards (16 MiB each at most). A leak of 1 kB a stream is 60 MiB more in a run of 100,000.
 */
export const GROWTH_MIB_MOST = 48;
