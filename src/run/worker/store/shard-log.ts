/** The log of a shard of a run: none that lasts, or the end of one whose other end is a store thread. */
import { crc32 } from 'node:zlib';
import { assert } from '../../../base/assert.ts';
import type { Clock } from '../../../base/clock.ts';
import { FileDisk } from '../../../disk/file-disk.ts';
import { logFolder } from '../../../disk/store-folder.ts';
import type { RunPlan } from '../../../plan/run-plan.ts';
import { DurableLog } from '../../../store/durable/durable-log.ts';
import { logFill, OPEN_WORD } from '../../../store/durable/log-buffer.ts';
import { readLog } from '../../../store/durable/read-log.ts';
import type { LogVisitor, MailboxLog } from '../../../store/mailbox-log.ts';
import { VolatileLog } from '../../../store/volatile-log.ts';
import { LogFigure } from '../memory/log-figures.ts';
import type { RunMemory } from '../memory/run-memory.ts';

export function shardLog(plan: RunPlan, memory: RunMemory, shard: number, clock: Clock): MailboxLog {
  const { store, storePlace } = plan;
  if (store === null) return new VolatileLog();
  assert(storePlace !== null, 'a plan with a store has an open one');
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
    // The store thread opens the log first: it removes what must not be read.
    while (Atomics.load(buffer.words, OPEN_WORD) === 0) Atomics.wait(buffer.words, OPEN_WORD, 0);
    const begin = clock.nowMicros();
    const disk = new FileDisk(logFolder(storePlace.folder, shard));
    try {
      readLog(disk, { shard, identity: storePlace.identity }, crc32, counting(visitor, row));
    } finally {
      disk.close();
    }
    row[LogFigure.restoreMicros] = clock.nowMicros() - begin;
  };
  return new DurableLog({ buffer, wake, replay });
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
