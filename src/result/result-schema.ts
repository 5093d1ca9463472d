/**
 * The result of a run: versioned JSON that every report, gate and comparison reads.
 *
 * The last word of a name is the unit. A figure that was not measured is null, never 0. The schema below is published
 * as JSON Schema with the package (`trunkline/result.schema.json`).
 */
import { z } from 'zod';
import { publishedSchema } from './published-schema.ts';
import { contentSchema } from './sections/content-schema.ts';
import { durabilitySchema } from './sections/durability-schema.ts';
import { environmentSchema } from './sections/environment-schema.ts';
import { eventsSchema } from './sections/events-schema.ts';
import { faultsSchema } from './sections/faults-schema.ts';
import { groupsSchema } from './sections/groups-schema.ts';
import { httpSchema } from './sections/http-schema.ts';
import { integritySchema } from './sections/integrity-schema.ts';
import { latenciesSchema } from './sections/latency-schema.ts';
import { memorySchema, slopeSchema } from './sections/memory-schema.ts';
import { misfitsSchema } from './sections/misfits-schema.ts';
import { networkSchema } from './sections/network-schema.ts';
import { overloadSchema } from './sections/overload-schema.ts';
import { platformsSchema } from './sections/platforms-schema.ts';
import { presenceSchema } from './sections/presence-schema.ts';
import { processorSchema } from './sections/processor-schema.ts';
import { countOf, figure, figureOrNull } from './sections/schema-terms.ts';
import { socketsSchema } from './sections/sockets-schema.ts';
import { stormsSchema } from './sections/storms-schema.ts';
import { seriesSchema } from './series-schema.ts';

export const RESULT_SCHEMA = 'trunkline.result/1';

const guard = z.strictObject({
  name: z.string(),
  verdict: z.enum(['ok', 'warning', 'invalid', 'unknown']),
  figure: figureOrNull,
  limit: figureOrNull,
  sentence: z.string().describe('The finding as a sentence, with its figure'),
});

export const publishedFigure = z
  .strictObject({ figure: z.string(), source: z.string() })
  .describe('A figure published by others, in words, with its source');

export const publishedMetric = publishedFigure.extend({
  metric: z.string().exactOptional().describe('The metric to compare with'),
  value: figure.exactOptional().describe('The published figure in the unit of the metric'),
  within: figure
    .exactOptional()
    .describe('Largest distance from the published figure that counts as met, as a share of it, in either direction'),
});

export type PublishedMetric = z.output<typeof publishedMetric>;

const step = z
  .strictObject({
    name: z.string(),
    number: countOf.describe('Its number in the series, from 1'),
    of: countOf.describe('Number of steps in the series, including those that were not run'),
    published: publishedMetric.nullable(),
  })
  .describe('The step of a series that this run is');

export const resultSchema = z.strictObject({
  schema: z.literal(RESULT_SCHEMA),
  id: z.string(),
  startedAt: z.iso.datetime(),
  scenario: z.strictObject({
    name: z.string(),
    description: z.string(),
    file: z.string(),
    hash: z.string().describe('SHA-256 of the scenario as it ran, including settings'),
    seed: countOf,
    transport: z.string(),
    isSimulated: z.boolean().describe('Whether the connections are rows in memory and not kernel sockets'),
    step: step.nullable().prefault(null).describe('Null if the run is not a step of a series'),
    published: z
      .array(publishedMetric)
      .prefault([])
      .describe('Figures published by others that the scenario quotes; empty in older results'),
    written: z.unknown().describe('The scenario as written, including settings'),
  }),
  environment: environmentSchema,
  validity: z.strictObject({
    isValid: z.boolean(),
    isComplete: z.boolean().describe('Whether every phase ran to its end'),
    ended: z
      .enum(['complete', 'interrupted', 'failed', 'reserve'])
      .describe('reserve: the ramp stopped because free memory had fallen to the reserve that is kept free'),
    failure: z.string().nullable(),
    guards: z.array(guard),
  }),
  phases: z.array(
    z.strictObject({ name: z.string(), startSeconds: figure, durationSeconds: figure, outcome: z.string() }),
  ),
  sockets: socketsSchema,
  shardLoop: z
    .strictObject({
      inputsPerTurn: countOf.describe('Maximum of inputs of each kind that a shard processes per turn'),
      timerResolutionMicros: figure.describe('Resolution of the time-outs of a shard'),
    })
    .nullable()
    .prefault(null)
    .describe('Settings of the loop of a shard; null if the switch runs elsewhere, and in older results'),
  calibration: z
    .strictObject({
      phones: countOf,
      messagesPerSecond: figure.describe(
        'Highest rate of the driver against a switch that only answers, on the same cores',
      ),
      laneCpuMicrosPerMessage: figureOrNull.describe(
        'Processor time of the lanes per message, without the runtime of the process',
      ),
      offeredShare: figure.describe('The rate that this run offers, divided by messagesPerSecond'),
      rss: slopeSchema.nullable().describe('Memory of the driver, measured against the switch that only answers'),
    })
    .nullable(),
  connections: z.strictObject({
    wanted: countOf,
    peak: countOf,
    held: countOf.describe('Phones online when the measurement began'),
    heldAtEnd: countOf,
    failed: z.strictObject({
      refused: countOf.describe('Failed connects; over sockets `counters` has the causes'),
      loginRefused: countOf.describe('Logins refused by the switch; `counters` has the codes'),
      loginForeign: countOf.describe('The server that answered does not speak the protocol'),
      loginCutOff: countOf.describe('The connection ended before the login was answered'),
      loginTimedOut: countOf,
      givenUp: countOf.describe('Phones that stopped trying; each of their failed attempts is counted above as well'),
      lostReplaced: countOf,
      lostHeartbeat: countOf,
      lostOther: countOf,
    }),
  }),
  throughput: z.strictObject({
    loginsPerSecond: figureOrNull.describe('During the ramp'),
    offeredMessagesPerSecond: figureOrNull.describe('Messages of online phones that became due during the measurement'),
    messagesPerSecond: figureOrNull.describe('Acknowledged (✓) while measuring'),
    deliveriesPerSecond: figureOrNull,
    completeMessagesPerSecond: figureOrNull.describe('Sent, ✓, delivered, confirmed and ✓✓, each message once'),
    framesPerSecond: figureOrNull.describe('Into and out of the switch'),
    measuredLoginsPerSecond: figureOrNull.prefault(null).describe('Accepted while measuring; null in older results'),
    loginsHighestPerSecond: figureOrNull
      .prefault(null)
      .describe('The same in that tenth of the measurement with most; null without a curve, and in older results'),
    loginsLowestPerSecond: figureOrNull.prefault(null).describe('The same in the tenth with fewest'),
    storedMessagesPerLogin: figureOrNull
      .prefault(null)
      .describe(
        'Messages delivered while measuring that had waited until their recipient logged in, by the logins meanwhile; null without logins, and in older results',
      ),
    queuedMessagesPeak: countOf
      .nullable()
      .prefault(null)
      .describe(
        'Most messages in mailboxes at the end of any interval: to phones that are away, and those not confirmed yet; null if the switch runs elsewhere, and in older results',
      ),
    unansweredMessagesPeak: countOf
      .nullable()
      .prefault(null)
      .describe(
        'Most messages that were due and not acknowledged at the end of any interval: those that the switch has not handled and those that wait for room to be sent; null in older results',
      ),
    measuredSeconds: figureOrNull,
  }),
  latency: latenciesSchema,
  http: httpSchema,
  overload: overloadSchema,
  misfits: misfitsSchema,
  network: networkSchema,
  platforms: platformsSchema,
  content: contentSchema,
  presence: presenceSchema,
  groups: groupsSchema,
  events: eventsSchema,
  storms: stormsSchema,
  faults: faultsSchema,
  durability: durabilitySchema,
  memory: memorySchema,
  profile: z
    .strictObject({
      phase: z
        .enum(['ramp', 'measure', 'all'])
        .describe('When: all is from the start of the ramp to the end of measure'),
      intervalMicros: countOf.describe('Time between two samples of the stack of a thread'),
      allocationBytes: countOf.describe('Mean number of allocated bytes between two samples of allocations'),
      threads: z.array(z.string()).describe('Each has two files beside the result, such as shard-0.cpuprofile'),
      otherThreads: z.array(z.string()).describe('Threads that were not profiled'),
    })
    .nullable()
    .prefault(null)
    .describe('How threads were profiled; null in a run that was not. Figures of a profiled run contain its cost'),
  cpu: processorSchema,
  integrity: integritySchema,
  counters: z.strictObject({
    switch: z.record(z.string(), figure).describe('Empty if the switch runs elsewhere'),
    driver: z.record(z.string(), figure),
    inboxRefusals: countOf
      .nullable()
      .describe('How often the inbox of a shard was full; null if the switch runs elsewhere'),
    switchSockets: z.record(z.string(), figure).describe('Events of the sockets of the switch; empty without sockets'),
    driverSockets: z.record(z.string(), figure),
    gateway: z
      .record(z.string(), figure)
      .prefault({})
      .describe('Counters of the HTTP side of the switch; empty without one, and in older results'),
  }),
  thresholds: z.array(
    z.strictObject({
      metric: z.string(),
      expression: z.string(),
      figure: figureOrNull,
      isMore: z
        .boolean()
        .prefault(false)
        .describe('Whether the latency was above its range, so that it is more than the figure'),
      passed: z.boolean(),
      reason: z.string().nullable().prefault(null).describe('Why it could not be judged, if known'),
    }),
  ),
  series: seriesSchema,
});

export type Result = z.output<typeof resultSchema>;
export type StepMark = z.output<typeof step>;
export type Guard = z.output<typeof guard>;

/** The published JSON Schema. */
export function resultJsonSchema(): object {
  return publishedSchema(RESULT_SCHEMA, 'trunkline result', resultSchema);
}
