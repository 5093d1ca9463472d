/** The figures of storms: times until shares of the dropped phones were back, against sorting the times by hand. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { StormCounts } from '../driver/storms/storm-tally.ts';
import type { StormResult } from '../result/sections/storms-schema.ts';
import { parseScenario } from '../scenario/scenario.ts';
import { Histogram } from '../stats/histogram.ts';
import { stormsPart } from './storms-part.ts';

const { settings } = parseScenario(
  `name: one
description: one
phones: {count: 100, offline: 0%, heartbeat: none, session: none}
login: {rate: 100}
traffic: {rate: 100, payload: 64B}
storms: [{at: 2s, share: 50%}]
`,
  'one.yaml',
);

const histogramOf = (micros: readonly number[]): Uint32Array => {
  const histogram = new Histogram();
  for (const one of micros) histogram.record(one);
  return histogram.counts;
};
function stormOf(counts: Partial<StormCounts>, marks: Parameters<typeof stormsPart>[2] = []): StormResult {
  const sums = { dropped: 0, givenUp: 0, riddenOut: 0, deferred: 0, loginsRefused: 0, messagesRejected: 0 };
  const none = { ...sums, logins: new Uint32Array(5) };
  const empty = { restored: histogramOf([]), before: histogramOf([]), stayed: histogramOf([]) };
  const [storm, ...others] = stormsPart(settings, [{ ...none, ...empty, ...counts }], marks);
  assert.ok(storm !== undefined && others.length === 0);
  return storm;
}

describe('the figures of a storm', () => {
  it('are times at which so many of all dropped phones were back, also of those that never came', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1000, max: 60_000_000 }), { minLength: 1, maxLength: 300 }),
        fc.nat(50),
        (micros, missing) => {
          const dropped = micros.length + missing;
          const storm = stormOf({ dropped, restored: histogramOf(micros) });
          const sorted = [...micros].sort((a, b) => a - b);
          const shares = [
            [50, storm.restored50Seconds],
            [90, storm.restored90Seconds],
            [99, storm.restored99Seconds],
            [99.9, storm.restored999Seconds],
          ] as const;
          for (const [percent, seconds] of shares) {
            const needed = Math.max(1, Math.ceil((percent / 100) * dropped));
            const wanted = sorted[needed - 1];
            if (wanted === undefined) {
              assert.equal(seconds, null, `${percent} % of ${dropped} were not back`);
              continue;
            }
            assert.ok(Math.abs((seconds ?? 0) - wanted / 1e6) <= (wanted / 1e6) * 0.02, `${percent} %: ${seconds} s`);
          }
          assert.equal(storm.restored, micros.length);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('have the highest rate of logins, and bins up to the last one with a login', () => {
    const storm = stormOf({ logins: Uint32Array.from([0, 12, 3, 0, 7, 0, 0]) });
    assert.deepEqual([storm.peakLoginsPerSecond, storm.logins, storm.binSeconds], [120, [0, 12, 3, 0, 7], 0.1]);
    const quiet = stormOf({ logins: new Uint32Array(4) });
    assert.deepEqual([quiet.peakLoginsPerSecond, quiet.logins], [0, []]);
  });

  it('say what was refused and what was deferred, each for itself', () => {
    const { deferred, loginsRefused, messagesRejected } = stormOf({
      deferred: 3,
      loginsRefused: 5,
      messagesRejected: 7,
    });
    assert.deepEqual([deferred, loginsRefused, messagesRejected], [3, 5, 7]);
  });

  it('begin where the storm was seen to, or where it was declared', () => {
    assert.equal(stormOf({}).atSeconds, 2);
    const mark = (name: string, atMicros: number) => ({ name, atMicros, detail: '' });
    const marks = [mark('event', 1e6), mark('storm', 12.5e6)] as unknown as Parameters<typeof stormsPart>[2];
    assert.equal(stormOf({}, marks).atSeconds, 12.5);
    assert.equal(stormOf({}).outageSeconds, null, 'a storm is no outage');
  });

  it('have no latency of too few deliveries, and are none for a storm that the scenario does not declare', () => {
    const { deliveriesBefore, deliveriesStayed } = stormOf({
      before: histogramOf([900]),
      stayed: histogramOf(Array(2000).fill(5000)),
    });
    assert.deepEqual([deliveriesBefore.count, deliveriesBefore.p99Micros], [1, null]);
    assert.equal(deliveriesStayed.count, 2000);
    assert.ok(Math.abs((deliveriesStayed.p99Micros ?? 0) - 5000) < 100);
    assert.deepEqual(stormsPart({ ...settings, storms: [] }, [], []), []);
  });
});
