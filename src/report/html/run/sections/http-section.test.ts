import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { madeResult } from '../../../../analysis/comparison/made-results.test-suite.ts';
import type { Result } from '../../../../result/result-schema.ts';
import type { LatencySummary } from '../../../../result/sections/latency-schema.ts';
import { httpLines } from '../../../run/lines/http-lines.ts';
import { runtimeParts } from '../../../run/lines/processor-lines.ts';
import { latencyPlot } from '../latency-plot.ts';
import { httpSection } from './http-section.ts';

const made = madeResult();
const latency = (p50Micros: number, p99Micros: number, p999Micros: number | null = null): LatencySummary => ({
  ...made.latency.delivery,
  count: 60_000,
  p50Micros,
  p99Micros,
  p999Micros,
  maxMicros: 3 * p99Micros,
  rangeMicros: 1e7,
  histogram: null,
});

const result: Result = {
  ...made,
  latency: { ...made.latency, http: latency(900, 12_300), delivery: latency(700, 9_100) },
  http: {
    requests: 75_012,
    due: 75_010,
    answers2xx: 75_000,
    answers4xx: 7,
    answers5xx: 3,
    errors: 2,
    connections: 64,
    intendedPerSecond: 5000,
    reachedPerSecond: 4990,
    correction: 'intended time',
    sendDelay: latency(40, 1_500),
  },
};

/** Cells of the row that begins with these words. */
function rowOf(html: string, words: string): string[] {
  const row = html.split('<tr>').find((one) => one.includes(`>${words}<`)) ?? '';
  return [...row.matchAll(/<td[^>]*>(.*?)<\/td>/g)].map(([, cell = '']) => cell.replace(/<[^>]*>/g, ''));
}

describe('the HTTP section of a page', () => {
  it('goes with a runtime that has the HTTP threads in it, and says so only then', () => {
    const words = /thread(s?) of the HTTP side/;
    assert.deepEqual(
      [runtimeParts(result), runtimeParts(made)].map((one) => words.exec(one)?.[1]),
      ['s', undefined],
    );
    const sockets = { ...result, scenario: { ...result.scenario, isSimulated: false } };
    assert.match(runtimeParts(sockets), /, thread of the HTTP side$/);
  });

  it('is left out without an HTTP load', () => {
    assert.deepEqual(httpSection({ ...result, http: null }), []);
  });

  it('shows the load, and latencies of HTTP and of phones in rows below each other', () => {
    const [section] = httpSection(result);
    const html = section?.html.text ?? '';
    assert.deepEqual(rowOf(html, 'intended'), ['5.00k/s']);
    assert.deepEqual(rowOf(html, 'answered with ✓'), ['4.99k/s']);
    assert.deepEqual(rowOf(html, '2xx, 4xx, 5xx, errors'), ['75,000, 7, 3, 2']);
    assert.deepEqual(rowOf(html, 'HTTP request until its answer'), ['900 µs', '12.3 ms', '–', '36.9 ms']);
    assert.deepEqual(rowOf(html, 'of this, until the request was sent'), ['40.0 µs', '1.50 ms', '–', '4.50 ms']);
    assert.deepEqual(rowOf(html, 'message until it is delivered to a phone'), ['700 µs', '9.10 ms', '–', '27.3 ms']);
  });

  it('has the same figures in the text', () => {
    const [rates = '', requests = '', late = ''] = httpLines(result);
    assert.match(rates, /^4\.99k sends\/s answered with ✓ of 5\.00k intended, 64 connections$/);
    assert.equal(requests, '75,012 requests: 75,000 2xx, 7 4xx, 3 5xx, 2 errors');
    assert.match(late, /requests were sent late by 1\.50 ms \(p99\)$/);
    assert.deepEqual(httpLines(made), []);
  });

  it('has its curve among the latencies only if there was an HTTP load', () => {
    assert.match(latencyPlot(result).text, /line-7"><\/span>HTTP answer/);
    assert.doesNotMatch(latencyPlot(made).text, /HTTP answer/);
  });
});
