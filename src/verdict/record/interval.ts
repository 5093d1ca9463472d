/** The figures of a run per interval, and its events. */
import type { KernelCounters } from '../../measure/kernel-counters.ts';
import type { IntervalSeries, RunEvent } from '../../result/series-schema.ts';
import type { ShedKindName, ShedTime } from './shed-times.ts';

/** One interval. Figures that are not known are null. */
export interface Interval {
  readonly atSeconds: number;
  readonly seconds: number;
  readonly phase: string;
  readonly held: number;
  readonly loginsPerSecond: number;
  /** Phones that came back after an absence that the scenario intends: their first attempts to connect. */
  readonly returnsPerSecond: number;
  readonly messagesPerSecond: number;
  /** Messages that phones sent, acknowledged or not; 0 where the phones are elsewhere. */
  readonly sentPerSecond: number;
  readonly deliveriesPerSecond: number;
  /** Of those: of groups and broadcast lists. */
  readonly groupDeliveriesPerSecond: number;
  /** Notices of presence that phones received. */
  readonly presenceNoticesPerSecond: number;
  /** Connections that storms ended. */
  readonly stormDropsPerSecond: number;
  readonly deliveryP50Micros: number | null;
  readonly deliveryP99Micros: number | null;
  readonly backlogMessages: number;
  /** Processor time taken by other virtual machines, as a share of all; null if the kernel does not report it. */
  readonly stealShare: number | null;
  /** Of all processes of the run. */
  readonly rssBytes: number;
  /** Of the process of each side; null if both sides share a process. */
  readonly switchRssBytes: number | null;
  readonly driverRssBytes: number | null;
  /** Growth of the kernel's memory for sockets since the start of the run. */
  readonly kernelSocketBytes: number | null;
  readonly switchLedgerBytes: number | null;
  readonly driverLedgerBytes: number | null;
  /** The same threads in each interval of a run; see {@link THREADS_PER_ROLE_MAX}. */
  readonly threads: readonly ThreadInterval[];
  /** Only while a run is watched; not part of its result. */
  readonly early?: EarlyFigures;
}

/** Figures by which guards can be judged before the run has ended. */
export interface EarlyFigures {
  /** How late messages were sent in the interval; null if there were too few. */
  readonly sendDelayP99Micros: number | null;
  /** Deliveries so far that were repeated, out of order, changed, or to a phone that they were not for. */
  readonly messageFaults: number;
  /** In the interval. */
  readonly throttledPeriods: number;
  readonly swappedPages: number;
  /** Since the start of the threads; null without sockets. */
  readonly kernel: KernelCounters | null;
  readonly connectsStarted: number;
}

/** What one thread did in an interval. */
export interface ThreadInterval {
  readonly name: string;
  readonly role: 'shard' | 'lane' | 'gateway' | 'store';
  /** Processor time divided by elapsed time. */
  readonly busyShare: number | null;
  readonly collections: number;
  readonly pauseMicros: number;
}

/** Maximum of shards and of lanes that the series lists; those with the lowest numbers are listed. */
export const THREADS_PER_ROLE_MAX = 16;

/** The intervals and events of a run. */
export interface RecordedSeries {
  readonly intervals: readonly Interval[];
  readonly events: readonly RunEvent[];
  /** Maximum of connections held at the end of any interval, including intervals that are no longer stored. */
  readonly peakHeld: number;
  /** The same of messages in mailboxes; 0 if the switch runs elsewhere. */
  readonly peakQueued: number;
  /** The same of messages that were due and not acknowledged, sent or not. */
  readonly peakUnanswered: number;
  /** When each kind of input was shed; not given: never. */
  readonly shedTimes?: ReadonlyMap<ShedKindName, ShedTime>;
}

/** A run without any interval. */
export const NO_SERIES: RecordedSeries = { intervals: [], events: [], peakHeld: 0, peakQueued: 0, peakUnanswered: 0 };

/** All intervals, as columns, rounded as in {@link roundedInterval}. */
export function seriesColumns({ intervals, events }: RecordedSeries): IntervalSeries {
  const short = intervals.map(roundedInterval);
  const column = <T>(pick: (interval: Interval) => T): T[] => short.map(pick);
  return {
    atSeconds: column((one) => one.atSeconds),
    phase: column((one) => one.phase),
    held: column((one) => one.held),
    loginsPerSecond: column((one) => one.loginsPerSecond),
    messagesPerSecond: column((one) => one.messagesPerSecond),
    deliveriesPerSecond: column((one) => one.deliveriesPerSecond),
    deliveryP50Micros: column((one) => one.deliveryP50Micros),
    deliveryP99Micros: column((one) => one.deliveryP99Micros),
    backlogMessages: column((one) => one.backlogMessages),
    stealShare: column((one) => one.stealShare),
    rssBytes: column((one) => one.rssBytes),
    switchRssBytes: column((one) => one.switchRssBytes),
    driverRssBytes: column((one) => one.driverRssBytes),
    kernelSocketBytes: column((one) => one.kernelSocketBytes),
    switchLedgerBytes: column((one) => one.switchLedgerBytes),
    driverLedgerBytes: column((one) => one.driverLedgerBytes),
    threads: threadColumns(short),
    events: [...events],
  };
}

/**
 * An interval with figures rounded to what a chart can show, because there are thousands of them: times to
 * milliseconds, rates to tenths, shares to 0.1 % and pauses to microseconds.
 */
export function roundedInterval(interval: Interval): Interval {
  return {
    ...interval,
    atSeconds: rounded(interval.atSeconds, 3),
    seconds: rounded(interval.seconds, 3),
    loginsPerSecond: rounded(interval.loginsPerSecond, 1),
    returnsPerSecond: rounded(interval.returnsPerSecond, 1),
    messagesPerSecond: rounded(interval.messagesPerSecond, 1),
    sentPerSecond: rounded(interval.sentPerSecond, 1),
    deliveriesPerSecond: rounded(interval.deliveriesPerSecond, 1),
    groupDeliveriesPerSecond: rounded(interval.groupDeliveriesPerSecond, 1),
    presenceNoticesPerSecond: rounded(interval.presenceNoticesPerSecond, 1),
    stormDropsPerSecond: rounded(interval.stormDropsPerSecond, 1),
    stealShare: roundedOrNull(interval.stealShare, 3),
    threads: interval.threads.map((thread) => ({
      ...thread,
      busyShare: roundedOrNull(thread.busyShare, 3),
      pauseMicros: Math.round(thread.pauseMicros),
    })),
  };
}

function threadColumns(intervals: readonly Interval[]): IntervalSeries['threads'] {
  return (intervals[0]?.threads ?? []).map(({ name, role }, place) => {
    const column = <T>(pick: (thread: ThreadInterval | undefined) => T): T[] =>
      intervals.map(({ threads }) => pick(threads[place]));
    return {
      name,
      role,
      busyShare: column((one) => one?.busyShare ?? null),
      collections: column((one) => one?.collections ?? 0),
      pauseMicros: column((one) => one?.pauseMicros ?? 0),
    };
  });
}

function roundedOrNull(value: number | null, digits: number): number | null {
  return value === null ? null : rounded(value, digits);
}

function rounded(value: number, digits: number): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
}
