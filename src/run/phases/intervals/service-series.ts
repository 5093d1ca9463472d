/** The intervals of a switch that runs alone, for its streams. What only phones know of it is null, or 0. */
import type { Interval } from '../../../verdict/record/interval.ts';
import type { RunSides, ThreadReading } from '../../sides/run-sides.ts';
import type { MachineInterval } from './machine-interval.ts';
import { sinceReading } from './time-series.ts';

export type ServiceSides = Pick<
  RunSides,
  'clock' | 'switch' | 'refresh' | 'intervalReading' | 'roughRssBytes' | 'sideRss'
>;

interface Totals {
  readonly atMicros: number;
  readonly logins: number;
  readonly messages: number;
  readonly groupDeliveries: number;
  readonly deliveries: number;
  readonly presenceNotices: number;
  readonly threads: ReadonlyMap<string, ThreadReading>;
}

/** The name of the only phase of a switch that runs alone. */
const PHASE = 'serve';

export class ServiceSeries {
  readonly #sides: ServiceSides;
  readonly #machine: Pick<MachineInterval, 'next'>;
  #last: Totals;

  constructor(sides: ServiceSides, machine: Pick<MachineInterval, 'next'>) {
    this.#sides = sides;
    this.#machine = machine;
    this.#last = this.#totals();
  }

  /** Ends an interval. Messages are those that the switch accepted, deliveries those that phones confirmed. */
  async next(): Promise<Interval> {
    const sides = this.#sides;
    await sides.refresh('interval');
    const before = this.#last;
    const now = this.#totals();
    this.#last = now;
    const seconds = Math.max(1, now.atMicros - before.atMicros) / 1e6;
    const { stealShare, kernelSocketBytes } = this.#machine.next(now.atMicros);
    const { threads: readings, sendDelayP99Micros: _, ...reading } = sides.intervalReading;
    return {
      atSeconds: now.atMicros / 1e6,
      seconds,
      phase: PHASE,
      held: sides.switch('sessions'),
      loginsPerSecond: (now.logins - before.logins) / seconds,
      messagesPerSecond: (now.messages - before.messages) / seconds,
      sentPerSecond: 0,
      deliveriesPerSecond: (now.deliveries - before.deliveries) / seconds,
      groupDeliveriesPerSecond: (now.groupDeliveries - before.groupDeliveries) / seconds,
      presenceNoticesPerSecond: (now.presenceNotices - before.presenceNotices) / seconds,
      stormDropsPerSecond: 0,
      returnsPerSecond: 0,
      backlogMessages: 0,
      rssBytes: sides.roughRssBytes(),
      ...sides.sideRss(),
      stealShare,
      kernelSocketBytes,
      ...reading,
      threads: readings.map((thread) => sinceReading(thread, before.threads.get(thread.name), seconds)),
    };
  }

  #totals(): Totals {
    const { clock, intervalReading } = this.#sides;
    const groupDeliveries = this.#sides.switch('groupConfirmed');
    return {
      atMicros: clock.nowMicros(),
      logins: this.#sides.switch('loginsAccepted'),
      messages: this.#sides.switch('messagesAccepted') + this.#sides.switch('groupMessagesAccepted'),
      groupDeliveries,
      deliveries: this.#sides.switch('messagesConfirmed') + groupDeliveries,
      presenceNotices: this.#sides.switch('presenceNotices'),
      threads: new Map(intervalReading.threads.map((thread) => [thread.name, thread])),
    };
  }
}
