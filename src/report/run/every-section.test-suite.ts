/**
 * The result of a run with every optional section, for tests of what all reports must do with any figures and names.
 */
import { type Result, resultSchema } from '../../result/result-schema.ts';
import type { LatencySummary } from '../../result/sections/latency-schema.ts';
import { wholeResult } from '../html/run/made-run.test-suite.ts';

export interface EveryFigure {
  /** Each figure of a section, in the order in which they are asked for. */
  readonly figure: () => number;
  /** Each name that a user or another program gives. */
  readonly name: string;
}

const RANGE_MICROS = 2 ** 28;
/** Drawing its latencies takes most of the time of a test. */
const WHOLE = wholeResult(6);

/** Checked against the schema. The figures of the sections do not add up: reports show them and do not judge them. */
export function everySection({ figure, name }: EveryFigure): Result {
  const counts = <Key extends string>(...keys: readonly Key[]): Record<Key, number> =>
    Object.fromEntries(keys.map((key) => [key, figure()])) as Record<Key, number>; // one for each
  const latency = (): LatencySummary => ({
    ...counts('count', 'minMicros', 'meanMicros', 'p50Micros', 'p90Micros', 'p95Micros', 'p99Micros', 'p999Micros'),
    ...counts('p9999Micros', 'maxMicros', 'aboveRangeCount'),
    rangeMicros: RANGE_MICROS,
    histogram: null,
  });
  const roundTrip = () => counts('connections', 'smoothedP50Micros', 'smoothedP95Micros', 'shortestP50Micros');
  const fates = (): Omit<NonNullable<Result['network']>['links'][number], 'name' | 'delivery'> => ({
    ...counts('packets', 'lost', 'lostInBursts', 'lostInOutages', 'droppedByQueue', 'droppedForRoom'),
    ...counts('delayed', 'reordered', 'duplicated'),
    kernelRoundTrip: roundTrip(),
  });
  const made: Result = {
    ...WHOLE,
    scenario: { ...WHOLE.scenario, name, published: [{ figure: name, source: name }] },
    latency: {
      ...WHOLE.latency,
      delivery: { ...WHOLE.latency.delivery, histogram: null },
      ...{ storedDelivery: latency(), groupDelivery: latency(), http: latency() },
    },
    cpu: { ...WHOLE.cpu, threads: WHOLE.cpu.threads.slice(0, 3) },
    series: { ...WHOLE.series, threads: WHOLE.series.threads.slice(0, 1), events: WHOLE.series.events.slice(0, 3) },
    http: {
      ...counts('requests', 'due', 'answers2xx', 'answers4xx', 'answers5xx', 'errors', 'connections'),
      ...counts('intendedPerSecond', 'reachedPerSecond'),
      correction: 'intended time',
      sendDelay: latency(),
    },
    overload: {
      ...counts('delayMicros', 'workMicrosPerMessage', 'withinMicros'),
      ...counts('offeredPerSecond', 'goodputPerSecond', 'refusedPerSecond'),
      shed: (['presence', 'typing', 'readReceipts', 'logins', 'messages'] as const).map((kind) => ({
        kind,
        ...counts('count', 'shardSeconds', 'firstSeconds', 'lastSeconds'),
      })),
    },
    misfits: {
      ...counts('stalledReaders', 'deliveriesIgnored', 'hotMessagesSent', 'hotMessagesDelivered'),
      ...counts('hotDeliveryMeanMicros', 'hotGroupMessagesSent', 'hotGroupDeliveries', 'hotGroupDeliveryMeanMicros'),
      ...counts('refusedMailboxFull', 'duplicateConnects', 'sessionsReplaced'),
      ...counts('messagesSentAgain', 'messagesRecognized'),
    },
    network: {
      links: [{ name, ...fates(), delivery: latency() }],
      lanes: [
        {
          name,
          ...counts('packetsOut', 'packetsIn', 'packetsRefused', 'queueDrops', 'thrownAway', 'delayed', 'reordered'),
          ...counts('duplicated', 'segmentsSentAgain'),
        },
      ],
      ...counts('thrownAway', 'phonesSentAgain', 'switchSentAgain', 'sentAgainPerThrownAway'),
      phonesTcp: {},
      kernelRoundTripStatus: name,
      kernelRoundTrip: roundTrip(),
    },
    platforms: [
      {
        name,
        protocol: name,
        share: 0.25,
        ...counts('connections', 'sessions', 'pushes', 'woken', 'messagesSent', 'messagesDelivered'),
        delivery: latency(),
        storedDelivery: latency(),
      },
    ],
    content: {
      kinds: [{ name, share: 0.5, ...counts('messages', 'payloadBytesMean', 'blobBytesMean') }],
      readReceipts: {
        ...counts('sent', 'received', 'receivedPerSecond', 'meanMicros', 'missed', 'stored', 'queued', 'unwanted'),
        ...counts('dropped', 'shed', 'lostWithConnections', 'lost'),
      },
      ...counts('blobBytesStoredPerSecond', 'blobBytesFetchedPerSecond'),
    },
    presence: {
      ...counts('watch', 'subscriptions', 'watchesRefused', 'changesPerSecond', 'noticesPerSecond'),
      ...counts('expectedNoticesPerSecond', 'noticesPerMessage', 'coalesced', 'shed'),
      ...counts('typingSentPerSecond', 'typingReceivedPerSecond', 'typingShed', 'bytes'),
    },
    groups: {
      ...counts('groups', 'lists', 'memberships', 'sizeMax', 'bytes', 'messagesPerSecond', 'deliveriesPerSecond'),
      ...counts('messages', 'refused', 'notMember', 'receipts', 'joins', 'leaves', 'changesRefused', 'groupFull'),
      ...counts('changesSkipped', 'unjudged', 'refusedAfterLeavingPerSecond'),
    },
    events: [
      {
        name,
        changeShare: 0.25,
        ...counts('atSeconds', 'messagesBeforePerSecond', 'messagesPerSecond'),
        ...counts('deliveriesBeforePerSecond', 'deliveriesPerSecond'),
      },
    ],
    faults: [
      {
        what: name,
        isKill: true,
        ...counts('atSeconds', 'sessions', 'presentSeconds', 'restoreSeconds', 'restoredEntries'),
        ...counts('back50Seconds', 'back90Seconds', 'back99Seconds', 'acknowledgedSeconds'),
      },
    ],
    storms: [
      {
        what: name,
        notice: 'silent',
        ...counts('atSeconds', 'dropped', 'restored', 'givenUp', 'outageSeconds', 'riddenOut'),
        ...counts('restored50Seconds', 'restored90Seconds', 'restored99Seconds', 'restored999Seconds'),
        ...counts('peakLoginsPerSecond', 'deferred', 'loginsRefused', 'messagesRejected'),
        deliveriesBefore: counts('count', 'p50Micros', 'p99Micros', 'p999Micros'),
        deliveriesStayed: counts('count', 'p50Micros', 'p99Micros', 'p999Micros'),
        binSeconds: 0.1,
        logins: [figure(), figure()],
      },
    ],
    durability: {
      mode: 'fsync',
      folder: name,
      isTemporary: false,
      ...counts('threads', 'diskSyncP50Micros', 'diskSyncP99Micros', 'commitsPerSecond', 'recordsPerCommit'),
      ...counts('commitP50Micros', 'commitP99Micros', 'longestSyncMicros', 'writtenBytesPerMessage', 'storeBytes'),
      ...counts('fullDisks', 'untrackedRecords', 'restoredEntries', 'restoreSeconds'),
      cacheHitShare: null,
      mayLose: counts('seconds', 'bytesPerShard'),
    },
    integrity: {
      ...WHOLE.integrity,
      ...counts('sent', 'delivered', 'queued', 'rejected', 'lost', 'duplicated', 'reordered', 'corrupted', 'earlier'),
      isSound: false,
      groups: {
        ...counts('recipients', 'delivered', 'queued', 'rejected', 'lost', 'untold', 'maybeRejected'),
        ...counts('strangers', 'wrongRecipients'),
        isSound: false,
      },
      findings: [{ kind: name, ...counts('sender', 'recipient', 'number') }],
    },
    counters: { ...WHOLE.counters, driver: counts('rejectedOverloaded', 'connectsFailedRefused') },
    validity: { isValid: true, isComplete: true, ended: 'complete', failure: null, guards: [] },
    thresholds: [],
  };
  return resultSchema.parse(made);
}

/** A count, and after it a noun in the plural: `1 sessions`. Seconds and the names of units are no nouns. */
const ONE_OF_MANY =
  /(?<![\d.,:/+=–-]|of )\b1 (?!s\b|ms\b|is\b|was\b|has\b|by\b)(?:[a-z]+ (?!of\b|in\b|at\b|by\b|a\b|s\b))?([a-z]+s)\b(?!['’])/g;
/** Words with an s at the end that are no plurals. */
const SINGULAR = new Set([
  'as',
  'its',
  'this',
  'was',
  'is',
  'has',
  'less',
  'across',
  'always',
  'process',
  'stands',
  'bus',
]);

/** What a text says of one thing in the plural. */
export function pluralMistakes(text: string): string[] {
  return [...text.matchAll(ONE_OF_MANY)].flatMap(([found, noun = '']) => (SINGULAR.has(noun) ? [] : [found]));
}
