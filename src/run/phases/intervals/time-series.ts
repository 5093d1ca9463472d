/** Records what a run does per interval, and its events, for the live view, streams, the steadiness and the result. */
import { EVENTS_MAX, type RunEvent, type RunEventName } from '../../../result/series-schema.ts';
import type { Mark } from '../../../verdict/record/declared-disturbances.ts';
import type { Interval, RecordedSeries, ThreadInterval } from '../../../verdict/record/interval.ts';
import type { PhaseName } from '../../../verdict/record/run-record.ts';
import { type ShedKindName, type ShedTime, ShedTimes } from '../../../verdict/record/shed-times.ts';
import type { RunSides, ThreadReading } from '../../sides/run-sides.ts';
import type { MachineInterval } from './machine-interval.ts';

interface Totals {
  readonly atMicros: number;
  readonly logins: number;
  readonly messages: number;
  readonly sent: number;
  readonly deliveries: number;
  readonly groupDeliveries: number;
  readonly presenceNotices: number;
  readonly stormDrops: number;
  readonly returns: number;
  readonly threads: ReadonlyMap<string, ThreadReading>;
}

/** Receives intervals and events as they happen. */
export interface IntervalListener {
  interval(interval: Interval): void;
  event(event: RunEvent): void;
}

/** Maximum of stored intervals; a longer run drops the oldest, as the schema of results says. */
export const INTERVALS_MAX = 7200;
/** Counters of deliveries that make a run invalid, however few. */
const MESSAGE_FAULTS = ['pairDuplicated', 'pairReordered', 'corrupted', 'strangers', 'groupStrangers'] as const;
/** Maximum of the text of an event; a longer one is cut. */
const DETAIL_LENGTH_MAX = 300;

export class TimeSeries implements RecordedSeries {
  readonly intervals: Interval[] = [];
  readonly events: RunEvent[] = [];
  peakHeld = 0;
  peakQueued = 0;
  peakUnanswered = 0;
  readonly #shed = new ShedTimes();
  readonly #sides: RunSides;
  readonly #machine: Pick<MachineInterval, 'next'>;
  readonly #listener: IntervalListener;
  #phase: PhaseName | 'start' = 'start';
  #last: Totals;
  #timer: NodeJS.Timeout | undefined;
  #isTicking = false;
  #isStopped = false;
  /** Marks that are still to come, in order of time. */
  #marks: readonly Mark[] = [];
  #dropped = 0;

  constructor(sides: RunSides, machine: Pick<MachineInterval, 'next'>, listener: IntervalListener) {
    this.#sides = sides;
    this.#machine = machine;
    this.#listener = listener;
    this.#last = this.#totals();
  }

  get shedTimes(): ReadonlyMap<ShedKindName, ShedTime> {
    return this.#shed.times;
  }

  /** Ends an interval periodically. */
  start(intervalMicros: number): void {
    this.#timer = setInterval(() => this.#tickSoon(), intervalMicros / 1000);
  }

  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#timer);
  }

  /** Number of intervals so far, including those that are no longer stored. */
  get count(): number {
    return this.#dropped + this.intervals.length;
  }

  /** The intervals after the first `count`, as far as they are still stored. @param count an earlier {@link count}. */
  since(count: number): readonly Interval[] {
    return this.intervals.slice(Math.max(0, count - this.#dropped));
  }

  /** The intervals from now on belong to this phase. */
  enter(phase: PhaseName): void {
    this.#phase = phase;
    this.note('phase', phase);
  }

  /** Marks to record when their time has come, in order of time. */
  expect(marks: readonly Mark[]): void {
    this.#marks = marks;
  }

  /** Records an event that happens now. */
  note(name: RunEventName, detail: string): void {
    const nowMicros = this.#sides.clock.nowMicros();
    this.#noteMarks(nowMicros);
    this.#record(nowMicros, name, detail);
  }

  #record(atMicros: number, name: RunEventName, detail: string): void {
    const event = { atSeconds: Math.round(atMicros / 1000) / 1000, name, detail: detail.slice(0, DETAIL_LENGTH_MAX) };
    if (this.events.length < EVENTS_MAX) this.events.push(event);
    this.#listener.event(event);
  }

  #noteMarks(nowMicros: number): void {
    const due = this.#marks.filter(({ atMicros }) => atMicros <= nowMicros);
    this.#marks = this.#marks.slice(due.length);
    for (const { atMicros, name, detail } of due) this.#record(atMicros, name, detail);
  }

  /**
   * Requests fresh counters, then ends the interval. If a side does not answer it has failed, which it reports itself.
   */
  #tickSoon(): void {
    if (this.#isTicking) return; // a side is slow to answer, so this interval becomes longer
    this.#isTicking = true;
    this.#sides.refresh('interval').then(
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
    this.#noteMarks(now.atMicros);
    const seconds = (now.atMicros - before.atMicros) / 1e6;
    const held = this.#sides.driver('held');
    this.peakHeld = Math.max(this.peakHeld, held);
    this.peakQueued = Math.max(this.peakQueued, this.#sides.switch('messagesQueued'));
    const unanswered = this.#sides.driver('messagesUnanswered') + this.#sides.driver('messagesBacklog');
    this.peakUnanswered = Math.max(this.peakUnanswered, Math.round(unanswered)); // lanes estimate what waits
    this.#shed.interval(before.atMicros / 1e6, now.atMicros / 1e6, (name) => this.#sides.switch(name));
    const { threads: readings, sendDelayP99Micros, ...reading } = this.#sides.intervalReading;
    const { throttledPeriods, swappedPages, kernel, ...machine } = this.#machine.next(now.atMicros);
    const messageFaults = MESSAGE_FAULTS.reduce((sum, name) => sum + this.#sides.driver(name), 0);
    const interval: Interval = {
      atSeconds: now.atMicros / 1e6,
      seconds,
      phase: this.#phase,
      held,
      loginsPerSecond: (now.logins - before.logins) / seconds,
      messagesPerSecond: (now.messages - before.messages) / seconds,
      sentPerSecond: (now.sent - before.sent) / seconds,
      deliveriesPerSecond: (now.deliveries - before.deliveries) / seconds,
      groupDeliveriesPerSecond: (now.groupDeliveries - before.groupDeliveries) / seconds,
      presenceNoticesPerSecond: (now.presenceNotices - before.presenceNotices) / seconds,
      returnsPerSecond: (now.returns - before.returns) / seconds,
      stormDropsPerSecond: (now.stormDrops - before.stormDrops) / seconds,
      backlogMessages: this.#sides.driver('messagesBacklog'),
      rssBytes: this.#sides.roughRssBytes(),
      ...this.#sides.sideRss(),
      ...machine,
      ...reading,
      threads: readings.map((thread) => sinceReading(thread, before.threads.get(thread.name), seconds)),
      early: {
        ...{ sendDelayP99Micros, messageFaults, throttledPeriods, swappedPages, kernel },
        connectsStarted: this.#sides.driver('connectsStarted'),
      },
    };
    this.intervals.push(interval);
    if (this.intervals.length > INTERVALS_MAX) {
      this.intervals.shift();
      this.#dropped++;
    }
    this.#listener.interval(interval);
  }

  #totals(): Totals {
    const sides = this.#sides;
    return {
      atMicros: sides.clock.nowMicros(),
      logins: sides.driver('loginsAccepted'),
      messages: sides.driver('messagesAcknowledged'),
      sent: sides.driver('messagesSent'),
      deliveries: sides.driver('messagesDelivered') + sides.driver('groupDeliveries'),
      groupDeliveries: sides.driver('groupDeliveries'),
      presenceNotices: sides.driver('presenceNotices'),
      stormDrops: sides.driver('stormDrops'),
      returns: sides.driver('returns'),
      threads: new Map(sides.intervalReading.threads.map((thread) => [thread.name, thread])),
    };
  }
}

/** What a thread did between two readings; from its start if there is only one. */
export function sinceReading(now: ThreadReading, before: ThreadReading | undefined, seconds: number): ThreadInterval {
  const isKnown = now.cpuMicros !== null && before !== undefined && before.cpuMicros !== null;
  return {
    name: now.name,
    role: now.role,
    busyShare: isKnown ? ((now.cpuMicros ?? 0) - (before.cpuMicros ?? 0)) / (seconds * 1e6) : null,
    collections: now.collections - (before?.collections ?? 0),
    pauseMicros: now.pauseMicros - (before?.pauseMicros ?? 0),
  };
}
