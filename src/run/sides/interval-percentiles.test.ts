import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Histogram, RANGE_BITS_MIN } from '../../stats/histogram.ts';
import { IntervalPercentiles } from './interval-percentiles.ts';

describe('the percentiles of an interval', () => {
  it('are those of what was recorded in it, in any of the histograms', () => {
    const value = fc.record({ source: fc.nat(2), micros: fc.nat(5e6) });
    const interval = fc.array(value, { maxLength: 60, size: 'max' });
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 6 }), (intervals) => {
        const sources = Array.from({ length: 3 }, () => Histogram.ofRange(RANGE_BITS_MIN));
        const percentiles = new IntervalPercentiles(sources, RANGE_BITS_MIN);
        for (const values of intervals) {
          const alone = Histogram.ofRange(RANGE_BITS_MIN);
          for (const { source, micros } of values) {
            sources[source]?.record(micros);
            alone.record(micros);
          }
          assert.deepEqual(percentiles.next([25, 50]), [alone.percentileOrNull(25), alone.percentileOrNull(50)]);
        }
      }),
      { numRuns: 30 },
    );
  });
});
