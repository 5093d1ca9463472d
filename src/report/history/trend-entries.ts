/**
 * Figures for trend charts over commits, in the format of github-action-benchmark. A chart has one direction, so
 * metrics of which more is better are separate from those of which less is better.
 */
import { confidenceWords } from '../../analysis/comparison/comparison-sentences.ts';
import { DEFAULT_GATING_METRICS, type Metric, metricNamed } from '../../analysis/comparison/result-metrics.ts';
import type { Result } from '../../result/result-schema.ts';
import type { MetricUnit } from '../../scenario/terms/metrics.ts';
import { median } from '../../stats/quantiles.ts';
import { signedRankInterval } from '../../stats/signed-rank-test.ts';

export interface TrendEntry {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  /** The lower and upper end, and what they are. */
  readonly range: string;
}

const UNITS: Readonly<Record<MetricUnit, string>> = {
  bytes: 'B',
  micros: 'µs',
  perSecond: '1/s',
  count: '',
  ratio: '',
};
const CONFIDENCE = 0.95;
const DIGITS = 6;

/**
 * One entry per metric that the valid results measured; a chart may be empty.
 *
 * @param better which metrics: those of which more, or those of which less is better.
 * @throws METRIC_UNKNOWN.
 */
export function trendEntries(
  results: readonly Result[],
  better: Metric['better'],
  metrics: readonly string[] = DEFAULT_GATING_METRICS,
): TrendEntry[] {
  const valid = results.filter(({ validity }) => validity.isValid);
  const wanted = metrics.map(metricNamed).filter((metric) => metric.better === better);
  return wanted.flatMap((metric) => {
    const values = valid.map((result) => metric.read(result)).filter((value) => value !== null);
    return values.length === 0 ? [] : [entry(metric, values, valid)];
  });
}

function entry(metric: Metric, values: readonly number[], results: readonly Result[]): TrendEntry {
  const simulated = results.some(({ scenario }) => scenario.isSimulated) ? ' (simulated)' : '';
  return {
    name: `${metric.name}${simulated}`,
    unit: UNITS[metric.unit],
    value: rounded(median(values)),
    range: rangeOf(metric, values),
  };
}

/** The interval of the median if there is one, otherwise from the minimum to the maximum. */
function rangeOf(metric: Metric, values: readonly number[]): string {
  const words = (low: number, high: number, what: string): string => `${rounded(low)} to ${rounded(high)}, ${what}`;
  if (metric.kind === 'ratio' && values.every((value) => value > 0)) {
    const interval = signedRankInterval(values.map(Math.log), CONFIDENCE);
    if (!interval.isRefused) {
      const what = `${confidenceWords(interval.confidence)} interval of ${values.length} runs`;
      return words(Math.exp(interval.low), Math.exp(interval.high), what);
    }
  }
  return words(
    Math.min(...values),
    Math.max(...values),
    `all of ${values.length} ${values.length === 1 ? 'run' : 'runs'}`,
  );
}

function rounded(value: number): number {
  return Number(value.toPrecision(DIGITS));
}
