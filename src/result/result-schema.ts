/**
 * The result of a run: versioned JSON that every report, gate and comparison reads.
 *
 * The last word of a name is the unit. A figure that was not measured is null, never 0. The schema below is published
 * as JSON Schema with the package (`trunkline/result.schema.json`).
 */
import { z } from 'zod';
import { contentSchema } from './content-schema.ts';
import { groupBalanceSchema, groupsSchema } from './groups-schema.ts';
import { latencySchema, NO_LATENCY } from './latency-schema.ts';
import { misfitsSchema } from './misfits-schema.ts';
import { overloadSchema } from './overload-schema.ts';
import { platformsSchema } from './platforms-schema.ts';
import { presenceSchema } from './presence-schema.ts';
import { publishedSchema } from './published-schema.ts';
import { countOf, figure, figureOrNull } from './schema-terms.ts';
import { seriesSchema } from './series-schema.ts';
import { stormsSchema } from './storms-schema.ts';

export const RESULT_SCHEMA = 'trunkline.result/1';

const slope = z
  .strictObject({
    bytesPerConnection: figureOrNull.describe(
      'Theil–Sen slope over the levels; null if the levels do not show a slope',
    ),
    lowBytesPerConnection: figure.describe('Lower end of the 95 % interval, by resampling the levels'),
    highBytesPerConnection: figure.describe('Upper end of the 95 % interval'),
    baseBytes: figure.describe('Intercept of the fit: memory without connections'),
    isLinear: z
      .boolean()
      .describe('Whether the slopes of the lower and the upper half of the levels agree within 10 %'),
    bytes: z.array(figure).describe('The reading at each level'),
    reason: z
      .string()
      .nullable()
      .prefault(null)
      .describe(
        'Why there is no figure: the interval includes zero, the slope is negative, or readings were disturbed',
      ),
  })
  .describe('Straight line fitted to memory over the levels of connections');

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

const publishedMetric = publishedFigure.extend({
  metric: z.string().exactOptional().describe('The metric of this result to compare with'),
  value: figure.exactOptional().describe('The published figure in the unit of the metric'),
});

const step = z
  .strictObject({
    name: z.string(),
    number: countOf.describe('Its number in the series, from 1'),
    of: countOf.describe('Number of steps in the series, including those that were not run'),
    published: publishedFigure.nullable(),
  })
  .describe('The step of a series that this run is');

const thread = z.strictObject({
  name: z.string(),
  role: z.enum(['shard', 'lane', 'gateway']),
  busyShare: figureOrNull.describe('Processor time divided by elapsed time'),
  waitShare: figureOrNull.describe('Share of time in which the thread was runnable but had no processor'),
  cpuMicros: figureOrNull,
  heapUsedBytes: countOf,
  collections: countOf,
  pauseMicros: figure,
  allocatedBytes: countOf
    .optional()
    .describe('Bytes allocated on its heap, from the heap sizes before and after its garbage collections'),
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
  machineClass: z.string().describe('Class of machines whose results can be compared'),
});

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
  environment,
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
  sockets: z
    .strictObject({
      shards: countOf.describe('If the switch runs elsewhere: the number of its addresses'),
      lanes: countOf,
      listen: z.enum(['shared', 'each']),
      listenReason: z.string(),
      hold: z
        .enum(['rings', 'descriptors'])
        .nullable()
        .prefault(null)
        .describe(
          'How threads held their sockets over tcp: in tables of io_uring, or one descriptor per socket; null over other transports, and in older results',
        ),
      sourceAddresses: countOf.describe('Number of addresses from which phones connect; 0: chosen by the kernel'),
      endsHere: countOf.describe('Ends of each connection on this machine, 1 or 2'),
      settings: z
        .record(z.string(), z.unknown())
        .describe('Every key of `sockets` in the scenario, including defaults'),
      kernel: z.strictObject({
        source: z.string().describe('Source of the figures of kernel memory'),
        cannotSee: z.array(z.string()),
        caches: z.record(z.string(), figure).describe('Bytes of whole slabs during the measurement, by cache'),
        counters: z
          .record(z.string(), figureOrNull)
          .describe('From the start of the ramp to the end of the measurement'),
      }),
    })
    .nullable()
    .describe('Configuration of the sockets, and what the kernel reported about them; null without sockets'),
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
      rss: slope.nullable().describe('Memory of the driver, measured against the switch that only answers'),
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
    completeMessagesPerSecond: figureOrNull.describe('Sent, ✓, delivered, confirmed and ✓✓'),
    framesPerSecond: figureOrNull.describe('Into and out of the switch'),
    measuredLoginsPerSecond: figureOrNull.prefault(null).describe('Accepted while measuring; null in older results'),
    measuredSeconds: figureOrNull,
  }),
  latency: z.strictObject({
    login: latencySchema,
    acknowledgement: latencySchema,
    delivery: latencySchema.describe(
      'To phones that were online; in older results without storedDelivery, to all phones',
    ),
    storedDelivery: latencySchema
      .prefault(NO_LATENCY)
      .describe('Of messages that were stored when the recipient logged in; empty in older results'),
    groupDelivery: latencySchema
      .prefault(NO_LATENCY)
      .describe(
        'Of messages to groups and lists, to each member that was online; empty without groups, and in older results',
      ),
    receipt: latencySchema,
    http: latencySchema
      .prefault(NO_LATENCY)
      .describe(
        'Of HTTP requests that send a message: from the intended time until the answer, which comes after ✓; empty without an HTTP load, and in older results',
      ),
    sendDelay: latencySchema.describe(
      'From the due time of a message until the driver passes it to the transport: delay of the driver itself, or lack of space in the transport; part of every latency',
    ),
    presence: latencySchema
      .prefault(NO_LATENCY)
      .describe(
        'From the LOGIN, LOGOUT or SET_PRESENCE of a phone until another one that watches it has the notice; of phones that the same lane simulates; empty without presence, and in older results',
      ),
  }),
  http: z
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
    .describe('The HTTP load; null without one, and in older results'),
  overload: overloadSchema,
  misfits: misfitsSchema,
  platforms: platformsSchema,
  content: contentSchema,
  presence: presenceSchema,
  groups: groupsSchema
    .nullable()
    .prefault(null)
    .describe('Groups and broadcast lists; null without them, and in older results'),
  storms: stormsSchema,
  memory: z.strictObject({
    isSimulated: z.boolean(),
    connections: z.array(countOf).describe('The levels'),
    switch: z.strictObject({ ledger: slope.nullable(), heap: slope.nullable(), rss: slope.nullable() }),
    driver: z.strictObject({ ledger: slope.nullable(), heap: slope.nullable(), rss: slope.nullable() }),
    kernel: slope.nullable().describe('Sockets in the kernel, of all ends on this machine'),
    machine: slope.nullable().describe('Decrease of free memory of the machine: all ends and both sides together'),
    process: z.strictObject({ rss: slope.nullable(), pageTables: slope.nullable() }),
    pages: z
      .strictObject({
        setting: z.string().describe('`memory.pages` of the scenario'),
        hugeBytes: countOf
          .nullable()
          .describe('Memory of the processes on huge pages, at the highest level of connections; null if unknown'),
      })
      .nullable()
      .prefault(null)
      .describe('Pages that the memory of the processes lies on; null in older results'),
    ledger: z.array(ledgerEntry).describe('At the highest level of connections'),
    leavesOut: z.array(z.string()),
  }),
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
  cpu: z.strictObject({
    switchMicrosPerMessage: figureOrNull.describe(
      'Of all threads of its process; if both sides share a process, of its shards. In results without the rows below, of its shards',
    ),
    driverMicrosPerMessage: figureOrNull.describe('The same for the driver: of its process, or of its lanes'),
    switchRuntimeMicrosPerMessage: figureOrNull
      .prefault(null)
      .describe(
        'Of its process without its shards: garbage collector, compiler and main thread; null if both sides share a process',
      ),
    driverRuntimeMicrosPerMessage: figureOrNull.prefault(null).describe('The same for the driver, without its lanes'),
    sharedRuntimeMicrosPerMessage: figureOrNull
      .prefault(null)
      .describe('The same for a process that both sides share; null if each side has its own process'),
    threads: z.array(thread),
  }),
  integrity: z.strictObject({
    isSound: z
      .boolean()
      .nullable()
      .describe(
        'Whether the counts below balance and no message was lost, duplicated, reordered or changed; null if the run or its drain ended while messages were in flight and no fault is known. If the switch runs elsewhere (queued is null): whether every message was answered, none was duplicated, reordered or changed, and all have arrived except those for phones that are not online',
      ),
    sent: countOf,
    delivered: countOf,
    queued: countOf.nullable().describe('Messages in mailboxes; null if the switch runs elsewhere and cannot be asked'),
    forOffline: countOf
      .nullable()
      .describe(
        'If queued is null: acknowledged messages to phones that never connect in this run, which therefore stay in mailboxes; otherwise null',
      ),
    rejected: countOf,
    lost: figure.describe(
      'sent - delivered - queued - rejected, 0 if digestsMatch is null. If queued is null, a lower bound: acknowledged - delivered - forOffline, less the messages that may be waiting for absent phones',
    ),
    duplicated: countOf,
    reordered: countOf,
    corrupted: countOf,
    strangers: countOf.describe('Delivered to the wrong phone'),
    redelivered: countOf.describe('Delivered again by the switch and discarded by the phone; allowed'),
    earlier: countOf.describe(
      'Delivered in this run but sent before it; they waited in mailboxes and are in no other count',
    ),
    unanswered: countOf,
    digestsMatch: z
      .boolean()
      .nullable()
      .describe(
        'Whether the messages sent and the messages found are the same set, and not only equal in number; null if the run or its drain ended while messages were in flight. If queued is null and phones are absent, only of messages sent and answered',
      ),
    orderCheckedShare: figureOrNull
      .optional()
      .describe(
        'Share of delivered messages that were compared with the one before them from the same sender. Only the pairs that were used last are remembered; null if nothing was delivered',
      ),
    groups: groupBalanceSchema
      .nullable()
      .prefault(null)
      .describe(
        'Recipients of messages to groups; null if none was sent, and in older results. These messages are in no other count but unanswered',
      ),
    findings: z.array(
      z.strictObject({
        kind: z.string(),
        sender: z
          .number()
          .int()
          .min(-1)
          .describe('Index of a phone in the numbering plan, from 0; -1 for a number that is not in the plan'),
        recipient: countOf,
        number: countOf.describe('Number of the message among those of its sender in this run, from 1'),
      }),
    ),
  }),
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
export type Slope = z.output<typeof slope>;
export type LatencySummary = z.output<typeof latencySchema>;
export type Guard = z.output<typeof guard>;
export type ThreadSummary = z.output<typeof thread>;
export type Environment = z.output<typeof environment>;

/** The published JSON Schema. */
export function resultJsonSchema(): object {
  return publishedSchema(RESULT_SCHEMA, 'trunkline result', resultSchema);
}
