/**
 * A thread's end of its connections as its reactor sees it: the transport itself, the commands that the transport
 * handles, and a loop with the kind of sleep that suits it. Each transport has its own.
 */

import type { Clock } from '../../../base/clock.ts';
import type { LedgerEntry } from '../../../base/ledger-entry.ts';
import type { LatencyRecorder } from '../../../driver/state/lane-settings.ts';
import type { RunPlan } from '../../../plan/run-plan.ts';
import type { PhoneTransport, Transport } from '../../../wire/transport.ts';
import type { RunMemory } from '../memory/run-memory.ts';
import type { Reactor } from '../reactors/run-reactor.ts';
import type { WorkerCommand } from './worker-messages.ts';

/** The data of a run that a thread needs to create its end. */
export interface ThreadPlace {
  readonly plan: RunPlan;
  readonly memory: RunMemory;
  readonly clock: Clock;
  /** The shard's or the lane's number. */
  readonly index: number;
  /** Descriptors of other threads, to be closed once this thread has its own descriptor table. */
  readonly inheritedDescriptors: readonly number[];
  /** Whether the driver alone is measured. */
  readonly isCalibration: boolean;
}

/** Runs a reactor until it is stopped. */
export type ThreadLoop = (reactor: Reactor, pollCommands: () => void, stopped: () => boolean) => void | Promise<void>;

interface ThreadEnd {
  readonly loop: ThreadLoop;
  ledger(): LedgerEntry[];
  /** Executes a command for the transport. @returns null for all other commands. */
  command(command: WorkerCommand): unknown;
  /** Closes every socket. @param onProgress called at intervals if that takes long. */
  close(onProgress: () => void): void | Promise<void>;
}

export interface SwitchEnd extends ThreadEnd {
  readonly transport: Transport;
}

export interface PhoneEnd extends ThreadEnd {
  readonly transport: PhoneTransport;
  /** Records deliveries once more, by the network of their recipient; not given without networks. */
  readonly deliveryTo?: (row: number) => LatencyRecorder;
}
