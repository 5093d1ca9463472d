/** Formats a figure of a metric with its unit. */
import { formatBytes, formatCount, formatMicros, formatShort } from '../../base/units.ts';
import type { Result } from '../../result/result-schema.ts';
import { isMetricName, METRICS, type MetricUnit } from '../../scenario/terms/metrics.ts';

/** A median of counts may lie between two integers, which matters only for small ones. */
const WHOLE_FROM = 100;
const RATIO_DIGITS = 3;

/** `23.5 B`, `1.20 ms`, `412k/s`, `1,000`, `0.912`. */
export function formatFigure(value: number, unit: MetricUnit): string {
  switch (unit) {
    case 'bytes':
      return formatBytes(value);
    case 'micros':
      return formatMicros(value);
    case 'perSecond':
      return `${formatShort(value)}/s`;
    case 'ratio':
      return value.toPrecision(RATIO_DIGITS);
    case 'count':
      return Number.isInteger(value) || Math.abs(value) >= WHOLE_FROM ? formatCount(value) : value.toFixed(1);
  }
}

/**
 * The figure of a metric, with the unit of the metric.
 * @param name of a metric, or of one of its figures: `latency.delivery p(99)`.
 */
export function formatMetric(name: string, figure: number): string {
  const [metric = name] = name.split(' ');
  return isMetricName(metric) ? formatFigure(figure, METRICS[metric].unit) : formatCount(figure);
}

/**
 * The figure by which a threshold was judged: `1.20 ms`, `>268 s` for a latency above its range, or the reason why
 * there is none.
 */
export function formatFound({ metric, figure, isMore, reason }: Result['thresholds'][number]): string {
  return figure === null ? (reason ?? 'not measured') : `${isMore ? '>' : ''}${formatMetric(metric, figure)}`;
}
