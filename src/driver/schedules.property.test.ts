import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Arrivals } from './arrivals.ts';
import { CellSchedule, type Pacing } from './cell-schedule.ts';
import { Contacts } from './contacts.ts';
import { LoginSchedule } from './login-schedule.ts';
import { CELLS, Population } from './population.ts';

const stages = fc.array(
  fc.record({
    durationMicros: fc.integer({ min: 1000, max: 5_000_000 }),
    fromRate: fc.nat(2000),
    toRate: fc.nat(2000),
  }),
  { minLength: 1, maxLength: 5 },
);

describe('arrivals', () => {
  it('count what the rate adds up to', () => {
    fc.assert(
      fc.property(stages, fc.double({ min: 0, max: 1, noNaN: true }), (list, part) => {
        const arrivals = new Arrivals(list);
        const until = list.reduce((sum, stage) => sum + stage.durationMicros, 0) * part;
        const steps = 20_000;
        let sum = 0;
        for (let i = 0; i < steps; i++) sum += arrivals.rateAt(((i + 0.5) / steps) * until) * (until / steps / 1e6);
        assert.ok(
          Math.abs(arrivals.countAt(until) - sum) < 1 + sum * 0.01,
          `${arrivals.countAt(until)} against ${sum}`,
        );
      }),
      { numRuns: 50 },
    );
  });

  it('have a time for each count at which that count is reached', () => {
    fc.assert(
      fc.property(stages, fc.double({ min: 0.001, max: 5000, noNaN: true }), (list, wanted) => {
        const arrivals = new Arrivals(list);
        const time = arrivals.timeOf(wanted);
        if (!Number.isFinite(time)) return;
        assert.ok(Math.abs(arrivals.countAt(time) - wanted) < 1e-3 * Math.max(1, wanted));
      }),
    );
  });

  it('never come at rate 0, and come evenly at a constant rate', () => {
    assert.equal(Arrivals.constant(0).timeOf(1), Number.POSITIVE_INFINITY);
    assert.equal(Arrivals.constant(1000).timeOf(5), 5000);
  });
});

/** All events up to a time, of all lanes, as sorted text. */
function events(seed: number, lanes: number, pacing: Pacing, phones: number): string[] {
  const population = new Population(phones, phones, lanes);
  const found: string[] = [];
  for (let lane = 0; lane < lanes; lane++) {
    const schedule = new CellSchedule(seed, 2, Arrivals.constant(5000), pacing, population, lane, phones);
    for (let cell = 0; cell < schedule.cells; cell++) {
      let last = 0;
      while (schedule.time(cell) < 500_000) {
        assert.ok(schedule.time(cell) >= last, 'time does not go backwards');
        last = schedule.time(cell);
        const phone = population.phoneAt(lane, population.row(cell, schedule.offset(cell)));
        assert.ok(phone < phones, 'only phones that take part');
        found.push(`${last.toFixed(3)} ${phone}`);
        schedule.advance(cell);
      }
    }
  }
  return found.sort();
}

describe('schedules', () => {
  for (const pacing of ['constant', 'poisson'] satisfies Pacing[]) {
    it(`intend the same events for any number of lanes (${pacing})`, () => {
      const one = events(3, 1, pacing, 777);
      for (const lanes of [2, 3, 5, CELLS]) assert.deepEqual(events(3, lanes, pacing, 777), one);
      assert.ok(Math.abs(one.length - 2500) < 250, `${one.length} events of 2,500`);
      assert.notDeepEqual(events(4, 1, pacing, 777), one, 'another seed, other events');
    });
  }

  for (const pacing of ['constant', 'poisson'] satisfies Pacing[]) {
    it(`keep the rate, and every phone its even share of it, however few there are (${pacing})`, () => {
      for (const phones of [20, 400, 777, 1000]) {
        const all = [1, 2, 3, 4].flatMap((seed) => events(seed, 2, pacing, phones));
        assert.ok(Math.abs(all.length - 10_000) < 400, `${all.length} events of 10,000 with ${phones} phones`);
        const isAlone = (phone: number): boolean => phone % CELLS >= phones - CELLS; // in its cell
        const alone = all.filter((event) => isAlone(Number(event.split(' ')[1]))).length / all.length;
        const due = Array.from({ length: phones }, (_, phone) => phone).filter(isAlone).length / phones;
        assert.ok(Math.abs(alone - due) < 0.03, `${alone} of the events are of ${due} of ${phones} phones`);
      }
    });
  }

  it('let each phone log in once, segment by segment, never before its time', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 64, max: 500 }),
        fc.constantFrom(1, 2, 7),
        fc.constantFrom<Pacing>('constant', 'poisson'),
        (phones, lanes, pacing) => {
          const population = new Population(phones, phones, lanes);
          const seen = new Set<number>();
          for (let lane = 0; lane < lanes; lane++) {
            const schedule = new LoginSchedule(1, 1, Arrivals.constant(1000), pacing, population, lane);
            assert.equal(schedule.earliest(), Number.POSITIVE_INFINITY, 'nobody before the first segment');
            let before = 0;
            [Math.floor(phones / 3), phones].forEach((limit, segment) => {
              const start = segment * 10e6;
              schedule.open(limit, before, start);
              before = limit;
              for (let cell = 0; cell < schedule.cells; cell++) {
                while (Number.isFinite(schedule.time(cell))) {
                  assert.ok(schedule.time(cell) >= start);
                  const phone = population.phoneAt(lane, population.row(cell, schedule.offset(cell)));
                  assert.ok(phone < limit && !seen.has(phone));
                  seen.add(phone);
                  schedule.advance(cell);
                }
              }
            });
          }
          assert.equal(seen.size, phones);
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('contacts', () => {
  it('give every phone one writer for each place, and nobody itself', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 6, max: 300 }),
        (seed, count, phones) => {
          const contacts = new Contacts(seed, count, phones);
          for (let j = 0; j < count; j++) {
            const written = new Set<number>();
            for (let phone = 0; phone < phones; phone++) {
              const other = contacts.phoneOf(phone, j);
              assert.notEqual(other, phone);
              assert.ok(other >= 0 && other < phones);
              written.add(other);
            }
            assert.equal(written.size, phones);
          }
          const turns = new Array<number>(count).fill(0);
          for (let id = 1; id <= 40; id++) {
            const j = contacts.contactOf(id);
            turns[j] = (turns[j] ?? 0) + 1;
            assert.equal(contacts.turnOf(id), turns[j], 'the turns of one contact are 1, 2, 3 …');
          }
        },
      ),
    );
  });
});
