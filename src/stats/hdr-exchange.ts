/** Our histograms as HdrHistogram's, whose compressed form every such library reads. */
import { build, decodeFromCompressedBase64, type Histogram as HdrHistogram } from 'hdr-histogram-js';
import type { Histogram } from './histogram.ts';

/** The same values and counts; values above the range as the range. */
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
