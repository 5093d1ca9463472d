/** Converts our histograms to HdrHistogram's, whose compressed form is read by every library of that family. */
import { build, decodeFromCompressedBase64, type Histogram as HdrHistogram } from 'hdr-histogram-js';
import { type Histogram, samplesNeeded } from './histogram.ts';

/** The same values and counts; a value above the range becomes the range. */
export function toHdrHistogram(histogram: Histogram): HdrHistogram {
  const hdr = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: histogram.rangeMicros,
    numberOfSignificantValueDigits: 3,
    bitBucketSize: 32,
    useWebAssembly: false,
  });
  histogram.forEach((micros, count) => {
    hdr.recordValueWithCount(micros, count);
  });
  return hdr;
}

/** A percentile of a histogram in its compressed form, in microseconds. */
export function compressedPercentile(text: string, percent: number): number {
  return decodeFromCompressedBase64(text, 32, false).getValueAtPercentile(percent);
}

/**
 * Percentiles of all values of several compressed histograms together, in microseconds; null with fewer than ten
 * samples above the percentile.
 */
export function mergedPercentiles(
  texts: readonly string[],
  percents: readonly number[],
): { readonly percentiles: readonly (number | null)[]; readonly count: number } {
  const [merged, ...others] = texts.map((text) => decodeFromCompressedBase64(text, 32, false));
  if (merged === undefined) return { percentiles: percents.map(() => null), count: 0 };
  for (const other of others) merged.add(other);
  const count = merged.totalCount;
  const percentiles = percents.map((one) => (count >= samplesNeeded(one) ? merged.getValueAtPercentile(one) : null));
  return { percentiles, count };
}

/** A point of a percentile curve. */
export interface PercentilePoint {
  readonly percent: number;
  readonly micros: number;
}

/**
 * The percentile curve of a histogram in its compressed form: points in equal steps of log10(1/(1-q)), as the plots of
 * HdrHistogram have them, from the minimum up to the last percentile with enough samples above it.
 *
 * @param pointsPerDecade points from one nine to the next.
 * @param samplesAboveMin percentiles with fewer samples above them are left out.
 */
export function percentileCurve(text: string, pointsPerDecade: number, samplesAboveMin: number): PercentilePoint[] {
  const histogram = decodeFromCompressedBase64(text, 32, false);
  const points: PercentilePoint[] = [];
  for (let step = 0; ; step++) {
    const above = 10 ** (-step / pointsPerDecade);
    if (histogram.totalCount * above < samplesAboveMin * (1 - 1e-9)) return points;
    const percent = 100 * (1 - above);
    points.push({ percent, micros: step === 0 ? histogram.minNonZeroValue : histogram.getValueAtPercentile(percent) });
  }
}
