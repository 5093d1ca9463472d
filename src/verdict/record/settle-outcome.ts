/** Whether a load has become steady, judged by its intervals. */
import {
  type Bin,
  isSteady,
  isSteadyWithinNoise,
  STEADY_BINS,
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
export function settled(bins: readonly Bin[], isOver: boolean): SettleOutcome | null {
  const steady = isSteady(bins);
  if (!steady && !isOver) return null;
  const trend = { trendShare: trendShare(bins), trendShareMax: trendShareMax(bins) };
  return { isSteady: steady || isSteadyWithinNoise(bins), ...trend };
}

/** Minimum of intervals in a measured window for comparing its halves. */
export const HALVES_BINS_MIN = 2 * STEADY_BINS;

/** An interval as guards see it: what was done and what was intended. */
export function toBin(interval: Interval, intended: IntendedEvents): Bin {
  const { atSeconds, seconds, messagesPerSecond, backlogMessages } = interval;
  return {
    done: messagesPerSecond * seconds,
    intended: intended((atSeconds - seconds) * 1e6, atSeconds * 1e6),
    backlog: backlogMessages,
  };
}
