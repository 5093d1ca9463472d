import assert from 'node:assert/strict';
import { it } from 'node:test';
import { madeResult } from '../analysis/comparison/made-results.test-suite.ts';
import { parseThreshold } from '../scenario/threshold.ts';
import { Histogram } from '../stats/histogram.ts';
import { judgeThresholds } from './judge-thresholds.ts';
import { latencySummary } from './latency-summary.ts';

const RANGE_MICROS = new Histogram().rangeMicros;

/** A result whose deliveries took 5 ms, but for a share that took longer than the range of the histogram. */
function resultWith(aboveShare: number) {
  const histogram = new Histogram();
  for (let n = 0; n < 2000; n++) histogram.record(n < 2000 * aboveShare ? 1e12 : 5000);
  const made = madeResult();
  return { ...made, latency: { ...made.latency, delivery: latencySummary(histogram) } };
}

it('judges a latency above its range by what it is more than, and only by that', () => {
  const judged = (expression: string) => {
    const [one] = judgeThresholds([parseThreshold('latency.delivery', expression)], resultWith(0.2));
    return [one?.figure, one?.isMore, one?.passed];
  };
  assert.deepEqual(judged('p(99)<5s'), [RANGE_MICROS, true, false]);
  assert.deepEqual(judged('p(99)>5s'), [RANGE_MICROS, true, true]);
  assert.deepEqual(judged('p(97.5)<5s'), [RANGE_MICROS, true, false], 'also where the result keeps no such percentile');
  assert.deepEqual(judged('max<5s'), [RANGE_MICROS, true, false]);
  assert.deepEqual(
    judged('p(99)<1h'),
    [null, false, false],
    'whether more than 268 s is less than an hour is not known',
  );
  assert.deepEqual(judged('med<6ms'), [5003, false, true]);
  const mean = judged('avg<1s');
  assert.deepEqual(mean.slice(1), [true, false]);
  assert.ok(typeof mean[0] === 'number' && mean[0] > RANGE_MICROS / 6, `${mean[0]}`);
});

it('has no percentile with fewer than ten samples above it', () => {
  const result = resultWith(0);
  const figures = ['p(50)<1s', 'p(99.4)<1s', 'p(99.9)<1s', 'p(99.99)<1s'].map(
    (expression) => judgeThresholds([parseThreshold('latency.delivery', expression)], result)[0]?.figure,
  );
  assert.deepEqual(figures, [5003, 5003, null, null]);
});

it('says how many samples a percentile needs, and how many there were', () => {
  const reason = (expression: string) =>
    judgeThresholds([parseThreshold('latency.delivery', expression)], resultWith(0))[0]?.reason;
  assert.equal(reason('p(99.9)<1s'), 'too few samples: 2,000 of the 10,000 that p(99.9) needs');
  assert.equal(reason('p(99.99)<1s'), 'too few samples: 2,000 of the 100,000 that p(99.99) needs');
  assert.equal(reason('p(100)<1s'), 'no number of samples is enough for p(100): use max');
  assert.deepEqual([reason('p(99)<1s'), reason('max<1s')], [null, null]);
});
