/**
 * One trial of a search for capacity: whether every limit held under a load, and whether the trial
 * says anything at all. What the machine or the driver spoilt is invalid; what the switch could
 * not carry is a limit that was broken.
 */
import { formatShare } from '../../base/units.ts';
import type { GuardName } from '../../result/guard-names.ts';
import type { Result } from '../../result/result-schema.ts';
import type { MetricName } from '../../scenario/metrics.ts';
import type { Threshold } from '../../scenario/threshold.ts';
import { formatFound } from '../comparison/figures.ts';
import type { SearchTrial } from './mlr-search.ts';

/** What is raised until a limit breaks. */
export type CapacityLoad = 'messages' | 'connections';

export interface BrokenLimit {
  readonly limit: string;
  readonly figure: number | null;
  readonly sentence: string;
}

export interface CapacityTrial extends SearchTrial {
  /** What was carried: messages acknowledged a second, or phones held. */
  readonly carriedLoad: number | null;
  readonly broken: readonly BrokenLimit[];
  /** Null where the trial is valid. */
  readonly invalidReason: string | null;
  readonly deliveryP99Micros: number | null;
  readonly switchMicrosPerMessage: number | null;
  /** Of the busiest thread of each side. */
  readonly switchBusyShare: number | null;
  readonly driverBusyShare: number | null;
}

/** Of what was due, at least so much is acknowledged in a trial: the loss ratio of RFC 9971. */
export const CARRIED_SHARE_LEAST = 0.995;
/**
 * What spoils a trial without being the switch's doing. Other programs are not among it: beside one that never ends every
 * trial would be made again and again; what they take breaks a limit.
 */
const MEASUREMENT_GUARDS = guards('lane load', 'driver load', 'processor steal', 'throttling', 'swapping');
/**
 * Guards that say the load was not carried. Late sends are not among them: latencies count from when a
 * message was due, so what is late breaks a limit by itself.
 */
const LOAD_GUARDS = guards('ramp', 'offered load', 'backlog', 'message balance');
/** Metrics that measure the load itself: a scenario's thresholds on them are for its own load. */
const LOAD_METRICS: ReadonlySet<MetricName> = new Set([
  'connections.held',
  'connections.peak',
  'throughput.loginsPerSecond',
  'throughput.messagesPerSecond',
  'throughput.deliveriesPerSecond',
  'throughput.completeMessagesPerSecond',
  'throughput.framesPerSecond',
]);
/** Checked only when a run has drained: by runs over connections, and by the confirming run. */
const isKnownOnceDrained: (metric: string) => boolean = (metric) => metric.startsWith('integrity.');

/** The thresholds of a scenario that limit its capacity. */
export function capacityLimits(thresholds: readonly Threshold[]): Threshold[] {
  return thresholds.filter(({ metric }) => !LOAD_METRICS.has(metric));
}

function guards(...names: GuardName[]): ReadonlySet<string> {
  return new Set(names);
}

type Limit = Pick<Threshold, 'metric' | 'expression'>;

/** @param limits among the thresholds of the result; its others are not looked at. */
export function judgeTrial(result: Result, over: CapacityLoad, load: number, limits: readonly Limit[]): CapacityTrial {
  const judged = result.thresholds.filter(({ metric, expression }) =>
    limits.some((limit) => limit.metric === metric && limit.expression === expression),
  );
  const broken = [...brokenByLoad(result, over), ...brokenThresholds(judged)];
  const invalidReason = invalidity(result, judged);
  const busiest = (role: 'shard' | 'lane'): number | null => {
    const shares = result.cpu.threads.filter((thread) => thread.role === role).map((thread) => thread.busyShare);
    return shares.includes(null) || shares.length === 0 ? null : Math.max(...shares.map((share) => share ?? 0));
  };
  return {
    load,
    isGood: broken.length === 0,
    isValid: invalidReason === null,
    carriedLoad: over === 'messages' ? result.throughput.messagesPerSecond : result.connections.held,
    broken,
    invalidReason,
    deliveryP99Micros: result.latency.delivery.p99Micros,
    switchMicrosPerMessage: result.cpu.switchMicrosPerMessage,
    switchBusyShare: busiest('shard'),
    driverBusyShare: busiest('lane'),
  };
}

function invalidity({ validity }: Result, judged: Result['thresholds']): string | null {
  if (validity.ended === 'interrupted') return 'it was interrupted';
  const guard = validity.guards.find(({ name, verdict }) => verdict === 'invalid' && MEASUREMENT_GUARDS.has(name));
  if (guard !== undefined) return `${guard.name}: ${guard.sentence}`;
  const unmeasured = judged.find(({ metric, figure }) => figure === null && !isKnownOnceDrained(metric));
  const isCutShort = validity.guards.some(({ name, verdict }) => verdict === 'invalid' && LOAD_GUARDS.has(name));
  if (unmeasured === undefined || isCutShort || !validity.isComplete) return null;
  return `${unmeasured.metric} ${unmeasured.expression} could not be measured`;
}

function brokenByLoad(result: Result, over: CapacityLoad): BrokenLimit[] {
  const { validity, throughput } = result;
  const ended = validity.ended === 'failed' || validity.ended === 'reserve';
  const broken: BrokenLimit[] = validity.guards
    .filter(({ name, verdict }) => verdict === 'invalid' && LOAD_GUARDS.has(name))
    .map(({ name, figure, sentence }) => ({ limit: name, figure, sentence: `${name}: ${sentence}` }));
  if (ended) {
    const why = validity.failure ?? `the run was ${validity.ended}`;
    broken.push({ limit: validity.ended === 'reserve' ? 'memory of the machine' : 'run', figure: null, sentence: why });
  }
  const { offeredMessagesPerSecond: offered, messagesPerSecond: carried } = throughput;
  if (over === 'messages' && offered !== null && carried !== null && carried < offered * CARRIED_SHARE_LEAST) {
    const figure = carried / offered;
    const sentence = `load carried: ${formatShare(figure)} of what was due was acknowledged, at least ${formatShare(CARRIED_SHARE_LEAST)} was expected`;
    broken.push({ limit: 'load carried', figure, sentence });
  }
  return broken;
}

function brokenThresholds(judged: Result['thresholds']): BrokenLimit[] {
  return judged
    .filter(({ passed, figure }) => !passed && figure !== null)
    .map((one) => {
      const limit = `${one.metric} ${one.expression}`;
      return { limit, figure: one.figure, sentence: `${limit}: found ${formatFound(one)}` };
    });
}
