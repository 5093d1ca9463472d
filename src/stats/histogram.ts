/**
 * A high dynamic range histogram of microseconds over memory that is passed in.
 *
 * The layout of buckets is HdrHistogram's (Gil Tene, hdrhistogram.org) for values from 1 to 2^26
 * (67 s) with three significant digits: 2,048 sub-buckets of width 1, then halves of 1,024
 * sub-buckets, each half twice as wide as the one before. Counts lie in one array that may be
 * shared memory, so that another thread reads them while this one records, and recording is a
 * few integer operations and allocates nothing.
 *
 * A value above the range is counted in the last bucket and, besides, as overflow, so that no
 * figure is quietly wrong.
 */

const SUB_BUCKET_BITS = 11;
const SUB_BUCKETS = 2 ** SUB_BUCKET_BITS;
const HALF = SUB_BUCKETS / 2;
const VALUE_BITS = 26;
/** The largest value that is told apart, in microseconds. */
export const HIGHEST_MICROS = 2 ** VALUE_BITS - 1;
const BUCKETS = SUB_BUCKETS + (VALUE_BITS - SUB_BUCKET_BITS) * HALF;
const OVERFLOW = BUCKETS;
const NEGATIVE = BUCKETS + 1;
/** Cells that one histogram needs. */
export const HISTOGRAM_LENGTH = BUCKETS + 2;
/** A percentile is given only with so many samples above it. */
export const SAMPLES_ABOVE_LEAST = 10;

function indexOf(value: number): number {
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

  /** @param counts {@link HISTOGRAM_LENGTH} cells, zero for an empty histogram. */
  constructor(counts: Uint32Array = new Uint32Array(HISTOGRAM_LENGTH)) {
    this.counts = counts;
  }

  /** Counts one value; what is below 0 counts as 0 and, besides, as negative. */
  record(micros: number): void {
    let index = OVERFLOW - 1;
    if (micros <= HIGHEST_MICROS) {
      index = micros > 0 ? indexOf(Math.floor(micros)) : 0;
      if (micros < 0) this.#add(NEGATIVE, 1);
    } else {
      this.#add(OVERFLOW, 1);
    }
    this.#add(index, 1);
  }

  /** Values that were above the range. */
  get overflowCount(): number {
    return this.counts[OVERFLOW] as number; // a cell of its own
  }

  /** Values that were below 0: a clock that went backwards. */
  get negativeCount(): number {
    return this.counts[NEGATIVE] as number; // a cell of its own
  }

  /** Values recorded. */
  get count(): number {
    let sum = 0;
    for (let i = 0; i < BUCKETS; i++) sum += this.counts[i] as number; // i < BUCKETS, here and below
    return sum;
  }

  /** Adds all that another histogram has counted. */
  merge(other: Histogram): void {
    for (let i = 0; i < HISTOGRAM_LENGTH; i++) this.#add(i, other.counts[i] as number);
  }

  /** What was recorded since an earlier copy of this histogram. */
  since(earlier: Histogram): Histogram {
    const difference = new Histogram();
    for (let i = 0; i < HISTOGRAM_LENGTH; i++) {
      difference.counts[i] = (this.counts[i] as number) - (earlier.counts[i] as number);
    }
    return difference;
  }

  copy(): Histogram {
    return new Histogram(Uint32Array.from(this.counts));
  }

  /**
   * The value that `percent` of all values are at or below, as the highest value equivalent to it
   * (HdrHistogram's getValueAtPercentile); 0 for an empty histogram.
   */
  percentile(percent: number): number {
    const total = this.count;
    if (total === 0) return 0;
    // As HdrHistogram does: the smallest double above the percentile, against rounding errors.
    const wanted = Math.max(1, Math.ceil((Math.min(percent, 100) / 100) * total - 1e-9));
    let seen = 0;
    for (let i = 0; i < BUCKETS; i++) {
      seen += this.counts[i] as number;
      if (seen >= wanted) return highestEquivalent(i);
    }
    return HIGHEST_MICROS;
  }

  /** As {@link percentile}, or null with fewer than ten samples above it. */
  percentileOrNull(percent: number): number | null {
    const above = this.count * (1 - percent / 100);
    return above >= SAMPLES_ABOVE_LEAST ? this.percentile(percent) : null;
  }

  get min(): number {
    for (let i = 0; i < BUCKETS; i++) if (this.counts[i] !== 0) return lowestEquivalent(i);
    return 0;
  }

  get max(): number {
    for (let i = BUCKETS - 1; i >= 0; i--) if (this.counts[i] !== 0) return highestEquivalent(i);
    return 0;
  }

  /** The mean, each value taken as the middle of its bucket. */
  get mean(): number {
    let sum = 0;
    let total = 0;
    for (let i = 0; i < BUCKETS; i++) {
      const n = this.counts[i] as number;
      if (n === 0) continue;
      sum += n * ((lowestEquivalent(i) + highestEquivalent(i)) / 2);
      total += n;
    }
    return total === 0 ? 0 : sum / total;
  }

  /** Calls back for each bucket that has counted something, with a value of the bucket. */
  forEach(visit: (micros: number, count: number) => void): void {
    for (let i = 0; i < BUCKETS; i++) {
      const n = this.counts[i] as number;
      if (n > 0) visit(lowestEquivalent(i), n);
    }
  }

  #add(index: number, amount: number): void {
    this.counts[index] = (this.counts[index] as number) + amount; // index < HISTOGRAM_LENGTH
  }
}
