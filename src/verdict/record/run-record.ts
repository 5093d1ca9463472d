/**
 * What a run has found out so far, as plain data. However the run ends, a result can be built from it without access to
 * the machine.
 */
import type { LedgerEntry } from '../../base/ledger-entry.ts';
import type { Finding } from '../../driver/state/findings.ts';
import type { StormCounts } from '../../driver/storms/storm-tally.ts';
import type { KernelCounters } from '../../measure/kernel-counters.ts';
import type { KernelMemory } from '../../measure/kernel-memory.ts';
import type { Guard, Result, StepMark } from '../../result/result-schema.ts';
import type { Environment } from '../../result/sections/environment-schema.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import type { ScenarioSettings } from '../../scenario/scenario-schema.ts';
import type { Histogram } from '../../stats/histogram.ts';
import type { GroupPlanSettings } from '../../wire/group-plan.ts';
import type { CalibrationOutcome } from './calibration-outcome.ts';
import type { Mark } from './declared-disturbances.ts';
import type { HttpWindow } from './http-window.ts';
import { type Integrity, uncheckedIntegrity } from './integrity.ts';
import type { Interval, RecordedSeries } from './interval.ts';
import type { MemoryReading } from './memory-reading.ts';
import type { NetworkWindow } from './network-reading.ts';
import type { RampOutcome } from './ramp-outcome.ts';
import type { SettleOutcome } from './settle-outcome.ts';
import type { StoreRecord } from './store-figures.ts';
import type { SwitchFault } from './switch-fault.ts';
import type { Window } from './window.ts';

/** A thread of the run. */
export interface ThreadInfo {
  readonly name: string;
  readonly role: 'shard' | 'lane' | 'gateway' | 'store';
  readonly threadId: number | null;
}

/** What one thread says of its memory, and the faults it has found. */
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

/** The counters of both sides by name. */
export interface SideCounters {
  readonly driver: Record<string, number>;
  readonly switch: Record<string, number>;
  /** Counters of the sockets of each side; empty without sockets. */
  readonly switchSockets: Record<string, number>;
  readonly driverSockets: Record<string, number>;
  /** Counters of the gateway; empty without an HTTP side. */
  readonly gateway: Record<string, number>;
}

/** The parts of a plan that a result contains. */
export interface RecordedPlan {
  readonly settings: ScenarioSettings;
  readonly shape: { readonly shards: number; readonly lanes: number };
  /** Phones that connect. */
  readonly online: number;
  readonly shardLoop: Result['shardLoop'];
  readonly groups: GroupPlanSettings | null;
  /** Null over memory. */
  readonly sockets:
    | (Pick<NonNullable<Result['sockets']>, 'listen' | 'listenReason'> & {
        /** Null if each socket has a descriptor. */
        readonly ringPlaces: number | null;
        readonly sourcesPerLane: number;
      })
    | null;
}

/** What was run. */
export interface RecordedOrder {
  readonly scenario: Scenario;
  readonly scenarioHash: string;
  readonly file: string;
  readonly plan: RecordedPlan;
  readonly id: string;
  readonly startedAt: Date;
  /** The step of a series that this run is; null if it is not a step. */
  readonly step: StepMark | null;
  /** Whether the switch is part of the run. */
  readonly hasSwitch: boolean;
  /** Ends of each connection in the kernel of this machine. */
  readonly endsHere: 1 | 2;
}

/** A load that was measured. */
export interface MeasuredWindow {
  readonly window: Window;
  readonly intervals: readonly Interval[];
}

export type PhaseName = 'calibrate' | 'ramp' | 'settle' | 'measure' | 'drain';

export interface PhaseRecord {
  readonly name: PhaseName;
  readonly startSeconds: number;
  durationSeconds: number;
  outcome: string;
}

export class RunRecord {
  readonly order: RecordedOrder;
  readonly environment: Environment;
  readonly phases: PhaseRecord[] = [];
  readonly readings: MemoryReading[] = [];
  calibration: CalibrationOutcome | null = null;
  ramp: RampOutcome | null = null;
  settle: SettleOutcome | null = null;
  measured: MeasuredWindow | null = null;
  heldAtMeasure = 0;
  /** The HTTP load of the measured window; null without one. */
  http: HttpWindow | null = null;
  /** Heaps and collections of the threads during the measured window. */
  inspections: ReadonlyMap<string, Inspection> = new Map();
  /** Login latencies of the ramp. */
  loginLatency: Histogram | null = null;
  threads: readonly ThreadInfo[] = [];
  counters: SideCounters = { driver: {}, switch: {}, switchSockets: {}, driverSockets: {}, gateway: {} };
  inboxRefusals: number | null = null;
  /** Counters of the kernel during the measurement, and its memory then; null without sockets. */
  kernel: { readonly counters: KernelCounters; readonly memory: KernelMemory } | null = null;
  /** What the lanes counted of their packets; null over other transports. */
  network: NetworkWindow | null = null;
  /** How threads were profiled; null if they were not. */
  profile: Result['profile'] = null;
  integrity: Integrity = uncheckedIntegrity({}, true);
  guards: Guard[] = [];
  ended: Result['validity']['ended'] = 'complete';
  failure: string | null = null;
  /** The store of the mailboxes; null if they are kept in memory only. */
  store: StoreRecord | null = null;
  series: RecordedSeries | null = null;
  /** What was counted of each storm; empty before the end of the run. */
  storms: readonly StormCounts[] = [];
  /** What happened to the process of the switch, as the scenario declares; empty without faults. */
  faults: readonly SwitchFault[] = [];
  /** When the disturbances that the scenario declares begin; empty before traffic starts. */
  marks: readonly Mark[] = [];

  constructor(order: RecordedOrder, environment: Environment) {
    this.order = order;
    this.environment = environment;
  }
}
