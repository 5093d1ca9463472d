/** What a result says of each fault of the switch that the scenario declares. */
import { z } from 'zod';
import { countOf, figure, figureOrNull } from './schema-terms.ts';

const fault = z.strictObject({
  what: z.string().describe('What happened to the switch'),
  isKill: z.boolean().describe('Whether its process was killed (kill -9); otherwise it was stopped for a time'),
  atSeconds: figure.describe('On the clock of the series'),
  sessions: countOf.describe('Phones that were logged in when it happened'),
  presentSeconds: figureOrNull.describe('From the fault until the switch listened again, or was continued'),
  restoreSeconds: figureOrNull.describe('Of that: until its store was read back; null without one'),
  restoredEntries: countOf
    .nullable()
    .describe('Records of messages and receipts that were read back, also of those removed since'),
  back50Seconds: figureOrNull.describe(
    'From the fault until half of the sessions were back. After a kill each is a new one, and only logins after it count',
  ),
  back90Seconds: figureOrNull,
  back99Seconds: figureOrNull.describe(
    'The same for 99 %; null if fewer were back before the next fault or the end of the load',
  ),
  acknowledgedSeconds: figureOrNull.describe('From the fault until the first ✓ after it'),
});

export const faultsSchema = z
  .array(fault)
  .prefault([])
  .describe('Faults of the switch, in order of time. Messages lost or shown twice are in the integrity of the run');

export type FaultResult = z.output<typeof fault>;
