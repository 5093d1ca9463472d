/** The HTTP load of a run, in a thread of its own in the process of the controller, and its figures. */
import { Worker } from 'node:worker_threads';
import { namedCounters } from '../../base/counters.ts';
import { Histogram, histogramLength } from '../../stats/histogram.ts';
import { HTTP_LOAD_COUNTERS } from './http-load-counters.ts';
import type { HttpLoadCommand, HttpLoadData } from './http-load-messages.ts';

export type HttpLoadOrder = Omit<HttpLoadData, 'counters' | 'latency' | 'sendDelay'> & {
  /** Latencies below 2^bits microseconds are distinguished. */
  readonly latencyRangeBits: number;
};

/** The figures of the load at one instant. */
export interface HttpLoadSnapshot {
  readonly counters: Readonly<Record<string, number>>;
  readonly latency: Histogram;
  readonly sendDelay: Histogram;
}

/** Time in which open requests are answered after the last was sent. */
const STOP_MILLIS = 40_000;

export class HttpLoad {
  /** Settles if the thread fails; never rejects. */
  readonly failure: Promise<Error>;
  readonly #worker: Worker;
  readonly #counters: Float64Array;
  readonly #latency: Histogram;
  readonly #sendDelay: Histogram;

  constructor({ latencyRangeBits, ...order }: HttpLoadOrder) {
    const shared = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(bytes);
    const histogramBytes = histogramLength(latencyRangeBits) * Uint32Array.BYTES_PER_ELEMENT;
    const buffers = {
      counters: shared(HTTP_LOAD_COUNTERS.length * Float64Array.BYTES_PER_ELEMENT),
      latency: shared(histogramBytes),
      sendDelay: shared(histogramBytes),
    };
    this.#counters = new Float64Array(buffers.counters);
    this.#latency = new Histogram(new Uint32Array(buffers.latency));
    this.#sendDelay = new Histogram(new Uint32Array(buffers.sendDelay));
    const workerData: HttpLoadData = { ...order, ...buffers };
    this.#worker = new Worker(new URL('./load-main.js', import.meta.url), { workerData });
    this.failure = new Promise((resolve) => this.#worker.once('error', resolve));
  }

  /** Requests are due from this time on, in microseconds of the run. */
  start(startMicros: number): void {
    this.#tell({ kind: 'start', startMicros });
  }

  pause(): void {
    this.#tell({ kind: 'pause' });
  }

  /** What was not yet due before the pause is due later by its length. */
  resume(pausedMicros: number): void {
    this.#tell({ kind: 'resume', pausedMicros });
  }

  snapshot(): HttpLoadSnapshot {
    return {
      counters: namedCounters(HTTP_LOAD_COUNTERS, this.#counters),
      latency: this.#latency.copy(),
      sendDelay: this.#sendDelay.copy(),
    };
  }

  /** Sends no more, and waits for the answers to what is open. */
  async stop(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const stopped = new Promise((resolve) => this.#worker.once('message', resolve));
    this.#tell({ kind: 'stop' });
    const limit = new Promise((resolve) => {
      timer = setTimeout(resolve, STOP_MILLIS);
    });
    await Promise.race([stopped, limit, this.failure]);
    clearTimeout(timer);
  }

  /** Ends the thread. */
  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #tell(command: HttpLoadCommand): void {
    this.#worker.postMessage(command);
  }
}
