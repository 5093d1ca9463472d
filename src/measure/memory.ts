/**
 * Memory of this process and of the machine, from the kernel.
 *
 * What may be allocated is `MemFree + Cached + Buffers` less a reserve. `MemAvailable` counts
 * socket inodes as reclaimable and is gigabytes too high while sockets live.
 */
import { readFileSync } from 'node:fs';

const KIBIBYTE = 1024;

export interface ProcessMemory {
  readonly rssBytes: number;
  /** The kernel's tables for this process's addresses; not part of the RSS. */
  readonly pageTableBytes: number | null;
}

/** Kept free on the machine whatever a run asks for. */
export const RESERVE_BYTES = 1.5 * 2 ** 30;

/** Values of a file such as /proc/meminfo, in bytes. */
export function parseKibibytes(text: string): Map<string, number> {
  const values = new Map<string, number>();
  for (const line of text.split('\n')) {
    const match = /^(\w+):\s+(\d+) kB/.exec(line);
    if (match !== null) values.set(match[1] ?? '', Number(match[2]) * KIBIBYTE);
  }
  return values;
}

/** RSS now. `smaps_rollup` counts pages; `statm` is a few hundred kilobytes off for each thread. */
export function processMemory(): ProcessMemory {
  const rollup = parseKibibytes(readOrEmpty('/proc/self/smaps_rollup'));
  const status = parseKibibytes(readOrEmpty('/proc/self/status'));
  return {
    rssBytes: rollup.get('Rss') ?? process.memoryUsage.rss(),
    pageTableBytes: status.get('VmPTE') ?? null,
  };
}

/** RSS now, quickly and roughly: for a time series. */
export function roughRssBytes(): number {
  return process.memoryUsage.rss();
}

/** What is free on this machine (or in the cgroup), in bytes; null where unknown. */
export function freeBytes(): number | null {
  const machine = machineFreeBytes(parseKibibytes(readOrEmpty('/proc/meminfo')));
  return machine === null ? null : Math.min(machine, cgroupRoomBytes());
}

/** What this machine (or the cgroup) can still give, the reserve kept; null where unknown. */
export function allocatableBytes(): number | null {
  const free = freeBytes();
  return free === null ? null : free - RESERVE_BYTES;
}

/** Free memory by the values of /proc/meminfo: free and cached, without what tmpfs holds. */
export function machineFreeBytes(info: ReadonlyMap<string, number>): number | null {
  const free = info.get('MemFree');
  if (free === undefined) return null;
  return free + (info.get('Cached') ?? 0) + (info.get('Buffers') ?? 0) - (info.get('Shmem') ?? 0);
}

/** The limit of this process's cgroup (v2), or null. */
export function cgroupLimitBytes(): number | null {
  const text = readOrEmpty('/sys/fs/cgroup/memory.max').trim();
  return /^\d+$/.test(text) ? Number(text) : null;
}

function cgroupRoomBytes(): number {
  const limit = cgroupLimitBytes();
  const used = Number(readOrEmpty('/sys/fs/cgroup/memory.current').trim() || Number.NaN);
  return limit === null || Number.isNaN(used) ? Number.POSITIVE_INFINITY : limit - used;
}

/** The text of a kernel file; empty where there is no such file, as on other systems. */
export function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
