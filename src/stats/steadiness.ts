/**
 * When a load has become steady: over the last five intervals the trend moves the median by less
 * than 2 %, and the backlog does not grow (MEASURING.md, settle). Each interval is seen as a share of what was intended
 * in it, so that a load which is meant to change is steady while it does as it is meant to.
 */
import { countNoise, countNoiseShare } from './count-noise.ts';
import { median } from './quantiles.ts';
import { theilSen } from './theil-sen.ts';

export const STEADY_BINS = 5;
export const TREND_SHARE_MOST = 0.02;
/** Of what was done: how much the backlog may grow. */
export const BACKLOG_SHARE_MOST = 0.01;

export interface Bin {
  /** Events that were done in it. */
  readonly done: number;
  /** Events that were to be done in it. */
  readonly intended: number;
  /** Events due and not done, at its end. */
  readonly backlog: number;
}

/** How far the trend of the last five bins moves their median, as a share; null before. */
export function trendShare(bins: readonly Bin[]): number | null {
  if (bins.length < STEADY_BINS) return null;
  const last = bins.slice(-STEADY_BINS);
  const shares = last.map(({ done, intended }) => (intended > 0 ? done / intended : 0));
  const middle = median(shares);
  if (middle === 0) return 0;
  const { slope } = theilSen(
    last.map((_, i) => i),
    shares,
  );
  return Math.abs((slope * STEADY_BINS) / middle);
}

/** What the trend may be by chance: the larger of 2 % and what two halves of so few events differ by. */
export function trendShareMost(bins: readonly Bin[]): number {
  return Math.max(TREND_SHARE_MOST, countNoiseShare(doneIn(bins.slice(-STEADY_BINS)) / 2));
}

/** Whether the load is steady now, by the plain limits: for as long as it is not, there may be time to wait. */
export function isSteady(bins: readonly Bin[]): boolean {
  const trend = trendShare(bins);
  if (trend === null || trend >= TREND_SHARE_MOST) return false;
  const last = bins.slice(-STEADY_BINS);
  return backlogGrowth(last) <= BACKLOG_SHARE_MOST * doneIn(last);
}

/** Whether nothing but chance speaks against it: what is asked when there is no time left. */
export function isSteadyWithinNoise(bins: readonly Bin[]): boolean {
  const trend = trendShare(bins);
  if (trend === null || trend >= trendShareMost(bins)) return false;
  const last = bins.slice(-STEADY_BINS);
  return backlogGrowth(last) <= backlogGrowthMost(last);
}

/**
 * How much the backlog grew from the first bin's end to the last one's; 0 if it fell. By the medians of both halves,
 * drawn out to the whole: one bin that ends while the machine stands still is no growth.
 */
export function backlogGrowth(bins: readonly Bin[]): number {
  const half = Math.floor(bins.length / 2);
  if (half === 0) return 0;
  const middle = (part: readonly Bin[]): number => median(part.map((bin) => bin.backlog));
  const apart = bins.length - half;
  const grown = middle(bins.slice(-half)) - middle(bins.slice(0, half));
  return Math.max(0, (grown * (bins.length - 1)) / apart);
}

/** What it may grow by: the larger of 1 % of what was done and what two counts of the backlog differ by. */
export function backlogGrowthMost(bins: readonly Bin[]): number {
  const mean = bins.reduce((sum, bin) => sum + bin.backlog, 0) / Math.max(1, bins.length);
  return Math.max(BACKLOG_SHARE_MOST * doneIn(bins), countNoise(mean));
}

function doneIn(bins: readonly Bin[]): number {
  return bins.reduce((sum, bin) => sum + bin.done, 0);
}
