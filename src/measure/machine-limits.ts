/**
 * The limits of this machine on the number of connections. A limit that cannot be read is null, and no reader throws;
 * outside Linux most limits are null.
 */
import { createRequire } from 'node:module';
import { availableParallelism, platform, release, totalmem } from 'node:os';
import type { PortRange } from '../base/port-range.ts';
import { type CgroupLimits, cgroupLimits, parseLimit, type ReadText } from './cgroup-limits.ts';
import { freeMemoryBytes } from './process-memory.ts';
import { readOrEmpty } from './read-or-empty.ts';

export interface MachineLimits {
  readonly platform: string;
  readonly kernel: string;
  readonly cores: number;
  readonly clocksource: string | null;
  /** Whether system calls are possible (Linux, with koffi installed): each thread can then have its own descriptors. */
  readonly hasSystemCalls: boolean;
  /** Whether sockets can be held in tables of io_uring. */
  readonly hasSocketRings: boolean;
  /** Whether this user can open the device of packets, /dev/net/tun. */
  readonly hasTunDevice: boolean;
  /** Whether this user can make a network namespace, as root or in a user namespace. */
  readonly hasNetworkNamespaces: boolean;
  /** Where the kernel puts memory on huge pages (transparent_hugepage/enabled); null if it cannot. */
  readonly hugePages: HugePages | null;
  /** Whether this user may exceed fs.file-max (CAP_SYS_ADMIN). */
  readonly mayPassFileMax: boolean;
  /** Whether this user may raise its hard limit of open files (CAP_SYS_RESOURCE). */
  readonly mayRaiseHardLimit: boolean;
  /**
   * Open files of a process; infinite for no limit. The kernel enforces the soft limit, but Node raises it to the hard
   * limit at its start, so the hard limit of the shell that starts trunkline counts.
   */
  readonly openFilesSoft: number | null;
  readonly openFilesHard: number | null;
  /** Memory that this user may lock (`ulimit -l`), which includes rings of io_uring; infinite with CAP_IPC_LOCK. */
  readonly lockedBytes: number | null;
  /** Threads of this user (`ulimit -u`); root is exempt. Infinite for no limit. */
  readonly userThreads: number | null;
  /** The highest hard limit of open files that anyone can set. */
  readonly nrOpen: number | null;
  /** Open files of the whole machine. */
  readonly fileMax: number | null;
  /** The range of ports that the kernel assigns to connections. */
  readonly ports: PortRange | null;
  readonly somaxconn: number | null;
  readonly synBacklog: number | null;
  /** With SYN cookies a full SYN backlog loses TCP options but no connections. */
  readonly synCookies: number | null;
  /** 0: never; 1: always; 2: on loopback only. */
  readonly timeWaitReuse: number | null;
  /**
   * Memory of all TCP buffers in pages: below the first value no pressure, above the second pressure, the third is the
   * maximum.
   */
  readonly tcpMemoryPages: readonly number[] | null;
  /** Buffer of one socket in bytes: minimum, default, maximum. */
  readonly tcpReceiveBytes: readonly number[] | null;
  readonly tcpSendBytes: readonly number[] | null;
  /** Sockets that the epoll instances of one user can watch together. */
  readonly epollWatches: number | null;
  /** Mappings of a process; each thread takes several dozen. */
  readonly mapCount: number | null;
  readonly threads: number | null;
  readonly pidMax: number | null;
  readonly cgroup: CgroupLimits;
  readonly memoryTotalBytes: number;
  /** Free and cached memory, without a reserve (`measure/process-memory.ts` explains why not MemAvailable). */
  readonly memoryFreeBytes: number | null;
}

/** `always`: for all memory; `madvise`: for memory that asks for it; `never`: for none. */
export type HugePages = 'always' | 'madvise' | 'never';

const CAP_IPC_LOCK = 14n;
const CAP_SYS_ADMIN = 21n;
const CAP_SYS_RESOURCE = 24n;

/** What can only be found out by trying. */
export type TriedLimits = Pick<MachineLimits, 'hasSocketRings' | 'hasTunDevice' | 'hasNetworkNamespaces'>;

const NOTHING_TRIED: TriedLimits = { hasSocketRings: false, hasTunDevice: false, hasNetworkNamespaces: false };

/** Reads all limits. */
export function machineLimits(read: ReadText = readOrEmpty, tried = NOTHING_TRIED): MachineLimits {
  const limits = read('/proc/self/limits');
  const capabilities = isInitialUserNamespace(read('/proc/self/uid_map'))
    ? parseCapabilities(read('/proc/self/status'))
    : 0n;
  const sysctl = (name: string): string => read(`/proc/sys/${name}`);
  const openFiles = parseProcessLimit(limits, 'Max open files');
  return {
    platform: platform(),
    kernel: release(),
    cores: availableParallelism(),
    clocksource: read('/sys/devices/system/clocksource/clocksource0/current_clocksource').trim() || null,
    hasSystemCalls: platform() === 'linux' && isInstalled('koffi'),
    ...tried,
    hugePages: parseHugePages(read('/sys/kernel/mm/transparent_hugepage/enabled')),
    mayPassFileMax: hasCapability(capabilities, CAP_SYS_ADMIN),
    mayRaiseHardLimit: hasCapability(capabilities, CAP_SYS_RESOURCE),
    openFilesSoft: openFiles?.soft ?? null,
    openFilesHard: openFiles?.hard ?? null,
    lockedBytes: hasCapability(capabilities, CAP_IPC_LOCK)
      ? Number.POSITIVE_INFINITY
      : (parseProcessLimit(limits, 'Max locked memory')?.soft ?? null),
    userThreads: process.getuid?.() === 0 ? null : (parseProcessLimit(limits, 'Max processes')?.soft ?? null),
    nrOpen: parseLimit(sysctl('fs/nr_open')),
    fileMax: parseLimit(sysctl('fs/file-max')),
    ports: parsePortRange(sysctl('net/ipv4/ip_local_port_range')),
    somaxconn: parseLimit(sysctl('net/core/somaxconn')),
    synBacklog: parseLimit(sysctl('net/ipv4/tcp_max_syn_backlog')),
    synCookies: parseLimit(sysctl('net/ipv4/tcp_syncookies')),
    timeWaitReuse: parseLimit(sysctl('net/ipv4/tcp_tw_reuse')),
    tcpMemoryPages: parseTriple(sysctl('net/ipv4/tcp_mem')),
    tcpReceiveBytes: parseTriple(sysctl('net/ipv4/tcp_rmem')),
    tcpSendBytes: parseTriple(sysctl('net/ipv4/tcp_wmem')),
    epollWatches: parseLimit(sysctl('fs/epoll/max_user_watches')),
    mapCount: parseLimit(sysctl('vm/max_map_count')),
    threads: parseLimit(sysctl('kernel/threads-max')),
    pidMax: parseLimit(sysctl('kernel/pid_max')),
    cgroup: cgroupLimits(read),
    memoryTotalBytes: totalmem(),
    memoryFreeBytes: freeMemoryBytes(read),
  };
}

/** A row of /proc/self/limits; `unlimited` becomes infinity. */
export function parseProcessLimit(text: string, name: string): { soft: number; hard: number } | null {
  const row = text.split('\n').find((line) => line.startsWith(`${name}  `));
  const match = row === undefined ? null : /(\d+|unlimited)\s+(\d+|unlimited)/.exec(row);
  if (match === null) return null;
  const value = (word: string | undefined): number => (word === 'unlimited' ? Number.POSITIVE_INFINITY : Number(word));
  return { soft: value(match[1]), hard: value(match[2]) };
}

/** A pair of ports in ascending order. */
export function parsePortRange(text: string): PortRange | null {
  const match = /^(\d+)\s+(\d+)$/.exec(text.trim());
  if (match === null) return null;
  const [first, last] = [Number(match[1]), Number(match[2])];
  return first <= last ? { first, last } : null;
}

/** Three numbers, as in tcp_mem, tcp_rmem and tcp_wmem. */
export function parseTriple(text: string): readonly number[] | null {
  return /^\d+\s+\d+\s+\d+$/.test(text.trim()) ? text.trim().split(/\s+/).map(Number) : null;
}

/** The chosen word of a line such as `always [madvise] never`. */
export function parseHugePages(text: string): HugePages | null {
  const chosen = /\[(always|madvise|never)\]/.exec(text)?.[1];
  return (chosen as HugePages | undefined) ?? null; // one of the three words
}

/** The effective capabilities in /proc/self/status, one bit each. */
export function parseCapabilities(text: string): bigint {
  const match = /^CapEff:\s*([0-9a-f]+)$/m.exec(text);
  return match === null ? 0n : BigInt(`0x${match[1]}`);
}

/** Root in a container with a user namespace has all capabilities, but these limits require those of the host. */
function isInitialUserNamespace(uidMap: string): boolean {
  return /^0\s+0\s+4294967295$/.test(uidMap.trim());
}

function hasCapability(capabilities: bigint, bit: bigint): boolean {
  return ((capabilities >> bit) & 1n) === 1n;
}

function isInstalled(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false; // an optional dependency; other transports do not need it
  }
}
