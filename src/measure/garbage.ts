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

/** Counts collections between two readings. */
export class CollectionCounter {
  #profiler = new GCProfiler();
  #leftBytes: number;

  constructor() {
    this.#profiler.start();
    this.#leftBytes = heapUsedBytes();
  }

  /** Returns the counts since the last reading, and starts the next period. */
  read(): Collections {
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
