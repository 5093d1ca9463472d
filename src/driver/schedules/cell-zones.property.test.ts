/** Events of phones whose rates differ by zone: who has them, against the rate of each zone at each time. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { blockOrder, ROUND_TURNS } from '../../wire/block-order.ts';
import { Arrivals, type RateStage } from '../terms/arrivals.ts';
import { CELLS, Population } from '../terms/population.ts';
import { scaledZones, type ZoneArrivals } from '../terms/zone-arrivals.ts';
import { CellSchedule, type Pacing } from './cell-schedule.ts';

const STAGE_MICROS = 100_000;
const STAGES = 24;
/** By how many standard deviations of a Poisson count the events of a zone may differ from its rate. */
const DEVIATIONS_MAX = 5;

/** Zones with these turns in a round, in each of which it is another hour: quiet by night, busy in the evening. */
function daysOf(turns: readonly number[], rate: number): ZoneArrivals {
  const level = (hour: number): number => (hour % STAGES < 8 ? 0.1 : ((hour % STAGES) - 7) / 16);
  const arrivals = turns.map((_, zone) => {
    const from = Math.floor((zone * STAGES) / turns.length);
    const stages = Array.from({ length: STAGES }, (__, hour): RateStage => {
      return {
        durationMicros: STAGE_MICROS,
        fromRate: rate * level(from + hour),
        toRate: rate * level(from + hour + 1),
      };
    });
    return new Arrivals(stages);
  });
  return { shares: turns.map((of) => of / ROUND_TURNS), arrivals, zoneOf: Uint8Array.from(blockOrder(turns)) };
}

interface PhoneEvent {
  readonly micros: number;
  readonly phone: number;
}

/** The events of all lanes until a time, by time. */
function eventsOf(
  zones: ZoneArrivals,
  phones: number,
  { lanes = 1, seed = 1, pacing = 'poisson' as Pacing, untilMicros = STAGES * STAGE_MICROS } = {},
): PhoneEvent[] {
  const population = new Population(phones, phones, lanes);
  const found: PhoneEvent[] = [];
  for (let lane = 0; lane < lanes; lane++) {
    const schedule = new CellSchedule({ seed, stream: 2, arrivals: zones, pacing, population, lane, phones });
    for (let cell = 0; cell < schedule.cells; cell++) {
      for (;;) {
        const micros = schedule.times[cell] ?? Number.NaN;
        if (!(micros < untilMicros)) break;
        found.push({ micros, phone: population.phoneAt(lane, population.row(cell, schedule.offset(cell))) });
        schedule.advance(cell);
      }
    }
  }
  return found.sort((a, b) => a.micros - b.micros || a.phone - b.phone);
}

/** Events of each zone in each stage. */
function countsOf(zones: ZoneArrivals, events: readonly PhoneEvent[]): number[][] {
  const counts = zones.shares.map(() => new Array<number>(STAGES).fill(0));
  for (const { micros, phone } of events) {
    const ofZone = counts[zones.zoneOf[phone % ROUND_TURNS] ?? -1] ?? assert.fail('a phone has a zone');
    const stage = Math.floor(micros / STAGE_MICROS);
    ofZone[stage] = (ofZone[stage] ?? 0) + 1;
  }
  return counts;
}

function assertNear(count: number, expected: number, what: string): void {
  const deviations = Math.abs(count - expected) / Math.sqrt(expected);
  assert.ok(deviations < DEVIATIONS_MAX, `${what}: ${count} events, ${expected.toFixed(1)} expected`);
}

const between = (arrivals: Arrivals, stage: number): number =>
  arrivals.countAt((stage + 1) * STAGE_MICROS) - arrivals.countAt(stage * STAGE_MICROS);

describe('events of phones in zones', () => {
  for (const turns of [
    [500, 500],
    [600, 300, 100],
    [125, 375, 250, 249, 1],
  ])
    for (const phones of [1000, 3000, 70_000])
      it(`follow the rate of each zone in each hour, with shares of ${turns} and ${phones} phones`, () => {
        const zones = daysOf(turns, 100_000);
        const events = eventsOf(zones, phones, { lanes: 2, seed: phones });
        const counts = countsOf(zones, events);
        for (let hour = 0; hour < STAGES; hour++) {
          let sum = 0;
          zones.arrivals.forEach((arrivals, zone) => {
            const expected = between(arrivals, hour) * (zones.shares[zone] ?? 0);
            assertNear(counts[zone]?.[hour] ?? 0, expected, `zone ${zone} in hour ${hour}`);
            sum += expected;
          });
          const all = counts.reduce((before, ofZone) => before + (ofZone[hour] ?? 0), 0);
          assertNear(all, sum, `all in hour ${hour}`);
        }
      });

  it('fall to all phones of a zone alike, also of a zone whose phones are in few cells', () => {
    const phones = 1500;
    const zones = daysOf([492, 500, 8], 300_000);
    const counts = new Array<number>(phones).fill(0);
    for (const { phone } of eventsOf(zones, phones)) counts[phone] = (counts[phone] ?? 0) + 1;
    zones.arrivals.forEach((arrivals, zone) => {
      const own = counts.filter((_, phone) => zones.zoneOf[phone % ROUND_TURNS] === zone);
      const expected = ((zones.shares[zone] ?? 0) * arrivals.countAt(STAGES * STAGE_MICROS)) / own.length;
      assert.ok(expected > 50);
      for (const count of own) assertNear(count, expected, `a phone of zone ${zone}`);
    });
  });

  it('are those of all phones where a zone has none, so that none is missing', () => {
    const zones = daysOf([900, 99, 1], 100_000);
    const phones = 300;
    const absent = zones.zoneOf.indexOf(2);
    assert.ok(absent >= phones, `phone ${absent} would be the only one`);
    const events = eventsOf({ ...zones, shares: [0.4, 0.1, 0.5] }, phones);
    const expected = [0.4, 0.1, 0.5].map(
      (share, zone) => share * (zones.arrivals[zone]?.countAt(24 * STAGE_MICROS) ?? 0),
    );
    assertNear(
      events.length,
      expected.reduce((a, b) => a + b),
      'all',
    );
  });

  it('are the same for any number of lanes, and for the same seed', () => {
    for (const pacing of ['constant', 'poisson'] satisfies Pacing[]) {
      const zones = daysOf([300, 500, 200], 5000);
      const one = eventsOf(zones, 777, { pacing });
      assert.deepEqual(eventsOf(zones, 777, { pacing }), one);
      for (const lanes of [2, 5, CELLS]) assert.deepEqual(eventsOf(zones, 777, { lanes, pacing }), one);
      assert.notDeepEqual(eventsOf(zones, 777, { pacing, seed: 2 }), one, 'another seed, other events');
    }
  });

  it('keep the sum with constant pacing, too: no cell differs from its rate by more than two', () => {
    const zones = daysOf([500, 500], 50_000);
    const counts = countsOf(zones, eventsOf(zones, 4096, { pacing: 'constant' }));
    zones.arrivals.forEach((arrivals, zone) => {
      let [count, expected] = [0, 0];
      for (let hour = 0; hour < STAGES; hour++) {
        count += counts[zone]?.[hour] ?? 0;
        expected += between(arrivals, hour) / 2;
        assert.ok(Math.abs(count - expected) < 2 * CELLS, `zone ${zone} by hour ${hour}: ${count} of ${expected}`);
      }
    });
  });

  it('never come where no zone has a rate any more, and wait while a cell has none', () => {
    const still = (rates: readonly [from: number, to: number][]): Arrivals =>
      new Arrivals(rates.map(([fromRate, toRate]) => ({ durationMicros: STAGE_MICROS, fromRate, toRate })));
    const zones: ZoneArrivals = {
      shares: [0.5, 0.5],
      arrivals: [
        still([
          [9000, 9000],
          [0, 0],
          [0, 0],
        ]),
        still([
          [0, 0],
          [0, 0],
          [0, 9000],
        ]),
      ],
      zoneOf: Uint8Array.from(blockOrder([500, 500])),
    };
    const events = eventsOf(zones, 2000, { untilMicros: 3 * STAGE_MICROS });
    const counts = countsOf(zones, events);
    assert.deepEqual(counts[0]?.slice(1, 3), [0, 0]);
    assert.deepEqual(counts[1]?.slice(0, 2), [0, 0]);
    assertNear(counts[0]?.[0] ?? 0, 450, 'the first zone at first');
    assertNear(counts[1]?.[2] ?? 0, 225, 'the second at last');
    const none = scaledZones(zones, 0);
    assert.deepEqual(eventsOf(none, 2000), []);
  });

  it('that are due and have not happened are counted', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 3 * CELLS }),
        fc.double({ min: 0, max: STAGES * STAGE_MICROS, noNaN: true }),
        fc.double({ min: 0, max: STAGES * STAGE_MICROS, noNaN: true }),
        (phones, one, other) => {
          const population = new Population(phones, phones, 3);
          const arrivals = daysOf([300, 300, 400], 1000);
          const common = { seed: 1, stream: 2, arrivals, population, lane: 1, phones };
          const schedule = new CellSchedule({ ...common, pacing: 'constant' });
          const [done, now] = [Math.min(one, other), Math.max(one, other)];
          const advance = (untilMicros: number): number => {
            let events = 0;
            for (let c = 0; c < schedule.cells; c++)
              for (; (schedule.times[c] ?? Number.NaN) <= untilMicros; schedule.advance(c)) events++;
            return events;
          };
          advance(done);
          const told = schedule.backlog(now);
          const counted = advance(now);
          assert.ok(Math.abs(told - counted) <= 1, `${told} told, ${counted} counted`);
        },
      ),
      { numRuns: 50 },
    );
  });
});
