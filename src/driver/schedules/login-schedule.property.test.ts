/** When phones first log in at an even pace, against a list of all phones in the order of their numbers. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Arrivals } from '../terms/arrivals.ts';
import { Population } from '../terms/population.ts';
import { LoginSchedule } from './login-schedule.ts';

const PHONES = 1200;
const RATE = 2000;
const GAP_MICROS = 1e6 / RATE;

const segments = fc.array(fc.record({ phones: fc.integer({ min: 1, max: 500 }), pauseMicros: fc.nat(1e6) }), {
  minLength: 1,
  maxLength: 4,
});

function schedulesOf(lanes: number): { population: Population; schedules: LoginSchedule[] } {
  const population = new Population(PHONES, PHONES, lanes);
  const make = (lane: number): LoginSchedule =>
    new LoginSchedule(1, 1, Arrivals.constant(RATE), 'constant', population, lane);
  return { population, schedules: Array.from({ length: lanes }, (_, lane) => make(lane)) };
}

describe('first logins at a constant pace', () => {
  it('are due one gap after the other in each segment, in the order of phone numbers, over all lanes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), segments, (lanes, list) => {
        const { population, schedules } = schedulesOf(lanes);
        let before = 0;
        let startMicros = 0;
        for (const { phones, pauseMicros } of list) {
          startMicros += pauseMicros;
          const limit = Math.min(PHONES, before + phones);
          const found: [phone: number, micros: number][] = [];
          schedules.forEach((schedule, lane) => {
            schedule.open(limit, before, startMicros);
            const earliest = schedule.earliest();
            const ofLane: number[] = [];
            for (let cell = 0; cell < schedule.cells; cell++) {
              for (; Number.isFinite(schedule.time(cell)); schedule.advance(cell)) {
                const phone = population.phoneAt(lane, population.row(cell, schedule.offset(cell)));
                found.push([phone, schedule.time(cell)]);
                ofLane.push(schedule.time(cell));
              }
            }
            assert.equal(earliest, Math.min(Number.POSITIVE_INFINITY, ...ofLane));
            assert.equal(schedule.earliest(), Number.POSITIVE_INFINITY, 'the schedule stands still between segments');
          });
          found.sort(([one], [other]) => one - other);
          assert.deepEqual(
            found.map(([phone]) => phone),
            Array.from({ length: limit - before }, (_, n) => before + n),
          );
          found.forEach(([phone, micros], n) => {
            const expected = startMicros + (n + 0.5) * GAP_MICROS;
            assert.ok(Math.abs(micros - expected) < 0.01, `phone ${phone} at ${micros}, not ${expected}`);
          });
          before = limit;
          startMicros += (limit - before) * GAP_MICROS;
        }
      }),
      { numRuns: 40 },
    );
  });

  it('of phones that were due before a segment was opened again are due at its start', () => {
    const { schedules } = schedulesOf(1);
    const schedule = schedules[0] as LoginSchedule; // there is one
    schedule.open(100, 0, 0);
    schedule.open(100, 50, 9e6); // nobody has come
    const times = Array.from({ length: schedule.cells }, (_, cell) => schedule.time(cell)).filter(Number.isFinite);
    assert.equal(times.length, 100);
    assert.equal(times.filter((micros) => micros === 9e6).length, 50, 'the first fifty are overdue');
  });

  it('end when they are stopped', () => {
    const { schedules } = schedulesOf(2);
    for (const schedule of schedules) {
      schedule.open(PHONES, 0, 0);
      assert.ok(Number.isFinite(schedule.earliest()));
      schedule.stop();
      assert.equal(schedule.earliest(), Number.POSITIVE_INFINITY);
    }
  });
});
