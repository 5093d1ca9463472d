/** What the worker's loop needs to know of the shard or lane inside it. */
import type { LedgerEntry } from '../../base/ledger.ts';
import type { Finding } from '../../driver/findings.ts';
import type { Reactor } from './reactor-loop.ts';
import type { WorkerCommand } from './worker-messages.ts';

export interface WorkerReactor extends Reactor {
  ledger(): LedgerEntry[];
  findings(): readonly Finding[];
  /** Does what only this kind of reactor understands; the answer, or its promise's, is sent back. */
  command(command: WorkerCommand): unknown;
}
