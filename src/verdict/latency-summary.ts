/** A latency of a result, from its histogram. */
import { encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import type { LatencySummary } from '../result/sections/latency-schema.ts';
import { toHdrHistogram } from '../stats/hdr-histogram.ts';
import type { Histogram } from '../stats/histogram.ts';

/** The percentiles of a histogram; null with fewer than ten samples above. */
export function latencySummary(histogram: Histogram): LatencySummary {
  const { count } = histogram;
  const some = (value: number): number | null => (count === 0 ? null : value);
  return {
    count,
    minMicros: some(histogram.min),
    meanMicros: some(histogram.mean),
    p50Micros: histogram.percentileOrNull(50),
    p90Micros: histogram.percentileOrNull(90),
    p95Micros: histogram.percentileOrNull(95),
    p99Micros: histogram.percentileOrNull(99),
    p999Micros: histogram.percentileOrNull(99.9),
    p9999Micros: histogram.percentileOrNull(99.99),
    maxMicros: some(histogram.max),
    aboveRangeCount: histogram.aboveRangeCount,
    rangeMicros: histogram.rangeMicros,
    histogram: count === 0 ? null : encodeIntoCompressedBase64(toHdrHistogram(histogram)),
  };
}
