/** A result with every section that a scenario can ask for, each figure different from the others. */
import type { Result } from '../../../result/result-schema.ts';
import type { LatencySummary } from '../../../result/sections/latency-schema.ts';
import { wholeResult } from './made-run.test-suite.ts';

/** Neighbours differ by more than the rounding of three digits. */
class Figures {
  #last = 101;

  next(): number {
    this.#last = Math.round(this.#last * 1.02) + 1;
    return this.#last;
  }

  latency(like: LatencySummary): LatencySummary {
    const [p50Micros, p99Micros, p999Micros, maxMicros] = [this.next(), this.next(), this.next(), this.next()];
    return { ...like, count: this.next(), p50Micros, p99Micros, p999Micros, maxMicros, rangeMicros: 1e9 };
  }
}

/** @param name of platforms, kinds, networks, lanes and folders. */
export function sectionsResult(name = 'made'): Result {
  const made = wholeResult();
  const figures = new Figures();
  const next = (): number => figures.next();
  const roundTrip = () => ({
    connections: next(),
    smoothedP50Micros: next(),
    smoothedP95Micros: next(),
    shortestP50Micros: next(),
  });
  const latency = (): LatencySummary => figures.latency(made.latency.delivery);
  const storm = (notice: 'reset' | 'silent'): Result['storms'][number] => ({
    what: `${name}, all connections`,
    notice,
    atSeconds: 12,
    dropped: next(),
    restored: next(),
    givenUp: next(),
    outageSeconds: null,
    riddenOut: next(),
    restored50Seconds: next() / 100,
    restored90Seconds: next() / 100,
    restored99Seconds: next() / 100,
    restored999Seconds: next() / 100,
    peakLoginsPerSecond: next(),
    deferred: next(),
    loginsRefused: next(),
    messagesRejected: next(),
    deliveriesBefore: { count: 1000, p50Micros: next(), p99Micros: next(), p999Micros: null },
    deliveriesStayed: { count: 1000, p50Micros: next(), p99Micros: next(), p999Micros: null },
    binSeconds: 0.1,
    logins: [0, 4, 9, 2],
  });
  const event = (suffix: string): Result['events'][number] => {
    const deliveriesBeforePerSecond = next() * 1000;
    return {
      name: `${name} ${suffix}`,
      atSeconds: next(),
      changeShare: next() / 1000,
      messagesBeforePerSecond: next(),
      messagesPerSecond: next(),
      deliveriesBeforePerSecond,
      deliveriesPerSecond: deliveriesBeforePerSecond * 1.346, // a change of three digits
    };
  };
  const platform = (suffix: string): Result['platforms'][number] => ({
    name: `${name} ${suffix}`,
    share: next() / 1000,
    protocol: '1.1',
    connections: next(),
    sessions: next(),
    pushes: next(),
    woken: next(),
    messagesSent: next(),
    messagesDelivered: next(),
    delivery: latency(),
    storedDelivery: latency(),
  });
  const shed = (kind: 'presence' | 'messages') =>
    ({ kind, count: next(), shardSeconds: next(), firstSeconds: next(), lastSeconds: next() }) as const;
  return {
    ...made,
    latency: { ...made.latency, http: latency(), groupDelivery: latency(), presence: latency() },
    events: [event('one'), event('two')],
    storms: [storm('reset'), storm('silent')],
    platforms: [platform('one'), platform('two')],
    groups: {
      groups: next(),
      lists: next(),
      memberships: next(),
      sizeMax: next(),
      bytes: next() * 1000,
      messagesPerSecond: next(),
      deliveriesPerSecond: next(),
      messages: next(),
      refused: next(),
      notMember: next(),
      refusedAfterLeavingPerSecond: next(),
      receipts: next(),
      joins: next(),
      leaves: next(),
      changesRefused: next(),
      groupFull: next(),
      changesSkipped: next(),
      unjudged: next(),
    },
    presence: {
      watch: next(),
      subscriptions: next(),
      watchesRefused: next(),
      changesPerSecond: next(),
      noticesPerSecond: next(),
      expectedNoticesPerSecond: next(),
      noticesPerMessage: next() / 100,
      coalesced: next(),
      shed: next(),
      typingSentPerSecond: next(),
      typingReceivedPerSecond: next(),
      typingShed: next(),
      bytes: next() * 1000,
    },
    content: {
      readReceipts: {
        sent: next(),
        received: next(),
        receivedPerSecond: next(),
        meanMicros: next(),
        missed: next(),
        stored: next(),
        queued: next(),
        unwanted: next(),
        dropped: next(),
        shed: next(),
        lostWithConnections: next(),
        lost: next(),
      },
      kinds: ['one', 'two'].map((suffix) => ({
        name: `${name} ${suffix}`,
        share: next() / 1000,
        messages: next(),
        payloadBytesMean: next(),
        blobBytesMean: next() * 1000,
      })),
      blobBytesStoredPerSecond: 1e6,
      blobBytesFetchedPerSecond: 2e6,
    },
    overload: {
      delayMicros: next(),
      workMicrosPerMessage: next(),
      withinMicros: 500_000,
      offeredPerSecond: next(),
      goodputPerSecond: next(),
      refusedPerSecond: next(),
      shed: [shed('presence'), shed('messages')],
    },
    durability: {
      mode: 'async',
      folder: name,
      isTemporary: true,
      threads: 1,
      diskSyncP50Micros: next(),
      diskSyncP99Micros: next(),
      commitsPerSecond: next(),
      recordsPerCommit: next(),
      commitP50Micros: next(),
      commitP99Micros: next(),
      longestSyncMicros: next(),
      writtenBytesPerMessage: next(),
      storeBytes: next() * 1000,
      cacheHitShare: next() / 1000,
      fullDisks: next(),
      untrackedRecords: next(),
      restoredEntries: next(),
      restoreSeconds: next() / 100,
      mayLose: { seconds: 0.2, bytesPerShard: next() * 1000 },
    },
    http: {
      requests: next(),
      due: next(),
      answers2xx: next(),
      answers4xx: next(),
      answers5xx: next(),
      errors: next(),
      connections: next(),
      intendedPerSecond: next(),
      reachedPerSecond: next(),
      correction: 'intended time',
      sendDelay: latency(),
    },
    network: {
      links: ['one', 'two'].map((suffix) => ({
        name: `${name} ${suffix}`,
        packets: next(),
        lost: next(),
        lostInBursts: next(),
        lostInOutages: next(),
        droppedByQueue: next(),
        droppedForRoom: next(),
        delayed: next(),
        reordered: next(),
        duplicated: next(),
        kernelRoundTrip: roundTrip(),
        delivery: latency(),
      })),
      lanes: [
        {
          name: `lane of ${name}`,
          packetsOut: next(),
          packetsIn: next(),
          packetsRefused: next(),
          queueDrops: next(),
          thrownAway: next(),
          delayed: next(),
          reordered: next(),
          duplicated: next(),
          segmentsSentAgain: next(),
        },
      ],
      thrownAway: next(),
      phonesSentAgain: next(),
      switchSentAgain: next(),
      sentAgainPerThrownAway: 1.25,
      phonesTcp: {},
      kernelRoundTripStatus: 'read',
      kernelRoundTrip: roundTrip(),
    },
  };
}
