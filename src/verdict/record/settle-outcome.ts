/** Whether a load has become steady, judged by its intervals. */
import {
  type IntervalCounts,
  isSteady,
  isSteadyWithinNoise,
  STEADY_INTERVALS,
  trendShare,
  trendShareMax,
} from '../../stats/steadiness.ts';
import type { IntendedEvents } from './intended-events.ts';
import type { Interval } from './interval.ts';

export interface SettleOutcome {
  readonly isSteady: boolean;
  /** How much the trend of the last intervals changed their median; null with too few intervals. */
  readonly trendShare: number | null;
  /** The allowed change; above the strict limit if there are too few events. */
  readonly trendShareMax: number;
}

/** The outcome of settling after these intervals; null while there is reason and time to wait. */
export function settled(intervals: readonly IntervalCounts[], isOver: boolean): SettleOutcome | null {
  const steady = isSteady(intervals);
  if (!steady && !isOver) return null;
  const trend = { trendShare: trendShare(intervals), trendShareMax: trendShareMax(intervals) };
  return { isSteady: steady || isSteadyWithinNoise(intervals), ...trend };
}

/** Minimum of intervals in a measured window for comparing its halves. */
export const HALVES_INTERVALS_MIN = 2 * STEADY_INTERVALS;

/** An interval as guards see it: what was done and what was intended. */
export function countsOf(interval: Interval, intended: IntendedEvents): IntervalCounts {
  const { atSeconds, seconds, messagesPerSecond, backlogMessages } = interval;
  return {
    done: messagesPerSecond * seconds,
    intended: intended((atSeconds - seconds) * 1e6, atSeconds * 1e6),
    backlog: backlogMessages,
  };
}
