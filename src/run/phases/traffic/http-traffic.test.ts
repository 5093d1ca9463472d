/** Real switches and phones, with messages by HTTP among those of phones: none is lost, over each kind of transport. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { currentEpochNanos } from '../../../measure/monotonic-clock.ts';
import { ProcessSides } from '../../sides/process-sides.ts';
import type { RunSides } from '../../sides/run-sides.ts';
import { RunThreads } from '../../sides/run-threads.ts';
import { eventually, logIn, smallPlan } from '../../sides/small-run.test-suite.ts';
import { RunControl } from '../control/run-control.ts';
import { drain } from './drain.ts';
import { HttpTraffic } from './http-traffic.ts';
import { startTraffic } from './measure-traffic.ts';

const WANTED = 60;
const DRAIN_MICROS = 30e6;

function sidesOver(transport: string): RunSides {
  const plan = smallPlan(
    `transport=${transport}`,
    'traffic.rate=200',
    'http.port=0',
    'http.load.rate=200/s',
    'http.load.connections=8',
  );
  return plan.sockets === null
    ? new RunThreads(plan, { side: 'both', isCalibration: false, epochNanos: currentEpochNanos() })
    : new ProcessSides(plan, { isCalibration: false, targets: null });
}

describe('the HTTP load of a run', () => {
  for (const transport of ['memory', 'tcp', 'ws']) {
    it(`takes part in the balance of messages over ${transport}`, async (test) => {
      const sides = sidesOver(transport);
      test.after(() => sides.stop());
      await sides.start();
      await logIn(sides);
      const http = new HttpTraffic(sides);
      test.after(() => http.end());
      const startMicros = await startTraffic(sides);
      http.start(startMicros);
      http.begin();
      await eventually(async () => {
        await sides.refresh('counters');
        return (http.window()?.answers2xx ?? 0) >= WANTED && sides.driver('receipts') >= WANTED;
      });
      await http.stop();
      const window = http.window();
      const integrity = await drain(
        sides,
        new RunControl(new AbortController().signal, sides.failure),
        DRAIN_MICROS,
        true,
      );
      assert.deepEqual(
        { ...integrity, findings: [] },
        { ...integrity, findings: [], isSound: true, lost: 0, unanswered: 0, corrupted: 0, digestsMatch: true },
      );
      assert.ok(window !== null);
      assert.deepEqual([window.answers4xx, window.answers5xx, window.errors], [0, 0, 0]);
      assert.equal(window.latency.count, window.answers2xx);
      assert.ok(window.latency.min >= window.sendDelay.min && window.due >= window.sent);
      const acknowledged = sides.gateway('messagesAcknowledged');
      assert.ok(acknowledged >= window.answers2xx, 'each answer came after its ✓');
      assert.equal(integrity.sent, sides.driver('messagesSent') + acknowledged);
      assert.deepEqual(
        http.guards().map(({ name, verdict, figure }) => [name, verdict, figure]),
        [['HTTP answers', 'ok', 0]],
        'the answers name the messages that phones received',
      );
      assert.equal(integrity.delivered, integrity.sent, 'all phones are online');
      assert.ok(sides.threads.some(({ name, role }) => name === 'gateway-0' && role === 'gateway'));
    });
  }
});
