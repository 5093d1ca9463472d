/**
 * Figures that only a thread itself can read, for the time series: its garbage collections, and what its tables hold.
 * The controller asks by a counter in shared memory, and the thread answers into a row of its own. So no message is
 * allocated in the threads, a thread that does not answer delays nothing, and between two requests a turn costs one
 * load.
 */
import { DOUBLE_BYTES, GAUGE_ROW } from '../../../plan/sizes/run-shape.ts';

/** The figures of a thread. Collections and pauses are totals since its start. */
const GAUGES = ['collections', 'pauseMicros', 'switchLedgerBytes', 'driverLedgerBytes'] as const;

export type GaugeName = (typeof GAUGES)[number];

/** The last double of a row has the number of requests, as a 32-bit integer. */
const REQUESTS_PLACE = GAUGE_ROW - 1;

export class ThreadGauges {
  readonly #figures: Float64Array;
  readonly #requests: Int32Array;
  #answered = 0;

  /** @param thread shards first, then lanes. */
  constructor(buffer: SharedArrayBuffer, thread: number) {
    const start = thread * GAUGE_ROW * DOUBLE_BYTES;
    this.#figures = new Float64Array(buffer, start, GAUGES.length);
    this.#requests = new Int32Array(buffer, start + REQUESTS_PLACE * DOUBLE_BYTES, 1);
  }

  /** Asks the thread for its figures. It has to be woken as well. */
  request(): void {
    Atomics.add(this.#requests, 0, 1);
  }

  /** Whether the calling thread has been asked since its last answer. */
  isRequested(): boolean {
    return Atomics.load(this.#requests, 0) !== this.#answered;
  }

  /** Answers all requests so far. Called by the thread itself. */
  answer(figures: Readonly<Record<GaugeName, number>>): void {
    this.#answered = Atomics.load(this.#requests, 0);
    GAUGES.forEach((name, place) => {
      this.#figures[place] = figures[name];
    });
  }

  /** The figures of the last answer; 0 before the first. */
  read(name: GaugeName): number {
    return this.#figures[GAUGES.indexOf(name)] ?? 0;
  }
}
