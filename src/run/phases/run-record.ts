/** What a run has found out so far. Whatever ends it, a result can be made of this. */
import type { KernelCounters } from '../../measure/kernel-counters.ts';
import type { KernelMemory } from '../../measure/kernel-memory.ts';
import type { Environment, Guard, Result, StepMark } from '../../result/result-schema.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import type { Histogram } from '../../stats/histogram.ts';
import type { RunPlan } from '../plan/run-plan.ts';
import type { MemoryReading, SideCounters, ThreadInfo } from '../sides/run-sides.ts';
import { type Integrity, uncheckedIntegrity } from '../verdict/integrity.ts';
import type { Inspection, SwitchTarget } from '../worker/worker-messages.ts';
import type { CalibrationOutcome } from './calibration-messages.ts';
import type { RampOutcome } from './ramp.ts';
import type { TimeSeries } from './time-series.ts';
import type { MeasureOutcome, SettleOutcome } from './traffic.ts';

/** What to run. */
export interface RunOrder {
  readonly scenario: Scenario;
  readonly file: string;
  readonly plan: RunPlan;
  readonly id: string;
  readonly startedAt: Date;
  /** Which step of a series this is; null for a run by itself. */
  readonly step: StepMark | null;
  /** Where the switch is, if it is not part of the run. */
  readonly targets: readonly SwitchTarget[] | null;
}

export type PhaseName = 'calibrate' | 'ramp' | 'settle' | 'measure' | 'drain';

export interface PhaseRecord {
  readonly name: PhaseName;
  readonly startSeconds: number;
  durationSeconds: number;
  outcome: string;
}

export class RunRecord {
  readonly order: RunOrder;
  readonly environment: Environment;
  readonly phases: PhaseRecord[] = [];
  readonly readings: MemoryReading[] = [];
  calibration: CalibrationOutcome | null = null;
  ramp: RampOutcome | null = null;
  settle: SettleOutcome | null = null;
  measured: MeasureOutcome | null = null;
  heldAtMeasure = 0;
  /** Heaps and collections of the threads during the measured window. */
  inspections: ReadonlyMap<string, Inspection> = new Map();
  /** Login latencies of the ramp. */
  loginLatency: Histogram | null = null;
  threads: readonly ThreadInfo[] = [];
  counters: SideCounters = { driver: {}, switch: {}, switchSockets: {}, driverSockets: {} };
  inboxRefusals: number | null = null;
  /** What the kernel counted while measuring, and held then; null without sockets. */
  kernel: { readonly counters: KernelCounters; readonly memory: KernelMemory } | null = null;
  integrity: Integrity = uncheckedIntegrity({}, true);
  guards: Guard[] = [];
  ended: Result['validity']['ended'] = 'complete';
  failure: string | null = null;
  series: TimeSeries | null = null;

  constructor(order: RunOrder, environment: Environment) {
    this.order = order;
    this.environment = environment;
  }
}
