/**
 * The result of a run: versioned JSON that every report, gate and comparison reads.
 *
 * Units are the last word of a name. What was not measured is null, never 0. The schema below is
 * published as JSON Schema with the package (`trunkline/result.schema.json`).
 */
import { z } from 'zod';
import { publishedSchema } from './published-schema.ts';
import { countOf, figure, figureOrNull } from './schema-terms.ts';

export const RESULT_SCHEMA = 'trunkline.result/1';

const slope = z
  .strictObject({
    bytesPerConnection: figureOrNull.describe('Theil–Sen slope over the levels; null where they do not show one'),
    lowBytesPerConnection: figure.describe('Lower end of the 95 % interval, by resampling the levels'),
    highBytesPerConnection: figure.describe('Upper end of the 95 % interval'),
    baseBytes: figure.describe('Intercept: what is there without connections'),
    isLinear: z.boolean().describe('Whether the slopes of both halves agree within 10 %'),
    bytes: z.array(figure).describe('What was read at each level'),
    reason: z
      .string()
      .nullable()
      .prefault(null)
      .describe('Why there is no figure: the interval spans zero, the slope is negative, or readings were disturbed'),
  })
  .describe('Memory as a straight line over connection levels');

/** Results that do not name their range had this one. */
const OLDER_RANGE_MICROS = 2 ** 26 - 1;

const latency = z.strictObject({
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
  aboveRangeCount: countOf.describe('Values at or above the range; the mean takes them as the range'),
  rangeMicros: figure
    .prefault(OLDER_RANGE_MICROS)
    .describe('What was told apart: a figure that is not below it was more than that'),
  histogram: z.string().nullable().describe('HdrHistogram V2, compressed, base64; microseconds'),
});

/** Of what was not measured, or did not happen. */
const NO_LATENCY: z.input<typeof latency> = {
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

const guard = z.strictObject({
  name: z.string(),
  verdict: z.enum(['ok', 'warning', 'invalid', 'unknown']),
  figure: figureOrNull,
  limit: figureOrNull,
  sentence: z.string().describe('What was found, in words, with its figure'),
});

export const publishedFigure = z
  .strictObject({ figure: z.string(), source: z.string() })
  .describe('What somebody else published, in words, and where');

const step = z
  .strictObject({
    name: z.string(),
    number: countOf.describe('Its place in the series, from 1'),
    of: countOf.describe('Steps of the series, those included that were not run'),
    published: publishedFigure.nullable(),
  })
  .describe('Which step of a series of runs this was');

const thread = z.strictObject({
  name: z.string(),
  role: z.enum(['shard', 'lane']),
  busyShare: figureOrNull.describe('Processor time divided by time'),
  waitShare: figureOrNull.describe('Time for which it could have run and had no processor'),
  cpuMicros: figureOrNull,
  heapUsedBytes: countOf,
  collections: countOf,
  pauseMicros: figure,
  allocatedBytes: countOf
    .optional()
    .describe('Bytes of objects made on its heap, by what its collections found and left'),
});

const ledgerEntry = z.strictObject({
  owner: z.enum(['switch', 'driver', 'transport', 'run']),
  name: z.string(),
  reservedBytes: countOf,
  rowBytes: countOf,
  rowsUsed: countOf,
});

const environment = z.strictObject({
  trunkline: z.string(),
  node: z.string(),
  v8: z.string(),
  execArgv: z.array(z.string()),
  platform: z.string(),
  kernel: z.string(),
  cpuModel: z.string(),
  cores: countOf,
  memoryBytes: countOf,
  governor: z.string().nullable(),
  cgroupCpuCores: figureOrNull,
  cgroupMemoryBytes: figureOrNull,
  loadBefore: figure,
  loadAfter: figureOrNull,
  openFilesLimit: figureOrNull,
  sysctls: z.record(z.string(), z.string()),
  commit: z.string().nullable(),
  isDirty: z.boolean().nullable(),
  lockfileHash: z.string().nullable(),
  machineClass: z.string().describe('Machines whose results may be compared'),
});

const series = z
  .strictObject({
    atSeconds: z.array(figure),
    phase: z.array(z.string()),
    held: z.array(figure),
    loginsPerSecond: z.array(figure),
    messagesPerSecond: z.array(figure),
    deliveriesPerSecond: z.array(figure),
    deliveryP99Micros: z.array(figureOrNull),
    backlogMessages: z.array(figure),
    rssBytes: z.array(figure),
  })
  .describe('One entry for each interval');

export const resultSchema = z.strictObject({
  schema: z.literal(RESULT_SCHEMA),
  id: z.string(),
  startedAt: z.iso.datetime(),
  scenario: z.strictObject({
    name: z.string(),
    description: z.string(),
    file: z.string(),
    hash: z.string().describe('SHA-256 of the scenario as it ran, settings put in'),
    seed: countOf,
    transport: z.string(),
    isSimulated: z.boolean().describe('The connections are rows in memory, not kernel sockets'),
    step: step.nullable().prefault(null).describe('Null for a run that is no step of a series'),
    written: z.unknown().describe('The scenario as it was written, settings put in'),
  }),
  environment,
  validity: z.strictObject({
    isValid: z.boolean(),
    isComplete: z.boolean().describe('Every phase ran to its end'),
    ended: z
      .enum(['complete', 'interrupted', 'failed', 'reserve'])
      .describe('reserve: the ramp stopped where the memory of the machine had come down to what is kept free'),
    failure: z.string().nullable(),
    guards: z.array(guard),
  }),
  phases: z.array(
    z.strictObject({ name: z.string(), startSeconds: figure, durationSeconds: figure, outcome: z.string() }),
  ),
  sockets: z
    .strictObject({
      shards: countOf.describe('Where the switch is elsewhere: the places of it that were named'),
      lanes: countOf,
      listen: z.enum(['shared', 'each']),
      listenReason: z.string(),
      hold: z
        .enum(['rings', 'descriptors'])
        .nullable()
        .prefault(null)
        .describe(
          'How threads held their sockets over tcp: in tables of io_uring, or by a descriptor each; null over other transports, and in results older than this',
        ),
      sourceAddresses: countOf.describe('From which phones connect; 0: the kernel chose'),
      endsHere: countOf.describe('Ends of each connection on this machine, 1 or 2'),
      settings: z.record(z.string(), z.unknown()).describe('Every key of `sockets` in the scenario, defaults put in'),
      kernel: z.strictObject({
        source: z.string().describe('Where the figures of kernel memory come from'),
        cannotSee: z.array(z.string()),
        caches: z.record(z.string(), figure).describe('Bytes of whole slabs while measuring, by cache'),
        counters: z.record(z.string(), figureOrNull).describe('From the start of the ramp to the end of measuring'),
      }),
    })
    .nullable()
    .describe('How sockets were laid out and what the kernel said of them; null without sockets'),
  shardLoop: z
    .strictObject({
      inputsPerTurn: countOf.describe('Inputs of each kind that a shard took in one turn, at most'),
      timerResolutionMicros: figure.describe('Grain of its time-outs'),
    })
    .nullable()
    .prefault(null)
    .describe('How a shard worked; null where the switch is elsewhere, and in results older than this'),
  calibration: z
    .strictObject({
      phones: countOf,
      messagesPerSecond: figure.describe('Most that the driver did with a switch that only answers, on the same cores'),
      laneCpuMicrosPerMessage: figureOrNull.describe('Of its lanes alone, without the runtime of the process'),
      offeredShare: figure.describe('What this run offers, divided by that'),
      rss: slope.nullable().describe('Memory of the driver alone, with the switch that only answers'),
    })
    .nullable(),
  connections: z.strictObject({
    wanted: countOf,
    peak: countOf,
    held: countOf.describe('Online when measuring began'),
    heldAtEnd: countOf,
    failed: z.strictObject({
      refused: countOf.describe('Connects that came to nothing; over sockets `counters` tell the causes'),
      loginRefused: countOf.describe('By the switch; `counters` tell its codes'),
      loginForeign: countOf.describe('What answered does not speak the protocol'),
      loginCutOff: countOf.describe('The connection ended before the answer'),
      loginTimedOut: countOf,
      givenUp: countOf.describe('Phones that will not try again; each failed attempt has its own cause above'),
      lostReplaced: countOf,
      lostHeartbeat: countOf,
      lostOther: countOf,
    }),
  }),
  throughput: z.strictObject({
    loginsPerSecond: figureOrNull.describe('While phones arrived'),
    offeredMessagesPerSecond: figureOrNull.describe('Due while measuring, by phones that were online'),
    messagesPerSecond: figureOrNull.describe('Acknowledged (✓) while measuring'),
    deliveriesPerSecond: figureOrNull,
    completeMessagesPerSecond: figureOrNull.describe('Sent, ✓, delivered, confirmed and ✓✓'),
    framesPerSecond: figureOrNull.describe('In and out of the switch'),
    measuredSeconds: figureOrNull,
  }),
  latency: z.strictObject({
    login: latency,
    acknowledgement: latency,
    delivery: latency.describe('To phones that were there; with stored deliveries in results that have none'),
    storedDelivery: latency
      .prefault(NO_LATENCY)
      .describe('Of messages that waited when the recipient logged in; none in results older than this'),
    receipt: latency,
    sendDelay: latency.describe(
      'From when a message was due to when the driver handed it over: its own part of every latency, or want of room',
    ),
  }),
  memory: z.strictObject({
    isSimulated: z.boolean(),
    connections: z.array(countOf).describe('The levels'),
    switch: z.strictObject({ ledger: slope.nullable(), heap: slope.nullable(), rss: slope.nullable() }),
    driver: z.strictObject({ ledger: slope.nullable(), heap: slope.nullable(), rss: slope.nullable() }),
    kernel: slope.nullable().describe('Sockets in the kernel: all ends on this machine'),
    machine: slope.nullable().describe('What the machine has less of free memory: all ends and both sides together'),
    process: z.strictObject({ rss: slope.nullable(), pageTables: slope.nullable() }),
    ledger: z.array(ledgerEntry).describe('At the highest level'),
    leavesOut: z.array(z.string()),
  }),
  cpu: z.strictObject({
    switchMicrosPerMessage: figureOrNull.describe(
      'Of its process, all threads; where both sides are one process, of its shards. In results without the rows below, of its shards',
    ),
    driverMicrosPerMessage: figureOrNull.describe('Likewise, of its process or its lanes'),
    switchRuntimeMicrosPerMessage: figureOrNull
      .prefault(null)
      .describe(
        'Of its process without its shards: collector, compiler and main thread; null where it has none of its own',
      ),
    driverRuntimeMicrosPerMessage: figureOrNull.prefault(null).describe('Likewise, without its lanes'),
    sharedRuntimeMicrosPerMessage: figureOrNull
      .prefault(null)
      .describe('The same of both sides in one process, which belongs to neither; null where each has its own'),
    threads: z.array(thread),
  }),
  integrity: z.strictObject({
    isSound: z
      .boolean()
      .nullable()
      .describe(
        'Everything below balances; null where the run or its drain ended before all was at rest and nothing is known to be wrong. Where the switch is elsewhere (queued is null): all is answered, nothing is doubled, out of order or harmed, and all has arrived but what was for phones that are not online',
      ),
    sent: countOf,
    delivered: countOf,
    queued: countOf.nullable().describe('Waiting in mailboxes; null where the switch is elsewhere and cannot be asked'),
    forOffline: countOf
      .nullable()
      .describe(
        'Where queued is null: acknowledged, and for phones that never connect in this run, so that they wait; null elsewhere',
      ),
    rejected: countOf,
    lost: figure.describe(
      'sent - delivered - queued - rejected, 0 where digestsMatch is null; where queued is null, acknowledged - delivered - forOffline, less what may wait for phones that are absent: at least so many',
    ),
    duplicated: countOf,
    reordered: countOf,
    corrupted: countOf,
    strangers: countOf.describe('Delivered to a phone that they were not for'),
    redelivered: countOf.describe('Sent again by the switch and dropped by the phone: allowed'),
    earlier: countOf.describe(
      'Delivered, and sent before this run: they waited in mailboxes, and are in no other count',
    ),
    unanswered: countOf,
    digestsMatch: z
      .boolean()
      .nullable()
      .describe(
        'The sets of messages are the same, not only their numbers; null where the run or its drain ended before all was at rest; where queued is null and phones are absent, of those sent and answered only',
      ),
    findings: z.array(
      z.strictObject({
        kind: z.string(),
        sender: z.number().int().min(-1).describe("A phone's number in the plan, from 0; -1 for no number of the plan"),
        recipient: countOf,
        number: countOf.describe("Which of its sender's messages in this run, from 1"),
      }),
    ),
  }),
  counters: z.strictObject({
    switch: z.record(z.string(), figure).describe('Empty where the switch is elsewhere'),
    driver: z.record(z.string(), figure),
    inboxRefusals: countOf
      .nullable()
      .describe('Times that an inbox of a shard was full; null where the switch is elsewhere'),
    switchSockets: z.record(z.string(), figure).describe("What the switch's sockets met; empty without sockets"),
    driverSockets: z.record(z.string(), figure),
  }),
  thresholds: z.array(
    z.strictObject({
      metric: z.string(),
      expression: z.string(),
      figure: figureOrNull,
      isMore: z.boolean().prefault(false).describe('The latency was above its range: more than the figure'),
      passed: z.boolean(),
      reason: z.string().nullable().prefault(null).describe('Why it could not be judged, where that is known'),
    }),
  ),
  series,
});

export type Result = z.output<typeof resultSchema>;
export type StepMark = z.output<typeof step>;
export type Slope = z.output<typeof slope>;
export type LatencySummary = z.output<typeof latency>;
export type Guard = z.output<typeof guard>;
export type ThreadSummary = z.output<typeof thread>;
export type Environment = z.output<typeof environment>;
export type Series = z.output<typeof series>;

/** The JSON Schema that is published. */
export function resultJsonSchema(): object {
  return publishedSchema(RESULT_SCHEMA, 'trunkline result', resultSchema);
}
