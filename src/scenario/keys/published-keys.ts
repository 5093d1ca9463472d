/** Figures that others published, which a scenario quotes so that reports print them beside its own. */
import { z } from 'zod';
import { METRIC_NAMES, METRICS, type MetricName } from '../terms/metrics.ts';
import { rate } from '../terms/scalars.ts';

/** Metrics with one figure; a latency has one per percentile. */
const SINGLE = METRIC_NAMES.filter((name) => !METRICS[name].isTrend) as [MetricName, ...MetricName[]]; // there are some

const figure = {
  figure: z.string().min(1).describe('The figure that others published, in words, with its unit'),
  source: z.string().min(1).describe('Where it was published'),
};

export const publishedKey = z.strictObject(figure);

export const publishedMetricKey = z
  .strictObject({
    ...figure,
    metric: z.enum(SINGLE).optional().describe('The metric of this scenario to print beside it'),
    value: rate().optional().describe('The published figure as a number, in the unit of the metric'),
  })
  .refine(({ metric, value }) => (metric === undefined) === (value === undefined), {
    error: 'metric and value together, or neither',
  });
