/** The section of a result about overload: what was offered, what was delivered in time, and what was shed for it. */
import { z } from 'zod';
import { countOf, figure, figureOrNull } from './schema-terms.ts';

const shedKind = z.strictObject({
  kind: z.enum(['presence', 'typing', 'readReceipts', 'logins', 'messages']),
  count: countOf.describe('How many were refused or left out in the whole run'),
  shardSeconds: figure.describe('Time in which they were, summed over the shards'),
  firstSeconds: figureOrNull.describe(
    'Start of the first interval of the series in which any was shed, since the start of the run; null: none',
  ),
  lastSeconds: figureOrNull.describe('End of the last such interval'),
});

export const overloadSchema = z
  .strictObject({
    delayMicros: figureOrNull.describe('`switch.admission.delay`: bound of the wait of input; null: none'),
    workMicrosPerMessage: figure.describe('`switch.workPerMessage`'),
    withinMicros: figure.describe('`traffic.deliverWithin`'),
    offeredPerSecond: figureOrNull.describe('Messages due per second while measuring'),
    goodputPerSecond: figure
      .nullable()
      .describe('Messages per second that were delivered within that time of their due time, while measuring'),
    refusedPerSecond: figureOrNull.describe('Messages per second that were refused with ERROR 6 while measuring'),
    shed: z.array(shedKind).describe('In the order in which they are shed'),
  })
  .nullable()
  .prefault(null)
  .describe('Overload; null in runs without admission by delay and without work per message, and in older results');

export type Overload = NonNullable<z.output<typeof overloadSchema>>;
export type ShedKind = Overload['shed'][number];
