/**
 * A high dynamic range histogram of microseconds over memory that is passed in.
 *
 * The layout of buckets is HdrHistogram's (Gil Tene, hdrhistogram.org) with three significant
 * digits: 2,048 sub-buckets of width 1, then halves of 1,024 sub-buckets, each half twice as wide as
 * the one before, as many as the range needs. Counts lie in one array that may be shared memory, so
 * that another thread reads them while this one records, and recording is a few integer operations
 * and allocates nothing.
 *
 * A value at or above the range is counted apart. Every figure that it reaches is given as the range,
 * which no value inside it equals, so that no figure is quietly wrong.
 */
import { assert } from '../base/assert.ts';

const SUB_BUCKET_BITS = 11;
const SUB_BUCKETS = 2 ** SUB_BUCKET_BITS;
const HALF = SUB_BUCKETS / 2;
/** Cells behind the buckets: values above the range, values below 0. */
const CELLS_APART = 2;
/** Above it bits are shifted by arithmetic: those of an integer go round. */
const WORD_LIMIT = 2 ** 31;
const WORD_SHIFT = 16;
/** Ranges that there may be: from 4.5 minutes to more than a year. */
export const RANGE_BITS_LEAST = 28;
export const RANGE_BITS_MOST = 45;
/** A percentile is given only with so many samples above it. */
export const SAMPLES_ABOVE_LEAST = 10;

/** Cells that a histogram of values below 2^rangeBits needs. */
export function histogramLength(rangeBits: number): number {
  return SUB_BUCKETS + (rangeBits - SUB_BUCKET_BITS) * HALF + CELLS_APART;
}

function indexOf(value: number): number {
  if (value >= WORD_LIMIT) return indexOf(Math.floor(value / 2 ** WORD_SHIFT)) + WORD_SHIFT * HALF;
  const shift = Math.max(0, 32 - SUB_BUCKET_BITS - Math.clz32(value));
  return shift * HALF + (value >>> shift);
}

/** The largest value that falls into the same bucket as this one does. */
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
  /** Values below it are told apart, in microseconds. */
  readonly rangeMicros: number;
  /** The cell of values above the range; the one behind it is of those below 0. */
  readonly #above: number;

  /** @param counts {@link histogramLength} cells, zero for an empty histogram. */
  constructor(counts: Uint32Array = new Uint32Array(histogramLength(RANGE_BITS_LEAST))) {
    const rangeBits = (counts.length - CELLS_APART - SUB_BUCKETS) / HALF + SUB_BUCKET_BITS;
    assert(Number.isInteger(rangeBits) && rangeBits <= RANGE_BITS_MOST, 'the cells are those of a range');
    this.counts = counts;
    this.rangeMicros = 2 ** rangeBits;
    this.#above = counts.length - CELLS_APART;
  }

  /** An empty histogram of values below 2^rangeBits. */
  static ofRange(rangeBits: number): Histogram {
    return new Histogram(new Uint32Array(histogramLength(rangeBits)));
  }

  /** Counts one value; what is below 0 counts as 0 and, besides, as negative. */
  record(micros: number): void {
    let index = this.#above;
    if (micros < this.rangeMicros) {
      index = micros > 0 ? indexOf(Math.floor(micros)) : 0;
      if (micros < 0) this.#add(this.#above + 1, 1);
    }
    this.#add(index, 1);
  }

  /** Values that were at or above the range. */
  get aboveRangeCount(): number {
    return this.counts[this.#above] as number; // a cell of its own
  }

  /** Values that were below 0: a clock that went backwards. */
  get negativeCount(): number {
    return this.counts[this.#above + 1] as number; // a cell of its own
  }

  /** Values recorded. */
  get count(): number {
    let sum = 0;
    for (let i = 0; i <= this.#above; i++) sum += this.counts[i] as number; // cells there are, here and below
    return sum;
  }

  /** Adds all that another histogram of the same range has counted. */
  merge(other: Histogram): void {
    assert(other.counts.length === this.counts.length, 'histograms of one range are merged');
    for (let i = 0; i < this.counts.length; i++) this.#add(i, other.counts[i] as number);
  }

  /** What was recorded since an earlier copy of this histogram. */
  since(earlier: Histogram): Histogram {
    assert(earlier.counts.length === this.counts.length, 'the earlier one is of the same range');
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
   * The value that `percent` of all values are at or below, as the highest value equivalent to it
   * (HdrHistogram's getValueAtPercentile); 0 for an empty histogram, the range for a value above it.
   */
  percentile(percent: number): number {
    const total = this.count;
    if (total === 0) return 0;
    // As HdrHistogram does: the smallest double above the percentile, against rounding errors.
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
    const above = this.count * (1 - percent / 100);
    return above >= SAMPLES_ABOVE_LEAST ? this.percentile(percent) : null;
  }

  get min(): number {
    for (let i = 0; i < this.#above; i++) if (this.counts[i] !== 0) return lowestEquivalent(i);
    return this.aboveRangeCount > 0 ? this.rangeMicros : 0;
  }

  /** The largest value, or the range for one above it. */
  get max(): number {
    if (this.aboveRangeCount > 0) return this.rangeMicros;
    for (let i = this.#above - 1; i >= 0; i--) if (this.counts[i] !== 0) return highestEquivalent(i);
    return 0;
  }

  /** The mean, each value taken as the middle of its bucket; one above the range as the range, so that it is more. */
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

  /** Calls back for each bucket that has counted something, with a value of the bucket; the range for what is above. */
  forEach(visit: (micros: number, count: number) => void): void {
    for (let i = 0; i < this.#above; i++) {
      const n = this.counts[i] as number;
      if (n > 0) visit(lowestEquivalent(i), n);
    }
    if (this.aboveRangeCount > 0) visit(this.rangeMicros, this.aboveRangeCount);
  }

  #add(index: number, amount: number): void {
    this.counts[index] = (this.counts[index] as number) + amount; // a cell there is
  }
}
