/** Messages between the controller of a run and the process of one of its sides. */

import type { ErrorCode } from '../../base/errors.ts';
import type { StormCounts } from '../../driver/storms/storm-tally.ts';
import type { ThreadCpu } from '../../measure/thread-cpu.ts';
import type { ProfileSampling } from '../../measure/thread-profiler.ts';
import type { RunPlan } from '../../plan/run-plan.ts';
import type { QueuedDigest } from '../../verdict/record/integrity.ts';
import type { LatencyName, PlatformLatencyName } from '../../verdict/record/latencies.ts';
import type { NetworkReadings } from '../../verdict/record/network-reading.ts';
import type { Inspection, ThreadInfo } from '../../verdict/record/run-record.ts';
import type { StoreFigures } from '../../verdict/record/store-figures.ts';
import type { ProfilePart } from '../worker/thread/profiled-thread.ts';
import type { SwitchTarget, WorkerCommand } from '../worker/thread/worker-messages.ts';
import type { ProcessReading } from './process-reading.ts';
import type { Freshness, IntervalReading } from './run-sides.ts';

export type SideName = 'switch' | 'driver';

/** The requests to a side; the same key in {@link SideAnswers} is the type of the answer. */
export interface SideRequests {
  start: {
    readonly side: SideName;
    readonly plan: RunPlan;
    readonly isCalibration: boolean;
    readonly epochNanos: string;
  };
  /** Where to listen again, as before; empty: as the plan says. */
  listen: readonly SwitchTarget[];
  listenHttp: null;
  targets: readonly SwitchTarget[];
  lanes: WorkerCommand;
  inspect: boolean;
  queued: null;
  storeFigures: null;
  storms: null;
  network: null;
  memory: null;
  sample: Freshness;
  /** Whether to send counters without being asked. */
  watch: boolean;
  startProfiles: {
    readonly names: readonly string[];
    readonly part: ProfilePart;
    readonly sampling: ProfileSampling;
  };
  stopProfiles: { readonly names: readonly string[]; readonly folder: string };
  stop: null;
}

export interface SideAnswers {
  start: readonly ThreadInfo[];
  listen: readonly SwitchTarget[];
  listenHttp: SwitchTarget | null;
  targets: null;
  lanes: null;
  inspect: ReadonlyMap<string, Inspection>;
  queued: QueuedDigest;
  storeFigures: StoreFigures | null;
  storms: StormCounts[];
  network: NetworkReadings;
  memory: ProcessReading;
  sample: SideSample;
  watch: null;
  startProfiles: null;
  stopProfiles: null;
  stop: readonly string[];
}

export type SideRequestName = keyof SideRequests;

/** Rows without names, to keep garbage small: it is sent at least every second. */
export interface SideSample {
  /** Sums of the side's counters and of its sockets' counters, in the order of their names; empty if there are none. */
  readonly counters: Float64Array;
  readonly sockets: Float64Array;
  /** Counters of the gateway, likewise. */
  readonly gateway: Float64Array;
  readonly inboxRefusals: number;
  readonly rssBytes: number;
  readonly processCpuMicros: number;
  /** Only in a sample that ends an interval. */
  readonly interval: IntervalReading | null;
  /** Only in a sample that was requested in full. */
  readonly more: SideMore | null;
}

export interface SideMore {
  /** The counts of the histograms, if the side has any. */
  readonly latencies: Readonly<Partial<Record<LatencyName, Uint32Array>>>;
  /** The same by platform; empty without platforms. */
  readonly platformLatencies: readonly Readonly<Record<PlatformLatencyName, Uint32Array>>[];
  readonly cpu: ReadonlyMap<string, ThreadCpu | null>;
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
