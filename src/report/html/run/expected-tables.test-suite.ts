/**
 * The figures that the tables of the page of a run must show. A figure is read back from the text of a cell and
 * compared with the result, so swapped columns and wrong units are found.
 */
import type { Result } from '../../../result/result-schema.ts';
import type { LatencySummary } from '../../../result/sections/latency-schema.ts';

/** A row of a table: its heading, and the figures of its cells in order, in seconds, bytes, shares or counts. */
export type ExpectedRow = readonly [heading: string, ...figures: number[]];
/** Rows by the caption of their table. */
export type ExpectedTables = Readonly<Record<string, readonly ExpectedRow[]>>;

const seconds = (micros: number | null): number => (micros ?? Number.NaN) / 1e6;
const known = (figure: number | null): number => figure ?? Number.NaN;

/**
 * What the tables of the page must show of a result whose sections all have figures; a table has exactly these rows.
 */
export function expectedTables(result: Result): ExpectedTables {
  const { groups, presence, content, overload, durability, http, network } = result;
  if (!groups || !presence || !content?.readReceipts || !overload || !durability?.mayLose || !http || !network)
    throw new Error('Every section has figures.');
  const reads = content.readReceipts;
  return {
    Events: eventRows(result),
    Storms: stormRows(result),
    ...platformTables(result),
    'Groups and lists': groupRows(groups, result.latency.groupDelivery),
    'Presence and typing': presenceRows(presence, result.latency.presence),
    'Kinds of messages': content.kinds.map((one) => [
      one.name,
      one.share,
      one.messages,
      known(one.payloadBytesMean),
      known(one.blobBytesMean),
    ]),
    'Read receipts': [
      ['sent by readers', reads.sent],
      ['received by authors', reads.received],
      ['received while measuring', known(reads.receivedPerSecond)],
      ['mean time from reading to the receipt', seconds(reads.meanMicros)],
      ['not sent, because the reader was away', reads.missed],
      ['waited in a mailbox', reads.stored],
      ['still wait there', reads.queued],
      ['not wanted by the author', reads.unwanted],
      ['dropped, because the mailbox was full', reads.dropped],
      ['shed under overload', reads.shed],
      ['lost with a connection', reads.lostWithConnections],
      ['lost', reads.lost],
    ],
    Goodput: [
      ['offered', known(overload.offeredPerSecond)],
      ['delivered within 500 ms (goodput)', known(overload.goodputPerSecond)],
      ['refused (ERROR 6)', known(overload.refusedPerSecond)],
      ['longest wait of input', seconds(overload.delayMicros)],
      ['work per message', seconds(overload.workMicrosPerMessage)],
    ],
    'Shed load, in the order of shedding': overload.shed.map(({ kind, count, ...one }) => [
      kind === 'presence' ? 'presence notices deferred' : 'messages refused',
      count,
      known(one.firstSeconds),
      known(one.lastSeconds),
      one.shardSeconds,
    ]),
    'Store of the mailboxes': storeRows(durability, result.latency.acknowledgement),
    'HTTP load': [
      ['intended', http.intendedPerSecond],
      ['answered with ✓', http.reachedPerSecond],
      ['requests', http.requests],
      ['2xx, 4xx, 5xx, errors', http.answers2xx, http.answers4xx, http.answers5xx, http.errors],
      ['connections', http.connections],
    ],
    'Latency of HTTP requests and of phones': [
      ['HTTP request until its answer', ...percentiles(result.latency.http)],
      ['of this, until the request was sent', ...percentiles(http.sendDelay)],
    ],
    ...networkTables(network),
  };
}

const percentiles = ({ p50Micros, p99Micros, p999Micros, maxMicros }: LatencySummary): number[] =>
  [p50Micros, p99Micros, p999Micros, maxMicros].map(seconds);

const delivery = ({ count, p50Micros, p99Micros }: LatencySummary): number[] => [
  count,
  seconds(p50Micros),
  seconds(p99Micros),
];

function eventRows({ events }: Result): ExpectedRow[] {
  return events.map((one) => [
    one.name,
    one.atSeconds,
    one.changeShare,
    known(one.messagesBeforePerSecond),
    known(one.messagesPerSecond),
    known(one.deliveriesBeforePerSecond),
    known(one.deliveriesPerSecond),
    known(one.deliveriesPerSecond) / known(one.deliveriesBeforePerSecond) - 1,
  ]);
}

function stormRows({ storms }: Result): ExpectedRow[] {
  const row = (heading: string, figure: (storm: Result['storms'][number]) => number | number[]): ExpectedRow => [
    heading,
    ...storms.flatMap(figure),
  ];
  return [
    row('connections dropped', (one) => one.dropped),
    row('50 % restored after', (one) => known(one.restored50Seconds)),
    row('90 % restored after', (one) => known(one.restored90Seconds)),
    row('99 % restored after', (one) => known(one.restored99Seconds)),
    row('99.9 % restored after', (one) => known(one.restored999Seconds)),
    row('phones that kept their connection', (one) => one.riddenOut),
    row('phones that returned', (one) => one.restored),
    row('phones that gave up', (one) => one.givenUp),
    row('logins told to come back later', (one) => one.deferred),
    row('logins refused', (one) => known(one.loginsRefused)),
    row('messages refused', (one) => known(one.messagesRejected)),
    row('peak logins/s', (one) => one.peakLoginsPerSecond),
    row('deliveries before', (one) => [one.deliveriesBefore.p50Micros, one.deliveriesBefore.p99Micros].map(seconds)),
    row('deliveries between phones that stayed', (one) =>
      [one.deliveriesStayed.p50Micros, one.deliveriesStayed.p99Micros].map(seconds),
    ),
  ];
}

function platformTables({ platforms }: Result): ExpectedTables {
  return {
    'Phones by platform': platforms.map((one) => [
      one.name,
      one.share,
      Number(one.protocol),
      one.connections,
      one.sessions,
      one.pushes,
      one.woken,
      one.messagesSent,
      one.messagesDelivered,
    ]),
    'Deliveries by platform of the recipient, while measuring': platforms.map((one) => [
      one.name,
      ...delivery(one.delivery),
      ...delivery(one.storedDelivery),
    ]),
  };
}

function groupRows(groups: NonNullable<Result['groups']>, latency: LatencySummary): ExpectedRow[] {
  return [
    ['groups', groups.groups],
    ['broadcast lists', groups.lists],
    ['memberships', groups.memberships],
    ['memory of all groups', known(groups.bytes)],
    ['most members that a group may have', groups.sizeMax],
    ['messages to groups', known(groups.messagesPerSecond)],
    ['deliveries to members', known(groups.deliveriesPerSecond)],
    ['delivery p50, p99, max', ...[latency.p50Micros, latency.p99Micros, latency.maxMicros].map(seconds)],
    ['✓✓ came (all recipients have the message)', groups.receipts, groups.messages],
    ['messages refused', groups.refused],
    ['of those, by phones that were not members', groups.notMember],
    ['while measuring, by phones that had left the group', known(groups.refusedAfterLeavingPerSecond)],
    ['joins', groups.joins],
    ['leaves', groups.leaves],
    ['joins and leaves refused', groups.changesRefused],
    ['of those, because the group was full', groups.groupFull],
    ['joins and leaves skipped', groups.changesSkipped],
  ];
}

function presenceRows(presence: NonNullable<Result['presence']>, latency: LatencySummary): ExpectedRow[] {
  return [
    ['contacts that each phone watches', presence.watch],
    ['changes', known(presence.changesPerSecond)],
    ['notices received', known(presence.noticesPerSecond)],
    ['notices expected', known(presence.expectedNoticesPerSecond)],
    ['notice after a change: p50, p99, max', ...[latency.p50Micros, latency.p99Micros, latency.maxMicros].map(seconds)],
    ['notices per message delivered', known(presence.noticesPerMessage)],
    ['changes coalesced', presence.coalesced],
    ['notices deferred', presence.shed],
    ['watches refused', presence.watchesRefused],
    ['subscriptions at the end', presence.subscriptions],
    ['memory of subscriptions and watches', presence.bytes],
    ['typing sent', known(presence.typingSentPerSecond)],
    ['typing received', known(presence.typingReceivedPerSecond)],
    ['typing shed', presence.typingShed],
  ];
}

function storeRows(store: NonNullable<Result['durability']>, acknowledged: LatencySummary): ExpectedRow[] {
  return [
    ['mode'],
    ['folder'],
    ['commits', known(store.commitsPerSecond)],
    ['records per commit', known(store.recordsPerCommit)],
    ['commit p50, p99', seconds(store.commitP50Micros), seconds(store.commitP99Micros)],
    ['sync of the disk p50, p99', seconds(store.diskSyncP50Micros), seconds(store.diskSyncP99Micros)],
    ['longest sync in the run', seconds(store.longestSyncMicros)],
    ['✓ p50, p99', seconds(acknowledged.p50Micros), seconds(acknowledged.p99Micros)],
    ['written per message', known(store.writtenBytesPerMessage)],
    ['size of the store', known(store.storeBytes)],
    ['deliveries from mailboxes in memory', known(store.cacheHitShare)],
    ['full disk', known(store.fullDisks)],
    ['records of groups that stay for ever', known(store.untrackedRecords)],
    ['records read back at the start', known(store.restoredEntries)],
    ['time to read them back', known(store.restoreSeconds)],
    [
      'acknowledged messages that a crash may lose',
      known(store.mayLose?.seconds ?? null),
      known(store.mayLose?.bytesPerShard ?? null),
    ],
  ];
}

function networkTables({ links, lanes }: NonNullable<Result['network']>): ExpectedTables {
  return {
    'Packets by network': links.map((one) => [
      one.name,
      ...[one.packets, one.lost, one.lostInBursts, one.lostInOutages, one.droppedByQueue, one.droppedForRoom],
      ...[one.delayed, one.reordered, one.duplicated, ...delivery(one.delivery)],
    ]),
    'Round trips by network, by the kernel of the switch': links.map(({ name, kernelRoundTrip: one }) => [
      name,
      one?.connections ?? 0,
      ...[one?.smoothedP50Micros, one?.smoothedP95Micros, one?.shortestP50Micros].flatMap((micros) =>
        typeof micros === 'number' ? [micros / 1e6] : [],
      ),
    ]),
    'Packets by lane': lanes.map((one) => [
      one.name,
      ...[one.packetsOut, one.packetsIn, one.packetsRefused, known(one.queueDrops), one.thrownAway],
      ...[one.delayed, one.reordered, one.duplicated, one.segmentsSentAgain],
    ]),
  };
}

const FIGURE = /(?<![\w.,])(\d[\d,]*(?:\.\d+)?)([kMG]?)(?: (µs|ms|s|%|B|KiB|MiB|GiB))?(?!\w)/g;
const UNITS: Readonly<Record<string, number>> = {
  ...{ k: 1e3, M: 1e6, G: 1e9 },
  ...{ µs: 1e-6, ms: 1e-3, s: 1, '%': 0.01, B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 },
};

/** The figures of a text, in seconds, bytes, shares or counts. */
export function figuresIn(text: string): number[] {
  return [...text.matchAll(FIGURE)].map(
    ([, digits = '', thousands = '', unit = '']) =>
      Number(digits.replaceAll(',', '')) * (UNITS[thousands] ?? 1) * (UNITS[unit] ?? 1),
  );
}
