import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseScenario } from '../scenario/scenario.ts';
import { Histogram } from '../stats/histogram.ts';
import { overloadPart } from './overload-part.ts';
import { eachLatency } from './record/latencies.ts';
import type { RunRecord } from './record/run-record.ts';
import { ShedTimes } from './record/shed-times.ts';
import { type Snapshot, Window } from './record/window.ts';

const SCENARIO = `
name: one
description: one
phones: {count: 100, offline: 0%, heartbeat: none, session: none}
login: {rate: 100}
traffic: {rate: 100, payload: 64B, deliverWithin: 500ms}
`;

function histogram(micros: readonly number[]): Histogram {
  const made = new Histogram();
  for (const one of micros) made.record(one);
  return made;
}

function snapshot(atMicros: number, driver: Record<string, number>, delivery: Histogram, stored: Histogram): Snapshot {
  const latencies = eachLatency((name) => {
    if (name === 'delivery') return delivery;
    return name === 'storedDelivery' ? stored : new Histogram();
  });
  return { atMicros, driver, switch: {}, latencies } as unknown as Snapshot; // it reads nothing else
}

/** Two seconds in which 100 messages were due. */
const WINDOW = new Window(
  snapshot(0, {}, new Histogram(), new Histogram()),
  snapshot(
    2e6,
    { messagesSent: 90, messagesBacklog: 10, rejectedOverloaded: 30 },
    histogram([1000, 400_000, 600_000]),
    histogram([3000, 2e6]),
  ),
);

function recordOf(settings: readonly string[], measured = true): RunRecord {
  const shed = new ShedTimes();
  const counts = [0, 0, 4, 4, 9];
  for (const [at, count] of counts.entries())
    shed.interval(at, at + 1, (name) => (name === 'rejectedOverloaded' ? count : 0));
  return {
    order: { plan: { settings: parseScenario(SCENARIO, 'one.yaml', settings).settings } },
    measured: measured ? { window: WINDOW, intervals: [] } : null,
    counters: { switch: { rejectedOverloaded: 9, shedMessagesMicros: 1_500_000, presenceShed: 2 } },
    series: { intervals: [], events: [], peakHeld: 0, peakQueued: 0, peakUnanswered: 0, shedTimes: shed.times },
  } as unknown as RunRecord; // it reads nothing else
}

describe('the section of a result about overload', () => {
  it('counts as goodput what was delivered in time, to phones online and to those that came back', () => {
    const part = overloadPart(recordOf(['switch.admission.delay=50ms', 'switch.workPerMessage=200us']));
    assert.ok(part !== null);
    assert.deepEqual(
      [part.offeredPerSecond, part.goodputPerSecond, part.refusedPerSecond],
      [50, 1.5, 15],
      'per second of the window',
    );
    assert.deepEqual([part.delayMicros, part.workMicrosPerMessage, part.withinMicros], [50_000, 200, 500_000]);
  });

  it('says what was shed in its order, how long, and from when to when', () => {
    const shed = overloadPart(recordOf(['switch.admission.delay=50ms']))?.shed ?? [];
    assert.deepEqual(
      shed.map(({ kind }) => kind),
      ['presence', 'typing', 'readReceipts', 'logins', 'messages'],
    );
    assert.deepEqual(shed.at(-1), {
      kind: 'messages',
      count: 9,
      shardSeconds: 1.5,
      firstSeconds: 2,
      lastSeconds: 5,
    });
    assert.deepEqual(shed[1], { kind: 'typing', count: 0, shardSeconds: 0, firstSeconds: null, lastSeconds: null });
  });

  it('is there with work per message alone, and without a measurement has no rates', () => {
    const part = overloadPart(recordOf(['switch.workPerMessage=200us'], false));
    assert.deepEqual([part?.delayMicros, part?.goodputPerSecond, part?.offeredPerSecond], [null, null, null]);
    assert.equal(overloadPart(recordOf([])), null);
  });
});
