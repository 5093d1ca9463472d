/**
 * Memory of the kernel for sockets. /proc/slabinfo has it by cache, but only root can read it. Otherwise only the sum
 * of all slabs is known, which also changes for other reasons.
 *
 * The caches of files, inodes and names belong to everything that is open, so only the difference of two readings is
 * meaningful.
 */
import { readFileSync } from 'node:fs';
import type { ReadText } from './cgroup-limits.ts';
import { parseKibibytes } from './process-memory.ts';
import { readOrEmpty } from './read-or-empty.ts';

/** The slab caches that a TCP connection uses. */
export const SOCKET_CACHES = [
  'TCP',
  'TCPv6',
  'sock_inode_cache',
  'filp',
  'dentry',
  'eventpoll_epi',
  'eventpoll_pwq',
  'ep_head',
  'request_sock_TCP',
  'tw_sock_TCP',
  'tcp_bind_bucket',
  'tcp_bind2_bucket',
  'skbuff_head_cache',
  'skbuff_fclone_cache',
  'skbuff_small_head',
] as const;

export interface SlabCache {
  readonly activeObjects: number;
  readonly objectBytes: number;
  /** Active objects times their size. */
  readonly activeBytes: number;
  /** Whole slabs, including free objects: the memory that is not available otherwise. */
  readonly slabBytes: number;
}

export interface SocketStatistics {
  /** Sockets of every kind in this network namespace. */
  readonly used: number;
  readonly tcpInUse: number;
  readonly tcpOrphans: number;
  readonly tcpTimeWait: number;
  readonly tcpAllocated: number;
  /** Buffers with data, in pages. */
  readonly tcpMemoryPages: number;
}

export interface KernelMemory {
  /** Source of `socketBytes`. */
  readonly source: 'slabinfo' | 'meminfo' | 'none';
  /** Socket caches by name, as far as the kernel lists them. */
  readonly caches: Readonly<Record<string, SlabCache>>;
  /** Whole slabs of the socket caches; with source `meminfo` of all slabs; null if neither can be read. */
  readonly socketBytes: number | null;
  /** The same in active objects only; null without slabinfo. */
  readonly activeSocketBytes: number | null;
  readonly sockets: SocketStatistics | null;
  /** Data in TCP buffers; null without sockstat. */
  readonly tcpBufferBytes: number | null;
  readonly slabBytes: number | null;
  readonly reclaimableSlabBytes: number | null;
  readonly unreclaimableSlabBytes: number | null;
  /** What the figures leave out, one sentence each. */
  readonly cannotSee: readonly string[];
}

const DEFAULT_PAGE_BYTES = 4096;
/** The entry of the auxiliary vector that has the page size (AT_PAGESZ in elf.h). */
const AUXILIARY_PAGE_SIZE_KEY = 6n;
const AUXILIARY_ENTRY_BYTES = 16;

/** Reads the memory at present. */
export function kernelMemory(read: ReadText = readOrEmpty, pageBytes = machinePageBytes()): KernelMemory {
  const caches = socketCaches(parseSlabinfo(read('/proc/slabinfo'), pageBytes));
  const info = parseKibibytes(read('/proc/meminfo'));
  const sockets = parseSockstat(read('/proc/net/sockstat'));
  const slabBytes = info.get('Slab') ?? null;
  const hasCaches = Object.keys(caches).length > 0;
  const source = hasCaches ? 'slabinfo' : slabBytes === null ? 'none' : 'meminfo';
  const sum = (key: 'activeBytes' | 'slabBytes'): number =>
    Object.values(caches).reduce((total, cache) => total + cache[key], 0);
  return {
    source,
    caches,
    socketBytes: hasCaches ? sum('slabBytes') : slabBytes,
    activeSocketBytes: hasCaches ? sum('activeBytes') : null,
    sockets,
    tcpBufferBytes: sockets === null ? null : sockets.tcpMemoryPages * pageBytes,
    slabBytes,
    reclaimableSlabBytes: info.get('SReclaimable') ?? null,
    unreclaimableSlabBytes: info.get('SUnreclaim') ?? null,
    cannotSee: blindSpots(source, caches, sockets !== null),
  };
}

/**
 * All caches of a /proc/slabinfo (version 2.1) by name: active objects, all objects, object size, objects per slab and
 * pages per slab; after the second colon active slabs and all slabs.
 */
export function parseSlabinfo(text: string, pageBytes: number): Map<string, SlabCache> {
  const caches = new Map<string, SlabCache>();
  for (const line of text.split('\n')) {
    const match = /^(\S+)\s+(\d+)\s+\d+\s+(\d+)\s+\d+\s+(\d+)\s*:.*: slabdata\s+\d+\s+(\d+)/.exec(line);
    if (match === null) continue;
    const [activeObjects = 0, objectBytes = 0, pagesPerSlab = 0, slabs = 0] = match.slice(2).map(Number);
    caches.set(match[1] ?? '', {
      activeObjects,
      objectBytes,
      activeBytes: activeObjects * objectBytes,
      slabBytes: slabs * pagesPerSlab * pageBytes,
    });
  }
  return caches;
}

/** The values of TCP over IPv4 and IPv6 in /proc/net/sockstat; null without them. */
export function parseSockstat(text: string): SocketStatistics | null {
  const used = Number(/^sockets: used (\d+)/m.exec(text)?.[1] ?? 0);
  const match = /^TCP: inuse (\d+) orphan (\d+) tw (\d+) alloc (\d+) mem (\d+)/m.exec(text);
  if (match === null) return null;
  const [tcpInUse = 0, tcpOrphans = 0, tcpTimeWait = 0, tcpAllocated = 0, tcpMemoryPages = 0] = match
    .slice(1)
    .map(Number);
  return { used, tcpInUse, tcpOrphans, tcpTimeWait, tcpAllocated, tcpMemoryPages };
}

/** The page size in the auxiliary vector of a 64-bit process; null if it is missing. */
export function parsePageBytes(vector: Buffer): number | null {
  for (let at = 0; at + AUXILIARY_ENTRY_BYTES <= vector.length; at += AUXILIARY_ENTRY_BYTES) {
    if (vector.readBigUInt64LE(at) === AUXILIARY_PAGE_SIZE_KEY) return Number(vector.readBigUInt64LE(at + 8));
  }
  return null;
}

/** The page size of this machine: 4 KiB, but 16 or 64 KiB on some ARM machines. */
function machinePageBytes(): number {
  try {
    return parsePageBytes(readFileSync('/proc/self/auxv')) ?? DEFAULT_PAGE_BYTES;
  } catch {
    return DEFAULT_PAGE_BYTES; // without this file there are no slabs to count either
  }
}

function socketCaches(all: ReadonlyMap<string, SlabCache>): Record<string, SlabCache> {
  const found: Record<string, SlabCache> = {};
  for (const name of SOCKET_CACHES) {
    const cache = all.get(name);
    if (cache !== undefined) found[name] = cache;
  }
  return found;
}

function blindSpots(
  source: KernelMemory['source'],
  caches: Readonly<Record<string, SlabCache>>,
  hasSockets: boolean,
): string[] {
  if (source === 'none') return ['all of it: this system has neither /proc/slabinfo nor /proc/meminfo'];
  const always = [
    'tables of sockets: 8 bytes for each descriptor, about 40 for each place of io_uring',
    hasSockets
      ? 'data in buffers, which tcpBufferBytes has apart'
      : 'data in buffers: /proc/net/sockstat cannot be read',
  ];
  if (source === 'meminfo') {
    return ['which part of the slabs is of sockets: /proc/slabinfo can be read by root only', ...always];
  }
  const absent = SOCKET_CACHES.filter((name) => caches[name] === undefined);
  return absent.length === 0
    ? always
    : [
        `${absent.join(', ')}: the kernel has merged them with other caches of their size (slab_nomerge keeps them apart)`,
        ...always,
      ];
}
