/**
 * The steps of a series side by side: versioned JSON stored beside the results of the runs. Every figure is taken from
 * a result. A figure is null, never 0, if its step was not run or did not measure it.
 */
import { z } from 'zod';
import { parseFigure } from '../scenario/threshold.ts';
import { ownFigure } from './as-published.ts';
import { firstIssue } from './first-issue.ts';
import { parseJson, unreadable } from './parse-json.ts';
import { publishedSchema } from './published-schema.ts';
import { readFigure } from './read-figure.ts';
import { publishedMetric, type Result } from './result-schema.ts';
import type { Slope } from './sections/memory-schema.ts';
import { figureOrNull } from './sections/schema-terms.ts';

export const STEPS_SCHEMA = 'trunkline.steps/1';

const perConnection = z
  .strictObject({
    bytesPerConnection: figureOrNull.describe('Null if the levels do not show a slope'),
    isLinear: z.boolean(),
    reason: z.string().nullable().prefault(null).describe('Why there is no figure'),
  })
  .nullable()
  .describe('Memory per connection, as a slope over levels of connections');

const figures = z.strictObject({
  connectionsHeld: z.number(),
  loginsPerSecond: figureOrNull.describe('Connections opened and logged in per second of the ramp'),
  completeMessagesPerSecond: figureOrNull,
  offeredMessagesPerSecond: figureOrNull.prefault(null).describe('Null in older tables'),
  goodputPerSecond: figureOrNull
    .prefault(null)
    .describe('Messages delivered within traffic.deliverWithin; null without overload, and in older tables'),
  deliveryP50Micros: figureOrNull,
  deliveryP99Micros: figureOrNull,
  storedDeliveryP99Micros: figureOrNull.prefault(null),
  sendDelayP50Micros: figureOrNull.prefault(null),
  sendDelayP99Micros: figureOrNull.prefault(null),
  stormRestored99Micros: figureOrNull
    .prefault(null)
    .describe(
      'Of the storm that took longest, until 99 % of the connections were back; null without storms, and in older tables',
    ),
  stormPeakLoginsPerSecond: figureOrNull.prefault(null).describe('Null without storms, and in older tables'),
  latencyRangeMicros: figureOrNull
    .prefault(null)
    .describe('Upper limit of the histograms: a latency equal to it means "more than that"; null in older tables'),
  switchLedger: perConnection,
  switchRss: perConnection,
  driverLedger: perConnection,
  driverRss: perConnection,
  kernelEnd: perConnection.describe('Kernel memory of one end of a connection'),
  machine: perConnection.describe('Decrease of free memory of the machine: all ends and both sides together'),
  switchMicrosPerMessage: figureOrNull,
  driverMicrosPerMessage: figureOrNull,
});

const outcome = z
  .enum(['passed', 'thresholds failed', 'invalid', 'failed', 'reserve', 'interrupted', 'not run'])
  .describe('reserve: free memory had fallen to the reserve that is kept free');

const publishedBesideOwn = publishedMetric.extend({
  own: figureOrNull
    .prefault(null)
    .describe('The figure of this step in the unit of the metric; null if it was not measured, and in older tables'),
});

const stepEntry = z.strictObject({
  name: z.string(),
  number: z.number().int(),
  scenario: z.string(),
  transport: z.string(),
  isSimulated: z.boolean().describe('Whether the connections are rows in memory and not kernel sockets'),
  outcome,
  reason: z.string().nullable().describe('Why it did not pass, or why it was not run'),
  published: publishedBesideOwn.nullable(),
  resultFile: z.string().nullable().describe('Path relative to the folder of the series'),
  figures: figures.nullable(),
});

export const stepsSchema = z.strictObject({
  schema: z.literal(STEPS_SCHEMA),
  id: z.string(),
  startedAt: z.iso.datetime(),
  name: z.string().describe('The scenario, or the scenarios'),
  steps: z.array(stepEntry),
});

export type Steps = z.output<typeof stepsSchema>;
export type StepEntry = z.output<typeof stepEntry>;
export type StepFigures = z.output<typeof figures>;
export type PerConnection = z.output<typeof perConnection>;

/** The outcome of a run in one word, and the reason if it did not pass. */
export function stepOutcome({ validity, thresholds }: Result): Pick<StepEntry, 'outcome' | 'reason'> {
  if (validity.ended !== 'complete') return { outcome: validity.ended, reason: validity.failure };
  if (!validity.isValid) {
    const tripped = validity.guards.filter((guard) => guard.verdict === 'invalid');
    const [first, ...others] = tripped.map(({ name, sentence }) => `${name}: ${sentence}`);
    const more = others.length === 0 ? '' : ` (and ${others.length} more ${others.length === 1 ? 'guard' : 'guards'})`;
    return {
      outcome: 'invalid',
      reason: first === undefined ? 'no guard tripped, but the messages do not balance' : `${first}${more}`,
    };
  }
  const missed = thresholds.filter((one) => !one.passed);
  if (missed.length === 0) return { outcome: 'passed', reason: null };
  return {
    outcome: 'thresholds failed',
    reason: missed.map(({ metric, expression }) => `${metric} ${expression}`).join('; '),
  };
}

/** The figures of a result that are shown in the table of steps. */
export function stepFigures(result: Result): StepFigures {
  const { connections, throughput, latency, memory, cpu, sockets, overload } = result;
  return {
    connectionsHeld: connections.held,
    loginsPerSecond: throughput.loginsPerSecond,
    completeMessagesPerSecond: throughput.completeMessagesPerSecond,
    offeredMessagesPerSecond: throughput.offeredMessagesPerSecond,
    goodputPerSecond: overload?.goodputPerSecond ?? null,
    deliveryP50Micros: latency.delivery.p50Micros,
    deliveryP99Micros: latency.delivery.p99Micros,
    storedDeliveryP99Micros: latency.storedDelivery.p99Micros,
    sendDelayP50Micros: latency.sendDelay.p50Micros,
    sendDelayP99Micros: latency.sendDelay.p99Micros,
    stormRestored99Micros: readFigure(result, parseFigure('storms.restored99')),
    stormPeakLoginsPerSecond: readFigure(result, parseFigure('storms.peakLoginsPerSecond')),
    latencyRangeMicros: latency.delivery.rangeMicros,
    switchLedger: slopeOf(memory.switch.ledger),
    switchRss: slopeOf(memory.switch.rss),
    driverLedger: slopeOf(memory.driver.ledger),
    driverRss: slopeOf(memory.driver.rss),
    kernelEnd: slopeOf(memory.kernel, sockets?.endsHere),
    machine: slopeOf(memory.machine),
    switchMicrosPerMessage: cpu.switchMicrosPerMessage,
    driverMicrosPerMessage: cpu.driverMicrosPerMessage,
  };
}

/** The published figure that a step quotes, with that of its result; null if it quotes none. */
export function stepPublished(result: Result): StepEntry['published'] {
  const published = result.scenario.step?.published ?? null;
  return published === null ? null : { ...published, own: ownFigure(result, published) };
}

/**
 * Parses a stored table.
 *
 * @param file name of the file, for messages.
 * @throws RESULT_UNREADABLE.
 */
export function parseSteps(text: string, file: string): Steps {
  const value = parseJson(text, file);
  const parsed = stepsSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw unreadable(`${file}: not a whole table of steps: ${firstIssue(parsed.error, value)}`);
}

/** The published JSON Schema. */
export function stepsJsonSchema(): object {
  return publishedSchema(STEPS_SCHEMA, 'trunkline steps', stepsSchema);
}

function slopeOf(slope: Slope | null, ends = 1): PerConnection {
  if (slope === null) return null;
  const { bytesPerConnection, isLinear, reason } = slope;
  return { bytesPerConnection: bytesPerConnection === null ? null : bytesPerConnection / ends, isLinear, reason };
}
