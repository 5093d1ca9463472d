/**
 * What the runs of a series that is not complete say so far, one line per metric that decides. It is for those who
 * watch: a verdict that stopped at a good moment would find differences where there are none.
 */
import { comparePairs } from '../../analysis/comparison/compare-pairs.ts';
import type { ComparisonOrder } from '../../analysis/comparison/comparison-order.ts';
import { formatFigure } from '../../analysis/comparison/format-figure.ts';
import { DEFAULT_GATING_METRICS, metricNamed } from '../../analysis/comparison/result-metrics.ts';
import { isUsable, type Pair } from '../../analysis/comparison/usable-pairs.ts';
import type { Result } from '../../result/result-schema.ts';
import { hodgesLehmann } from '../../stats/hodges-lehmann.ts';
import { median } from '../../stats/quantiles.ts';
import { signedShare } from './comparison-cells.ts';

/** Lines that are shown; a gate may have more rules. */
const LINES_MAX = 5;

/** Change of the metrics that decide, with the interval as soon as there are enough pairs for one. */
export function pairEstimatesSoFar(pairs: readonly Pair[], order: ComparisonOrder): string[] {
  const valid = pairs.filter(isUsable);
  if (valid.length === 0) return [];
  const { rows } = comparePairs(valid, order);
  return rows
    .filter(({ role }) => role === 'gating')
    .slice(0, LINES_MAX)
    .map(({ metric, changeShare, lowShare, highShare, ratios, n }) => {
      const share = changeShare ?? estimate(ratios);
      if (share === null) return `${metric}: no ratio measured`;
      const isKnown = lowShare !== null && highShare !== null;
      const interval = isKnown
        ? `${signedShare(lowShare)} … ${signedShare(highShare)}`
        : 'too few pairs for an interval';
      return `${metric}: ${signedShare(share)} (${interval}), ${n} valid ${n === 1 ? 'pair' : 'pairs'}`;
    });
}

/** The estimate of a comparison, also of fewer pairs than it accepts; null without a ratio. */
function estimate(ratios: readonly number[]): number | null {
  const logarithms = ratios.map(Math.log).filter(Number.isFinite);
  return logarithms.length === 0 ? null : Math.exp(hodgesLehmann(logarithms)) - 1;
}

/** Median and range of the usual metrics, over valid runs. */
export function runEstimatesSoFar(results: readonly Result[]): string[] {
  const valid = results.filter(({ validity }) => validity.isValid);
  const lines = DEFAULT_GATING_METRICS.map(metricNamed).flatMap((metric) => {
    const values = valid.map((result) => metric.read(result)).filter((value) => value !== null);
    if (values.length === 0) return [];
    const [middle, low, high] = [median(values), Math.min(...values), Math.max(...values)].map((value) =>
      formatFigure(value, metric.unit),
    );
    return [`${metric.name}: median ${middle}, ${low} … ${high}, ${values.length} valid`];
  });
  return lines.slice(0, LINES_MAX);
}
