/** The schedule of constant pacing, against all events of all phones written down one after the other. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { Arrivals } from '../terms/arrivals.ts';
import { CELLS, Population } from '../terms/population.ts';
import { CellSchedule } from './cell-schedule.ts';

const UNTIL_MICROS = 1e6;

interface Event {
  readonly micros: number;
  readonly cell: number;
}

/** Event k of all is due k + ½ gaps after the start, and belongs to the cell of phone k of a round over all phones. */
function naiveEvents(phones: number, rate: number): Event[] {
  const events: Event[] = [];
  for (let k = 0; ((k + 0.5) / rate) * 1e6 <= UNTIL_MICROS; k++) {
    events.push({ micros: ((k + 0.5) / rate) * 1e6, cell: (k % phones) % CELLS });
  }
  return events;
}

/**
 * How much of a schedule happens in what order: some cells go on while others stand still, as where phones have no
 * room.
 */
const step = fc.record({ micros: fc.nat(200_000), isHeld: fc.nat(7) });

it('has each event in its cell and at its time, and knows the earliest and how many wait', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.constantFrom(1, CELLS - 1, CELLS, CELLS + 1), fc.integer({ min: 1, max: 1500 })),
      fc.integer({ min: 1, max: 4 }),
      fc.constantFrom(100, 999, 3000),
      fc.array(step, { maxLength: 8 }),
      (phones, lanes, rate, steps) => {
        const population = new Population(phones, phones, lanes);
        const lane = phones % lanes;
        const schedule = new CellSchedule({
          seed: 7,
          stream: 2,
          arrivals: Arrivals.constant(rate),
          pacing: 'constant',
          population,
          lane,
          phones,
        });
        const left = naiveEvents(phones, rate).filter(({ cell }) => cell % lanes === lane);
        let now = 0;
        for (const { micros, isHeld } of steps) {
          now = Math.min(now + micros, UNTIL_MICROS / 2);
          for (let local = 0; local < schedule.cells; local++) {
            const cell = population.cell(lane, local);
            if (cell % 8 === isHeld) continue;
            for (; (schedule.times[local] ?? 0) <= now; schedule.advance(local)) {
              const place = left.findIndex((event) => event.cell === cell);
              assert.ok(Math.abs((left[place]?.micros ?? 0) - (schedule.times[local] ?? 0)) < 0.01, `cell ${cell}`);
              assert.ok(schedule.offset(local) < population.offsetsBelow(phones, cell), 'a phone that there is');
              left.splice(place, 1);
            }
          }
          schedule.findFirst();
          const first = left[0]?.micros ?? Number.POSITIVE_INFINITY;
          if (first < UNTIL_MICROS) assert.ok(Math.abs((schedule.first[0] ?? 0) - first) < 0.01);
          const waiting = left.filter((event) => event.micros <= now).length;
          assert.ok(Math.abs(schedule.backlog(now) - waiting) <= 1, `${schedule.backlog(now)} of ${waiting} wait`);
        }
      },
    ),
    { numRuns: 40 },
  );
});

it('never names a phone of a cell that has none', () => {
  const population = new Population(3, 3, 1);
  const schedule = new CellSchedule({
    seed: 7,
    stream: 2,
    arrivals: Arrivals.constant(1000),
    pacing: 'poisson',
    population,
    lane: 0,
    phones: 3,
  });
  const due = Array.from(schedule.times).filter(Number.isFinite);
  assert.equal(due.length, 3, 'three cells have a phone, and the other 509 no event');
});
