/**
 * Memory of this process and of the machine, as the kernel reports it.
 *
 * The memory that can be allocated is `MemFree + Cached + Buffers` less a reserve. `MemAvailable` counts socket inodes
 * as reclaimable and is gigabytes too high while sockets are open.
 */
import { RESERVE_BYTES } from '../base/reserve-bytes.ts';
import { cgroupRoomBytes } from './cgroup-limits.ts';
import { readOrEmpty } from './read-or-empty.ts';

const KIBIBYTE = 1024;

export interface ProcessMemory {
  readonly rssBytes: number;
  /** Page tables of this process; not part of the RSS. */
  readonly pageTableBytes: number | null;
  /** Part of the RSS that lies on huge pages. */
  readonly hugePageBytes: number | null;
}

/** Values of a file such as /proc/meminfo, in bytes. */
export function parseKibibytes(text: string): Map<string, number> {
  const values = new Map<string, number>();
  for (const line of text.split('\n')) {
    const match = /^(\w+):\s+(\d+) kB/.exec(line);
    if (match !== null) values.set(match[1] ?? '', Number(match[2]) * KIBIBYTE);
  }
  return values;
}

/** The RSS. `smaps_rollup` counts pages; `statm` is inaccurate by several hundred kilobytes per thread. */
export function processMemory(): ProcessMemory {
  const rollup = parseKibibytes(readOrEmpty('/proc/self/smaps_rollup'));
  const status = parseKibibytes(readOrEmpty('/proc/self/status'));
  return {
    rssBytes: rollup.get('Rss') ?? process.memoryUsage.rss(),
    pageTableBytes: status.get('VmPTE') ?? null,
    hugePageBytes: rollup.get('AnonHugePages') ?? null,
  };
}

/** A quick, less accurate RSS, for time series. */
export function roughRssBytes(): number {
  return process.memoryUsage.rss();
}

/** Free memory of this machine, or of the cgroup with the least room, in bytes; null if unknown. */
export function freeMemoryBytes(read = readOrEmpty): number | null {
  const machine = machineFreeBytes(parseKibibytes(read('/proc/meminfo')));
  return machine === null ? null : Math.min(machine, cgroupRoomBytes(read) ?? Number.POSITIVE_INFINITY);
}

/** Memory that this machine (or the cgroup) can still allocate, less the reserve; null if unknown. */
export function allocatableBytes(read = readOrEmpty): number | null {
  const free = freeMemoryBytes(read);
  return free === null ? null : free - RESERVE_BYTES;
}

/** Free memory from /proc/meminfo: free and cached, less tmpfs. */
export function machineFreeBytes(info: ReadonlyMap<string, number>): number | null {
  const free = info.get('MemFree');
  if (free === undefined) return null;
  return free + (info.get('Cached') ?? 0) + (info.get('Buffers') ?? 0) - (info.get('Shmem') ?? 0);
}
