/** Whether a load has become steady, judged by what it did in each interval. */
import {
  type Bin,
  isSteady,
  isSteadyWithinNoise,
  STEADY_BINS,
  trendShare,
  trendShareMost,
} from '../stats/steadiness.ts';
import type { IntendedMessages } from './intended-messages.ts';
import type { Interval } from './interval.ts';

export interface SettleOutcome {
  readonly isSteady: boolean;
  /** How far the trend of the last intervals moved their median; null with too few of them. */
  readonly trendShare: number | null;
  /** How far it may; above the plain limit where so few events say no more. */
  readonly trendShareMost: number;
}

/** What settling comes to with these intervals; null while there is reason and time to wait. */
export function settled(bins: readonly Bin[], isOver: boolean): SettleOutcome | null {
  const steady = isSteady(bins);
  if (!steady && !isOver) return null;
  const trend = { trendShare: trendShare(bins), trendShareMost: trendShareMost(bins) };
  return { isSteady: steady || isSteadyWithinNoise(bins), ...trend };
}

/** Fewest intervals of a measured window from which halves can be compared. */
export const HALVES_BINS_LEAST = 2 * STEADY_BINS;

/** An interval as guards see it: what was done beside what was intended. */
export function toBin(interval: Interval, intended: IntendedMessages): Bin {
  const { atSeconds, seconds, messagesPerSecond, backlogMessages } = interval;
  return {
    done: messagesPerSecond * seconds,
    intended: intended((atSeconds - seconds) * 1e6, atSeconds * 1e6),
    backlog: backlogMessages,
  };
}
