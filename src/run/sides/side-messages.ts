/** What the controller of a run and the process of one of its sides say to each other. */
import type { ErrorCode } from '../../base/errors.ts';
import type { ThreadCpu } from '../../measure/thread-cpu.ts';
import type { RunPlan } from '../../plan/run-plan.ts';
import type { Inspection, LatencyName, QueuedDigest, SideCounters, ThreadInfo } from '../../verdict/side-figures.ts';
import type { SwitchTarget, WorkerCommand } from '../worker/worker-messages.ts';
import type { ProcessReading } from './run-threads.ts';

export type SideName = 'switch' | 'driver';

/** What a side is asked, and by the same key in {@link SideAnswers} what it answers. */
export interface SideRequests {
  start: {
    readonly side: SideName;
    readonly plan: RunPlan;
    readonly isCalibration: boolean;
    readonly epochNanos: string;
  };
  listen: null;
  targets: readonly SwitchTarget[];
  lanes: WorkerCommand;
  inspect: boolean;
  queued: null;
  memory: null;
  sample: { readonly latencies: readonly LatencyName[]; readonly hasCpu: boolean };
  /** Whether to send counters without being asked. */
  watch: boolean;
  stop: null;
}

export interface SideAnswers {
  start: readonly ThreadInfo[];
  listen: readonly SwitchTarget[];
  targets: null;
  lanes: null;
  inspect: ReadonlyMap<string, Inspection>;
  queued: QueuedDigest;
  memory: ProcessReading;
  sample: SideSample;
  watch: null;
  stop: readonly string[];
}

export type SideRequestName = keyof SideRequests;

export interface SideSample extends SideCounters {
  readonly inboxRefusals: number;
  readonly rssBytes: number;
  /** The counts of the histograms that were asked for. */
  readonly latencies: Readonly<Partial<Record<LatencyName, Uint32Array>>>;
  readonly cpu: ReadonlyMap<string, ThreadCpu | null>;
  readonly processCpuMicros: number;
}

/** From the controller to a side. */
export interface SideEnvelope {
  readonly number: number;
  readonly name: SideRequestName;
  readonly request: unknown;
}

/** From a side to the controller. */
export type SideMessage =
  | { readonly kind: 'answer'; readonly number: number; readonly answer: unknown }
  | { readonly kind: 'refusal'; readonly number: number; readonly code: ErrorCode; readonly message: string }
  /** Sent every few milliseconds without being asked. */
  | { readonly kind: 'sample'; readonly sample: SideSample }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string };
