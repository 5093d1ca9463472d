/** An interval of a measurement with figures that a test sets. */
import type { Interval } from './interval.ts';

export function madeInterval(figures: Partial<Interval> = {}): Interval {
  return {
    atSeconds: 1,
    seconds: 1,
    phase: 'measure',
    held: 1000,
    loginsPerSecond: 0,
    messagesPerSecond: 0,
    sentPerSecond: figures.messagesPerSecond ?? 0,
    deliveriesPerSecond: 0,
    groupDeliveriesPerSecond: 0,
    presenceNoticesPerSecond: 0,
    stormDropsPerSecond: 0,
    returnsPerSecond: 0,
    deliveryP50Micros: null,
    deliveryP99Micros: null,
    backlogMessages: 0,
    stealShare: null,
    rssBytes: 0,
    switchRssBytes: null,
    driverRssBytes: null,
    kernelSocketBytes: null,
    switchLedgerBytes: null,
    driverLedgerBytes: null,
    threads: [],
    ...figures,
  };
}
