import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { build, encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import { compressedPercentile, percentileCurve, toHdrHistogram } from './hdr-histogram.ts';
import { Histogram, histogramLength, RANGE_BITS_MAX, RANGE_BITS_MIN, samplesNeeded } from './histogram.ts';

// Not 0: there HdrHistogram gives the lower end of the bucket.
const PERCENTILES = [1, 25, 50, 75, 90, 95, 99, 99.9, 99.99, 100];

const RANGE_MICROS = 2 ** RANGE_BITS_MIN;

const values = fc.array(
  fc.oneof(
    fc.integer({ min: 1, max: 5000 }),
    fc.integer({ min: 1, max: RANGE_MICROS - 1 }),
    fc.constantFrom(1, 2047, 2048, 2049, 4095, 4096),
  ),
  { minLength: 1, maxLength: 400, size: 'max' },
);

function histogramOf(list: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of list) histogram.record(value);
  return histogram;
}

describe('the histogram', () => {
  it('gives the percentiles that HdrHistogram gives', () => {
    fc.assert(
      fc.property(values, (list) => {
        const hdr = build({
          lowestDiscernibleValue: 1,
          highestTrackableValue: RANGE_MICROS - 1,
          numberOfSignificantValueDigits: 3,
          useWebAssembly: false,
        });
        for (const value of list) hdr.recordValue(value);
        const histogram = histogramOf(list);
        for (const percent of PERCENTILES)
          assert.equal(histogram.percentile(percent), hdr.getValueAtPercentile(percent), `p${percent}`);
        assert.equal(histogram.count, hdr.totalCount);
      }),
    );
  });

  it('says the same after it was written in the exchange format and read again', () => {
    fc.assert(
      fc.property(values, (list) => {
        const histogram = histogramOf(list);
        const text = encodeIntoCompressedBase64(toHdrHistogram(histogram));
        for (const percent of PERCENTILES)
          assert.equal(compressedPercentile(text, percent), histogram.percentile(percent));
      }),
      { numRuns: 30 },
    );
  });

  it('merges and subtracts as if all had been recorded in one', () => {
    fc.assert(
      fc.property(values, values, (first, second) => {
        const merged = histogramOf(first);
        merged.merge(histogramOf(second));
        assert.deepEqual(merged.counts, histogramOf([...first, ...second]).counts);
        assert.deepEqual(merged.since(histogramOf(second)).counts, histogramOf(first).counts);
      }),
      { numRuns: 30 },
    );
  });

  it('counts what is out of range as such, and hides none of it', () => {
    const histogram = histogramOf([-5, 0, 10, RANGE_MICROS, 1e12]);
    assert.deepEqual([histogram.count, histogram.negativeCount, histogram.aboveRangeCount], [5, 1, 2]);
    assert.equal(histogram.max, RANGE_MICROS, 'the range stands for what is above it');
    assert.equal(histogram.min, 0);
    const inside = histogramOf([RANGE_MICROS - 1]);
    assert.equal(inside.max, RANGE_MICROS - 1, 'what is inside does not equal it');
  });

  it('gives the range for each percentile above it, and only for those', () => {
    const histogram = histogramOf(Array.from({ length: 1000 }, (_, n) => (n < 900 ? 5000 : 2 ** 40 + n)));
    assert.deepEqual(
      [50, 90, 90.1, 99, 100].map((percent) => histogram.percentile(percent)),
      [5003, 5003, RANGE_MICROS, RANGE_MICROS, RANGE_MICROS],
    );
  });

  it('tells values apart to three digits over any range', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: RANGE_BITS_MIN, max: RANGE_BITS_MAX }),
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        (bits, share) => {
          const histogram = Histogram.ofRange(bits);
          const value = Math.floor(share * 2 ** bits);
          histogram.record(value);
          assert.equal(histogram.counts.length, histogramLength(bits));
          assert.equal(histogram.aboveRangeCount, 0);
          assert.ok(histogram.min <= value && value <= histogram.max, `${histogram.min} ${value} ${histogram.max}`);
          assert.ok(histogram.max - histogram.min <= value / 1000, `${histogram.min} ${value} ${histogram.max}`);
        },
      ),
    );
  });

  it('gives no percentile with fewer than ten samples above it', () => {
    const histogram = histogramOf(Array.from({ length: 1000 }, (_, i) => i + 1));
    assert.equal(histogram.percentileOrNull(99), 990);
    assert.equal(histogram.percentileOrNull(99.5), null);
    assert.equal(new Histogram().percentileOrNull(50), null);
  });

  it('says how many samples a percentile needs, and gives it with exactly so many', () => {
    const needed = [50, 90, 95, 99, 99.9, 99.99, 99.999].map(samplesNeeded);
    assert.deepEqual(needed, [20, 100, 200, 1000, 10_000, 100_000, 1_000_000]);
    assert.equal(samplesNeeded(100), Number.POSITIVE_INFINITY);
    for (const percent of [50, 90, 95, 99, 99.9]) {
      const values = Array.from({ length: samplesNeeded(percent) }, () => 7);
      assert.equal(histogramOf(values).percentileOrNull(percent), 7);
      assert.equal(histogramOf(values.slice(1)).percentileOrNull(percent), null);
    }
  });
});

describe('a percentile curve', () => {
  const histogram = histogramOf(Array.from({ length: 2000 }, (_, i) => i + 1));
  const curve = percentileCurve(encodeIntoCompressedBase64(toHdrHistogram(histogram)), 10, 10);

  it('has equal steps from one nine to the next, from the minimum on', () => {
    assert.deepEqual(curve.at(0), { percent: 0, micros: 1 });
    assert.deepEqual(curve.at(10), { percent: 90, micros: 1800 });
    assert.deepEqual(curve.at(20), { percent: 99, micros: 1980 });
  });

  it('ends where fewer than ten samples are above it', () => {
    const last = curve.at(-1)?.percent ?? 0;
    assert.ok(2000 * (1 - last / 100) >= 10 && 2000 * (1 - last / 100) * 10 ** -0.1 < 10, `ends at ${last} %`);
    assert.deepEqual(percentileCurve(encodeIntoCompressedBase64(toHdrHistogram(histogramOf([1, 2, 3]))), 10, 10), []);
  });
});
