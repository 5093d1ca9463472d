/**
 * Creates the thread that writes the logs of some shards, from the plan and the memory of a run. It has a writer for
 * each of them, and may wait for the disk, which shards may not.
 *
 * With fsync each writer commits as soon as there is something, so the thread is woken by its shards. With async it
 * commits after a pause, or when a ring is half full.
 */
import { crc32 } from 'node:zlib';
import { assert } from '../../../base/assert.ts';
import type { LedgerEntry } from '../../../base/ledger-entry.ts';
import { FileDisk } from '../../../disk/file-disk.ts';
import { logFolder } from '../../../disk/store-folder.ts';
import { MonotonicClock } from '../../../measure/monotonic-clock.ts';
import type { RunPlan } from '../../../plan/run-plan.ts';
import { logFill } from '../../../store/durable/log-buffer.ts';
import { LogWriter } from '../../../store/durable/log-writer.ts';
import { RecordSender } from '../../../store/durable/restored-records.ts';
import { hugePageMemory } from '../memory/huge-page-memory.ts';
import { LogFigure, type LogFigures } from '../memory/log-figures.ts';
import type { RunMemory } from '../memory/run-memory.ts';
import { napper, runReactor } from '../reactors/run-reactor.ts';
import type { SwitchEnd } from '../thread/thread-end.ts';
import type { WorkerReactor } from '../thread/worker-reactor.ts';
import { MeasuredDisk } from './measured-disk.ts';

/** How long the thread sleeps while a disk is full, before it tries again. */
const FULL_MICROS = 50_000;
/** The longest sleep without anything to store. */
const PARK_MICROS_MAX = 100_000;

interface ShardLog {
  readonly writer: LogWriter;
  readonly figures: LogFigures;
  /** Bytes that wait in its ring. */
  readonly fill: () => number;
}

export interface StoreThread {
  readonly reactor: WorkerReactor;
  /** Opens the logs, and passes on to shards what they have kept; waits for shards that have much to read. */
  open(): void;
  readonly end: Pick<SwitchEnd, 'loop' | 'close'>;
}

export function makeStore(plan: RunPlan, memory: RunMemory, index: number, epochNanos: string): StoreThread {
  const { store } = plan;
  assert(store !== null, 'a plan with store threads has a store');
  const clock = new MonotonicClock(epochNanos);
  const disks: FileDisk[] = [];
  const bell = memory.storeBell(index);
  const sleeper = {
    sleep: (hasWork: () => boolean, micros: number) => bell.park(hasWork, micros / 1000),
    nap: napper(0),
  };
  const idle = { spins: 0, napMicros: 0, parkMicros: PARK_MICROS_MAX };
  const reactor = new StoreReactor(store.syncEveryMicros, store.ringBytes / 2, clock);
  const open = (): void => {
    for (let shard = index + disks.length * store.threads; shard < plan.shape.shards; shard += store.threads)
      reactor.add(openLog(plan, memory, shard, clock, disks));
  };
  return {
    reactor,
    open,
    end: {
      loop: (of, pollCommands, stopped) => {
        open(); // not before: shards take what the logs have kept, and some only start when this thread is ready
        runReactor(of, sleeper, idle, pollCommands, stopped);
        reactor.finish();
      },
      close: () => {
        for (const disk of disks) disk.close();
      },
    },
  };
}

/** Opens the log of a shard, and passes on to it what the log has kept. @throws as readLog does. */
function openLog(plan: RunPlan, memory: RunMemory, shard: number, clock: MonotonicClock, disks: FileDisk[]): ShardLog {
  const { store, storePlace } = plan;
  assert(store !== null && storePlace !== null, 'a plan with store threads has an open store');
  const disk = new FileDisk(logFolder(storePlace.folder, shard));
  disks.push(disk);
  const figures = memory.logFigures(shard);
  const buffer = memory.logBuffer(shard);
  const bell = memory.shardBell(shard);
  const writer = new LogWriter(
    {
      shard,
      identity: storePlace.identity,
      fileBytesMax: store.fileBytesMax,
      rows: store.rowsPerShard,
      idWindowsMax: store.idWindowsPerShard,
      pairsMax: store.groupPairsMax,
    },
    {
      buffer,
      disk: new MeasuredDisk(disk, figures.row, clock),
      checksum: crc32,
      wake: () => bell.ring(),
      restored: new RecordSender(buffer),
      tables: hugePageMemory(plan.settings.memory.pages),
    },
  );
  figures.row[LogFigure.storeBytes] = writer.bytes;
  figures.row[LogFigure.untrackedRecords] = writer.untrackedRecords;
  return { writer, figures, fill: () => logFill(buffer) };
}

class StoreReactor implements WorkerReactor {
  readonly #logs: ShardLog[] = [];
  readonly #everyMicros: number;
  readonly #fillMax: number;
  readonly #clock: MonotonicClock;
  #dueMicros = 0;

  constructor(everyMicros: number, fillMax: number, clock: MonotonicClock) {
    this.#everyMicros = everyMicros;
    this.#fillMax = fillMax;
    this.#clock = clock;
  }

  add(log: ShardLog): void {
    this.#logs.push(log);
  }

  doWork(): number {
    if (!this.#isDue()) return 0;
    let done = 0;
    for (const log of this.#logs) if (log.writer.hasWork() && this.#step(log)) done++;
    if (done === 0 && this.#everyMicros > 0) this.#dueMicros = this.#clock.nowMicros() + this.#everyMicros;
    return done;
  }

  hasInput(): boolean {
    if (!this.#isDue()) return false;
    for (const { writer } of this.#logs) if (writer.hasWork()) return true;
    return false;
  }

  untilDueMicros(microsMax: number): number {
    for (const { writer } of this.#logs) if (writer.isStuck) return Math.min(FULL_MICROS, microsMax);
    if (this.#everyMicros === 0) return microsMax;
    return Math.max(0, Math.min(microsMax, Math.ceil(this.#dueMicros - this.#clock.nowMicros())));
  }

  /** Stores what is left; a disk that is full keeps the rest from being stored. */
  finish(): void {
    for (const log of this.#logs) while (log.writer.hasWork() && this.#step(log));
  }

  ledger(): LedgerEntry[] {
    const bytes = this.#logs.reduce((sum, { writer }) => sum + writer.memoryBytes, 0);
    return [{ owner: 'switch', name: 'state of the store', bytes, rowBytes: 0, rowsUsed: 0 }];
  }

  findings(): [] {
    return [];
  }

  command(): null {
    return null;
  }

  #isDue(): boolean {
    if (this.#everyMicros === 0 || this.#clock.nowMicros() >= this.#dueMicros) return true;
    for (const { fill } of this.#logs) if (fill() >= this.#fillMax) return true;
    return false;
  }

  #step({ writer, figures }: ShardLog): boolean {
    const { frames } = writer;
    const begin = this.#clock.nowMicros();
    const hasWorked = writer.doWork();
    if (writer.frames === frames) return hasWorked;
    const { row, commitLatency } = figures;
    commitLatency.record(this.#clock.nowMicros() - begin);
    row[LogFigure.commits] = writer.frames;
    row[LogFigure.records] = writer.records;
    row[LogFigure.storeBytes] = writer.bytes;
    row[LogFigure.untrackedRecords] = writer.untrackedRecords;
    writer.doWork(); // the disk was waited for: its shard is told at once, not after the syncs of other logs
    return hasWorked;
  }
}
