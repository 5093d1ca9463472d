/**
 * The figures of a result that can be compared or gated, each by its dotted name.
 *
 * A `ratio` metric is compared by the ratio of candidate to base; an `exact` one counts what must
 * not happen, and is equal or not. What a run did not measure reads as null, never as 0.
 */
import { TrunklineError } from '../base/errors.ts';
import type { LatencySummary, Result, Slope } from '../result/result-schema.ts';
import { nearest } from '../scenario/nearest.ts';

export const METRIC_UNITS = ['bytes', 'micros', 'perSecond', 'count', 'ratio'] as const;

export type MetricUnit = (typeof METRIC_UNITS)[number];

export interface Metric {
  readonly name: string;
  readonly about: string;
  readonly unit: MetricUnit;
  readonly better: 'more' | 'less';
  readonly kind: 'ratio' | 'exact';
  /** The smallest relative difference that matters; 0 for exact metrics. */
  readonly smallestDifferenceShare: number;
  /** Null where the run did not measure it. */
  readonly read: (result: Result) => number | null;
}

/** Smallest differences that matter (MEASURING.md), starting values until A/A runs say otherwise. */
export const SMALLEST_DIFFERENCE_SHARES = {
  bytesPerConnection: 0.02,
  cpuPerMessage: 0.03,
  throughput: 0.05,
  latency: 0.1,
  capacity: 0.05,
} as const;

const bytesPerConnection = (name: string, about: string, read: (memory: Result['memory']) => Slope | null): Metric => ({
  name,
  about,
  unit: 'bytes',
  better: 'less',
  kind: 'ratio',
  smallestDifferenceShare: SMALLEST_DIFFERENCE_SHARES.bytesPerConnection,
  read: ({ memory }) => read(memory)?.bytesPerConnection ?? null,
});

const cpuMicros = (name: 'switchMicrosPerMessage' | 'driverMicrosPerMessage', side: string): Metric => ({
  name: `cpu.${name}`,
  about: `processor time of the ${side} for each message`,
  unit: 'micros',
  better: 'less',
  kind: 'ratio',
  smallestDifferenceShare: SMALLEST_DIFFERENCE_SHARES.cpuPerMessage,
  read: ({ cpu }) => cpu[name],
});

/**
 * Both sides run the same seconds on the same cores, so what slows the machine slows both: over runs of the same
 * build this varies by a third of what processor time itself does. What changes both sides alike does not show.
 */
const switchToDriver: Metric = {
  name: 'cpu.switchToDriverRatio',
  about: "processor time of the switch divided by the driver's in the same run: how fast the machine was cancels",
  unit: 'ratio',
  better: 'less',
  kind: 'ratio',
  smallestDifferenceShare: SMALLEST_DIFFERENCE_SHARES.cpuPerMessage,
  read: ({ cpu: { switchMicrosPerMessage: ofSwitch, driverMicrosPerMessage: ofDriver } }) =>
    ofSwitch === null || ofDriver === null || ofDriver === 0 ? null : ofSwitch / ofDriver,
};

type Rate = Exclude<keyof Result['throughput'], 'measuredSeconds' | 'offeredMessagesPerSecond'>;

const rate = (name: Rate, about: string): Metric => ({
  name: `throughput.${name}`,
  about,
  unit: 'perSecond',
  better: 'more',
  kind: 'ratio',
  smallestDifferenceShare: SMALLEST_DIFFERENCE_SHARES.throughput,
  read: ({ throughput }) => throughput[name],
});

const LATENCIES = {
  login: 'from when a phone was due to when it was logged in',
  acknowledgement: 'from when a message was due to its ✓',
  delivery: 'from when a message was due to its arrival',
  receipt: 'from when a message was due to its ✓✓',
} as const;
const LATENCY_FIGURES = {
  meanMicros: 'mean',
  p50Micros: 'p50',
  p90Micros: 'p90',
  p95Micros: 'p95',
  p99Micros: 'p99',
  p999Micros: 'p99.9',
  p9999Micros: 'p99.99',
} as const satisfies Partial<Record<keyof LatencySummary, string>>;

function latencyMetrics(): Metric[] {
  const names = Object.keys(LATENCIES) as (keyof typeof LATENCIES)[]; // its own keys
  const figures = Object.keys(LATENCY_FIGURES) as (keyof typeof LATENCY_FIGURES)[]; // its own keys
  return names.flatMap((name) =>
    figures.map(
      (figure): Metric => ({
        name: `latency.${name}.${figure}`,
        about: `${LATENCY_FIGURES[figure]} ${LATENCIES[name]}`,
        unit: 'micros',
        better: 'less',
        kind: 'ratio',
        smallestDifferenceShare: SMALLEST_DIFFERENCE_SHARES.latency,
        read: ({ latency }) => latency[name][figure],
      }),
    ),
  );
}

const connections = (name: 'held' | 'peak', about: string): Metric => ({
  name: `connections.${name}`,
  about,
  unit: 'count',
  better: 'more',
  kind: 'ratio',
  smallestDifferenceShare: SMALLEST_DIFFERENCE_SHARES.capacity,
  read: (result) => result.connections[name],
});

const exact = (name: string, about: string, read: (result: Result) => number | null): Metric => ({
  name,
  about,
  unit: 'count',
  better: 'less',
  kind: 'exact',
  smallestDifferenceShare: 0,
  read,
});

type Fault = 'lost' | 'duplicated' | 'reordered' | 'corrupted' | 'strangers' | 'rejected';

/** Null where the run ended before messages were checked: 0 would say that all was well. */
const fault = (name: Fault, about: string): Metric =>
  exact(`integrity.${name}`, about, ({ integrity }) => (integrity.isSound === null ? null : Math.abs(integrity[name])));

/** Every metric. Bytes per connection without another word are by ledger, as in thresholds. */
export const RESULT_METRICS: readonly Metric[] = [
  bytesPerConnection('memory.switch.bytesPerConnection', 'switch memory, by ledger', (memory) => memory.switch.ledger),
  bytesPerConnection('memory.switch.heap.bytesPerConnection', 'switch heap', (memory) => memory.switch.heap),
  bytesPerConnection('memory.switch.rss.bytesPerConnection', 'switch RSS', (memory) => memory.switch.rss),
  bytesPerConnection('memory.driver.bytesPerConnection', 'driver memory, by ledger', (memory) => memory.driver.ledger),
  bytesPerConnection('memory.driver.heap.bytesPerConnection', 'driver heap', (memory) => memory.driver.heap),
  bytesPerConnection('memory.driver.rss.bytesPerConnection', 'driver RSS', (memory) => memory.driver.rss),
  bytesPerConnection('memory.kernel.bytesPerConnection', 'kernel memory', (memory) => memory.kernel),
  bytesPerConnection('memory.process.rss.bytesPerConnection', 'RSS of the process', (memory) => memory.process.rss),
  bytesPerConnection(
    'memory.process.pageTables.bytesPerConnection',
    'page tables of the process',
    (memory) => memory.process.pageTables,
  ),
  cpuMicros('switchMicrosPerMessage', 'switch'),
  cpuMicros('driverMicrosPerMessage', 'driver'),
  switchToDriver,
  rate('loginsPerSecond', 'logins while phones arrived'),
  rate('messagesPerSecond', 'messages acknowledged'),
  rate('deliveriesPerSecond', 'messages delivered'),
  rate('completeMessagesPerSecond', 'messages sent, ✓, delivered, confirmed and ✓✓'),
  rate('framesPerSecond', 'frames in and out of the switch'),
  ...latencyMetrics(),
  connections('held', 'phones online when measuring began'),
  connections('peak', 'most phones online at once'),
  exact('connections.failed', 'connections that failed, for any cause', (result) =>
    Object.values(result.connections.failed).reduce((sum, count) => sum + count, 0),
  ),
  fault('lost', 'messages sent and found nowhere'),
  fault('duplicated', 'messages delivered twice'),
  fault('reordered', 'messages delivered after a later one of the same pair'),
  fault('corrupted', 'messages whose payload changed'),
  fault('strangers', 'messages delivered to a phone that they were not for'),
  fault('rejected', 'messages that the switch refused'),
];

/** What a comparison gates on unless told otherwise: one for each of the protocol's five differences. */
export const DEFAULT_GATING_METRICS: readonly string[] = [
  'memory.switch.bytesPerConnection',
  'cpu.switchMicrosPerMessage',
  'throughput.completeMessagesPerSecond',
  'latency.delivery.p99Micros',
  'connections.held',
];

/** @throws METRIC_UNKNOWN, with the nearest name there is. */
export function metricNamed(name: string): Metric {
  const metric = RESULT_METRICS.find((one) => one.name === name);
  if (metric !== undefined) return metric;
  const names = RESULT_METRICS.map((one) => one.name);
  throw new TrunklineError('METRIC_UNKNOWN', `there is no metric "${name}"${nearest(name, names)}`);
}
