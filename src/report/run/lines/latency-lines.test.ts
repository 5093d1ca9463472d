import assert from 'node:assert/strict';
import { it } from 'node:test';
import { madeResult } from '../../../analysis/comparison/made-results.test-suite.ts';
import type { Result } from '../../../result/result-schema.ts';
import type { LatencySummary } from '../../../result/sections/latency-schema.ts';
import { PLAIN } from '../../text/palette.ts';
import { summarize } from '../summarize.ts';
import { summaryMarkdown } from '../summary-markdown.ts';
import { latencyLines } from './latency-lines.ts';

const RANGE_MICROS = 2 ** 28;

function resultWith(changes: Partial<Record<keyof Result['latency'], Partial<LatencySummary>>>): Result {
  const made = madeResult();
  const latency = Object.entries(made.latency).map(([name, summary]) => [
    name,
    { ...summary, ...changes[name as keyof Result['latency']] }, // its own names
  ]);
  return { ...made, latency: Object.fromEntries(latency) };
}

const ABOVE = resultWith({
  storedDelivery: { count: 5_000_000, p99Micros: RANGE_MICROS, maxMicros: RANGE_MICROS, aboveRangeCount: 267_291 },
  sendDelay: { p50Micros: 62, p99Micros: 140 },
});

it('keeps stored deliveries apart, and says what the driver adds', () => {
  const text = latencyLines(ABOVE).join('\n');
  assert.match(text, /send delay +62\.0 µs/);
  assert.match(text, /delivered +500 µs/);
  assert.match(text, /delivered, stored +500 µs/);
  assert.match(text, /the driver's own part of each latency is the send delay, p50 62\.0 µs, p99 140 µs/);
  const none = latencyLines(resultWith({ storedDelivery: { count: 0 } })).join('\n');
  assert.doesNotMatch(none, /stored/);
});

it('prints a latency above its range as more than that, and how many were', () => {
  assert.match(latencyLines(ABOVE).join('\n'), /delivered, stored .*>268 s .*>268 s/);
  for (const text of [summarize(ABOVE, null, PLAIN), summaryMarkdown(ABOVE)]) {
    assert.match(text, /delivered, stored: 267,291 of 5,000,000 took more than 268 s, the range of this run/);
  }
  assert.match(summaryMarkdown(ABOVE), /latency\.storedDelivery p\(99\) \| &gt;268 s/);
});
