/** The shard or lane inside a worker, as the worker's loop sees it. */
import type { LedgerEntry } from '../../../base/ledger-entry.ts';
import type { Finding } from '../../../driver/state/findings.ts';
import type { Reactor } from '../reactors/run-reactor.ts';
import type { WorkerCommand } from './worker-messages.ts';

export interface WorkerReactor extends Reactor {
  ledger(): LedgerEntry[];
  findings(): readonly Finding[];
  /** Executes a command that only this kind of reactor has. The answer, or the value of its promise, is sent back. */
  command(command: WorkerCommand): unknown;
}
