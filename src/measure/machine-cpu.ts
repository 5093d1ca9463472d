/** Disturbances of a measurement from outside: stolen processor time, throttling, swapping. */
import type { ReadText } from './cgroup-limits.ts';
import { readOrEmpty } from './read-or-empty.ts';

export interface MachineCpu {
  /** Ticks of USER_HZ, 100 per second, of all processors together. */
  readonly totalTicks: number;
  /** Idle time, including waiting for disks. */
  readonly idleTicks: number;
  readonly stealTicks: number;
  readonly throttledPeriods: number;
  readonly swappedPages: number;
}

const [IDLE_FIELD, WAIT_FIELD, STEAL_FIELD] = [3, 4, 7];
/** user, nice, system, idle, iowait, irq, softirq, steal; guest time is part of user. */
const FIELDS = 8;

/** Reads the first line of /proc/stat. */
export function parseStat(text: string): Pick<MachineCpu, 'totalTicks' | 'idleTicks' | 'stealTicks'> {
  const [first = ''] = text.split('\n');
  const fields = first
    .trim()
    .split(/\s+/)
    .slice(1, 1 + FIELDS)
    .map(Number);
  return {
    totalTicks: fields.reduce((sum, ticks) => sum + ticks, 0),
    idleTicks: (fields[IDLE_FIELD] ?? 0) + (fields[WAIT_FIELD] ?? 0),
    stealTicks: fields[STEAL_FIELD] ?? 0,
  };
}

/** Reads the counters of the machine; differences of two readings are meaningful. */
export function machineCpu(read: ReadText = readOrEmpty): MachineCpu {
  const cgroup = /nr_throttled (\d+)/.exec(read('/sys/fs/cgroup/cpu.stat'));
  const vmstat = read('/proc/vmstat');
  const swapped = [...vmstat.matchAll(/^pswp(?:in|out) (\d+)$/gm)];
  return {
    ...parseStat(read('/proc/stat')),
    throttledPeriods: Number(cgroup?.[1] ?? 0),
    swappedPages: swapped.reduce((sum, match) => sum + Number(match[1]), 0),
  };
}
