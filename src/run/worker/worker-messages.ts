/** Messages between the controller and the workers of a run. */

import type { RunPlan } from '../../plan/run-plan.ts';
import type { RunBuffers } from './run-memory.ts';

export type WorkerRole = 'shard' | 'lane' | 'null-shard';

/** The data of a worker when it starts. */
export interface WorkerData {
  readonly role: WorkerRole;
  readonly index: number;
  readonly plan: RunPlan;
  readonly buffers: RunBuffers;
  /** The run's zero of time: process.hrtime.bigint() of the controller, as a decimal. */
  readonly epochNanos: string;
  /** The switch only echoes. */
  readonly isCalibration: boolean;
  /** Over tcp: what other threads have open, which this one has no use for. */
  readonly inheritedDescriptors: readonly number[];
}

/** A place where shards accept connections. */
export interface SwitchTarget {
  readonly host: string;
  readonly port: number;
}

export type WorkerCommand =
  /** Say how much memory is used and by what, after collecting garbage if so asked. */
  | { readonly kind: 'inspect'; readonly collect: boolean }
  /** Let phones arrive (lanes only). */
  | { readonly kind: 'openLogins'; readonly phones: number; readonly before: number; readonly startMicros: number }
  /** Let no more phones arrive, those included that were to try again (lanes only). */
  | { readonly kind: 'stopLogins' }
  | { readonly kind: 'startTraffic'; readonly startMicros: number }
  /** Let messages be due at another rate, all lanes together, once traffic has started (lanes only). */
  | { readonly kind: 'changeMessages'; readonly perSecond: number; readonly startMicros: number }
  | { readonly kind: 'stopTraffic' }
  /** Sum up the messages that wait in mailboxes (shards only). */
  | { readonly kind: 'queued' }
  /** Accept connections (shards over sockets only); the answer is the port. */
  | { readonly kind: 'listen'; readonly host: string; readonly port: number; readonly isShared: boolean }
  /** Accept no more (shards over sockets only). */
  | { readonly kind: 'stopListening' }
  /** Tell every phone that the switch is stopping, and close its connection (shards only). */
  | { readonly kind: 'beginStopping' }
  /** Where the switch is (lanes over sockets only): one place, or one for each shard. */
  | { readonly kind: 'targets'; readonly targets: readonly SwitchTarget[] }
  /** End the loop. */
  | { readonly kind: 'stop' };

/** The message of a worker when it is ready. */
export interface WorkerReady {
  /** The kernel's id of the thread; null if there is none. */
  readonly threadId: number | null;
}
