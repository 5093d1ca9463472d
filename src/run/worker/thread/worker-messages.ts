/** Messages between the controller and the workers of a run. */

import type { ProfileSampling } from '../../../measure/thread-profiler.ts';
import type { RunPlan } from '../../../plan/run-plan.ts';
import type { RunBuffers } from '../memory/run-memory.ts';
import type { ProfilePart } from './profiled-thread.ts';

export type WorkerRole = 'shard' | 'lane' | 'null-shard' | 'gateway' | 'store';

/** The data of a worker when it starts. */
export interface WorkerData {
  readonly role: WorkerRole;
  readonly index: number;
  readonly plan: RunPlan;
  readonly buffers: RunBuffers;
  /** The instant at which the run's clock is zero: the controller's process.hrtime.bigint() in decimal digits. */
  readonly epochNanos: string;
  /** Whether the switch only echoes. */
  readonly isCalibration: boolean;
  /** Over tcp: descriptors of other threads, which this thread does not need. */
  readonly inheritedDescriptors: readonly number[];
}

/** A place where shards accept connections. */
export interface SwitchTarget {
  readonly host: string;
  readonly port: number;
}

export type WorkerCommand =
  /** Report memory by owner, after a garbage collection if `collect` is true. */
  | { readonly kind: 'inspect'; readonly collect: boolean }
  /** Start the logins of further phones (lanes only). */
  | { readonly kind: 'openLogins'; readonly phones: number; readonly before: number; readonly startMicros: number }
  /** Start no more logins, including those of phones that were about to try again (lanes only). */
  | { readonly kind: 'stopLogins' }
  | { readonly kind: 'startTraffic'; readonly startMicros: number }
  /** Change the total message rate of all lanes, once traffic has started (lanes only). */
  | {
      readonly kind: 'changeLoad';
      readonly perSecond: number;
      readonly departuresFactor: number;
      readonly startMicros: number;
    }
  /** Send heartbeats so many times as often as the scenario says (lanes only). */
  | { readonly kind: 'changeHeartbeats'; readonly factor: number }
  | { readonly kind: 'stopTraffic' }
  /** Offer no load, but keep all connections (lanes only). */
  | { readonly kind: 'pauseLoad' }
  /** Offer load again after a pause of this length (lanes only). */
  | { readonly kind: 'resumeLoad'; readonly pausedMicros: number }
  /** Report what was counted of each storm (lanes only). */
  | { readonly kind: 'storms' }
  /** Report what was counted of packets, TCP and networks (lanes over tun only). */
  | { readonly kind: 'network' }
  /** Report the messages that wait in mailboxes (shards only). */
  | { readonly kind: 'queued' }
  /** Start to listen (shards over sockets only); the answer is the port. */
  | { readonly kind: 'listen'; readonly host: string; readonly port: number; readonly isShared: boolean }
  /** Start to listen for HTTP (gateways only); the answer is the port. */
  | { readonly kind: 'listenHttp'; readonly host: string; readonly port: number }
  /** Accept no more connections (shards over sockets only). */
  | { readonly kind: 'stopListening' }
  /** Tell every phone that the switch is stopping, and close all connections (shards); refuse requests (gateways). */
  | { readonly kind: 'beginStopping' }
  /** Set the addresses of the switch (lanes over sockets only): one in all, or one per shard. */
  | { readonly kind: 'targets'; readonly targets: readonly SwitchTarget[] }
  /** Start a profile of the thread. */
  | { readonly kind: 'startProfile'; readonly part: ProfilePart; readonly sampling: ProfileSampling }
  /** Write its profiles into a folder. */
  | { readonly kind: 'stopProfile'; readonly name: string; readonly folder: string }
  /** End the loop. */
  | { readonly kind: 'stop' };

/** The message of a worker when it is ready. */
export interface WorkerReady {
  /** The kernel's id of the thread; null if there is none. */
  readonly threadId: number | null;
}
