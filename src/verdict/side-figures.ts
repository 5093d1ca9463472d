/**
 * The figures of both sides that a verdict is made of, as plain data: who measured them, and how they came here, is not
 * to be seen.
 */
import type { LedgerEntry } from '../base/ledger.ts';
import type { Finding } from '../driver/findings.ts';
import type { Histogram } from '../stats/histogram.ts';

/** What each lane records, in this order. */
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
  /** Bytes of objects made on this thread's heap since the last inspection. */
  readonly allocatedBytes: number;
  readonly findings: readonly Finding[];
}

/** What is left in a shard's mailboxes, as a digest (see base/digest). */
export interface QueuedDigest {
  readonly messages: number;
  readonly low: number;
  readonly high: number;
}

/** Sockets at some number of connections. */
export interface SocketCount {
  /** Ends of the run's connections on this machine. */
  readonly own: number;
  /** TCP sockets of the whole machine, and sockets of all kinds in this network namespace. */
  readonly tcp: number;
  readonly all: number;
}

/** Memory at rest at some number of connections. */
export interface MemoryReading {
  readonly connections: number;
  /** Of the process, or of both processes together. */
  readonly rssBytes: number;
  readonly pageTableBytes: number | null;
  /** Of each side by itself, where it has a process of its own. */
  readonly switchRssBytes: number | null;
  readonly driverRssBytes: number | null;
  /** Null where the switch is elsewhere. */
  readonly switchLedgerBytes: number | null;
  readonly driverLedgerBytes: number;
  readonly switchHeapBytes: number | null;
  readonly driverHeapBytes: number;
  /** What the kernel holds for sockets of this machine; null without sockets. */
  readonly kernelBytes: number | null;
  /** Memory of the machine that is in use; null without sockets. */
  readonly machineBytes: number | null;
  /** Of the machine and of the run; null without sockets, and where the kernel does not say. */
  readonly sockets: SocketCount | null;
  readonly ledger: readonly LedgerEntry[];
}

/** Processor time of whole processes since they started, in microseconds; null where the process is not part of the run. */
export interface ProcessCpu {
  /** Of each side, where it has a process of its own. */
  readonly switchMicros: number | null;
  readonly driverMicros: number | null;
  /** Of both sides in one process. */
  readonly sharedMicros: number | null;
}

export type LatencyHistograms = Readonly<Record<LatencyName, Histogram>>;

/** A value for each latency, by its name. */
export function eachLatency<Value>(value: (name: LatencyName) => Value): Readonly<Record<LatencyName, Value>> {
  const values = Object.fromEntries(LATENCIES.map((name) => [name, value(name)]));
  return values as Record<LatencyName, Value>; // one for each name
}

export interface SideCounters {
  readonly driver: Record<string, number>;
  readonly switch: Record<string, number>;
  /** What sockets have met on each side; empty without sockets. */
  readonly switchSockets: Record<string, number>;
  readonly driverSockets: Record<string, number>;
}
