/**
 * The load against a server that stands still for a while: what was due meanwhile has waited, and its latency says so.
 * The clock moves only when the test says so, so a stall of this process changes no figure.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '../../base/clock.ts';
import { Histogram } from '../../stats/histogram.ts';
import { NumberingPlan } from '../../wire/numbering-plan.ts';
import { HTTP_LOAD_COUNTERS, HttpLoadCounter } from './http-load-counters.ts';
import { PacedRequests } from './paced-requests.ts';

const RATE = 400;
const GAP_MICROS = 1e6 / RATE;
const CONNECTIONS = 4;
const FIRST = 447_700_000_000;
/** How many requests are due while the server stands still. */
const STALL_REQUESTS = 120;
/** A request has waited for long if so many or more were due after it. */
const LONG_REQUESTS = 60;
const PAUSE_MICROS = 50_000;
/** So often the load looks whether something is due, in a pause. */
const LOOKS = 10;

class HandClock implements Clock {
  micros = 7e6;
  /** How often it was read. */
  looks = 0;

  nowMicros(): number {
    this.looks++;
    return this.micros;
  }

  tell(into: Float64Array): void {
    into[0] = this.micros;
  }
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await pause(1);
}

describe('requests by autocannon on our schedule', () => {
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 });
  const bodies: { readonly to: string; readonly dueMicros: number }[] = [];
  let isStill = false;
  const unanswered: (() => void)[] = [];
  server.on('request', (request, response) => {
    let text = '';
    request.on('data', (data) => {
      text += data;
    });
    request.on('end', () => {
      const status = bodies.push(JSON.parse(text)) % 10 === 0 ? 503 : 201;
      const answer = (): void => {
        response.statusCode = status;
        response.end('{}');
      };
      if (isStill) unanswered.push(answer);
      else answer();
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
    const clock = new HandClock();
    const settings = {
      token: 't',
      connections: CONNECTIONS,
      ratePerSecond: RATE,
      textBytes: 8,
      recipients: 10,
      seed: 1,
    };
    const load = new PacedRequests(
      { ...settings, url: `http://127.0.0.1:${port}/` },
      { plan: new NumberingPlan([{ first: FIRST, count: 20 }]), clock, counters, latency, sendDelay },
    );
    const startMicros = clock.micros;
    const isSent = (): boolean => of('sent') === of('due') && load.open === 0;
    let due = 1;
    /** The time passes until so many more are due, each of which is sent where a connection is free. */
    const passes = async (requests: number): Promise<void> => {
      for (let n = 0; n < requests; n++) {
        clock.micros += GAP_MICROS;
        due++;
        await until(() => of('due') === due && (isStill ? load.open === Math.min(CONNECTIONS, n + 1) : isSent()));
      }
    };
    load.start(startMicros);
    await until(() => of('due') === 1 && isSent());
    await passes(59);
    assert.deepEqual([of('sent'), latency.max, sendDelay.max], [60, 0, 0]);

    isStill = true;
    await passes(STALL_REQUESTS);
    assert.deepEqual([of('due'), of('sent')], [60 + STALL_REQUESTS, 60 + CONNECTIONS]);
    isStill = false;
    for (const answer of unanswered.splice(0)) answer();
    await until(isSent);
    assert.equal(of('sent'), 60 + STALL_REQUESTS);
    const longMicros = (LONG_REQUESTS - 0.5) * GAP_MICROS;
    assert.equal(countAbove(latency, longMicros), STALL_REQUESTS - LONG_REQUESTS, 'a closed load would have 4 such');
    assert.equal(
      countAbove(sendDelay, longMicros),
      STALL_REQUESTS - LONG_REQUESTS - CONNECTIONS,
      'sent while it stood',
    );

    await passes(RATE - of('sent'));
    load.pause();
    clock.micros += PAUSE_MICROS;
    const looksBefore = clock.looks;
    await until(() => clock.looks >= looksBefore + LOOKS);
    assert.deepEqual([of('sent'), of('due')], [RATE, RATE], 'nothing is due, or sent, in a pause');
    load.resume(PAUSE_MICROS);
    await passes(40);
    load.stop();
    load.end();

    assert.equal(of('answers2xx') + of('answers5xx'), of('sent'));
    assert.deepEqual(
      [of('answersUnreadable'), of('answersRead')],
      [of('answers2xx'), 0],
      'this server names no message',
    );
    assert.deepEqual([bodies.length, of('sent')], [RATE + 40, RATE + 40]);
    assert.equal(of('answers5xx'), Math.floor(of('sent') / 10), 'other answers are counted apart');
    assert.deepEqual([latency.count, sendDelay.count, of('errors'), of('open')], [of('sent'), of('sent'), 0, 0]);
    // The intended times are the schedule, without a gap where the server stood still.
    const dues = bodies.map(({ dueMicros }) => dueMicros).sort((a, b) => a - b);
    assert.deepEqual(
      dues,
      dues.map((_, n) => startMicros + (n < RATE ? 0 : PAUSE_MICROS) + n * GAP_MICROS),
    );
    assert.ok(bodies.every(({ to }) => Number(to) >= FIRST && Number(to) < FIRST + 10));
  });
});

function countAbove(histogram: Histogram, limitMicros: number): number {
  let above = 0;
  histogram.forEach((micros, count) => {
    if (micros > limitMicros) above += count;
  });
  return above;
}
