/**
 * The figures of a result that can be compared or gated, by their names in the table of metrics
 * (`scenario/terms/metrics.ts`).
 *
 * A `ratio` figure is compared by the ratio of candidate to base. An `exact` figure counts errors and is either equal
 * or not. A figure that the run did not measure is null, never 0.
 */
import { readFigure, readLowerBound, readUpperBound, whyNoFigure } from '../../result/read-figure.ts';
import type { Result } from '../../result/result-schema.ts';
import { METRIC_NAMES, METRICS, type MetricEntry } from '../../scenario/terms/metrics.ts';
import { type Figure, figureName, parseFigure } from '../../scenario/threshold.ts';

export interface Metric extends Pick<MetricEntry, 'about' | 'unit' | 'better' | 'kind' | 'smallestDifferenceShare'> {
  /** With the aggregation if the metric is a trend. */
  readonly name: string;
  /** Null if the run did not measure it. */
  readonly read: (result: Result) => number | null;
  /** Why the figure is null, if known. */
  readonly whyNone: (result: Result) => string | null;
  /** For a latency above the range of its histogram: the value that it exceeds; null for any other figure. */
  readonly lowerBound: (result: Result) => number | null;
  /** For a slope that is too small to be measured: the upper end of its interval; null for any other figure. */
  readonly upperBound: (result: Result) => number | null;
}

/** The figures of a trend that are compared by default. Any percentile can be requested. */
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
    lowerBound: (result) => readLowerBound(result, figure),
    upperBound: (result) => readUpperBound(result, figure),
  };
}

/** All metrics; for trends, their default figures. */
export const RESULT_METRICS: readonly Metric[] = METRIC_NAMES.flatMap((metric) =>
  METRICS[metric].isTrend
    ? TREND_FIGURES.map((figure) => metricOf({ metric, ...figure }))
    : [metricOf(parseFigure(metric))],
);

/**
 * The metrics on which a comparison gates by default: one for each of the five smallest differences of the protocol.
 */
export const DEFAULT_GATING_METRICS: readonly string[] = [
  'memory.switch.bytesPerConnection',
  'cpu.switchMicrosPerMessage',
  'throughput.completeMessagesPerSecond',
  'latency.delivery p(99)',
  'connections.held',
];

/**
 * @param name for example `connections.held` or `latency.delivery p(99)`.
 * @throws METRIC_UNKNOWN, with the most similar name.
 */
export function metricNamed(name: string): Metric {
  const metric = metricOf(parseFigure(name));
  return RESULT_METRICS.find((one) => one.name === metric.name) ?? metric;
}
