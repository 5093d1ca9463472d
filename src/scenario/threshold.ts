/**
 * Conditions on metrics, in k6's grammar. Thresholds of scenarios, limits of `capacity` and absolute rules of gates are
 * all written in it:
 *
 *     latency.delivery                    p(99)<5ms
 *     throughput.completeMessagesPerSecond  rate>=400k
 *     memory.switch.bytesPerConnection    value<=64B
 *     integrity.lost                      ==0
 *
 *     metric   aggregation   operator   number with unit
 *
 * A trend has avg, min, max, med and p(N). Rates have `rate` and all other metrics `value`; these two may be omitted.
 * An unknown metric or aggregation is an error, so that a misspelt threshold cannot pass.
 */
import { TrunklineError } from '../base/errors.ts';
import { parseBytes, parseDurationMicros, parseRate } from '../base/units.ts';
import { nearest } from './nearest.ts';
import { isMetricName, METRIC_NAMES, METRICS, type MetricEntry, type MetricName } from './terms/metrics.ts';

export const OPERATORS = ['<', '<=', '>', '>=', '==', '!='] as const;
export type Operator = (typeof OPERATORS)[number];

/** A metric, and which of its figures. */
export interface Figure {
  readonly metric: MetricName;
  readonly aggregation: 'avg' | 'min' | 'max' | 'p' | 'rate' | 'value';
  /** N of p(N) in percent; 50 for med; 0 if it is not a percentile. */
  readonly percent: number;
}

export interface Threshold extends Figure {
  /** As written. */
  readonly expression: string;
  readonly operator: Operator;
  /** In the unit of the metric: microseconds, bytes, per second, or a number. */
  readonly limit: number;
}

/** A name ends at a colon, a space, an operator, or the end of the text. */
const METRIC = /^\s*([\w.]+)(?:\s*:|(?=[\s<>=!])|$)\s*(.*?)\s*$/s;
const CONDITION = /^\s*(.*?)\s*(<=|>=|===|==|!=|<|>)\s*(\S.*?)\s*$/s;
const AGGREGATION = /^([a-z]+)(?:\(\s*(\d+(?:\.\d+)?)\s*\))?$/;
const TREND_AGGREGATIONS = ['avg', 'min', 'max', 'med', 'p'] as const;
const MICROS_PER_MILLI = 1000;

/** Parses a condition on a metric. @throws THRESHOLD_INVALID, without the location of the text. */
export function parseThreshold(name: string, expression: string): Threshold {
  const metric = metricOf(name);
  const match = CONDITION.exec(expression);
  if (match === null) throw invalid(`expected something like ${exampleOf(metric)}, found "${expression}"`);
  const [, aggregation = '', operatorText = '', limitText = ''] = match;
  return {
    ...parseAggregation(metric, aggregation, expression),
    expression: expression.trim(),
    operator: (operatorText === '===' ? '==' : operatorText) as Operator, // matched by the expression
    limit: parseLimit(METRICS[metric], limitText, expression),
  };
}

/**
 * Parses a limit or rule, such as `latency.delivery: p(99)<5ms`; the colon may be omitted. @throws THRESHOLD_INVALID.
 */
export function parseCondition(text: string): Threshold {
  const [, name = '', condition = ''] = METRIC.exec(text) ?? [];
  if (name === '' || condition === '') {
    throw invalid(`expected a metric and a condition, such as "latency.delivery: p(99)<20ms", found "${text}"`);
  }
  return parseThreshold(name, condition);
}

/** Parses `latency.delivery p(99)`, or only a name if the metric has one figure. @throws METRIC_UNKNOWN. */
export function parseFigure(text: string): Figure {
  try {
    const [, name = text, aggregation = ''] = METRIC.exec(text) ?? [];
    return parseAggregation(metricOf(name), aggregation, text);
  } catch (error) {
    throw error instanceof TrunklineError ? new TrunklineError('METRIC_UNKNOWN', error.message) : error;
  }
}

/** The canonical spelling of a figure: `latency.delivery p(99)`, `connections.held`. */
export function figureName({ metric, aggregation, percent }: Figure): string {
  if (!METRICS[metric].isTrend) return metric;
  return `${metric} ${aggregation === 'p' ? `p(${percent})` : aggregation}`;
}

/** The aggregations that a metric has. */
export function aggregationsOf({ isTrend, unit }: MetricEntry): readonly string[] {
  if (isTrend) return TREND_AGGREGATIONS.map((one) => (one === 'p' ? 'p(N)' : one));
  return [unit === 'perSecond' ? 'rate' : 'value'];
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

function metricOf(name: string): MetricName {
  if (isMetricName(name)) return name;
  const inner = METRIC_NAMES.find((one) => one.split('.').includes(name));
  const hint = inner === undefined ? nearest(name, METRIC_NAMES) : `; did you mean "${inner}"?`;
  throw invalid(`there is no metric "${name}"${hint === '' ? '; trunkline metrics lists them all' : hint}`);
}

function parseAggregation(metric: MetricName, text: string, whole: string): Figure {
  const entry: MetricEntry = METRICS[metric];
  const allowed = aggregationsOf(entry);
  if (text === '' && !entry.isTrend)
    return { metric, aggregation: entry.unit === 'perSecond' ? 'rate' : 'value', percent: 0 };
  const [, name = '', percentText] = AGGREGATION.exec(text) ?? [];
  if (!allowed.includes(percentText === undefined ? name : `${name}(N)`)) {
    throw invalid(`${metric} has ${allowed.join(', ')}, found "${whole}"`);
  }
  const percent = Number(percentText ?? 0);
  if (percent > 100) throw invalid(`a percentile is at most 100, found "${whole}"`);
  if (name === 'med') return { metric, aggregation: 'p', percent: 50 };
  return { metric, aggregation: name as Figure['aggregation'], percent }; // one of `allowed`
}

function exampleOf(metric: MetricName): string {
  const { isTrend, unit } = METRICS[metric];
  if (isTrend) return 'p(99)<5ms';
  const examples = {
    bytes: 'value<=64B',
    micros: 'value<5us',
    perSecond: 'rate>=400k',
    count: 'value==0',
    ratio: 'value<1.5',
  };
  return examples[unit];
}

/** Parses a limit with its unit. @throws THRESHOLD_INVALID. */
function parseLimit({ unit, isTrend }: MetricEntry, text: string, expression: string): number {
  const limit = limitOf(unit, isTrend, text);
  if (limit !== null) return limit;
  const wanted =
    unit === 'bytes' ? 'a size such as 64B' : unit === 'micros' ? 'a time such as 5ms' : 'a number such as 400k';
  throw invalid(`expected ${wanted}, found "${text}" in "${expression}"`);
}

function limitOf(unit: MetricEntry['unit'], isTrend: boolean, text: string): number | null {
  if (unit === 'bytes') return parseBytes(text);
  if (unit !== 'micros') return parseRate(text);
  const isBare = isTrend && /^[\d._]+$/.test(text); // in k6 a latency without a unit is in milliseconds
  return isBare ? Number(text.replaceAll('_', '')) * MICROS_PER_MILLI : parseDurationMicros(text);
}

function invalid(what: string): TrunklineError {
  return new TrunklineError('THRESHOLD_INVALID', what);
}
