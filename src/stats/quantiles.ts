/**
 * Medians and other quantiles of small samples. Each call sorts a copy: samples are the figures of some runs or
 * intervals, and what is measured per message is in histograms.
 */
import { assert } from '../base/assert.ts';

/** The quantile `q` (0 to 1), interpolated between order statistics (R's type 7). */
export function quantile(values: readonly number[], q: number): number {
  assert(values.length > 0, 'a quantile needs at least one value');
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * q;
  const low = Math.floor(place);
  const below = sorted[low] as number; // low < length
  const above = sorted[Math.min(low + 1, sorted.length - 1)] as number; // clamped
  return below + (above - below) * (place - low);
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}
