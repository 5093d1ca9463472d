/**
 * The figures of a result that can be compared or gated, by their names in the table of metrics (`scenario/metrics.ts`).
 *
 * A `ratio` figure is compared by the ratio of candidate to base; an `exact` one counts what must
 * not happen, and is equal or not. What a run did not measure reads as null, never as 0.
 */
import { leastFigure, readFigure, whyNoFigure } from '../../result/metric-figures.ts';
import type { Result } from '../../result/result-schema.ts';
import { METRIC_NAMES, METRICS, type MetricEntry } from '../../scenario/metrics.ts';
import { type Figure, figureName, parseFigure } from '../../scenario/threshold.ts';

export interface Metric extends Pick<MetricEntry, 'about' | 'unit' | 'better' | 'kind' | 'smallestDifferenceShare'> {
  /** With the aggregation where the metric is a trend. */
  readonly name: string;
  /** Null where the run did not measure it. */
  readonly read: (result: Result) => number | null;
  /** Why it did not, where that is known. */
  readonly whyNone: (result: Result) => string | null;
  /** What a latency above the range of its histogram is more than; null for any other figure. */
  readonly least: (result: Result) => number | null;
}

/** Of each trend, what is compared unless told otherwise; any percentile can be asked for. */
const TREND_FIGURES: readonly Pick<Figure, 'aggregation' | 'percent'>[] = [
  { aggregation: 'avg', percent: 0 },
  ...[50, 90, 95, 99, 99.9, 99.99].map((percent) => ({ aggregation: 'p' as const, percent })),
];

/** The metric of a figure. */
export function metricOf(figure: Figure): Metric {
  const { about, unit, better, kind, smallestDifferenceShare, isTrend }: MetricEntry = METRICS[figure.metric];
  const aggregation = figure.aggregation === 'p' ? `p(${figure.percent})` : figure.aggregation;
  return {
    name: figureName(figure),
    about: isTrend ? `${aggregation} ${about}` : about,
    unit,
    better,
    kind,
    smallestDifferenceShare,
    read: (result) => readFigure(result, figure),
    whyNone: (result) => whyNoFigure(result, figure),
    least: (result) => leastFigure(result, figure),
  };
}

/** Every metric, and of a trend the usual figures. */
export const RESULT_METRICS: readonly Metric[] = METRIC_NAMES.flatMap((metric) =>
  METRICS[metric].isTrend
    ? TREND_FIGURES.map((figure) => metricOf({ metric, ...figure }))
    : [metricOf(parseFigure(metric))],
);

/** What a comparison gates on unless told otherwise: one for each of the protocol's five differences. */
export const DEFAULT_GATING_METRICS: readonly string[] = [
  'memory.switch.bytesPerConnection',
  'cpu.switchMicrosPerMessage',
  'throughput.completeMessagesPerSecond',
  'latency.delivery p(99)',
  'connections.held',
];

/**
 * @param name such as `connections.held` or `latency.delivery p(99)`.
 * @throws METRIC_UNKNOWN, with the nearest name there is.
 */
export function metricNamed(name: string): Metric {
  const metric = metricOf(parseFigure(name));
  return RESULT_METRICS.find((one) => one.name === metric.name) ?? metric;
}
