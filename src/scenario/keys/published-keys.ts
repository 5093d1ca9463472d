/** Figures that others published, which a scenario quotes so that reports print them beside its own. */
import { z } from 'zod';
import { METRIC_NAMES, METRICS } from '../terms/metrics.ts';
import { rate, share } from '../terms/scalars.ts';

/** The figures of a latency that can be quoted. */
const OF_TRENDS = ['avg', 'med', 'p(99)'] as const;
/** Names of figures: `connections.held`, `latency.delivery p(99)`. */
const QUOTABLE = METRIC_NAMES.flatMap((name) =>
  METRICS[name].isTrend ? OF_TRENDS.map((one) => `${name} ${one}`) : [name],
) as [string, ...string[]]; // there are some

export const publishedKey = z
  .strictObject({
    figure: z.string().min(1).describe('The figure that others published, in words, with its unit'),
    source: z.string().min(1).describe('Where it was published'),
    metric: z
      .enum(QUOTABLE, { error: 'a metric as trunkline metrics lists them, a latency with avg, med or p(99)' })
      .exactOptional()
      .describe(
        'The figure of this scenario to print beside it: a metric as trunkline metrics lists them, a latency with avg, med or p(99)',
      ),
    value: rate().exactOptional().describe('The published figure as a number, in the unit of the metric'),
    within: share()
      .exactOptional()
      .describe(
        'Largest distance from the published figure, as a share of it, in either direction; without it, a better figure counts as met however far it is from the published one',
      ),
  })
  .refine(({ metric, value }) => (metric === undefined) === (value === undefined), {
    error: 'metric and value together, or neither',
  })
  .refine(({ metric, within }) => within === undefined || metric !== undefined, {
    error: 'within only together with metric and value',
  });

/** A figure published by others, printed beside ours. */
export type Published = z.output<typeof publishedKey>;
