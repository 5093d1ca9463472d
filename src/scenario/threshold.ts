/**
 * Thresholds in k6's grammar: `p(99)<5ms`, `rate>400k`, `value<=64B`, `count==0`.
 *
 *     expression   aggregation  operator  number with unit
 *
 * A metric is a trend (avg, min, max, med, p(N)), a counter (count, rate) or a value. A metric
 * or aggregation that does not exist is an error: a misspelt threshold must not pass.
 */
import { TrunklineError } from '../base/errors.ts';
import { parseBytes, parseCount, parseDurationMicros } from '../base/units.ts';
import { nearest } from './nearest.ts';

export type MetricKind = 'trend' | 'counter' | 'bytes' | 'micros' | 'value';

/** Every metric that a threshold may name, and what it is about. */
export const METRICS = {
  login: { kind: 'trend', about: 'from when a phone was due to when it was logged in' },
  acknowledgement: { kind: 'trend', about: 'from when a message was due to its ✓' },
  delivery: { kind: 'trend', about: 'from when a message was due to its arrival' },
  receipt: { kind: 'trend', about: 'from when a message was due to its ✓✓' },
  logins: { kind: 'counter', about: 'logins during the ramp' },
  messages: { kind: 'counter', about: 'messages acknowledged while measuring' },
  deliveries: { kind: 'counter', about: 'messages delivered while measuring' },
  frames: { kind: 'counter', about: 'frames in and out of the switch while measuring' },
  held: { kind: 'value', about: 'phones online when measuring began' },
  failed: { kind: 'value', about: 'connections that failed, for any cause' },
  rejected: { kind: 'value', about: 'messages that the switch refused' },
  lost: { kind: 'value', about: 'messages sent and found nowhere' },
  duplicated: { kind: 'value', about: 'messages delivered twice' },
  reordered: { kind: 'value', about: 'messages delivered after a later one of the same pair' },
  switchBytesPerConnection: { kind: 'bytes', about: 'switch memory for each connection, by ledger' },
  driverBytesPerConnection: { kind: 'bytes', about: 'driver memory for each phone, by ledger' },
  cpuPerMessage: { kind: 'micros', about: 'processor time of the switch for each message' },
} as const satisfies Readonly<Record<string, { kind: MetricKind; about: string }>>;

export type MetricName = keyof typeof METRICS;
export type Operator = '<' | '<=' | '>' | '>=' | '==' | '!=';

export interface Threshold {
  readonly metric: MetricName;
  /** As it was written. */
  readonly expression: string;
  readonly aggregation: 'avg' | 'min' | 'max' | 'med' | 'p' | 'count' | 'rate' | 'value';
  /** N of p(N), in percent; 50 for med. */
  readonly percent: number;
  readonly operator: Operator;
  /** Microseconds for times, bytes for sizes. */
  readonly limit: number;
}

const EXPRESSION = /^\s*([a-z]+)(?:\(\s*([\d.]+)\s*\))?\s*(<=|>=|===|==|!=|<|>)\s*(\S.*?)\s*$/;
const AGGREGATIONS: Readonly<Record<MetricKind, readonly string[]>> = {
  trend: ['avg', 'min', 'max', 'med', 'p'],
  counter: ['count', 'rate'],
  bytes: ['value'],
  micros: ['value'],
  value: ['value', 'count'],
};
const MICROS_PER_MILLI = 1000;

/** Reads one threshold. @throws THRESHOLD_INVALID, without the place where it stands. */
export function parseThreshold(metric: string, expression: string): Threshold {
  if (!isMetric(metric)) {
    throw invalid(`there is no metric "${metric}"${nearest(metric, Object.keys(METRICS))}`);
  }
  const match = EXPRESSION.exec(expression);
  if (match === null) throw invalid(`expected something like p(99)<5ms, found "${expression}"`);
  const [, name = '', percentText, operatorText = '', limitText = ''] = match;
  const { kind } = METRICS[metric];
  const allowed = AGGREGATIONS[kind];
  if (!allowed.includes(name) || (name === 'p') !== (percentText !== undefined)) {
    const list = allowed.map((one) => (one === 'p' ? 'p(N)' : one)).join(', ');
    throw invalid(`${metric} has ${list}, found "${expression}"`);
  }
  const percent = name === 'med' ? 50 : Number(percentText ?? 0);
  if (percent > 100) throw invalid(`a percentile is at most 100, found "${expression}"`);
  return {
    metric,
    expression: expression.trim(),
    aggregation: name as Threshold['aggregation'], // one of `allowed`
    percent,
    operator: (operatorText === '===' ? '==' : operatorText) as Operator, // matched by the expression
    limit: parseLimit(kind, limitText, expression),
  };
}

/** Whether a figure meets a threshold. */
export function meetsThreshold(threshold: Pick<Threshold, 'operator' | 'limit'>, figure: number): boolean {
  const { operator, limit } = threshold;
  switch (operator) {
    case '<':
      return figure < limit;
    case '<=':
      return figure <= limit;
    case '>':
      return figure > limit;
    case '>=':
      return figure >= limit;
    case '==':
      return figure === limit;
    default:
      return figure !== limit;
  }
}

function isMetric(name: string): name is MetricName {
  return Object.hasOwn(METRICS, name);
}

/** A limit with its unit: microseconds, bytes or a number. @throws THRESHOLD_INVALID. */
export function parseLimit(kind: MetricKind, text: string, expression: string): number {
  const limit = limitOf(kind, text);
  if (limit !== null) return limit;
  const wanted =
    kind === 'bytes'
      ? 'a size such as 64B'
      : kind === 'trend' || kind === 'micros'
        ? 'a time such as 5ms'
        : 'a number such as 400k';
  throw invalid(`expected ${wanted}, found "${text}" in "${expression}"`);
}

function limitOf(kind: MetricKind, text: string): number | null {
  if (kind === 'bytes') return parseBytes(text);
  if (kind === 'micros') return parseDurationMicros(text);
  if (kind !== 'trend') return parseCount(text.replace(/\s*\/\s*s$/, ''));
  const bare = parseCount(text); // k6 gives times as bare milliseconds
  return bare === null || /[a-z]/i.test(text) ? parseDurationMicros(text) : bare * MICROS_PER_MILLI;
}

function invalid(what: string): TrunklineError {
  return new TrunklineError('THRESHOLD_INVALID', what);
}
