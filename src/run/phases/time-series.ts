/** Records what a run does per interval, for the live view, the steadiness and the result. */
import type { Interval, RecordedSeries } from '../../verdict/record/interval.ts';
import type { RunSides } from '../sides/run-sides.ts';

interface Totals {
  readonly atMicros: number;
  readonly logins: number;
  readonly messages: number;
  readonly deliveries: number;
}

/** Maximum of stored intervals; a longer run drops the oldest, as the schema of results says. */
const INTERVALS_MAX = 7200;

export class TimeSeries implements RecordedSeries {
  readonly intervals: Interval[] = [];
  peakHeld = 0;
  phase = 'start';
  readonly #threads: RunSides;
  readonly #onInterval: (interval: Interval) => void;
  #last: Totals;
  #timer: NodeJS.Timeout | undefined;
  #isTicking = false;
  #isStopped = false;

  constructor(threads: RunSides, onInterval: (interval: Interval) => void) {
    this.#threads = threads;
    this.#onInterval = onInterval;
    this.#last = this.#totals();
  }

  /** Ends an interval periodically. */
  start(binMicros: number): void {
    this.#timer = setInterval(() => this.#tickSoon(), binMicros / 1000);
  }

  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#timer);
  }

  /** Requests fresh counters, then ends the interval. If a side does not answer it has failed, which it reports itself. */
  #tickSoon(): void {
    if (this.#isTicking) return; // a side is slow to answer, so this interval becomes longer
    this.#isTicking = true;
    this.#threads.refresh('interval').then(
      () => {
        this.#isTicking = false;
        if (!this.#isStopped) this.#tick();
      },
      () => this.stop(),
    );
  }

  #tick(): void {
    const before = this.#last;
    const now = this.#totals();
    this.#last = now;
    const seconds = (now.atMicros - before.atMicros) / 1e6;
    const held = this.#threads.driver('held');
    this.peakHeld = Math.max(this.peakHeld, held);
    const interval: Interval = {
      atSeconds: now.atMicros / 1e6,
      seconds,
      phase: this.phase,
      held,
      loginsPerSecond: (now.logins - before.logins) / seconds,
      messagesPerSecond: (now.messages - before.messages) / seconds,
      deliveriesPerSecond: (now.deliveries - before.deliveries) / seconds,
      deliveryP99Micros: this.#threads.deliveryP99Micros,
      backlogMessages: this.#threads.driver('messagesBacklog'),
      rssBytes: this.#threads.roughRssBytes(),
    };
    this.intervals.push(interval);
    if (this.intervals.length > INTERVALS_MAX) this.intervals.shift();
    this.#onInterval(interval);
  }

  #totals(): Totals {
    const threads = this.#threads;
    return {
      atMicros: threads.clock.nowMicros(),
      logins: threads.driver('loginsAccepted'),
      messages: threads.driver('messagesAcknowledged'),
      deliveries: threads.driver('messagesDelivered'),
    };
  }
}
