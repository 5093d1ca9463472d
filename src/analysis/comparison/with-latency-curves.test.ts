import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import type { Result } from '../../result/result-schema.ts';
import { toHdrHistogram } from '../../stats/hdr-histogram.ts';
import { Histogram } from '../../stats/histogram.ts';
import { comparePairs } from './compare-pairs.ts';
import { madeResult } from './made-results.test-suite.ts';
import { CURVE_PERCENTS, withLatencyCurves } from './with-latency-curves.ts';

function resultWith(values: readonly number[], tripped?: string): Result {
  const made = madeResult(tripped === undefined ? {} : { tripped });
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  const text = encodeIntoCompressedBase64(toHdrHistogram(histogram));
  return { ...made, latency: { ...made.latency, delivery: { ...made.latency.delivery, histogram: text } } };
}

/** 1 to 1,000 µs, times a factor. */
const values = (factor: number): number[] => Array.from({ length: 1000 }, (_, i) => (i + 1) * factor);
const curvesOf = (pairs: { base: Result; candidate: Result }[]) =>
  withLatencyCurves(comparePairs(pairs), pairs).latencyCurves;

describe('the latency curves of a comparison', () => {
  it('are the percentiles of all valid runs of a side together', () => {
    const pairs = [
      { base: resultWith(values(1)), candidate: resultWith(values(2)) },
      { base: resultWith(values(1).map((value) => value + 1000)), candidate: resultWith(values(2)) },
      { base: resultWith(values(90)), candidate: resultWith(values(90), 'steady') },
    ];
    const [curve, ...others] = curvesOf(pairs);
    assert.deepEqual(others, [], 'no other latency has a histogram');
    assert.deepEqual([curve?.latency, curve?.baseCount, curve?.candidateCount], ['delivery', 2000, 2000]);
    const at = CURVE_PERCENTS.indexOf(90);
    assert.equal(curve?.percents[at], 90);
    assert.ok(Math.abs((curve?.baseMicros[at] ?? 0) - 1800) <= 2, String(curve?.baseMicros[at]));
    assert.ok(Math.abs((curve?.candidateMicros[at] ?? 0) - 1800) <= 2, 'the run of the dropped pair is not in it');
  });

  it('end where fewer than ten samples are above a percentile', () => {
    const [curve] = curvesOf([{ base: resultWith(values(1)), candidate: resultWith(values(1).slice(0, 100)) }]);
    assert.equal(curve?.percents.at(-1), 99, 'of a thousand samples');
    assert.equal(curve?.candidateMicros.findLast((micros) => micros !== null) !== undefined, true);
    const last = curve?.percents[curve.candidateMicros.findLastIndex((micros) => micros !== null)];
    assert.equal(last, 90, 'of a hundred');
    assert.equal(curve?.percents.length, curve?.candidateMicros.length);
  });

  it('have no figure above the range of the histograms', () => {
    const beyond = [...values(1), ...Array.from({ length: 1000 }, () => 2 ** 40)];
    const [curve] = curvesOf([{ base: resultWith(beyond), candidate: resultWith(values(1)) }]);
    assert.equal(curve?.baseMicros[CURVE_PERCENTS.indexOf(90)], null);
    assert.notEqual(curve?.baseMicros[0], null);
  });

  it('do not exist for results without histograms', () => {
    assert.deepEqual(curvesOf([{ base: madeResult(), candidate: madeResult() }]), []);
  });
});
