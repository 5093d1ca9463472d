/**
 * The figures of both sides on which a verdict is based, as plain data: they do not depend on who measured them or how
 * they were transferred.
 */
import type { LedgerEntry } from '../base/ledger.ts';
import type { Finding } from '../driver/findings.ts';
import type { Histogram } from '../stats/histogram.ts';

/** The latencies that each lane records, in this order. */
export const LATENCIES = ['login', 'acknowledgement', 'delivery', 'storedDelivery', 'receipt', 'sendDelay'] as const;
export type LatencyName = (typeof LATENCIES)[number];

export interface ThreadInfo {
  readonly name: string;
  readonly role: 'shard' | 'lane';
  readonly threadId: number | null;
}

export interface Inspection {
  readonly heapUsedBytes: number;
  readonly ledger: readonly LedgerEntry[];
  /** Collections since the last inspection, and how long they stopped the thread. */
  readonly collections: number;
  readonly pauseMicros: number;
  /** Bytes allocated on the heap of this thread since the last inspection. */
  readonly allocatedBytes: number;
  readonly findings: readonly Finding[];
}

/** The messages in a shard's mailboxes, as a digest (see base/digest). */
export interface QueuedDigest {
  readonly messages: number;
  readonly low: number;
  readonly high: number;
}

/** Numbers of sockets at a number of connections. */
export interface SocketCount {
  /** Ends of the run's connections on this machine. */
  readonly own: number;
  /** TCP sockets of the whole machine, and sockets of all kinds in this network namespace. */
  readonly tcp: number;
  readonly all: number;
}

/** Memory at rest at a number of connections. */
export interface MemoryReading {
  readonly connections: number;
  /** Of the process, or the sum of both processes. */
  readonly rssBytes: number;
  readonly pageTableBytes: number | null;
  /** Of each side, if it has a process of its own. */
  readonly switchRssBytes: number | null;
  readonly driverRssBytes: number | null;
  /** Null if the switch runs elsewhere. */
  readonly switchLedgerBytes: number | null;
  readonly driverLedgerBytes: number;
  readonly switchHeapBytes: number | null;
  readonly driverHeapBytes: number;
  /** Kernel memory of the sockets on this machine; null without sockets. */
  readonly kernelBytes: number | null;
  /** Memory in use of the machine; null without sockets. */
  readonly machineBytes: number | null;
  /** Of the machine and of the run; null without sockets, and if the kernel does not report them. */
  readonly sockets: SocketCount | null;
  readonly ledger: readonly LedgerEntry[];
}

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

export type LatencyHistograms = Readonly<Record<LatencyName, Histogram>>;

/** One value per latency, by name. */
export function eachLatency<Value>(value: (name: LatencyName) => Value): Readonly<Record<LatencyName, Value>> {
  const values = Object.fromEntries(LATENCIES.map((name) => [name, value(name)]));
  return values as Record<LatencyName, Value>; // one entry per name
}

export interface SideCounters {
  readonly driver: Record<string, number>;
  readonly switch: Record<string, number>;
  /** Counters of the sockets of each side; empty without sockets. */
  readonly switchSockets: Record<string, number>;
  readonly driverSockets: Record<string, number>;
}
