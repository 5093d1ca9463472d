/** The section of a result about latencies, and a latency as results store it. */
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
const NO_LATENCY: z.input<typeof latencySchema> = {
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

export const latenciesSchema = z.strictObject({
  login: latencySchema,
  acknowledgement: latencySchema,
  delivery: latencySchema.describe(
    'To phones that were online; in older results without storedDelivery, to all phones',
  ),
  storedDelivery: latencySchema
    .prefault(NO_LATENCY)
    .describe('Of messages that were stored when the recipient logged in; empty in older results'),
  groupDelivery: latencySchema
    .prefault(NO_LATENCY)
    .describe(
      'Of messages to groups and lists, to each member that was online; empty without groups, and in older results',
    ),
  receipt: latencySchema,
  http: latencySchema
    .prefault(NO_LATENCY)
    .describe(
      'Of HTTP requests that send a message: from the intended time until the answer, which comes after ✓; empty without an HTTP load, and in older results',
    ),
  sendDelay: latencySchema.describe(
    'From the due time of a message until the driver passes it to the transport: delay of the driver itself, or lack of space in the transport; part of every latency',
  ),
  presence: latencySchema
    .prefault(NO_LATENCY)
    .describe(
      'From the LOGIN, LOGOUT or SET_PRESENCE of a phone until another one that watches it has the notice; of phones that the same lane simulates; empty without presence, and in older results',
    ),
});

export type LatencySummary = z.output<typeof latencySchema>;
