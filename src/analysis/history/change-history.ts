/**
 * Finds when figures changed over stored results: change points of each metric, among results of one scenario on one
 * class of machines, since others cannot be compared.
 */
import { at } from '../../base/assert.ts';
import { publishedFiguresOf } from '../../result/published-figures.ts';
import type { Result } from '../../result/result-schema.ts';
import { changePoints, SERIES_MAX } from '../../stats/change-points.ts';
import { mannWhitneyInterval } from '../../stats/mann-whitney-test.ts';
import { median } from '../../stats/quantiles.ts';
import { DEFAULT_CONFIDENCE } from '../comparison/comparison-order.ts';
import { judgeGain } from '../comparison/difference-verdict.ts';
import { DEFAULT_GATING_METRICS, type Metric, metricNamed } from '../comparison/result-metrics.ts';
import { gainSign, readable } from '../comparison/usable-pairs.ts';
import {
  type ChangeHistory,
  HISTORY_SCHEMA,
  type HistoryChange,
  type HistoryPoint,
  type MetricHistory,
} from './history-schema.ts';

/** Stricter than for a single test: a history tests several metrics, and is repeated as results are added. */
const SIGNIFICANCE = 0.01;

export interface HistoryOrder {
  readonly metrics?: readonly string[];
  /** Seed of the permutation tests. */
  readonly seed: number;
  /** Command that repeats the history. */
  readonly command?: string;
}

/**
 * The changes in stored results, which may be in any order.
 *
 * @throws METRIC_UNKNOWN.
 */
export function changeHistory(results: readonly Result[], order: HistoryOrder): ChangeHistory {
  const metrics = (order.metrics ?? DEFAULT_GATING_METRICS).map(metricNamed);
  const valid = results.filter(({ validity }) => validity.isValid);
  const groups = groupResults(valid);
  return {
    schema: HISTORY_SCHEMA,
    histories: groups.flatMap((group) => metrics.map((metric) => metricHistory(metric, newest(group), order.seed))),
    invalidResults: results.length - valid.length,
    olderResults: groups.reduce((sum, group) => sum + Math.max(0, group.length - SERIES_MAX), 0),
    published: publishedFiguresOf(groups.flatMap(newest)),
    command: order.command ?? null,
  };
}

/** Groups results by scenario as it ran and by class of machines, each group in order of time. */
function groupResults(results: readonly Result[]): Result[][] {
  const groups = new Map<string, Result[]>();
  for (const result of [...results].sort((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt))) {
    const key = `${result.scenario.hash} ${result.environment.machineClass}`;
    groups.set(key, [...(groups.get(key) ?? []), result]);
  }
  return [...groups.values()];
}

function newest(group: readonly Result[]): readonly Result[] {
  return group.slice(-SERIES_MAX);
}

function metricHistory(metric: Metric, results: readonly Result[], seed: number): MetricHistory {
  const points = results.flatMap((result): HistoryPoint[] => {
    const value = readable(metric, result);
    const { id: resultId, startedAt, environment } = result;
    return value === null ? [] : [{ resultId, startedAt, commit: environment.commit, value }];
  });
  const { scenario, environment } = at(results, 0); // a group is not empty
  const found = changePoints(
    points.map(({ value }) => scale(metric, value)),
    { seed, significance: SIGNIFICANCE },
  );
  const bounds = [0, ...found.map(({ index }) => index), points.length];
  return {
    scenario: scenario.name,
    scenarioHash: scenario.hash,
    machineClass: environment.machineClass,
    isSimulated: scenario.isSimulated,
    metric: metric.name,
    unit: metric.unit,
    points,
    changes: found.map(({ index, pValue }, i) => {
      const before = points.slice(at(bounds, i), index);
      const now = points.slice(index, at(bounds, i + 2));
      return { at: at(points, index), after: at(points, index - 1), pValue, ...judgeLevels(metric, before, now) };
    }),
  };
}

/** Ratios matter and not differences, so logarithms are used, except for counts, which may be 0. */
function scale(metric: Metric, value: number): number {
  return metric.kind === 'ratio' ? Math.log(value) : value;
}

type Levels = Omit<HistoryChange, 'at' | 'after' | 'pValue'>;

function judgeLevels(metric: Metric, before: readonly HistoryPoint[], now: readonly HistoryPoint[]): Levels {
  const [from, to] = [before, now].map((points) => points.map(({ value }) => value)) as [number[], number[]]; // two in, two out
  const levels = { before: median(from), now: median(to) };
  if (metric.kind === 'exact') {
    const verdict = levels.now > levels.before ? 'regressed' : levels.now < levels.before ? 'improved' : 'inconclusive';
    const changeShare = levels.before === 0 ? 0 : levels.now / levels.before - 1;
    return { ...levels, changeShare, lowShare: null, highShare: null, verdict, lean: null };
  }
  const gain = (value: number): number => gainSign(metric) * Math.log(value);
  const interval = mannWhitneyInterval(from.map(gain), to.map(gain), DEFAULT_CONFIDENCE);
  if (interval.isRefused) {
    const changeShare = levels.now / levels.before - 1;
    return { ...levels, changeShare, lowShare: null, highShare: null, verdict: 'inconclusive', lean: null };
  }
  const sign = gainSign(metric);
  const [low, high] = sign === 1 ? [interval.low, interval.high] : [-interval.high, -interval.low];
  return {
    ...levels,
    changeShare: Math.expm1(sign * interval.estimate),
    lowShare: Math.expm1(low),
    highShare: Math.expm1(high),
    ...judgeGain(interval, metric.smallestDifferenceShare),
  };
}
