/**
 * Reads the figure of each metric from a result. Null, never 0, if the run did not measure it, or if too few samples
 * lie above a percentile. No threshold passes on null, and no comparison counts it.
 */
import { formatCount, formatMicros } from '../base/units.ts';
import { METRICS, type MetricName } from '../scenario/terms/metrics.ts';
import type { Figure } from '../scenario/threshold.ts';
import { compressedPercentile } from '../stats/hdr-histogram.ts';
import { samplesNeeded } from '../stats/histogram.ts';
import { lostInGroups, whyLostUnknown } from './lost-in-groups.ts';
import type { Result } from './result-schema.ts';
import type { EventResult } from './sections/events-schema.ts';
import type { LatencySummary } from './sections/latency-schema.ts';
import type { Slope } from './sections/memory-schema.ts';

type TrendName = Extract<MetricName, `latency.${string}`>;
type SlopeName = Extract<MetricName, `memory.${string}`>;
type SingleName = Exclude<MetricName, TrendName | SlopeName>;

const TRENDS: Readonly<Record<TrendName, (latency: Result['latency']) => LatencySummary>> = {
  'latency.login': ({ login }) => login,
  'latency.sendDelay': ({ sendDelay }) => sendDelay,
  'latency.acknowledgement': ({ acknowledgement }) => acknowledgement,
  'latency.delivery': ({ delivery }) => delivery,
  'latency.presence': ({ presence }) => presence,
  'latency.storedDelivery': ({ storedDelivery }) => storedDelivery,
  'latency.groupDelivery': ({ groupDelivery }) => groupDelivery,
  'latency.http': ({ http }) => http,
  'latency.receipt': ({ receipt }) => receipt,
};

const SLOPES: Readonly<Record<SlopeName, (memory: Result['memory']) => Slope | null>> = {
  'memory.switch.bytesPerConnection': (memory) => memory.switch.ledger,
  'memory.switch.heap.bytesPerConnection': (memory) => memory.switch.heap,
  'memory.switch.rss.bytesPerConnection': (memory) => memory.switch.rss,
  'memory.driver.bytesPerConnection': (memory) => memory.driver.ledger,
  'memory.driver.heap.bytesPerConnection': (memory) => memory.driver.heap,
  'memory.driver.rss.bytesPerConnection': (memory) => memory.driver.rss,
  'memory.kernel.bytesPerConnection': (memory) => memory.kernel,
  'memory.machine.bytesPerConnection': (memory) => memory.machine,
  'memory.process.rss.bytesPerConnection': (memory) => memory.process.rss,
  'memory.process.pageTables.bytesPerConnection': (memory) => memory.process.pageTables,
};

const SINGLES: Readonly<Record<SingleName, (result: Result) => number | null>> = {
  'cpu.switchMicrosPerMessage': ({ cpu }) => cpu.switchMicrosPerMessage,
  'cpu.driverMicrosPerMessage': ({ cpu }) => cpu.driverMicrosPerMessage,
  'cpu.switchRuntimeMicrosPerMessage': ({ cpu }) => cpu.switchRuntimeMicrosPerMessage,
  'cpu.driverRuntimeMicrosPerMessage': ({ cpu }) => cpu.driverRuntimeMicrosPerMessage,
  'cpu.sharedRuntimeMicrosPerMessage': ({ cpu }) => cpu.sharedRuntimeMicrosPerMessage,
  'cpu.switchToDriverRatio': ({ cpu: { switchMicrosPerMessage: ofSwitch, driverMicrosPerMessage: ofDriver } }) =>
    ofSwitch === null || ofDriver === null || ofDriver === 0 ? null : ofSwitch / ofDriver,
  'content.blobBytesStoredPerSecond': ({ content }) => content?.blobBytesStoredPerSecond ?? null,
  'content.readReceiptsPerSecond': ({ content }) => content?.readReceipts?.receivedPerSecond ?? null,
  'content.readReceiptsLost': ({ content }) => content?.readReceipts?.lost ?? null,
  'presence.noticesPerSecond': ({ presence }) => presence?.noticesPerSecond ?? null,
  'throughput.loginsPerSecond': ({ throughput }) => throughput.loginsPerSecond,
  'throughput.messagesPerSecond': ({ throughput }) => throughput.messagesPerSecond,
  'throughput.deliveriesPerSecond': ({ throughput }) => throughput.deliveriesPerSecond,
  'throughput.completeMessagesPerSecond': ({ throughput }) => throughput.completeMessagesPerSecond,
  'throughput.measuredLoginsPerSecond': ({ throughput }) => throughput.measuredLoginsPerSecond,
  'throughput.storedMessagesPerLogin': ({ throughput }) => throughput.storedMessagesPerLogin,
  'throughput.queuedMessagesPeak': ({ throughput }) => throughput.queuedMessagesPeak,
  'throughput.unansweredMessagesPeak': ({ throughput }) => throughput.unansweredMessagesPeak,
  'throughput.loginsSwing': ({ throughput: { loginsHighestPerSecond: highest, loginsLowestPerSecond: lowest } }) =>
    highest === null || lowest === null || lowest === 0 ? null : highest / lowest,
  'throughput.framesPerSecond': ({ throughput }) => throughput.framesPerSecond,
  'events.deliveriesRise': ({ events }) => highest(events.map(deliveriesRise)),
  'storms.restored50': ({ storms }) => slowestMicros(storms.map(({ restored50Seconds }) => restored50Seconds)),
  'storms.restored90': ({ storms }) => slowestMicros(storms.map(({ restored90Seconds }) => restored90Seconds)),
  'storms.restored99': ({ storms }) => slowestMicros(storms.map(({ restored99Seconds }) => restored99Seconds)),
  'storms.restored999': ({ storms }) => slowestMicros(storms.map(({ restored999Seconds }) => restored999Seconds)),
  'storms.peakLoginsPerSecond': ({ storms }) =>
    storms.length === 0 ? null : Math.max(...storms.map(({ peakLoginsPerSecond }) => peakLoginsPerSecond)),
  'storms.deferred': ({ storms }) =>
    storms.length === 0 ? null : storms.reduce((sum, { deferred }) => sum + deferred, 0),
  'storms.givenUp': ({ storms }) =>
    storms.length === 0 ? null : storms.reduce((sum, { givenUp }) => sum + givenUp, 0),
  'faults.back50': ({ faults }) => slowestMicros(faults.map(({ back50Seconds }) => back50Seconds)),
  'faults.back99': ({ faults }) => slowestMicros(faults.map(({ back99Seconds }) => back99Seconds)),
  'faults.acknowledged': ({ faults }) => slowestMicros(faults.map(({ acknowledgedSeconds }) => acknowledgedSeconds)),
  'durability.commitsPerSecond': ({ durability }) => durability?.commitsPerSecond ?? null,
  'durability.recordsPerCommit': ({ durability }) => durability?.recordsPerCommit ?? null,
  'durability.commit99': ({ durability }) => durability?.commitP99Micros ?? null,
  'durability.writtenBytesPerMessage': ({ durability }) => durability?.writtenBytesPerMessage ?? null,
  'network.sentAgainPerThrownAway': ({ network }) => network?.sentAgainPerThrownAway ?? null,
  'network.thrownAway': ({ network }) => network?.thrownAway ?? null,
  'network.droppedForRoom': ({ network }) =>
    network === null ? null : network.links.reduce((sum, link) => sum + link.droppedForRoom, 0),
  'platforms.delivery50': ({ platforms }) =>
    slowest(
      platforms.map(({ delivery }) => delivery),
      'p50Micros',
    ),
  'platforms.delivery99': ({ platforms }) =>
    slowest(
      platforms.map(({ delivery }) => delivery),
      'p99Micros',
    ),
  'platforms.storedDelivery50': ({ platforms }) =>
    slowest(
      platforms.map(({ storedDelivery }) => storedDelivery),
      'p50Micros',
    ),
  'platforms.storedDelivery99': ({ platforms }) =>
    slowest(
      platforms.map(({ storedDelivery }) => storedDelivery),
      'p99Micros',
    ),
  'overload.goodputPerSecond': ({ overload }) => overload?.goodputPerSecond ?? null,
  'groups.messagesPerSecond': ({ groups }) => groups?.messagesPerSecond ?? null,
  'groups.deliveriesPerSecond': ({ groups }) => groups?.deliveriesPerSecond ?? null,
  'connections.held': ({ connections }) => connections.held,
  'connections.peak': ({ connections }) => connections.peak,
  'connections.failed': ({ connections }) =>
    Object.values(connections.failed).reduce((sum, failures) => sum + failures, 0),
  'integrity.lost': (result) => checked(result, Math.abs(result.integrity.lost)),
  'integrity.duplicated': (result) => checked(result, result.integrity.duplicated),
  'integrity.reordered': (result) => checked(result, result.integrity.reordered),
  'integrity.corrupted': (result) => checked(result, result.integrity.corrupted),
  'integrity.strangers': (result) => checked(result, result.integrity.strangers),
  'integrity.groups.lost': lostRecipients,
  'integrity.rejected': (result) => checked(result, result.integrity.rejected),
};

/**
 * A figure in the unit of its metric; null if the run did not measure it, or if it is above the range of its histogram.
 */
export function readFigure(result: Result, figure: Figure): number | null {
  const { metric } = figure;
  if (isSlope(metric)) return SLOPES[metric](result.memory)?.bytesPerConnection ?? null;
  if (!isTrend(metric)) return SINGLES[metric](result);
  const latency = TRENDS[metric](result.latency);
  return isAboveRange(latency, figure) ? null : trendFigure(latency, figure);
}

/** For a figure above the range of its histogram: the value that it exceeds; null for any other figure. */
export function readLowerBound(result: Result, figure: Figure): number | null {
  const { metric } = figure;
  if (!isTrend(metric)) return null;
  const latency = TRENDS[metric](result.latency);
  return isAboveRange(latency, figure) ? trendFigure(latency, figure) : null;
}

/**
 * For a slope whose interval includes zero: the upper end of the interval, which it does not exceed; null for any other
 * figure.
 */
export function readUpperBound(result: Result, { metric }: Figure): number | null {
  const slope = isSlope(metric) ? SLOPES[metric](result.memory) : null;
  if (slope === null || slope.bytesPerConnection !== null || slope.lowBytesPerConnection > 0) return null;
  return slope.highBytesPerConnection;
}

/** The longest percentile of those with enough samples; null if there is none, or if one is above its range. */
function slowest(latencies: readonly LatencySummary[], percentile: 'p50Micros' | 'p99Micros'): number | null {
  const known = latencies.filter((one) => one[percentile] !== null);
  if (known.length === 0 || known.some((one) => (one[percentile] ?? 0) >= one.rangeMicros)) return null;
  return Math.max(...known.map((one) => one[percentile] ?? 0));
}

/** A mean is only a lower bound as soon as one value is above the range. */
function isAboveRange(latency: LatencySummary, figure: Figure): boolean {
  if (figure.aggregation === 'avg') return latency.aboveRangeCount > 0;
  return (trendFigure(latency, figure) ?? 0) >= latency.rangeMicros;
}

function trendFigure(latency: LatencySummary, { aggregation, percent }: Figure): number | null {
  switch (aggregation) {
    case 'avg':
      return latency.meanMicros;
    case 'min':
      return latency.minMicros;
    case 'max':
      return latency.maxMicros;
    default:
      return percentileMicros(latency, percent);
  }
}

/** Why a result has no such figure; null if it has one, or if the only reason is that it was not measured. */
export function whyNoFigure(result: Result, figure: Figure): string | null {
  const { metric } = figure;
  if (isSlope(metric)) return SLOPES[metric](result.memory)?.reason ?? null;
  const { groups, isSound } = result.integrity;
  if (metric === 'integrity.groups.lost' && groups !== null && isSound !== null) return whyLostUnknown(groups);
  const bound = readLowerBound(result, figure);
  if (bound !== null) return `more than ${formatMicros(bound)}, above the range of the latencies`;
  return isTrend(metric) && figure.aggregation === 'p' ? whyNoPercentile(TRENDS[metric](result.latency), figure) : null;
}

function whyNoPercentile({ count }: LatencySummary, { percent }: Figure): string | null {
  const needed = samplesNeeded(percent);
  if (count >= needed) return null;
  if (!Number.isFinite(needed)) return 'no number of samples is enough for p(100): use max';
  return `too few samples: ${formatCount(count)} of the ${formatCount(needed)} that p(${percent}) needs`;
}

function isSlope(metric: MetricName): metric is SlopeName {
  return Object.hasOwn(SLOPES, metric);
}

function isTrend(metric: MetricName): metric is TrendName {
  return METRICS[metric].isTrend;
}

/** Null if the run ended before messages were checked: 0 would mean that the check passed. */
function checked({ integrity }: Result, figure: number): number | null {
  return integrity.isSound === null ? null : figure;
}

/** Recipients who were lost; null if it is not known how many. */
function lostRecipients(result: Result): number | null {
  const { groups } = result.integrity;
  const lost = groups === null ? 0 : lostInGroups(groups);
  return lost === null ? null : checked(result, Math.abs(lost));
}

/** The percentiles that a result stores beside its histogram. */
const KEPT: ReadonlyMap<number, keyof LatencySummary & `p${string}Micros`> = new Map([
  [50, 'p50Micros'],
  [90, 'p90Micros'],
  [95, 'p95Micros'],
  [99, 'p99Micros'],
  [99.9, 'p999Micros'],
  [99.99, 'p9999Micros'],
]);

/** Null if too few samples lie above the percentile for it to be meaningful. */
function percentileMicros(latency: LatencySummary, percent: number): number | null {
  const kept = KEPT.get(percent);
  if (kept !== undefined) return latency[kept];
  if (latency.histogram === null || latency.count < samplesNeeded(percent)) return null;
  return Math.min(latency.rangeMicros, compressedPercentile(latency.histogram, percent)); // a bucket may extend beyond the range
}

/**
 * Deliveries at the height of an event by those before it; null if one of both is not known, or there were none before.
 */
export function deliveriesRise({ deliveriesBeforePerSecond, deliveriesPerSecond }: EventResult): number | null {
  if (deliveriesPerSecond === null || deliveriesBeforePerSecond === null || deliveriesBeforePerSecond === 0)
    return null;
  return deliveriesPerSecond / deliveriesBeforePerSecond;
}

/** The highest of the figures that are known; null if there is none. */
function highest(figures: readonly (number | null)[]): number | null {
  const known = figures.filter((figure) => figure !== null);
  return known.length === 0 ? null : Math.max(...known);
}

/** The longest time; null if there is none, or if phones of one storm did not return. */
function slowestMicros(seconds: readonly (number | null)[]): number | null {
  return seconds.length === 0 || seconds.includes(null) ? null : 1e6 * Math.max(...seconds.map((one) => one ?? 0));
}
