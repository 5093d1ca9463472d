/** One interval of a run while it goes on, as `--stream jsonl=FILE` writes it: one JSON object per line. */
import { z } from 'zod';
import { publishedSchema } from './published-schema.ts';
import { countOf, figure, figureOrNull } from './sections/schema-terms.ts';
import { runEventSchema } from './series-schema.ts';

export const INTERVAL_SCHEMA = 'trunkline.interval/1';

const intervalLineSchema = z
  .strictObject({
    schema: z.literal(INTERVAL_SCHEMA),
    run: z.string().describe('Id of the result'),
    scenario: z.string(),
    transport: z.string(),
    isSimulated: z.boolean().describe('Whether the connections are rows in memory and not kernel sockets'),
    side: z.string().nullable().prefault(null).describe('base or candidate; null if the runs have only one side'),
    runNumber: countOf
      .nullable()
      .prefault(null)
      .describe('From 1 on; null for a run that is not one of several of the same command'),
    runsPlanned: countOf.nullable().prefault(null).describe('So far: a gate may add some'),
    atSeconds: figure.describe('End of the interval, since the start of the threads'),
    seconds: figure,
    phase: z.string(),
    held: figure,
    loginsPerSecond: figure,
    returnsPerSecond: figure.prefault(0).describe('Phones that came back after an absence that the scenario intends'),
    messagesPerSecond: figure.describe('Acknowledged (✓)'),
    sentPerSecond: figure.prefault(0).describe('Messages that phones sent, acknowledged or not; 0 in older streams'),
    deliveriesPerSecond: figure,
    groupDeliveriesPerSecond: figure.prefault(0).describe('Of those: of groups and broadcast lists'),
    presenceNoticesPerSecond: figure.prefault(0).describe('Presence notices that phones received per second'),
    stormDropsPerSecond: figure.prefault(0).describe('Connections that storms ended'),
    deliveryP50Micros: figureOrNull,
    deliveryP99Micros: figureOrNull,
    backlogMessages: figure,
    stealShare: figureOrNull,
    rssBytes: figure,
    switchRssBytes: figureOrNull,
    driverRssBytes: figureOrNull,
    kernelSocketBytes: figureOrNull,
    switchLedgerBytes: figureOrNull,
    driverLedgerBytes: figureOrNull,
    threads: z.array(
      z.strictObject({
        name: z.string(),
        role: z.enum(['shard', 'lane', 'gateway', 'store']),
        busyShare: figureOrNull,
        collections: countOf,
        pauseMicros: figure,
      }),
    ),
    events: z.array(runEventSchema).describe('Since the interval before'),
  })
  .describe('Figures that `series` of a result has too mean the same there');

export type IntervalLine = z.output<typeof intervalLineSchema>;

/** An interval as another process has written it; null if it is not one, or has a figure that is not known here. */
export function readIntervalLine(text: string): IntervalLine | null {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return null;
  }
  const { success, data } = intervalLineSchema.safeParse(read);
  return success ? data : null;
}

/** The published JSON Schema. */
export function intervalJsonSchema(): object {
  return publishedSchema(INTERVAL_SCHEMA, 'trunkline interval', intervalLineSchema);
}
