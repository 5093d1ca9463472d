/**
 * The load against a server that stands still for a while: what was due meanwhile has waited, and its latency says so.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { currentEpochNanos, MonotonicClock } from '../../measure/monotonic-clock.ts';
import { Histogram } from '../../stats/histogram.ts';
import { NumberingPlan } from '../../wire/numbering-plan.ts';
import { HTTP_LOAD_COUNTERS, HttpLoadCounter } from './http-load-counters.ts';
import { PacedRequests } from './paced-requests.ts';

const RATE = 400;
const STALL_MILLIS = 300;
const FIRST = 447_700_000_000;

describe('requests by autocannon on our schedule', () => {
  const server = createServer();
  const bodies: { readonly to: string; readonly dueMicros: number }[] = [];
  let answersFrom = 0;
  server.on('request', (request, response) => {
    let text = '';
    request.on('data', (data) => {
      text += data;
    });
    request.on('end', async () => {
      const status = bodies.push(JSON.parse(text)) % 10 === 0 ? 503 : 201;
      await pause(Math.max(0, answersFrom - performance.now()));
      response.statusCode = status;
      response.end('{}');
    });
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  it('are due at their rate whatever the server does, and count from then on', async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo; // of a server over TCP
    const counters = new Float64Array(HTTP_LOAD_COUNTERS.length);
    const of = (name: keyof typeof HttpLoadCounter): number => counters[HttpLoadCounter[name]] ?? 0;
    const [latency, sendDelay] = [new Histogram(), new Histogram()];
    const clock = new MonotonicClock(currentEpochNanos());
    const settings = { token: 't', connections: 4, ratePerSecond: RATE, textBytes: 8, recipients: 10, seed: 1 };
    const load = new PacedRequests(
      { ...settings, url: `http://127.0.0.1:${port}/` },
      { plan: new NumberingPlan([{ first: FIRST, count: 20 }]), clock, counters, latency, sendDelay },
    );
    const startMicros = clock.nowMicros();
    load.start(startMicros);
    while (of('answers2xx') < 50) await pause(5);
    answersFrom = performance.now() + STALL_MILLIS;
    while (of('sent') < RATE) await pause(5);
    load.pause();
    const pausedFrom = clock.nowMicros();
    while (load.open > 0) await pause(5);
    const sentBefore = of('sent');
    await pause(50);
    assert.deepEqual([of('sent'), of('due') >= sentBefore], [sentBefore, true], 'nothing is sent in a pause');
    const pausedMicros = clock.nowMicros() - pausedFrom;
    load.resume(pausedMicros);
    while (of('sent') < sentBefore + 40) await pause(5);
    load.stop();
    while (load.open > 0) await pause(5);
    load.end();

    assert.equal(of('answers2xx') + of('answers5xx'), of('sent'));
    assert.deepEqual(
      [of('answersUnreadable'), of('answersRead')],
      [of('answers2xx'), 0],
      'this server names no message',
    );
    assert.equal(bodies.length, of('sent'));
    assert.equal(of('answers5xx'), Math.floor(of('sent') / 10), 'other answers are counted apart');
    assert.deepEqual([latency.count, sendDelay.count, of('errors'), of('open')], [of('sent'), of('sent'), 0, 0]);
    // The intended times are the schedule, without a gap where the server stood still.
    const dues = bodies.map(({ dueMicros }) => dueMicros).sort((a, b) => a - b);
    const paused = (n: number): number => (n < sentBefore ? 0 : pausedMicros);
    assert.ok(dues.every((due, n) => Math.abs(due - (startMicros + paused(n) + (n * 1e6) / RATE)) <= 1));
    // Half of what was due while it stood still has waited for at least half of that; a closed load would have 4 such.
    const waited = latency.count * (1 - shareBelow(latency, (STALL_MILLIS * 1000) / 2));
    assert.ok(waited >= (RATE * STALL_MILLIS) / 1000 / 2 - 5, `${waited}`);
    assert.ok(bodies.every(({ to }) => Number(to) >= FIRST && Number(to) < FIRST + 10));
  });
});

/** The share of values below a limit, found by the percentiles. */
function shareBelow(histogram: Histogram, micros: number): number {
  let percent = 0;
  while (percent < 100 && histogram.percentile(percent) < micros) percent += 0.5;
  return percent / 100;
}
