/**
 * Garbage collection of the calling thread: on demand, and its cost.
 *
 * A performance observer does not work in a thread whose event loop does not run, so collections are counted by V8's
 * own profiler, which can be stopped and read synchronously.
 */
import { GCProfiler, getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | undefined;

/** Collects all garbage of this thread now. */
export function collectGarbage(): void {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void; // defined by V8 because of the flag
  }
  collect();
}

/** Bytes of objects on this thread's heap; buffers outside the heap do not count. */
export function heapUsedBytes(): number {
  return getHeapStatistics().used_heap_size;
}

export interface Collections {
  readonly collections: number;
  readonly pauseMicros: number;
  /** Bytes allocated: the growth of the heap from the end of each collection to the start of the next. */
  readonly allocatedBytes: number;
}

const NONE: Collections = { collections: 0, pauseMicros: 0, allocatedBytes: 0 };

/** Counts collections: between two readings, and since the start. */
export class CollectionCounter {
  #profiler = new GCProfiler();
  #leftBytes: number;
  #total = NONE;
  #atRead = NONE;

  constructor() {
    this.#profiler.start();
    this.#leftBytes = heapUsedBytes();
  }

  /** The counts since the start, without what was left out. */
  total(): Collections {
    const [before, more] = [this.#total, this.#next()];
    this.#total = {
      collections: before.collections + more.collections,
      pauseMicros: before.pauseMicros + more.pauseMicros,
      allocatedBytes: before.allocatedBytes + more.allocatedBytes,
    };
    return this.#total;
  }

  /** The counts since the last reading of this kind. */
  read(): Collections {
    const [before, now] = [this.#atRead, this.total()];
    this.#atRead = now;
    return {
      collections: now.collections - before.collections,
      pauseMicros: now.pauseMicros - before.pauseMicros,
      allocatedBytes: now.allocatedBytes - before.allocatedBytes,
    };
  }

  /** Leaves out what has happened since the last call of this object. */
  leaveOut(): void {
    this.#next();
  }

  /** What has happened since the last call. */
  #next(): Collections {
    const usedBytes = heapUsedBytes();
    const statistics = this.#profiler.stop().statistics;
    this.#profiler = new GCProfiler();
    this.#profiler.start();
    let pauseMicros = 0;
    let allocatedBytes = 0;
    let leftBytes = this.#leftBytes;
    for (const one of statistics) {
      pauseMicros += one.cost;
      allocatedBytes += Math.max(0, one.beforeGC.heapStatistics.usedHeapSize - leftBytes);
      leftBytes = one.afterGC.heapStatistics.usedHeapSize;
    }
    allocatedBytes += Math.max(0, usedBytes - leftBytes);
    this.#leftBytes = heapUsedBytes();
    return { collections: statistics.length, pauseMicros, allocatedBytes };
  }
}
