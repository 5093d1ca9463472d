/**
 * The one table of metrics: every name that thresholds, limits, gates, comparisons and histories may use.
 *
 * A name is the place of its figure in a result, such as `memory.switch.bytesPerConnection`. Most metrics have one
 * figure. A latency is a trend and has one figure for each aggregation: `latency.delivery p(99)`. How each is read from
 * a result stands in `result/metric-figures.ts`, which the compiler holds to the names of this table.
 */

export const METRIC_UNITS = ['bytes', 'micros', 'perSecond', 'count', 'ratio'] as const;

export type MetricUnit = (typeof METRIC_UNITS)[number];

export interface MetricEntry {
  readonly about: string;
  readonly unit: MetricUnit;
  readonly better: 'more' | 'less';
  /** A trend has an average, a least, a most and percentiles; any other metric has one figure. */
  readonly isTrend: boolean;
  /** A `ratio` is compared by candidate over base; an `exact` one counts what must not happen, and is equal or not. */
  readonly kind: 'ratio' | 'exact';
  /** The smallest relative difference that matters; 0 for exact metrics. */
  readonly smallestDifferenceShare: number;
}

/** Smallest differences that matter (MEASURING.md), starting values until A/A runs say otherwise. */
export const SMALLEST_DIFFERENCE_SHARES = {
  bytesPerConnection: 0.02,
  cpuPerMessage: 0.03,
  throughput: 0.05,
  latency: 0.1,
  capacity: 0.05,
} as const;

const measured = (
  unit: MetricUnit,
  better: MetricEntry['better'],
  difference: keyof typeof SMALLEST_DIFFERENCE_SHARES,
  about: string,
): MetricEntry => ({
  about,
  unit,
  better,
  isTrend: false,
  kind: 'ratio',
  smallestDifferenceShare: SMALLEST_DIFFERENCE_SHARES[difference],
});

const slope = (about: string): MetricEntry => measured('bytes', 'less', 'bytesPerConnection', about);
const processor = (about: string): MetricEntry => measured('micros', 'less', 'cpuPerMessage', about);
const rate = (about: string): MetricEntry => measured('perSecond', 'more', 'throughput', about);
const connections = (about: string): MetricEntry => measured('count', 'more', 'capacity', about);
const trend = (about: string): MetricEntry => ({ ...measured('micros', 'less', 'latency', about), isTrend: true });
const fault = (about: string): MetricEntry => ({
  about,
  unit: 'count',
  better: 'less',
  isTrend: false,
  kind: 'exact',
  smallestDifferenceShare: 0,
});

/** Every metric. Bytes per connection without another word are by ledger. */
export const METRICS = {
  'memory.switch.bytesPerConnection': slope('switch memory for each connection, by ledger'),
  'memory.switch.heap.bytesPerConnection': slope('switch heap for each connection'),
  'memory.switch.rss.bytesPerConnection': slope('switch RSS for each connection'),
  'memory.driver.bytesPerConnection': slope('driver memory for each phone, by ledger'),
  'memory.driver.heap.bytesPerConnection': slope('driver heap for each phone'),
  'memory.driver.rss.bytesPerConnection': slope('driver RSS for each phone'),
  'memory.kernel.bytesPerConnection': slope('kernel memory for each connection'),
  'memory.process.rss.bytesPerConnection': slope('RSS of the process for each connection'),
  'memory.process.pageTables.bytesPerConnection': slope('page tables of the process for each connection'),
  'cpu.switchMicrosPerMessage': processor(
    'processor time of the switch per message: of its process, or of its shards where both sides are one process',
  ),
  'cpu.driverMicrosPerMessage': processor(
    'processor time of the driver per message: of its process, or of its lanes where both sides are one process',
  ),
  'cpu.switchRuntimeMicrosPerMessage': processor(
    'of the processor time of the switch, what its process takes beside its shards: collector, compiler, main thread',
  ),
  'cpu.driverRuntimeMicrosPerMessage': processor(
    'of the processor time of the driver, what its process takes beside its lanes: collector, compiler, main thread',
  ),
  'cpu.sharedRuntimeMicrosPerMessage': processor(
    'processor time per message of neither side: collector, compiler and main thread where both sides are one process',
  ),
  // Both sides run the same seconds on the same cores, so what slows the machine slows both: over runs of the same build
  // this varies by a third of what processor time itself does. What changes both sides alike does not show.
  'cpu.switchToDriverRatio': measured(
    'ratio',
    'less',
    'cpuPerMessage',
    "processor time of the switch divided by the driver's in the same run: how fast the machine was cancels",
  ),
  'throughput.loginsPerSecond': rate('logins while phones arrived'),
  'throughput.messagesPerSecond': rate('messages acknowledged while measuring'),
  'throughput.deliveriesPerSecond': rate('messages delivered while measuring'),
  'throughput.completeMessagesPerSecond': rate('messages sent, ✓, delivered, confirmed and ✓✓ while measuring'),
  'throughput.framesPerSecond': rate('frames in and out of the switch while measuring'),
  'latency.login': trend('from when a phone was due to when it was logged in'),
  'latency.sendDelay': trend('from when a message was due to when the driver handed it over: part of all that follow'),
  'latency.acknowledgement': trend('from when a message was due to its ✓'),
  'latency.delivery': trend('from when a message was due to its arrival at a phone that was there'),
  'latency.storedDelivery': trend('the same of messages that waited when their recipient logged in'),
  'latency.receipt': trend('from when a message was due to its ✓✓'),
  'connections.held': connections('phones online when measuring began'),
  'connections.peak': connections('most phones online at once'),
  'connections.failed': fault(
    'connects and logins that failed, connections lost, phones given up: all that the summary lists',
  ),
  'integrity.lost': fault('messages sent and found nowhere'),
  'integrity.duplicated': fault('messages delivered twice'),
  'integrity.reordered': fault('messages delivered after a later one of the same pair'),
  'integrity.corrupted': fault('messages whose payload changed'),
  'integrity.strangers': fault('messages delivered to a phone that they were not for'),
  'integrity.rejected': fault('messages that the switch refused'),
} as const satisfies Readonly<Record<string, MetricEntry>>;

export type MetricName = keyof typeof METRICS;

/** In the order of the table. */
export const METRIC_NAMES = Object.keys(METRICS) as readonly MetricName[]; // its own keys

export function isMetricName(name: string): name is MetricName {
  return Object.hasOwn(METRICS, name);
}
