/** What to compare, and with which confidence: declared before the runs, and checked before anything is computed. */
import { TrunklineError } from '../../base/errors.ts';
import type { Result } from '../../result/result-schema.ts';
import { bonferroniConfidence } from '../../stats/bonferroni-confidence.ts';
import { EXACT_PAIRS_MAX } from '../../stats/signed-rank-test.ts';
import type { EnvironmentField } from './environment-differences.ts';
import type { NoiseFloors } from './noise-floors-schema.ts';
import { DEFAULT_GATING_METRICS, type Metric, metricNamed, RESULT_METRICS } from './result-metrics.ts';

/**
 * Ten pairs leave room at both ends of the 55 averages of two differences: the exact interval at 95 % is the 9th to the
 * 47th, and at 99 %, for five gating metrics (Bonferroni), the 4th to the 52nd.
 */
export const DEFAULT_PAIRS = 10;
/** Maximum of pairs of a comparison: more would not have an exact test. */
export const PAIRS_MAX = EXACT_PAIRS_MAX;

export interface ComparisonOrder {
  readonly baseName?: string;
  readonly candidateName?: string;
  /** Metrics that decide, at most {@link GATING_METRICS_MAX}. By default those of the protocol that were measured. */
  readonly gating?: readonly string[];
  /** Metrics that are only shown. */
  readonly described?: readonly string[];
  /** Of all gating metrics together; 0.95 by default. */
  readonly confidence?: number;
  /** By name of a metric; replaces its own smallest difference. */
  readonly smallestDifferenceShares?: Readonly<Record<string, number>>;
  /** From the same scenario and class of machines. */
  readonly noiseFloors?: NoiseFloors;
  /** Differences between the environments that are intended. */
  readonly allowedDifferences?: readonly EnvironmentField[];
  /** Command that repeats the comparison. */
  readonly command?: string;
}

export interface PlannedMetric {
  readonly metric: Metric;
  readonly role: 'gating' | 'descriptive';
  /** Confidence of its interval. */
  readonly confidence: number;
  readonly smallestDifferenceShare: number;
  readonly noiseFloorShare: number | null;
}

export interface ComparisonPlan {
  readonly confidence: number;
  readonly gatingConfidence: number;
  readonly metrics: readonly PlannedMetric[];
}

/**
 * The permitted error is divided among the gating metrics (Bonferroni), so each of them makes every interval wider. Of
 * the 55 averages of ten pairs, five metrics take the 4th to the 52nd; ten would take the 2nd to the 54th.
 */
export const GATING_METRICS_MAX = 5;
export const DEFAULT_CONFIDENCE = 0.95;
/** Figures that are redundant beside the others. */
const NOT_DESCRIBED = /^latency\.\w+ (avg|p\(90\)|p\(95\)|p\(99\.99\))$/;

/**
 * @param results of both sides. A default metric that none of them measured is omitted.
 * @throws METRIC_UNKNOWN, or COMPARISON_INVALID.
 */
export function planComparison(order: ComparisonOrder, results: readonly Result[]): ComparisonPlan {
  const isMeasured = (metric: Metric): boolean => results.some((result) => metric.read(result) !== null);
  const gating = order.gating?.map(metricNamed) ?? DEFAULT_GATING_METRICS.map(metricNamed).filter(isMeasured);
  const confidence = order.confidence ?? DEFAULT_CONFIDENCE;
  check(gating, confidence);
  checkNoiseFloors(order.noiseFloors, results);
  const described =
    order.described?.map(metricNamed) ??
    RESULT_METRICS.filter((one) => isMeasured(one) && !NOT_DESCRIBED.test(one.name));
  const gatingConfidence = bonferroniConfidence(confidence, Math.max(1, gating.length));
  const own = order.smallestDifferenceShares ?? {};
  for (const [name, share] of Object.entries(own)) {
    metricNamed(name);
    if (!(share >= 0)) throw invalid(`expected a smallest difference of at least 0 for ${name}, found ${share}`);
  }
  const planned = (metric: Metric, role: PlannedMetric['role']): PlannedMetric => ({
    metric,
    role,
    confidence: role === 'gating' ? gatingConfidence : confidence,
    smallestDifferenceShare: own[metric.name] ?? metric.smallestDifferenceShare,
    noiseFloorShare: order.noiseFloors?.floors.find((floor) => floor.metric === metric.name)?.floorShare ?? null,
  });
  return {
    confidence,
    gatingConfidence,
    metrics: [
      ...gating.map((metric) => planned(metric, 'gating')),
      ...described
        .filter(({ name }) => gating.every((one) => one.name !== name))
        .map((metric) => planned(metric, 'descriptive')),
    ],
  };
}

function check(gating: readonly Metric[], confidence: number): void {
  if (gating.length > GATING_METRICS_MAX) {
    throw invalid(
      `expected at most ${GATING_METRICS_MAX} metrics that decide, found ${gating.length}: declare the ones that matter most`,
    );
  }
  const names = gating.map(({ name }) => name);
  if (new Set(names).size < names.length) throw invalid('a metric that decides is named twice');
  if (!(confidence >= 0.5 && confidence < 1))
    throw invalid(`expected a confidence from 0.5 to below 1, found ${confidence}`);
}

/** The noise on another machine or at another load says nothing about these runs. */
function checkNoiseFloors(floors: NoiseFloors | undefined, results: readonly Result[]): void {
  if (floors === undefined) return;
  for (const { scenario, environment } of results) {
    if (scenario.name !== floors.scenario || environment.machineClass !== floors.machineClass) {
      throw invalid(
        `the noise floors are of ${floors.scenario} on ${floors.machineClass}, a result is of ${scenario.name} on ${environment.machineClass}: measure them again`,
      );
    }
  }
}

function invalid(message: string): TrunklineError {
  return new TrunklineError('COMPARISON_INVALID', message);
}
