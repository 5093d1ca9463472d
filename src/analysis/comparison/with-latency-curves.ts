/**
 * Latency by percentile of both sides of a comparison, from the histograms of all their valid runs. A comparison keeps
 * the curves and not the histograms, so that a report needs nothing but the comparison.
 */
import type { Result } from '../../result/result-schema.ts';
import { mergedPercentiles } from '../../stats/hdr-histogram.ts';
import type { Comparison } from './comparison-schema.ts';
import { isUsable, type Pair } from './usable-pairs.ts';

type LatencyCurve = Comparison['latencyCurves'][number];

/** Latencies whose curves are kept. */
const LATENCIES = ['delivery', 'acknowledgement'] as const;
/** Within each factor of ten between all samples and those above the percentile: 0, 10, 20 … 80, 85 % of the way. */
const STEPS = [0, 10, 20, 30, 40, 50, 60, 70, 80, 85];
const DECADES = 6;

/** 10, 20 … 50 … 85, 90, 91 … 98.5, 99 … 99.99985 %: denser towards the tail. */
export const CURVE_PERCENTS: readonly number[] = Array.from({ length: DECADES }, (_, decade) => {
  const above = 10 ** -decade;
  return STEPS.map((step) => Number((100 - (100 - step) * above).toFixed(decade + 2)));
})
  .flat()
  .slice(1);

/** The comparison with the curves of its pairs. */
export function withLatencyCurves(comparison: Comparison, pairs: readonly Pair[]): Comparison {
  const valid = pairs.filter(isUsable);
  const bases = valid.map(({ base }) => base);
  const candidates = valid.map(({ candidate }) => candidate);
  return { ...comparison, latencyCurves: LATENCIES.flatMap((latency) => curveOf(latency, bases, candidates)) };
}

/** None if a side has no histogram, and only as far as at least one of the sides was measured. */
function curveOf(
  latency: LatencyCurve['latency'],
  bases: readonly Result[],
  candidates: readonly Result[],
): LatencyCurve[] {
  const [base, candidate] = [bases, candidates].map((results) => microsOf(latency, results));
  if (base === undefined || candidate === undefined) return [];
  const isMeasured = (micros: number | null): boolean => micros !== null;
  const length = Math.max(base.micros.findLastIndex(isMeasured), candidate.micros.findLastIndex(isMeasured)) + 1;
  if (length === 0) return [];
  return [
    {
      latency,
      percents: CURVE_PERCENTS.slice(0, length),
      baseMicros: base.micros.slice(0, length),
      candidateMicros: candidate.micros.slice(0, length),
      baseCount: base.count,
      candidateCount: candidate.count,
    },
  ];
}

interface SideCurve {
  readonly micros: readonly (number | null)[];
  readonly count: number;
}

/** A percentile above the range of the histogram was not measured either. */
function microsOf(latency: LatencyCurve['latency'], results: readonly Result[]): SideCurve {
  const summaries = results.map((result) => result.latency[latency]);
  const histograms = summaries.flatMap(({ histogram }) => histogram ?? []);
  const range = Math.min(...summaries.map(({ rangeMicros }) => rangeMicros));
  const { percentiles, count } = mergedPercentiles(histograms, CURVE_PERCENTS);
  return { micros: percentiles.map((micros) => (micros === null || micros >= range ? null : micros)), count };
}
