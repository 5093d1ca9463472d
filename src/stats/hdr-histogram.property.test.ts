/** Histograms that leave the program in HdrHistogram's form say the same as those that stay. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import { compressedPercentile, mergedPercentiles, percentileCurve, toHdrHistogram } from './hdr-histogram.ts';
import { Histogram } from './histogram.ts';

const micros = fc.oneof(
  fc.integer({ min: 1, max: 3000 }),
  fc.integer({ min: 1, max: 2 ** 22 }),
  fc.integer({ min: 2 ** 27, max: 2 ** 28 - 1 }),
);
const values = fc.array(micros, { minLength: 1, maxLength: 200 });
const percents = [0.1, 25, 50, 90, 99, 99.9, 100];

function histogramOf(some: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of some) histogram.record(value);
  return histogram;
}

const compressed = (some: readonly number[]): string => encodeIntoCompressedBase64(toHdrHistogram(histogramOf(some)));

describe("HdrHistogram's form of a histogram", () => {
  it('has the same count, and the same percentiles', () => {
    fc.assert(
      fc.property(values, (some) => {
        const histogram = histogramOf(some);
        const text = compressed(some);
        assert.equal(toHdrHistogram(histogram).totalCount, some.length);
        for (const percent of percents) {
          assert.equal(compressedPercentile(text, percent), histogram.percentile(percent), `p${percent}`);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('merges: the percentiles of several are those of all their values together', () => {
    fc.assert(
      fc.property(fc.array(values, { minLength: 1, maxLength: 4 }), (several) => {
        const all = several.flat();
        const together = histogramOf(all);
        const merged = mergedPercentiles(several.map(compressed), [50, 90]);
        assert.equal(merged.count, all.length);
        const expected = [50, 90].map((percent) => together.percentileOrNull(percent));
        assert.deepEqual(merged.percentiles, expected, 'a percentile with fewer than ten samples above it is none');
      }),
      { numRuns: 50 },
    );
    assert.deepEqual(mergedPercentiles([], [50]), { percentiles: [null], count: 0 });
  });

  it('has a curve that rises from the minimum, and ends where too few samples are above', () => {
    fc.assert(
      fc.property(values, fc.constantFrom(1, 3, 10), (some, perDecade) => {
        const curve = percentileCurve(compressed(some), perDecade, 10);
        assert.equal(curve.length === 0, some.length < 10);
        curve.forEach(({ percent, micros: at }, n) => {
          assert.ok(some.length * (1 - percent / 100) >= 10 - 1e-6, `${percent} of ${some.length}`);
          assert.ok(n === 0 || at >= (curve[n - 1]?.micros ?? Infinity), 'it never falls');
          const atOrBelow = some.filter((value) => value <= at).length;
          assert.ok(atOrBelow >= Math.floor((percent / 100) * some.length + 1e-9), `${at} is at least that percentile`);
        });
        const next = 100 * (1 - 10 ** (-curve.length / perDecade));
        assert.ok(some.length * (1 - next / 100) < 10, 'the next point would have too few');
      }),
      { numRuns: 50 },
    );
  });

  it('has the range in place of a value above it, so that it is not lost', () => {
    const histogram = histogramOf([5]);
    histogram.record(histogram.rangeMicros * 4);
    assert.equal(toHdrHistogram(histogram).totalCount, 2);
    assert.ok(toHdrHistogram(histogram).maxValue >= histogram.rangeMicros);
  });
});
