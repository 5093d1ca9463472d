/**
 * TCP counters of the kernel: dropped connections, retransmitted segments, memory shortage. They count for the whole
 * network namespace since its start, so only the difference of two readings is meaningful.
 */
import type { ReadText } from './cgroup-limits.ts';
import { readOrEmpty } from './read-or-empty.ts';

/** Counters by their name in the kernel, prefixed with their group. */
const KERNEL_NAMES = {
  /** A backlog was full when a connection was ready to be accepted. */
  listenOverflows: ['TcpExt', 'ListenOverflows'],
  /** The same, and every other reason for which a connection was not taken. */
  listenDrops: ['TcpExt', 'ListenDrops'],
  synQueueDrops: ['TcpExt', 'TCPReqQFullDrop'],
  synQueueCookies: ['TcpExt', 'TCPReqQFullDoCookies'],
  timeouts: ['TcpExt', 'TCPTimeouts'],
  /** Segments sent again early, to find out whether they were lost (RFC 8985). */
  lossProbes: ['TcpExt', 'TCPLossProbes'],
  outOfOrder: ['TcpExt', 'TCPOFOQueue'],
  abortsForMemory: ['TcpExt', 'TCPAbortOnMemory'],
  memoryPressures: ['TcpExt', 'TCPMemoryPressures'],
  memoryPressureMillis: ['TcpExt', 'TCPMemoryPressuresChrono'],
  segmentsIn: ['Tcp', 'InSegs'],
  segmentsOut: ['Tcp', 'OutSegs'],
  segmentsRetransmitted: ['Tcp', 'RetransSegs'],
  /** Of those, what had arrived the first time, as the receiver told the sender (DSACK, RFC 2883). */
  segmentsRetransmittedInVain: ['TcpExt', 'TCPDSACKRecv'],
  /** Segments with an error. */
  segmentsInvalid: ['Tcp', 'InErrs'],
  segmentsBadChecksum: ['Tcp', 'InCsumErrors'],
  /** Answers to a SYN without room for it; the connection loses its TCP options. */
  synCookiesSent: ['TcpExt', 'SyncookiesSent'],
  resetsOut: ['Tcp', 'OutRsts'],
  /** Connections that were refused or not answered. */
  attemptsFailed: ['Tcp', 'AttemptFails'],
  /** Connections ended by a reset. */
  establishedResets: ['Tcp', 'EstabResets'],
} as const satisfies Record<string, readonly [group: string, name: string]>;

export type KernelCounter = keyof typeof KERNEL_NAMES;
/** A counter is null if this kernel does not have it. */
export type KernelCounters = Readonly<Record<KernelCounter, number | null>>;

/** Reads all counters. */
export function kernelCounters(read: ReadText = readOrEmpty): KernelCounters {
  return selectCounters(parseNetworkTables(`${read('/proc/net/netstat')}\n${read('/proc/net/snmp')}`));
}

/** The increase between two readings; null if either is unknown. */
export function difference(before: KernelCounters, after: KernelCounters): KernelCounters {
  return mapCounters((name) => {
    const [from, to] = [before[name], after[name]];
    return from === null || to === null ? null : to - from;
  });
}

/** All values of /proc/net/netstat or snmp as `group.name`: a line of names is followed by one of values. */
export function parseNetworkTables(text: string): Map<string, number> {
  const values = new Map<string, number>();
  let names: string[] = [];
  for (const line of text.split('\n')) {
    const words = line.trim().split(/\s+/);
    const isValues =
      words.length > 1 &&
      words.length === names.length &&
      words[0] === names[0] &&
      words.slice(1).every((word) => /^-?\d+$/.test(word));
    if (!isValues) {
      names = words;
      continue;
    }
    const group = (words[0] ?? '').replace(/:$/, '');
    names.slice(1).forEach((name, i) => {
      values.set(`${group}.${name}`, Number(words[i + 1]));
    });
  }
  return values;
}

function selectCounters(values: ReadonlyMap<string, number>): KernelCounters {
  return mapCounters((name) => values.get(KERNEL_NAMES[name].join('.')) ?? null);
}

function mapCounters(value: (name: KernelCounter) => number | null): KernelCounters {
  const names = Object.keys(KERNEL_NAMES) as KernelCounter[]; // keys of a literal are its keys and no others
  return Object.fromEntries(names.map((name) => [name, value(name)])) as KernelCounters; // one entry for each name
}
