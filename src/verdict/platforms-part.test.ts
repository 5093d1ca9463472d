import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { platformsSchema } from '../result/sections/platforms-schema.ts';
import { scriptedPlan } from '../run/sides/scripted-sides.test-suite.ts';
import { Histogram } from '../stats/histogram.ts';
import { platformsPart } from './platforms-part.ts';
import type { PlatformLatencies } from './record/latencies.ts';
import type { RunRecord } from './record/run-record.ts';
import { type Snapshot, Window } from './record/window.ts';

const PLATFORMS =
  'platforms=[{name: A, share: 70%, heartbeat: 5s, session: none}, {name: B, share: 30%, heartbeat: 6s, session: none, minor: 0}]';
const KINDS = ['Held', 'Sessions', 'Pushes', 'Woken', 'Sent', 'Delivered'];
/** All differ, so that no two figures and no two platforms can change places. */
const COUNTERS = Object.fromEntries(
  [0, 1].flatMap((place) => KINDS.map((kind, n) => [`platform${kind}${place}`, 100 * (place + 1) + n])),
);
const SAMPLES = 100;

function histogramOf(micros: number, samples = SAMPLES): Histogram {
  const histogram = new Histogram();
  for (let n = 0; n < samples; n++) histogram.record(micros);
  return histogram;
}

const snapshot = (platformLatencies: PlatformLatencies[]): Snapshot =>
  ({ atMicros: 0, driver: {}, switch: {}, platformLatencies }) as unknown as Snapshot; // it reads nothing else

function recordOf(settings: readonly string[], window?: Window): RunRecord {
  const plan = scriptedPlan('phones.heartbeat=10m', ...settings);
  const measured = window === undefined ? null : { window };
  return { order: { plan }, counters: { driver: COUNTERS, switch: {} }, measured } as unknown as RunRecord; // likewise
}

describe('the section about platforms', () => {
  it('is empty without platforms', () => {
    assert.deepEqual(platformsPart(recordOf([])), []);
  });

  it('has what the phones of each did, by counters of their own, in the order of the scenario', () => {
    const part = platformsPart(recordOf([PLATFORMS]));
    assert.deepEqual(
      part.map(({ delivery: _, storedDelivery: __, ...figures }) => figures),
      [
        {
          ...{ name: 'A', share: 0.7, protocol: '1.1', connections: 100, sessions: 101, pushes: 102, woken: 103 },
          ...{ messagesSent: 104, messagesDelivered: 105 },
        },
        {
          ...{ name: 'B', share: 0.3, protocol: '1.0', connections: 200, sessions: 201, pushes: 202, woken: 203 },
          ...{ messagesSent: 204, messagesDelivered: 205 },
        },
      ],
    );
    assert.ok(platformsSchema.safeParse(part).success);
    assert.deepEqual(
      part.map(({ delivery }) => [delivery.count, delivery.p50Micros]),
      [
        [0, null],
        [0, null],
      ],
      'nothing was measured',
    );
  });

  it('has latencies of the measured time, of each platform and each kind', () => {
    const before = [10, 30].map((micros) => ({ delivery: histogramOf(micros, 5), storedDelivery: new Histogram() }));
    const after = [10, 30].map((micros) => {
      const [delivery, storedDelivery] = [histogramOf(micros, 5), histogramOf(micros * 100)];
      delivery.merge(histogramOf(micros * 10));
      return { delivery, storedDelivery };
    });
    const part = platformsPart(recordOf([PLATFORMS], new Window(snapshot(before), snapshot(after))));
    const figures = part.map(({ delivery, storedDelivery }) =>
      [delivery, storedDelivery].flatMap(({ count, minMicros, p50Micros }) => [count, minMicros, p50Micros]),
    );
    assert.deepEqual(figures, [
      [SAMPLES, 100, 100, SAMPLES, 1000, 1000],
      [SAMPLES, 300, 300, SAMPLES, 3000, 3001],
    ]);
  });
});
