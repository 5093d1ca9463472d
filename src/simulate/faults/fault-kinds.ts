/** The kinds of faults that a simulation can have, and what each is done to. */

/**
 * What a fault is done to: a phone's connection, a shard, a shard's disk, a clock, or a size that holds for the whole
 * run.
 */
export type FaultTarget = 'phone' | 'shard' | 'disk' | 'clock' | 'size';

/** Each kind has the name of its rate in a scenario (`simulate.faults`). */
export const FAULT_KINDS = {
  /** A connection is lost, and both ends notice. */
  connectionsLost: 'phone',
  /** The switch loses a connection; the phone notices later, and what it sends until then is lost. */
  halfOpen: 'phone',
  /** A phone loses its connection without notice to the switch, and connects again while its session is still there. */
  duplicateConnects: 'phone',
  /** Nothing passes in either direction for a time; then all of it comes at once. */
  stalls: 'phone',
  /** All bytes of a connection are late for a time, and come cut into pieces. */
  slowLinks: 'phone',
  /** A shard does nothing for a time. */
  shardPauses: 'shard',
  /** A shard is killed, and starts again from its store. */
  shardKills: 'shard',
  /** The machine of a shard stops, which loses what was not synced, and the shard starts again from its store. */
  shardCrashes: 'shard',
  /** All shards stop at once with their machine, and start again from their stores. */
  switchCrashes: 'shard',
  /** Syncs take long for a time. */
  slowDisks: 'disk',
  /** A disk has no room for a time. */
  fullDisks: 'disk',
  /** A bit of a file that was synced changes, and the shard is killed soon afterwards. */
  bitFlips: 'disk',
  /** The clock of a shard or of a lane jumps ahead. */
  clockJumps: 'clock',
  /** A ring or a table is at its smallest for the whole run. */
  smallTables: 'size',
  /** A phone restarts without its state: it forgets unanswered messages and what it has seen, and skips ids. */
  phonesForget: 'phone',
} as const satisfies Readonly<Record<string, FaultTarget>>;

export type FaultKind = keyof typeof FAULT_KINDS;

export const FAULT_NAMES = Object.keys(FAULT_KINDS) as readonly FaultKind[]; // its keys

/** One fault of a run, as it is recorded: whole numbers only, so that a file repeats it exactly. */
export interface Fault {
  readonly kind: FaultKind;
  /** When, in microseconds from the start of traffic. */
  readonly atMicros: number;
  /** The phone, shard or clock: a number that is reduced to those that there are. */
  readonly target: number;
  /** For how long, or how far a clock jumps. */
  readonly micros: number;
  /** Decides what else is random about it. */
  readonly salt: number;
}

/** Faults per second of virtual time, by kind; of `smallTables` the share of all rings and tables. */
export type FaultRates = Readonly<Record<FaultKind, number>>;
