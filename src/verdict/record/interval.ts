/** The figures of a run per interval. */
import type { Series } from '../../result/result-schema.ts';

/** One interval. */
export interface Interval {
  readonly atSeconds: number;
  readonly seconds: number;
  readonly phase: string;
  readonly held: number;
  readonly loginsPerSecond: number;
  readonly messagesPerSecond: number;
  readonly deliveriesPerSecond: number;
  readonly deliveryP99Micros: number | null;
  readonly backlogMessages: number;
  readonly rssBytes: number;
}

/** The intervals of a run. */
export interface RecordedSeries {
  readonly intervals: readonly Interval[];
  /** Maximum of connections held at the end of any interval, including intervals that are no longer stored. */
  readonly peakHeld: number;
}

/** All intervals, as columns. */
export function seriesColumns(intervals: readonly Interval[]): Series {
  const column = <T>(pick: (interval: Interval) => T): T[] => intervals.map(pick);
  return {
    atSeconds: column((one) => one.atSeconds),
    phase: column((one) => one.phase),
    held: column((one) => one.held),
    loginsPerSecond: column((one) => one.loginsPerSecond),
    messagesPerSecond: column((one) => one.messagesPerSecond),
    deliveriesPerSecond: column((one) => one.deliveriesPerSecond),
    deliveryP99Micros: column((one) => one.deliveryP99Micros),
    backlogMessages: column((one) => one.backlogMessages),
    rssBytes: column((one) => one.rssBytes),
  };
}
