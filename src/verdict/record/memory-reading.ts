/**
 * A reading of the memory of both sides, as plain data: it does not depend on who took it or how it was transferred.
 */
import type { LedgerEntry } from '../../base/ledger-entry.ts';

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
  /** Part of the RSS that lies on huge pages; null if the kernel does not report it. */
  readonly hugePageBytes: number | null;
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
