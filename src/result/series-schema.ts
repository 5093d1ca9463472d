/** What a result holds over time: figures per interval, the same of its threads, and the events of the run. */
import { z } from 'zod';
import { countOf, figure, figureOrNull } from './sections/schema-terms.ts';

/** What an event of a run can be. */
export const EVENT_NAMES = [
  'phase',
  'step',
  'level',
  'storm',
  'fault',
  'recovered',
  'event',
  'reserve',
  'interrupted',
  'failed',
  'paused',
  'resumed',
] as const;

/** Maximum of events in a result; further ones are dropped. */
export const EVENTS_MAX = 200;

export const runEventSchema = z
  .strictObject({
    atSeconds: figure.describe('On the clock of the intervals'),
    name: z
      .enum(EVENT_NAMES)
      .describe(
        'phase, step and level mark progress, a storm and a fault are as the scenario declares them, recovered says that the switch or its phones are back; the others say why the load or the run changed',
      ),
    detail: z.string(),
  })
  .describe('Something that happened once');

const seriesThread = z.strictObject({
  name: z.string(),
  role: z.enum(['shard', 'lane', 'gateway', 'store']),
  busyShare: z.array(figureOrNull).describe('Processor time divided by elapsed time'),
  collections: z.array(countOf).describe('Garbage collections that ended in the interval'),
  pauseMicros: z.array(figure).describe('How long they stopped the thread'),
});

export const seriesSchema = z
  .strictObject({
    atSeconds: z.array(figure),
    phase: z.array(z.string()),
    held: z.array(figure),
    loginsPerSecond: z.array(figure),
    messagesPerSecond: z.array(figure),
    deliveriesPerSecond: z.array(figure),
    deliveryP50Micros: z.array(figureOrNull).prefault([]),
    deliveryP99Micros: z.array(figureOrNull),
    backlogMessages: z.array(figure),
    stealShare: z
      .array(figureOrNull)
      .prefault([])
      .describe('Processor time taken by other virtual machines, as a share of all'),
    rssBytes: z.array(figure).describe('Of all processes of the run'),
    switchRssBytes: z
      .array(figureOrNull)
      .prefault([])
      .describe('Of the process of the switch; null if both sides share a process'),
    driverRssBytes: z.array(figureOrNull).prefault([]).describe('The same for the driver'),
    kernelSocketBytes: z
      .array(figureOrNull)
      .prefault([])
      .describe('Growth of the socket caches of the kernel since the start; null without sockets or /proc/slabinfo'),
    switchLedgerBytes: z
      .array(figureOrNull)
      .prefault([])
      .describe('Tables of the switch, by their rows in use; null if the switch runs elsewhere'),
    driverLedgerBytes: z.array(figureOrNull).prefault([]).describe('The same for the driver'),
    threads: z.array(seriesThread).prefault([]).describe('At most the first 16 shards and the first 16 lanes'),
    events: z.array(runEventSchema).prefault([]).describe(`In order of time; at most the first ${EVENTS_MAX}`),
  })
  .describe(
    'One entry per interval (phases.bin); a run of more than 7,200 intervals contains its last 7,200. In older results some columns are empty',
  );

export type IntervalSeries = z.output<typeof seriesSchema>;
export type RunEvent = z.output<typeof runEventSchema>;
export type RunEventName = RunEvent['name'];
