/** A latency as a result stores it. */
import { z } from 'zod';
import { countOf, figure, figureOrNull } from './schema-terms.ts';

/** The range of results that do not state one. */
const OLDER_RANGE_MICROS = 2 ** 26 - 1;

/** The percentiles of a latency, and its whole histogram. */
export const latencySchema = z.strictObject({
  count: countOf,
  minMicros: figureOrNull,
  meanMicros: figureOrNull,
  p50Micros: figureOrNull,
  p90Micros: figureOrNull,
  p95Micros: figureOrNull,
  p99Micros: figureOrNull,
  p999Micros: figureOrNull,
  p9999Micros: figureOrNull,
  maxMicros: figureOrNull,
  aboveRangeCount: countOf.describe('Values at or above the range; the mean counts them as the range'),
  rangeMicros: figure
    .prefault(OLDER_RANGE_MICROS)
    .describe('Upper limit of the histogram: a figure equal to it means "more than that"'),
  histogram: z.string().nullable().describe('HdrHistogram V2, compressed, base64; microseconds'),
});

/** A latency that was not measured, or that has no values. */
export const NO_LATENCY: z.input<typeof latencySchema> = {
  count: 0,
  minMicros: null,
  meanMicros: null,
  p50Micros: null,
  p90Micros: null,
  p95Micros: null,
  p99Micros: null,
  p999Micros: null,
  p9999Micros: null,
  maxMicros: null,
  aboveRangeCount: 0,
  histogram: null,
};
