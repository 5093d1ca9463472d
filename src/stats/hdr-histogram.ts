/** Converts our histograms to HdrHistogram's, whose compressed form is read by every library of that family. */
import { build, decodeFromCompressedBase64, type Histogram as HdrHistogram } from 'hdr-histogram-js';
import type { Histogram } from './histogram.ts';

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
