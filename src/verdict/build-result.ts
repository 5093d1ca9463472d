/** Builds the result of a run from its record. Nothing is measured here. */
import type { LedgerEntry } from '../base/ledger-entry.ts';
import { RESULT_SCHEMA, type Result } from '../result/result-schema.ts';
import type { LatencySummary } from '../result/sections/latency-schema.ts';
import { TRANSPORTS } from '../scenario/terms/transports.ts';
import { Histogram } from '../stats/histogram.ts';
import { connectionFailures } from './connection-failures.ts';
import { contentPart } from './content-part.ts';
import { durabilityPart } from './durability-part.ts';
import { eventsPart } from './events-part.ts';
import { faultsPart } from './faults-part.ts';
import { groupsPart } from './groups-part.ts';
import { kernelDisturbance } from './guards/other-sockets.ts';
import { profiledGuard } from './guards/profiled-guard.ts';
import { judgeThresholds } from './judge-thresholds.ts';
import { latencySummary } from './latency-summary.ts';
import { KERNEL_PAIR_BYTES, measurableSlope } from './measurable-slope.ts';
import { misfitsPart } from './misfits-part.ts';
import { networkPart } from './network-part.ts';
import { overloadPart } from './overload-part.ts';
import { platformsPart } from './platforms-part.ts';
import { presencePart } from './presence-part.ts';
import { processorTime } from './processor-time.ts';
import { NO_SERIES, seriesColumns } from './record/interval.ts';
import type { LatencyName } from './record/latencies.ts';
import { lineDifference, type MemoryLine, memoryLine } from './record/memory-levels.ts';
import type { MemoryReading } from './record/memory-reading.ts';
import type { RunRecord } from './record/run-record.ts';
import { stormsPart } from './storms-part.ts';
import { throughputPart } from './throughput-part.ts';

/**
 * The result of a run, with judged thresholds.
 * @param loadAfter the load average of the machine at the end.
 */
export function buildResult(record: RunRecord, loadAfter: number): Result {
  const unjudged: Result = {
    schema: RESULT_SCHEMA,
    id: record.order.id,
    startedAt: record.order.startedAt.toISOString(),
    scenario: scenarioPart(record),
    environment: { ...record.environment, loadAfter },
    validity: validityPart(record),
    phases: record.phases,
    sockets: socketsPart(record),
    shardLoop: record.order.hasSwitch ? record.order.plan.shardLoop : null,
    calibration: calibrationPart(record),
    connections: connectionsPart(record),
    throughput: throughputPart(record),
    latency: latencyPart(record),
    http: httpPart(record),
    overload: overloadPart(record),
    misfits: misfitsPart(record),
    network: networkPart(record.network, record.kernel?.counters ?? null),
    platforms: platformsPart(record),
    content: contentPart(record),
    presence: presencePart(record),
    groups: groupsPart(record),
    events: eventsPart(record.order.plan.settings, record.series?.intervals ?? [], record.marks),
    storms: stormsPart(record.order.plan.settings, record.storms, record.marks),
    faults: faultsPart(record.faults),
    durability: durabilityPart(record),
    memory: memoryPart(record),
    profile: record.profile,
    cpu: processorTime(record),
    integrity: record.integrity,
    counters: { ...record.counters, inboxRefusals: record.inboxRefusals },
    thresholds: [],
    series: seriesColumns(record.series ?? NO_SERIES),
  };
  const thresholds = judgeThresholds(record.order.scenario.thresholds, unjudged);
  return { ...unjudged, thresholds };
}

function scenarioPart({ order }: RunRecord): Result['scenario'] {
  const { scenario, file, step } = order;
  const { settings, written } = scenario;
  return {
    name: scenario.name,
    description: settings.description,
    file,
    hash: order.scenarioHash,
    seed: settings.seed,
    transport: settings.transport,
    isSimulated: TRANSPORTS[settings.transport].isSimulated,
    step,
    published: settings.published,
    written,
  };
}

function validityPart(record: RunRecord): Result['validity'] {
  const isComplete = record.ended === 'complete';
  const guards = record.profile === null ? record.guards : [...record.guards, profiledGuard(record.profile)];
  const trips = guards.some((guard) => guard.verdict === 'invalid');
  return {
    isValid: isComplete && !trips && record.integrity.isSound === true,
    isComplete,
    ended: record.ended,
    failure: record.failure,
    guards,
  };
}

function socketsPart({ order, kernel }: RunRecord): Result['sockets'] {
  const { plan, endsHere } = order;
  if (plan.sockets === null) return null;
  const { listen, listenReason, sourcesPerLane, ringPlaces } = plan.sockets;
  const hold = ringPlaces === null ? 'descriptors' : 'rings';
  const { descriptorTables } = TRANSPORTS[plan.settings.transport];
  const caches = Object.entries(kernel?.memory.caches ?? {}).map(([name, cache]) => [name, cache.slabBytes]);
  return {
    shards: plan.shape.shards,
    lanes: plan.shape.lanes,
    listen,
    listenReason,
    hold: descriptorTables === 'private' ? hold : null,
    sourceAddresses: sourcesPerLane * plan.shape.lanes,
    endsHere,
    settings: plan.settings.sockets,
    kernel: {
      source: kernel?.memory.source ?? 'none',
      cannotSee: [...(kernel?.memory.cannotSee ?? [])],
      caches: Object.fromEntries(caches),
      counters: { ...kernel?.counters },
    },
  };
}

function calibrationPart({ calibration, order, measured }: RunRecord): Result['calibration'] {
  if (calibration === null) return null;
  const { traffic } = order.plan.settings;
  const window = measured?.window;
  const offered = window === undefined ? traffic.rate : window.driver('messagesSent') / window.seconds;
  return {
    phones: calibration.phones,
    messagesPerSecond: calibration.messagesPerSecond,
    laneCpuMicrosPerMessage: calibration.laneCpuMicrosPerMessage,
    offeredShare: offered / calibration.messagesPerSecond,
    rss: measurableSlope(calibration.rss, { connections: calibration.phones }),
  };
}

function connectionsPart(record: RunRecord): Result['connections'] {
  const { driver } = record.counters;
  const of = (name: string): number => driver[name] ?? 0;
  const levels = record.readings.map((reading) => reading.connections);
  return {
    wanted: record.order.plan.online,
    peak: Math.max(0, record.series?.peakHeld ?? 0, of('held'), record.heldAtMeasure, ...levels),
    held: record.heldAtMeasure,
    heldAtEnd: of('held'),
    failed: connectionFailures(driver),
  };
}

function latencyPart(record: RunRecord): Result['latency'] {
  const measured = record.measured?.window;
  const rampEnd = record.loginLatency;
  const of = (name: LatencyName): LatencySummary => latencySummary(measured?.latency(name) ?? new Histogram());
  return {
    login: latencySummary(rampEnd ?? new Histogram()),
    acknowledgement: of('acknowledgement'),
    delivery: of('delivery'),
    storedDelivery: of('storedDelivery'),
    groupDelivery: of('groupDelivery'),
    receipt: of('receipt'),
    http: latencySummary(record.http?.latency ?? new Histogram()),
    sendDelay: of('sendDelay'),
    presence: of('presence'),
  };
}

function httpPart({ http }: RunRecord): Result['http'] {
  if (http === null) return null;
  const { due, sent, answers2xx, answers4xx, answers5xx, errors, connections, ratePerSecond, seconds } = http;
  return {
    requests: sent,
    due,
    answers2xx,
    answers4xx,
    answers5xx,
    errors,
    connections,
    intendedPerSecond: ratePerSecond,
    reachedPerSecond: answers2xx / seconds,
    correction: 'intended time',
    sendDelay: latencySummary(http.sendDelay),
  };
}

function memoryPart(record: RunRecord): Result['memory'] {
  const { readings, order } = record;
  const { seed, transport } = order.plan.settings;
  const line = (figure: (reading: MemoryReading) => number | null) => memoryLine(readings, figure, seed);
  const level = { connections: readings.at(-1)?.connections ?? 0 };
  const ofKernel = { ...level, soughtBytes: KERNEL_PAIR_BYTES };
  const slope = (figure: (reading: MemoryReading) => number | null) => measurableSlope(line(figure), level);
  const rss = line((reading) => reading.rssBytes);
  const sides = order.plan.sockets === null ? rssWithin(record, rss) : rssApart(line);
  return {
    isSimulated: TRANSPORTS[transport].isSimulated,
    connections: readings.map((reading) => reading.connections),
    switch: {
      ledger: slope((reading) => reading.switchLedgerBytes),
      heap: slope((reading) => reading.switchHeapBytes),
      rss: measurableSlope(sides.switch, level),
    },
    driver: {
      ledger: slope((reading) => reading.driverLedgerBytes),
      heap: slope((reading) => reading.driverHeapBytes),
      rss: measurableSlope(sides.driver, level),
    },
    kernel: measurableSlope(
      line((reading) => reading.kernelBytes),
      { ...ofKernel, disturbed: kernelDisturbance(readings) },
    ),
    machine: measurableSlope(
      line((reading) => reading.machineBytes),
      ofKernel,
    ),
    process: { rss: measurableSlope(rss, level), pageTables: slope((reading) => reading.pageTableBytes) },
    pages: { setting: order.plan.settings.memory.pages, hugeBytes: readings.at(-1)?.hugePageBytes ?? null },
    ledger: sumLedger(readings.at(-1)?.ledger ?? []),
    leavesOut: order.plan.sockets === null ? LEAVES_OUT_IN_MEMORY : LEAVES_OUT_OVER_SOCKETS,
  };
}

interface SideLines {
  readonly switch: MemoryLine | null;
  readonly driver: MemoryLine | null;
}

/** Both sides in one process: the memory of the driver is known from its calibration. */
function rssWithin({ calibration }: RunRecord, rss: MemoryLine | null): SideLines {
  const driverRss = calibration?.rss ?? null;
  const peers = calibration?.switchBytesPerConnection ?? 0;
  return {
    switch: lineDifference(rss, driverRss, peers),
    driver: lineDifference(driverRss, calibration === null ? null : NO_LINE, -peers),
  };
}

/** Each side in a process of its own. */
function rssApart(line: (figure: (reading: MemoryReading) => number | null) => MemoryLine | null): SideLines {
  return { switch: line((reading) => reading.switchRssBytes), driver: line((reading) => reading.driverRssBytes) };
}

const LEAVES_OUT_OF_BOTH = [
  'subscriptions of presence: phones that watch nobody have none; their tables have rows of their own in the ledger',
  'mailboxes: read before traffic, so they are empty; their blocks are in the base, not in the slope',
  'page tables: the kernel keeps them outside the RSS; they have a row of their own',
];
const LEAVES_OUT_IN_MEMORY = [
  'kernel sockets and their buffers: connections over memory have none, over TCP they are most of the memory',
  'rings, histograms and threads: shared by all phones, so they are in the base, not in the slope',
  ...LEAVES_OUT_OF_BOTH,
];
const LEAVES_OUT_OVER_SOCKETS = [
  'data in socket buffers: memory is read at rest, when they are empty',
  'inboxes, histograms, threads and their stacks: shared by all phones, so they are in the base, not in the slope',
  ...LEAVES_OUT_OF_BOTH,
];

const NO_LINE: MemoryLine = {
  bytesPerConnection: 0,
  lowBytesPerConnection: 0,
  highBytesPerConnection: 0,
  baseBytes: 0,
  isLinear: true,
  bytes: [],
};

/** Sums entries with the same owner and name over all threads. */
function sumLedger(entries: readonly LedgerEntry[]): Result['memory']['ledger'] {
  const sums = new Map<string, Result['memory']['ledger'][number]>();
  for (const { owner, name, bytes, rowBytes, rowsUsed } of entries) {
    const key = `${owner} ${name}`;
    const before = sums.get(key);
    sums.set(key, {
      owner,
      name,
      rowBytes,
      reservedBytes: (before?.reservedBytes ?? 0) + bytes,
      rowsUsed: (before?.rowsUsed ?? 0) + rowsUsed,
    });
  }
  return [...sums.values()];
}
