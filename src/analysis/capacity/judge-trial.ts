/**
 * One trial of a search for capacity: whether every limit held at a load, and whether the trial is valid. A trial
 * disturbed by the machine or the driver is invalid. A load that the switch could not carry is a broken limit.
 */
import { formatShare } from '../../base/units.ts';
import { readMetric } from '../../result/as-published.ts';
import type { GuardName } from '../../result/guard-names.ts';
import { guardText } from '../../result/guard-text.ts';
import type { Result } from '../../result/result-schema.ts';
import type { MetricName } from '../../scenario/terms/metrics.ts';
import type { Threshold } from '../../scenario/threshold.ts';
import { countNoiseShare } from '../../stats/count-noise.ts';
import { formatFound } from '../comparison/format-figure.ts';
import type { BrokenLimit, CapacityLoad, CapacityTrial } from './capacity-schema.ts';

const PERCENTILE = /^p\(/;
/** The usual cause in results that do not give one, since a percentile is shown only where ten samples lie above it. */
const TOO_FEW_SAMPLES = 'too few samples lie above the percentile';

/** Minimum share of the due messages that must be carried in a trial: one minus the loss ratio of RFC 9971. */
const CARRIED_SHARE_MIN = 0.995;
/** Minimum share of the phones that were to come back, where that is known. */
const RETURNED_SHARE_MIN = 0.95;
/**
 * Guards that make a trial invalid, because the switch is not the cause. Load of other programs is not among them: next
 * to a program that never ends, every trial would be repeated forever. What such programs take breaks a limit instead.
 */
const MEASUREMENT_GUARDS = guards('lane load', 'driver load', 'processor steal', 'throttling', 'swapping');
/**
 * Guards that mean that the load was not carried. Late sends are not among them: latencies count from the due time of a
 * message, so lateness breaks a limit by itself.
 */
const LOAD_GUARDS = guards('ramp', 'offered load', 'backlog', 'message balance');
/** Metrics that measure the load itself: thresholds of a scenario on them apply to its own load only. */
const LOAD_METRICS: ReadonlySet<MetricName> = new Set([
  'connections.held',
  'connections.peak',
  'throughput.loginsPerSecond',
  'throughput.messagesPerSecond',
  'throughput.deliveriesPerSecond',
  'throughput.completeMessagesPerSecond',
  'throughput.measuredLoginsPerSecond',
  'throughput.framesPerSecond',
]);
/**
 * Known only after a drain: that of a trial over connections, of the confirming run, or of a search in one run after
 * its last trial.
 */
export const isKnownOnceDrained: (metric: string) => boolean = (metric) => metric.startsWith('integrity.');

/** The thresholds of a scenario that limit its capacity. */
export function capacityLimits(thresholds: readonly Threshold[]): Threshold[] {
  return thresholds.filter(({ metric }) => !LOAD_METRICS.has(metric));
}

function guards(...names: GuardName[]): ReadonlySet<string> {
  return new Set(names);
}

export type Limit = Pick<Threshold, 'metric' | 'expression'>;

/** What is known of a trial beside its result. */
export interface TrialTerms {
  /** Phones that were to come back per second; null if that is not known. */
  readonly intendedReturnsPerSecond: number | null;
  /** Why the trial is not valid whatever it measured; null if nothing is known. */
  readonly disturbedBy: string | null;
  /** Names of the metrics that published figures are compared with. */
  readonly metrics: readonly string[];
}

/** The thresholds of the result that are limits. */
export function judgedLimits({ thresholds }: Result, limits: readonly Limit[]): Result['thresholds'] {
  return thresholds.filter(({ metric, expression }) =>
    limits.some((limit) => limit.metric === metric && limit.expression === expression),
  );
}

/** @param limits a subset of the thresholds of the result; other thresholds are ignored. */
export function judgeTrial(
  result: Result,
  over: CapacityLoad,
  load: number,
  limits: readonly Limit[],
  { intendedReturnsPerSecond = null, disturbedBy = null, metrics = [] }: Partial<TrialTerms> = {},
): CapacityTrial {
  const judged = judgedLimits(result, limits);
  const broken = [
    ...brokenByLoad(result, over),
    ...brokenByReturns(result, intendedReturnsPerSecond),
    ...brokenThresholds(judged),
  ];
  const invalidReason = invalidity(result, judged) ?? disturbedBy;
  const busiest = (role: 'shard' | 'lane'): number | null => {
    const shares = result.cpu.threads.filter((thread) => thread.role === role).map((thread) => thread.busyShare);
    return shares.includes(null) || shares.length === 0 ? null : Math.max(...shares.map((share) => share ?? 0));
  };
  return {
    load,
    isGood: broken.length === 0,
    isValid: invalidReason === null,
    carriedLoad: over !== 'connections' ? carriedMessages(result) : result.connections.held,
    loginsPerSecond: result.throughput.measuredLoginsPerSecond,
    deliveriesPerSecond: result.throughput.deliveriesPerSecond,
    noticesPerSecond: result.presence?.noticesPerSecond ?? null,
    figures: Object.fromEntries(metrics.map((metric) => [metric, readMetric(result, metric)])),
    broken,
    invalidReason,
    deliveryP50Micros: result.latency.delivery.p50Micros,
    deliveryP99Micros: result.latency.delivery.p99Micros,
    switchMicrosPerMessage: result.cpu.switchMicrosPerMessage,
    switchBusyShare: busiest('shard'),
    driverBusyShare: busiest('lane'),
  };
}

function invalidity({ validity }: Result, judged: Result['thresholds']): string | null {
  if (validity.ended === 'interrupted') return 'it was interrupted';
  const guard = validity.guards.find(({ name, verdict }) => verdict === 'invalid' && MEASUREMENT_GUARDS.has(name));
  if (guard !== undefined) return guardText(guard);
  const unmeasured = judged.find(({ metric, figure }) => figure === null && !isKnownOnceDrained(metric));
  const isCutShort = validity.guards.some(({ name, verdict }) => verdict === 'invalid' && LOAD_GUARDS.has(name));
  if (unmeasured === undefined || isCutShort || !validity.isComplete) return null;
  return `${unmeasured.metric} ${unmeasured.expression} could not be measured${whyUnmeasured(unmeasured)}`;
}

function whyUnmeasured({ expression, reason }: Result['thresholds'][number]): string {
  if (!PERCENTILE.test(expression)) return reason === null ? '' : `: ${reason}`;
  return `: ${reason ?? TOO_FEW_SAMPLES}; use longer trials (--trial) or higher loads (--from)`;
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
  const { offeredMessagesPerSecond: offered } = throughput;
  const carried = carriedMessages(result);
  if (over !== 'connections' && offered !== null && carried !== null && carried < offered * CARRIED_SHARE_MIN) {
    const figure = carried / offered;
    const how = refusedRightly(result) === 0 ? '' : ', or refused since their authors had left the group';
    const sentence = `load carried: ${formatShare(figure)} of the due messages were acknowledged${how}, expected at least ${formatShare(CARRIED_SHARE_MIN)}`;
    broken.push({ limit: 'load carried', figure, sentence });
  }
  return broken;
}

/**
 * Messages per second that were answered as they had to be: acknowledged, or refused rightly. Null if that was not
 * measured.
 */
function carriedMessages(result: Result): number | null {
  const { messagesPerSecond } = result.throughput;
  return messagesPerSecond === null ? null : messagesPerSecond + refusedRightly(result);
}

/** Messages per second of phones that had left the group: a switch that refuses them does what it must. */
function refusedRightly({ groups }: Result): number {
  return groups?.refusedAfterLeavingPerSecond ?? 0;
}

/** Phones that come back too late, or not at all, are logins that were not carried. */
function brokenByReturns({ throughput }: Result, intended: number | null): BrokenLimit[] {
  const { measuredLoginsPerSecond: done, measuredSeconds } = throughput;
  if (intended === null || intended === 0 || done === null || measuredSeconds === null) return [];
  const figure = done / intended;
  const least = 1 - Math.max(1 - RETURNED_SHARE_MIN, countNoiseShare(intended * measuredSeconds));
  if (figure >= least) return [];
  const sentence = `logins carried: ${formatShare(figure)} of the phones that were to return logged in, expected at least ${formatShare(least)}`;
  return [{ limit: 'logins carried', figure, sentence }];
}

function brokenThresholds(judged: Result['thresholds']): BrokenLimit[] {
  return judged
    .filter(({ passed, figure }) => !passed && figure !== null)
    .map((one) => {
      const limit = `${one.metric} ${one.expression}`;
      return { limit, figure: one.figure, sentence: `${limit}: found ${formatFound(one)}` };
    });
}
