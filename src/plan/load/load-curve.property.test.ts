import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Curve, LoadEvent } from '../../scenario/keys/load-keys.ts';
import { parseScenario } from '../../scenario/scenario.ts';
import { declaredDisturbances } from '../../verdict/record/declared-disturbances.ts';
import {
  churnByZone,
  churnTime,
  curveLevel,
  type DayZone,
  eventFactor,
  loadArrivals,
  loadByZone,
} from './load-curve.ts';

const TIMES = `
name: times
description: A load that changes
phones: { count: 100k, offline: 0, heartbeat: 60s, session: none }
login: { rate: 10k }
traffic: { rate: 1000, payload: 64B }
phases: { settle: 5s, measure: 60s, drain: 5s }
`;
const BASE = parseScenario(TIMES, 'times.yaml').settings;
const MEASURE_AT = 5e6;
const FLAT: Curve = { hours: [], day: 86_400e6, start: 0 };

const hours = fc.array(fc.double({ min: 0.05, max: 1, noNaN: true }), { minLength: 24, maxLength: 24 });
const curve = fc.record({
  hours,
  day: fc.integer({ min: 10, max: 3600 }).map((seconds) => seconds * 1e6),
  start: fc.integer({ min: 0, max: 24 * 60 }).map((minutes) => minutes * 60e6),
});
const EVENT = {
  name: fc.constant('goal'),
  at: fc.integer({ min: 0, max: 50_000 }).map((millis) => millis * 1000),
  rise: fc.integer({ min: 0, max: 5000 }).map((millis) => millis * 1000),
  duration: fc.integer({ min: 10, max: 20_000 }).map((millis) => millis * 1000),
  messages: fc.double({ min: -1, max: 3, noNaN: true }),
};
const event: fc.Arbitrary<LoadEvent> = fc.record({ ...EVENT, countries: fc.constant([]) });

/** The rate that a reader of the documentation would compute, per second. */
function rateOf(
  settings: { curve: Curve; events: readonly LoadEvent[] },
  zones: readonly DayZone[],
  micros: number,
): number {
  const measured = Math.max(0, micros - MEASURE_AT);
  const hour = (zone: DayZone): number =>
    settings.curve.start / 3600e6 + zone.offsetHours + (measured / settings.curve.day) * 24;
  const level = (zone: DayZone): number => {
    if (settings.curve.hours.length === 0) return 1;
    const h = ((hour(zone) % 24) + 24) % 24;
    const [before, after] = [
      settings.curve.hours[Math.floor(h)] ?? 0,
      settings.curve.hours[(Math.floor(h) + 1) % 24] ?? 0,
    ];
    return before + (after - before) * (h % 1);
  };
  let rate = 1000 * zones.reduce((sum, zone) => sum + zone.share * level(zone), 0);
  for (const { at, rise, duration, messages } of settings.events) {
    const since = measured - at;
    const slope = Math.min(rise, duration / 2);
    if (since <= 0 || since >= duration) continue;
    const height = slope === 0 ? 1 : Math.min(1, since / slope, (duration - since) / slope);
    rate *= 1 + messages * height;
  }
  return rate;
}

describe('the rate of messages over time', () => {
  it('is that of the scenario, times the level of the day in each zone, times each event', () => {
    const zones = fc.constantFrom<readonly DayZone[]>(
      [{ share: 1, offsetHours: 0 }],
      [
        { share: 0.5, offsetHours: -3 },
        { share: 0.3, offsetHours: 1 },
        { share: 0.2, offsetHours: 5.5 },
      ],
    );
    fc.assert(
      fc.property(curve, fc.array(event, { maxLength: 3 }), zones, (day, events, inZones) => {
        const settings = { ...BASE, curve: day, events };
        const arrivals = loadArrivals(settings, inZones);
        // Counts, because a rate may jump: the area under the reader's curve, in steps of 10 ms.
        for (const [from, to] of [
          [0, MEASURE_AT],
          [MEASURE_AT, MEASURE_AT + 20e6],
          [MEASURE_AT + 20e6, MEASURE_AT + 60e6],
        ] as const) {
          let expected = 0;
          for (let at = from; at < to; at += 10_000) expected += rateOf(settings, inZones, at + 5000) * 0.01;
          const counted = arrivals.countAt(to) - arrivals.countAt(from);
          assert.ok(Math.abs(counted - expected) < 20 + expected * 0.01, `${counted} against ${expected}`);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('has its due times where the count says, for any number of stages', () => {
    fc.assert(
      fc.property(
        curve,
        fc.array(event, { maxLength: 2 }),
        fc.double({ min: 1, max: 60_000, noNaN: true }),
        (day, events, n) => {
          const arrivals = loadArrivals({ ...BASE, curve: day, events });
          const at = arrivals.timeOf(n);
          if (Number.isFinite(at)) assert.ok(Math.abs(arrivals.countAt(at) - n) < 1e-3 * Math.max(1, n) + 1e-6);
        },
      ),
    );
  });

  it('has the level of the start of the measurement until then', () => {
    const day = { hours: Array.from({ length: 24 }, (_, h) => (h === 19 ? 1 : 0.5)), day: 24e6, start: 19 * 3600e6 };
    const arrivals = loadArrivals({ ...BASE, curve: day });
    assert.deepEqual([arrivals.rateAt(0), arrivals.rateAt(MEASURE_AT - 1)].map(Math.round), [1000, 1000]);
    assert.equal(Math.round(arrivals.rateAt(MEASURE_AT + 0.5e6)), 750);
    assert.equal(Math.round(arrivals.rateAt(MEASURE_AT + 24e6)), 1000, 'the next day');
  });

  it('is the sum of the rates by country, as is the time that passes for phones that come and go', () => {
    const { countries } = parseScenario(TIMES, 'times.yaml', ['countries=whatsapp-2014']).settings;
    const ofCountries = fc.subarray(countries.map(({ name }) => name));
    const events = fc.array(fc.record({ ...EVENT, countries: ofCountries }), { maxLength: 3 });
    fc.assert(
      fc.property(curve, events, fc.integer({ min: 0, max: 70_000 }), (day, some, millis) => {
        const settings = { ...BASE, curve: day, events: some, countries };
        for (const [zones, all] of [
          [loadByZone(settings), loadArrivals(settings)],
          [churnByZone(settings), churnTime(settings)],
        ] as const) {
          assert.ok(zones !== undefined && all !== undefined);
          assert.ok(Math.abs(zones.shares.reduce((a, b) => a + b) - 1) < 1e-9);
          const sum = zones.arrivals.reduce((a, one, n) => a + one.countAt(millis * 1000) * (zones.shares[n] ?? 0), 0);
          const counted = all.countAt(millis * 1000);
          assert.ok(Math.abs(sum - counted) <= 1e-9 * counted, `${sum} in all zones, ${counted} in all`);
        }
      }),
    );
  });

  it('is constant without a curve and events', () => {
    assert.equal(curveLevel(FLAT, 1e9), 1);
    assert.equal(loadArrivals(BASE).countAt(10e6), 10_000);
  });
});

describe('an event', () => {
  const goal: LoadEvent = { name: 'goal', at: 10e6, rise: 2e6, duration: 10e6, messages: 0.35, countries: [] };

  it('rises, stays and falls', () => {
    const factors = [9e6, 11e6, 12e6, 18e6, 19e6, 21e6].map((at) => eventFactor(goal, at));
    assert.deepEqual(
      factors.map((factor) => Number(factor.toFixed(3))),
      [1, 1.175, 1.35, 1.35, 1.175, 1],
    );
  });

  it('shorter than its slopes reaches its height in the middle', () => {
    assert.equal(eventFactor({ ...goal, duration: 2e6 }, 11e6), 1.35);
    assert.equal(eventFactor({ ...goal, rise: 0 }, 10e6 + 1), 1.35);
  });

  it('is declared with its begin and its end, as the curve is', () => {
    assert.deepEqual(declaredDisturbances(BASE), []);
    const settings = { ...BASE, events: [goal], curve: { ...FLAT, hours: new Array<number>(24).fill(1) } };
    assert.deepEqual(
      declaredDisturbances(settings).map(({ detail, startMicros, endMicros }) => [detail, startMicros, endMicros]),
      [
        ['the curve of a day begins', 5e6, Number.POSITIVE_INFINITY],
        ['goal', 15e6, 25e6],
      ],
    );
  });
});
