/**
 * Garbage of the calling thread: collecting it on demand, and what collections have cost.
 *
 * A performance observer is no use in a thread whose event loop never turns, so collections are
 * counted by V8's own profiler, which can be stopped and read synchronously.
 */
import { GCProfiler, getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | undefined;

/** Collects all garbage of this thread now. */
export function collectGarbage(): void {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void; // V8 puts it there because of the flag
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
}

/** Counts collections between two readings. */
export class CollectionCounter {
  #profiler = new GCProfiler();

  constructor() {
    this.#profiler.start();
  }

  /** What happened since the last reading, and starts the next. */
  read(): Collections {
    const statistics = this.#profiler.stop().statistics;
    this.#profiler = new GCProfiler();
    this.#profiler.start();
    let pauseMicros = 0;
    for (const one of statistics) pauseMicros += one.cost;
    return { collections: statistics.length, pauseMicros };
  }
}
