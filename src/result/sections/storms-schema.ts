/** What a result says of each reconnection storm that the scenario declares. */
import { z } from 'zod';
import { countOf, figure, figureOrNull } from './schema-terms.ts';

const deliveries = z.strictObject({
  count: countOf,
  p50Micros: figureOrNull,
  p99Micros: figureOrNull,
  p999Micros: figureOrNull,
});

const storm = z.strictObject({
  what: z.string().describe('Which connections it dropped'),
  notice: z.enum(['reset', 'silent']),
  atSeconds: figure.describe('On the clock of the series'),
  dropped: countOf.describe('Connections that it dropped'),
  restored: countOf.describe('Of them: phones that logged in again'),
  givenUp: countOf.describe('Of them: phones that gave up'),
  outageSeconds: figureOrNull
    .prefault(null)
    .describe(
      'How long phones had no network; null for a storm, and in older results. Times to return count from its end',
    ),
  riddenOut: countOf
    .prefault(0)
    .describe('Phones that had no network and would have noticed only afterwards: they kept their connection'),
  restored50Seconds: figureOrNull.describe(
    'From the storm, or the end of the outage, until half of the dropped phones were logged in again',
  ),
  restored90Seconds: figureOrNull,
  restored99Seconds: figureOrNull,
  restored999Seconds: figureOrNull.describe('The same for 99.9 %; null if fewer returned before the end of the run'),
  peakLoginsPerSecond: figure.describe(
    'Most logins of all phones in a tenth of a second, as a rate: from the storm, or the end of the outage, to the next one, in the first minute at most',
  ),
  deferred: countOf.describe(
    'Logins that were told to come back later, until all had returned or the next storm began',
  ),
  loginsRefused: countOf
    .nullable()
    .prefault(null)
    .describe(
      'Logins and connections refused in this time, without a time to come back; null in older results, as the next',
    ),
  messagesRejected: countOf
    .nullable()
    .prefault(null)
    .describe(
      'Messages of all phones that the switch refused in this time; the reasons are in the counters of the run',
    ),
  deliveriesBefore: deliveries.describe('Latency of deliveries before the storm'),
  deliveriesStayed: deliveries.describe(
    'The same from the storm until all had returned or the next one began, between phones that it did not drop',
  ),
  binSeconds: figure.describe('Length of a bin of the next column'),
  logins: z.array(countOf).describe('Logins of all phones in this time, by bins, up to the last one with a login'),
});

export const stormsSchema = z
  .array(storm)
  .prefault([])
  .describe('Reconnection storms, in order of time. Messages lost are in the integrity of the run');

export type StormResult = z.output<typeof storm>;
