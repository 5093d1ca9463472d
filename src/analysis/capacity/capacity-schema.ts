/**
 * The outcome of a search for capacity: plain data, stored as JSON, from which its report is written. The schema is
 * published with the package (`trunkline/capacity.schema.json`).
 */
import { z } from 'zod';
import { publishedMetrics } from '../../result/published-figures.ts';
import { publishedSchema } from '../../result/published-schema.ts';
import { integritySchema } from '../../result/sections/integrity-schema.ts';
import { commandLine, countOf, figure, figureOrNull, texts } from '../../result/sections/schema-terms.ts';

export const CAPACITY_SCHEMA = 'trunkline.capacity/1';

const brokenLimit = z.strictObject({ limit: z.string(), figure: figureOrNull, sentence: z.string() });

const capacityTrial = z.strictObject({
  load: figure,
  isGood: z
    .boolean()
    .describe(
      'Whether every limit held that the trial can judge: in a search in one run, messages are checked at its end',
    ),
  isValid: z
    .boolean()
    .describe('Whether it was not disturbed by the machine or the driver; an invalid trial never counts'),
  carriedLoad: figureOrNull.describe(
    'The load that was carried: messages per second that were acknowledged, or refused since their authors had left the group; or phones held. Older outcomes have only those acknowledged',
  ),
  loginsPerSecond: figureOrNull.prefault(null).describe('Of phones that return; null also in older outcomes'),
  deliveriesPerSecond: figureOrNull.prefault(null).describe('Messages delivered; null also in older outcomes'),
  noticesPerSecond: figureOrNull
    .prefault(null)
    .describe('Presence notices that phones received; null without presence and in older outcomes'),
  figures: z
    .record(z.string(), figureOrNull)
    .prefault({})
    .describe('By metric, those that published figures are compared with; empty also in older outcomes'),
  broken: z.array(brokenLimit).readonly(),
  invalidReason: z.string().nullable().describe('Null if the trial is valid'),
  deliveryP50Micros: figureOrNull.prefault(null).describe('Null also in older outcomes'),
  deliveryP99Micros: figureOrNull,
  switchMicrosPerMessage: figureOrNull,
  switchBusyShare: figureOrNull.describe('Of the busiest thread of the switch'),
  driverBusyShare: figureOrNull.describe('Of the busiest thread of the driver'),
});

const messageLimit = z.strictObject({
  limit: z.string().describe('As written; or `message balance`, which holds where every message is accounted for'),
  answer: z.enum(['held', 'broken', 'not judged']),
  sentence: z.string().describe('What was found, or why it was not judged'),
});

const messageCheck = z
  .strictObject({
    integrity: integritySchema.nullable().describe('Null if the run failed before its messages were checked'),
    drainSeconds: figureOrNull.describe('How long the drain took; null if the run failed in it'),
    limits: z.array(messageLimit).readonly(),
  })
  .describe('The messages of all trials of a search in one run, which drains after the last one');

const confirmingRun = z
  .strictObject({ resultId: z.string(), seconds: figure, trial: capacityTrial })
  .describe('A run at one load in fresh processes');

const verdict = z
  .enum(['confirmed', 'unconfirmed', 'at least', 'none', 'unknown'])
  .describe(
    'Confirmed: both bounds were found, and the lower one was confirmed. Unconfirmed: no fresh run confirmed it. At least: every load that could be measured met the limits. None: not even the lowest load met them, or the messages of all trials break one. Unknown: the search was interrupted, or every trial was invalid',
  );

export const capacitySchema = z.strictObject({
  schema: z.literal(CAPACITY_SCHEMA),
  over: z
    .enum(['messages', 'connections', 'rates'])
    .describe(
      'What is increased: messages per second, connected phones, or all rates of the scenario together (the load is then that of messages)',
    ),
  ownLoad: figureOrNull.prefault(null).describe('The load of the scenario as written; null in older outcomes'),
  scenario: z.string(),
  transport: z.string(),
  isSimulated: z.boolean(),
  machineClass: z.string(),
  limits: texts.describe('As written'),
  range: z.strictObject({
    lowestLoad: figure,
    highestLoad: figure,
    firstLoad: figure.exactOptional().describe('The first load that was tried'),
  }),
  rangeEnd: z.string().describe('What ends the range'),
  goal: z.strictObject({
    trialSeconds: figure,
    durationSumSeconds: figure,
    exceedRatio: figure,
    widthShare: figure,
  }),
  verdict,
  sentence: z.string(),
  bounds: z.strictObject({
    lowerLoad: figureOrNull.describe('Null if no load met the limits, or the messages of all trials break one'),
    upperLoad: figureOrNull.describe('Null if none was found'),
    unmeasurableLoad: figureOrNull.describe(
      'Smallest load whose trials were all invalid, if it prevents an upper bound',
    ),
  }),
  isRegular: z
    .boolean()
    .describe('Whether the bounds are as close as the goal requires (a regular result in RFC 9971)'),
  carriedLoad: figureOrNull.describe('Median load carried in good trials at the lower bound (Conditional Throughput)'),
  confirmedLoad: figureOrNull.describe('The load that a fresh run confirmed; null if none did'),
  limitedBy: z
    .array(z.strictObject({ limit: z.string(), trials: countOf, sentence: z.string() }))
    .readonly()
    .describe('The limits that broke at the upper bound, with the number of trials, most frequent first'),
  messages: messageCheck
    .nullable()
    .prefault(null)
    .describe(
      'Whether messages were lost, duplicated or reordered in any trial; null over connections, where each trial is a run that drains, without a trial, and in older outcomes',
    ),
  confirmations: z.array(confirmingRun).readonly(),
  trials: z.array(capacityTrial).readonly(),
  published: publishedMetrics,
  command: commandLine,
});

export type BrokenLimit = z.output<typeof brokenLimit>;
export type CapacityTrial = z.output<typeof capacityTrial>;
export type MessageCheck = z.output<typeof messageCheck>;
export type ConfirmingRun = z.output<typeof confirmingRun>;
export type CapacityVerdict = z.output<typeof verdict>;
export type CapacityOutcome = z.output<typeof capacitySchema>;
/** The load that is increased until a limit breaks. */
export type CapacityLoad = CapacityOutcome['over'];

/** The published JSON Schema. */
export function capacityJsonSchema(): object {
  return publishedSchema(CAPACITY_SCHEMA, 'trunkline capacity', capacitySchema);
}
