/**
 * When a load has become steady: over the last five intervals the trend moves the median by less
 * than 2 %, and the backlog does not grow (MEASURING.md, settle).
 */
import { median } from './quantiles.ts';
import { theilSen } from './theil-sen.ts';

export const STEADY_BINS = 5;
const TREND_SHARE = 0.02;

export interface Bin {
  readonly seconds: number;
  /** What must be steady, a second. */
  readonly rate: number;
  /** Events due and not done, at the end. */
  readonly backlog: number;
}

/** How far the trend of the last five bins moves their median, as a share; null before. */
export function trendShare(bins: readonly Bin[]): number | null {
  if (bins.length < STEADY_BINS) return null;
  const last = bins.slice(-STEADY_BINS);
  const rates = last.map((bin) => bin.rate);
  const middle = median(rates);
  if (middle === 0) return 0;
  const { slope } = theilSen(
    last.map((_, i) => i),
    rates,
  );
  return Math.abs((slope * STEADY_BINS) / middle);
}

/** Whether the load is steady now. */
export function isSteady(bins: readonly Bin[]): boolean {
  const trend = trendShare(bins);
  if (trend === null || trend >= TREND_SHARE) return false;
  const last = bins.slice(-STEADY_BINS);
  const growth = backlogGrowth(last);
  const due = last.reduce((sum, bin) => sum + bin.rate * bin.seconds, 0);
  return growth <= 0.01 * due;
}

/** How much the backlog grew from the first bin's end to the last one's; 0 if it fell. */
export function backlogGrowth(bins: readonly Bin[]): number {
  const first = bins[0];
  const last = bins.at(-1);
  if (first === undefined || last === undefined) return 0;
  return Math.max(0, last.backlog - first.backlog);
}
