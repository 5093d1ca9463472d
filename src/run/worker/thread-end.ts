/**
 * A thread's end of its connections as its reactor sees it: the transport itself, what it
 * understands of commands, and the loop and sleep that suit it. One is made for each transport.
 */

import type { Clock } from '../../base/clock.ts';
import type { LedgerEntry } from '../../base/ledger.ts';
import type { RunPlan } from '../../plan/run-plan.ts';
import type { ClientTransport, Transport } from '../../wire/transport.ts';
import type { Reactor } from './reactor-loop.ts';
import type { RunMemory } from './run-memory.ts';
import type { WorkerCommand } from './worker-messages.ts';

/** Where a thread stands in a run. */
export interface ThreadPlace {
  readonly plan: RunPlan;
  readonly memory: RunMemory;
  readonly clock: Clock;
  /** The shard's or the lane's number. */
  readonly index: number;
  /** Descriptors of other threads, to let go of once this one has a table of its own. */
  readonly inheritedDescriptors: readonly number[];
}

/** Runs a reactor until it is stopped. */
export type ThreadLoop = (reactor: Reactor, pollCommands: () => void, stopped: () => boolean) => void | Promise<void>;

interface ThreadEnd {
  readonly loop: ThreadLoop;
  ledger(): LedgerEntry[];
  /** Does what the transport understands; null for everything else. */
  command(command: WorkerCommand): unknown;
  /** Lets go of every socket. @param onProgress called now and then where that takes long. */
  close(onProgress: () => void): void | Promise<void>;
}

export interface SwitchEnd extends ThreadEnd {
  readonly transport: Transport;
}

export interface PhoneEnd extends ThreadEnd {
  readonly transport: ClientTransport;
}
