/** The section of a result about the HTTP load. */
import { z } from 'zod';
import { latencySchema } from './latency-schema.ts';
import { countOf, figure } from './schema-terms.ts';

export const httpSchema = z
  .strictObject({
    requests: countOf.describe('Sent while measuring'),
    due: countOf.describe('Requests whose intended time was in the measurement'),
    answers2xx: countOf,
    answers4xx: countOf,
    answers5xx: countOf,
    errors: countOf.describe('Connections that broke or timed out with a request open'),
    connections: countOf,
    intendedPerSecond: figure.describe('Rate that the scenario intends'),
    reachedPerSecond: figure.describe('Requests answered with 2xx per second'),
    correction: z
      .enum(['intended time'])
      .describe(
        'How latencies (latency.http) allow for requests that had to wait: each counts from the intended time of its request. The own correction of autocannon is not used: its load is closed, and it takes 1 ms for the interval at every rate',
      ),
    sendDelay: latencySchema.describe(
      'From the intended time of a request until it was sent: delay of the load itself, or no free connection; part of latency.http',
    ),
  })
  .nullable()
  .prefault(null)
  .describe('The HTTP load; null without one, and in older results');
