/**
 * Detects when a load has become steady: over the last five intervals the trend changes the median by less than 2 %,
 * and the backlog does not grow. Each interval is taken as a share of what was intended in it, so that a load that
 * changes as intended is steady. The slope is a median of slopes, so that one disturbed interval does not decide. The
 * limits are chosen, below the smallest difference in throughput that matters (`scenario/terms/metrics.ts`).
 */
import { countNoise, countNoiseShare } from './count-noise.ts';
import { median } from './quantiles.ts';
import { theilSen } from './theil-sen.ts';

/** Intervals over which the trend is taken. */
export const STEADY_INTERVALS = 5;
/** How much the trend may change the median. */
export const TREND_SHARE_MAX = 0.02;
/**
 * The trend of five Poisson counts varies as much as the difference of two counts of a seventh of their events. With
 * slope s of n events in five intervals, the variance of 5 s / mean is 12.5 / n by least squares, and 1/0.874 of
 * that, 14.3 / n, for a Theil–Sen slope of five points (by simulation); that of the difference of two counts of c
 * events is 2 / c.
 */
const TREND_PARTS = 14.3 / 2;
/** How much the backlog may grow, as a share of the completed events. */
export const BACKLOG_SHARE_MAX = 0.01;

export interface IntervalCounts {
  /** Events completed in the interval. */
  readonly done: number;
  /** Events intended for the interval. */
  readonly intended: number;
  /** Events due but not completed at the end of the interval. */
  readonly backlog: number;
}

/** How much the trend of the last five intervals changes their median, as a share; null with fewer intervals. */
export function trendShare(intervals: readonly IntervalCounts[]): number | null {
  if (intervals.length < STEADY_INTERVALS) return null;
  const last = intervals.slice(-STEADY_INTERVALS);
  const shares = last.map(({ done, intended }) => (intended > 0 ? done / intended : 0));
  const middle = median(shares);
  if (middle === 0) return 0;
  const { slope } = theilSen(
    last.map((_, i) => i),
    shares,
  );
  return Math.abs((slope * STEADY_INTERVALS) / middle);
}

/** The trend that chance may cause: the larger of 2 % and four standard deviations of the trend of this many events. */
export function trendShareMax(intervals: readonly IntervalCounts[]): number {
  return Math.max(TREND_SHARE_MAX, countNoiseShare(doneIn(intervals.slice(-STEADY_INTERVALS)) / TREND_PARTS));
}

/** Whether the load is steady by the strict limits. Used while there is time left to wait. */
export function isSteady(intervals: readonly IntervalCounts[]): boolean {
  const trend = trendShare(intervals);
  if (trend === null || trend >= TREND_SHARE_MAX) return false;
  const last = intervals.slice(-STEADY_INTERVALS);
  return backlogGrowth(last) <= BACKLOG_SHARE_MAX * doneIn(last);
}

/** Whether the load is steady within random variation. Used when there is no time left. */
export function isSteadyWithinNoise(intervals: readonly IntervalCounts[]): boolean {
  const trend = trendShare(intervals);
  if (trend === null || trend >= trendShareMax(intervals)) return false;
  const last = intervals.slice(-STEADY_INTERVALS);
  return backlogGrowth(last) <= backlogGrowthMax(last);
}

/**
 * The growth of the backlog from the end of the first interval to that of the last; 0 if it fell. It is extrapolated
 * from the medians of both halves, so that a single interval during which the machine stalled does not count as growth.
 */
export function backlogGrowth(intervals: readonly IntervalCounts[]): number {
  const half = Math.floor(intervals.length / 2);
  if (half === 0) return 0;
  const middle = (part: readonly IntervalCounts[]): number => median(part.map((interval) => interval.backlog));
  const apart = intervals.length - half;
  const grown = middle(intervals.slice(-half)) - middle(intervals.slice(0, half));
  return Math.max(0, (grown * (intervals.length - 1)) / apart);
}

/**
 * The growth that is allowed: the larger of 1 % of the completed events and the random variation of two counts of the
 * backlog.
 */
export function backlogGrowthMax(intervals: readonly IntervalCounts[]): number {
  const mean = intervals.reduce((sum, interval) => sum + interval.backlog, 0) / Math.max(1, intervals.length);
  return Math.max(BACKLOG_SHARE_MAX * doneIn(intervals), countNoise(mean));
}

function doneIn(intervals: readonly IntervalCounts[]): number {
  return intervals.reduce((sum, interval) => sum + interval.done, 0);
}
