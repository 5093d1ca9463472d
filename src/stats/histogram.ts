/**
 * A high dynamic range histogram of microseconds, in memory that is passed in.
 *
 * The buckets are those of HdrHistogram (Gil Tene, hdrhistogram.org) with three significant digits: 2,048 sub-buckets
 * of width 1, followed by groups of 1,024 sub-buckets, each group twice as wide as the one before, up to the range. The
 * counts are one array, which may be shared memory: another thread can read it while this one records. Recording is a
 * few integer operations and allocates nothing.
 *
 * Values at or above the range are counted separately. A figure that depends on them is reported as the range, which no
 * value within the range equals, so that it cannot be mistaken for a measured value.
 */
import { assert } from '../base/assert.ts';

const SUB_BUCKET_BITS = 11;
const SUB_BUCKETS = 2 ** SUB_BUCKET_BITS;
const HALF = SUB_BUCKETS / 2;
/** Additional cells after the buckets: one for values above the range, one for negative values. */
const CELLS_APART = 2;
/** From this value on bits are shifted by arithmetic, since shifts of 32-bit integers would overflow. */
const WORD_VALUES = 2 ** 31;
const WORD_SHIFT = 16;
/** Smallest and largest range in bits: from 4.5 minutes to more than a year. */
export const RANGE_BITS_MIN = 28;
export const RANGE_BITS_MAX = 45;
/** A percentile is reported only with at least this many samples above it. */
export const SAMPLES_ABOVE_MIN = 10;
/** Rounding of a percentage must not ask for one sample more. */
const TOLERANCE = 1e-9;

/** How many samples a percentile needs to have {@link SAMPLES_ABOVE_MIN} above it; no number is enough for 100. */
export function samplesNeeded(percent: number): number {
  return percent >= 100
    ? Number.POSITIVE_INFINITY
    : Math.ceil((SAMPLES_ABOVE_MIN / (1 - percent / 100)) * (1 - TOLERANCE));
}

/** Number of cells of a histogram of values below 2^rangeBits. */
export function histogramLength(rangeBits: number): number {
  return SUB_BUCKETS + (rangeBits - SUB_BUCKET_BITS) * HALF + CELLS_APART;
}

function indexOf(value: number): number {
  if (value >= WORD_VALUES) return indexOf(Math.floor(value / 2 ** WORD_SHIFT)) + WORD_SHIFT * HALF;
  const shift = Math.max(0, 32 - SUB_BUCKET_BITS - Math.clz32(value));
  return shift * HALF + (value >>> shift);
}

/** The largest value in the same bucket. */
function highestEquivalent(index: number): number {
  if (index < SUB_BUCKETS) return index;
  const shift = Math.floor(index / HALF) - 1;
  const sub = index - shift * HALF;
  return (sub + 1) * 2 ** shift - 1;
}

function lowestEquivalent(index: number): number {
  if (index < SUB_BUCKETS) return index;
  const shift = Math.floor(index / HALF) - 1;
  return (index - shift * HALF) * 2 ** shift;
}

export class Histogram {
  readonly counts: Uint32Array;
  /** Values below this are distinguished, in microseconds. */
  readonly rangeMicros: number;
  /** The cell of values above the range; the next one is for negative values. */
  readonly #above: number;

  /** @param counts {@link histogramLength} cells; all zero for an empty histogram. */
  constructor(counts: Uint32Array = new Uint32Array(histogramLength(RANGE_BITS_MIN))) {
    const rangeBits = (counts.length - CELLS_APART - SUB_BUCKETS) / HALF + SUB_BUCKET_BITS;
    assert(Number.isInteger(rangeBits) && rangeBits <= RANGE_BITS_MAX, 'the number of cells is that of a range');
    this.counts = counts;
    this.rangeMicros = 2 ** rangeBits;
    this.#above = counts.length - CELLS_APART;
  }

  /** An empty histogram of values below 2^rangeBits. */
  static ofRange(rangeBits: number): Histogram {
    return new Histogram(new Uint32Array(histogramLength(rangeBits)));
  }

  /** Counts one value. A negative value counts as 0, and also as negative. */
  record(micros: number): void {
    let index = this.#above;
    if (micros < this.rangeMicros) {
      index = micros > 0 ? indexOf(Math.floor(micros)) : 0;
      if (micros < 0) this.#add(this.#above + 1, 1);
    }
    this.#add(index, 1);
  }

  /** Number of values at or above the range. */
  get aboveRangeCount(): number {
    return this.counts[this.#above] as number; // a cell of the array
  }

  /** Number of negative values: the clock went backwards. */
  get negativeCount(): number {
    return this.counts[this.#above + 1] as number; // a cell of the array
  }

  /** Number of values recorded. */
  get count(): number {
    let sum = 0;
    for (let i = 0; i <= this.#above; i++) sum += this.counts[i] as number; // cells of the array, here and below
    return sum;
  }

  /** Adds the counts of another histogram of the same range. */
  merge(other: Histogram): void {
    assert(other.counts.length === this.counts.length, 'merged histograms have the same range');
    for (let i = 0; i < this.counts.length; i++) this.#add(i, other.counts[i] as number);
  }

  /** The counts recorded since an earlier copy of this histogram. */
  since(earlier: Histogram): Histogram {
    assert(earlier.counts.length === this.counts.length, 'the earlier copy has the same range');
    const difference = new Uint32Array(this.counts.length);
    for (let i = 0; i < difference.length; i++) {
      difference[i] = (this.counts[i] as number) - (earlier.counts[i] as number);
    }
    return new Histogram(difference);
  }

  copy(): Histogram {
    return new Histogram(Uint32Array.from(this.counts));
  }

  /**
   * The highest value equivalent to the value that `percent` of all values are at or below (HdrHistogram's
   * getValueAtPercentile); 0 for an empty histogram, the range for a value above it.
   */
  percentile(percent: number): number {
    const total = this.count;
    if (total === 0) return 0;
    // As HdrHistogram: tolerates the rounding error of the percentage.
    const wanted = Math.max(1, Math.ceil((Math.min(percent, 100) / 100) * total - 1e-9));
    let seen = 0;
    for (let i = 0; i < this.#above; i++) {
      seen += this.counts[i] as number;
      if (seen >= wanted) return highestEquivalent(i);
    }
    return this.rangeMicros;
  }

  /** As {@link percentile}, or null with fewer than ten samples above it. */
  percentileOrNull(percent: number): number | null {
    return this.count >= samplesNeeded(percent) ? this.percentile(percent) : null;
  }

  get min(): number {
    for (let i = 0; i < this.#above; i++) if (this.counts[i] !== 0) return lowestEquivalent(i);
    return this.aboveRangeCount > 0 ? this.rangeMicros : 0;
  }

  /** The largest value, or the range if it is above it. */
  get max(): number {
    if (this.aboveRangeCount > 0) return this.rangeMicros;
    for (let i = this.#above - 1; i >= 0; i--) if (this.counts[i] !== 0) return highestEquivalent(i);
    return 0;
  }

  /** The mean of the bucket midpoints. Values above the range count as the range, so it is then a lower bound. */
  get mean(): number {
    let sum = this.aboveRangeCount * this.rangeMicros;
    let total = this.aboveRangeCount;
    for (let i = 0; i < this.#above; i++) {
      const n = this.counts[i] as number;
      if (n === 0) continue;
      sum += n * ((lowestEquivalent(i) + highestEquivalent(i)) / 2);
      total += n;
    }
    return total === 0 ? 0 : sum / total;
  }

  /** Calls `visit` for each bucket that is not empty, with a value of the bucket; the range for values above it. */
  forEach(visit: (micros: number, count: number) => void): void {
    for (let i = 0; i < this.#above; i++) {
      const n = this.counts[i] as number;
      if (n > 0) visit(lowestEquivalent(i), n);
    }
    if (this.aboveRangeCount > 0) visit(this.rangeMicros, this.aboveRangeCount);
  }

  #add(index: number, amount: number): void {
    this.counts[index] = (this.counts[index] as number) + amount; // a cell of the array
  }
}
