/** The log of a shard of a run: none that lasts, or the end of one whose other end is a store thread. */
import type { Clock } from '../../../base/clock.ts';
import type { RunPlan } from '../../../plan/run-plan.ts';
import { DurableLog } from '../../../store/durable/durable-log.ts';
import { logFill } from '../../../store/durable/log-buffer.ts';
import { RecordReceiver } from '../../../store/durable/restored-records.ts';
import type { LogVisitor, MailboxLog } from '../../../store/mailbox-log.ts';
import { VolatileLog } from '../../../store/volatile-log.ts';
import { LogFigure } from '../memory/log-figures.ts';
import type { RunMemory } from '../memory/run-memory.ts';

export function shardLog(plan: RunPlan, memory: RunMemory, shard: number, clock: Clock): MailboxLog {
  const { store } = plan;
  if (store === null) return new VolatileLog();
  const buffer = memory.logBuffer(shard);
  const bell = memory.storeBell(shard % store.threads);
  const { row } = memory.logFigures(shard);
  // A thread that commits after a pause is only woken before the ring is full.
  const wake =
    store.syncEveryMicros === 0
      ? () => bell.ring()
      : () => {
          if (logFill(buffer) >= store.ringBytes / 2) bell.ring();
        };
  const replay = (visitor: LogVisitor): void => {
    row[LogFigure.restoreBeginMicros] = clock.nowMicros();
    new RecordReceiver(buffer, counting(visitor, row)).takeAll();
    // Shards may have theirs one after another: the last one knows how long all of them took.
    row[LogFigure.restoreMicros] = clock.nowMicros() - firstBeginMicros(plan, memory);
  };
  return new DurableLog({ buffer, wake, replay });
}

/** When the first shard began to read; 0 is no time, since the clock runs before threads start. */
function firstBeginMicros({ shape }: RunPlan, memory: RunMemory): number {
  const begins = Array.from({ length: shape.shards }, (_, shard) => {
    return memory.logFigures(shard).row[LogFigure.restoreBeginMicros] ?? 0;
  });
  return Math.min(...begins.filter((begin) => begin > 0));
}

/** Counts the entries that are read, as progress. */
function counting(visitor: LogVisitor, row: Float64Array): LogVisitor {
  return {
    appended: (entry) => {
      row[LogFigure.restoredEntries] = (row[LogFigure.restoredEntries] ?? 0) + 1;
      visitor.appended(entry);
    },
    removed: (accountRow, sequence) => visitor.removed(accountRow, sequence),
    noted: (note, subject, sequence, detail) => visitor.noted(note, subject, sequence, detail),
  };
}
