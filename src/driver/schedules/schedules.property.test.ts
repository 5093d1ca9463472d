import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { count } from '../../base/counters.ts';
import { Arrivals } from '../terms/arrivals.ts';
import { CELLS, Population } from '../terms/population.ts';
import { CellSchedule, type Pacing } from './cell-schedule.ts';
import { LoginSchedule } from './login-schedule.ts';

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

  it('come as many times as often when they are scaled, at the same moments', () => {
    fc.assert(
      fc.property(stages, fc.double({ min: 0.01, max: 100, noNaN: true }), fc.nat(20e6), (some, factor, at) => {
        const arrivals = new Arrivals(some);
        const scaled = arrivals.scaled(factor);
        const count = arrivals.countAt(at) * factor;
        assert.ok(Math.abs(scaled.countAt(at) - count) <= 1e-9 * count);
        assert.ok(Math.abs(scaled.rateAt(at) - arrivals.rateAt(at) * factor) <= 1e-6 * factor);
      }),
    );
  });

  it('have a time for each count at which that count is reached', () => {
    let reached = 0;
    fc.assert(
      fc.property(stages, fc.double({ min: 0.001, max: 5000, noNaN: true }), (list, wanted) => {
        const arrivals = new Arrivals(list);
        const time = arrivals.timeOf(wanted);
        if (!Number.isFinite(time)) return;
        assert.ok(Math.abs(arrivals.countAt(time) - wanted) < 1e-3 * Math.max(1, wanted));
        reached++;
      }),
      { numRuns: 300 },
    );
    assert.ok(reached > 50, `${reached} counts were reached`);
  });

  it('never come at rate 0, and come evenly at a constant rate', () => {
    assert.equal(Arrivals.constant(0).timeOf(1), Number.POSITIVE_INFINITY);
    assert.equal(Arrivals.constant(1000).timeOf(5), 5000);
  });
});

const timeOf = (schedule: CellSchedule, cell: number): number => schedule.times[cell] ?? Number.NaN;

/** All events up to a time, of all lanes, as sorted text. */
function events(seed: number, lanes: number, pacing: Pacing, phones: number): string[] {
  const population = new Population(phones, phones, lanes);
  const found: string[] = [];
  for (let lane = 0; lane < lanes; lane++) {
    const schedule = new CellSchedule({
      seed,
      stream: 2,
      arrivals: Arrivals.constant(5000),
      pacing,
      population,
      lane,
      phones,
    });
    for (let cell = 0; cell < schedule.cells; cell++) {
      let last = 0;
      while (timeOf(schedule, cell) < 500_000) {
        assert.ok(timeOf(schedule, cell) >= last, 'time does not go backwards');
        last = timeOf(schedule, cell);
        const phone = population.phoneAt(lane, population.row(cell, schedule.offset(cell)));
        assert.ok(phone < phones, 'only phones that take part');
        found.push(`${last.toFixed(3)} ${phone}`);
        schedule.advance(cell);
      }
    }
  }
  return found.sort();
}

/** Events of a schedule in each of the first seconds. */
function binsOf(schedule: CellSchedule, seconds: number): number[] {
  const bins = new Array<number>(seconds).fill(0);
  for (let c = 0; c < schedule.cells; c++) {
    for (; timeOf(schedule, c) < seconds * 1e6; schedule.advance(c)) {
      const bin = Math.floor(timeOf(schedule, c) / 1e6);
      bins[bin] = (bins[bin] ?? 0) + 1;
    }
  }
  return bins;
}

/** When all phones that may are due. */
function timesOf(schedule: LoginSchedule): number[] {
  const times: number[] = [];
  for (let c = 0; c < schedule.cells; c++) {
    for (; Number.isFinite(schedule.time(c)); schedule.advance(c)) times.push(schedule.time(c));
  }
  return times;
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

  it('spread constant arrivals evenly, whatever the numbers of phones and of lanes', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.integer({ min: 2, max: 3 * CELLS }), fc.constantFrom(2000, 9500, 9999, 10_000, 47_500)),
        fc.constantFrom(1, 2, 3, 7, 16),
        fc.constantFrom(50, 500, 1237, 4000),
        (phones, lanes, rate) => {
          const population = new Population(phones, phones, lanes);
          const bins = 12;
          const total = new Array<number>(bins).fill(0);
          for (let lane = 0; lane < lanes; lane++) {
            const schedule = new CellSchedule({
              seed: 1,
              stream: 2,
              arrivals: Arrivals.constant(rate),
              pacing: 'constant',
              population,
              lane,
              phones,
            });
            const own = binsOf(schedule, bins);
            let share = 0;
            for (let c = 0; c < schedule.cells; c++) {
              share += population.offsetsBelow(phones, population.cell(lane, c)) / phones;
            }
            own.forEach((count, bin) => {
              total[bin] = (total[bin] ?? 0) + count;
              assert.ok(Math.abs(count - rate * share) < 3, `lane ${lane}: ${count} events of ${rate * share}`);
            });
          }
          for (const count of total) assert.ok(Math.abs(count - rate) <= 1, `${count} events of ${rate} in a second`);
        },
      ),
      { numRuns: 60, examples: [[591, 7, 4000]] }, // lane 0 has 580 events of 582.06 in one second
    );
  });

  it('give each phone its share of constant arrivals, round by round', () => {
    for (const phones of [3, 600, 1025]) {
      const population = new Population(phones, phones, 2);
      const cells = new Float64Array(CELLS);
      for (let lane = 0; lane < 2; lane++) {
        const schedule = new CellSchedule({
          seed: 1,
          stream: 2,
          arrivals: Arrivals.constant(phones),
          pacing: 'constant',
          population,
          lane,
          phones,
        });
        for (let c = 0; c < schedule.cells; c++) {
          for (; timeOf(schedule, c) < 4e6; schedule.advance(c)) count(cells, population.cell(lane, c));
        }
      }
      cells.forEach((count, cell) => {
        assert.equal(count, 4 * population.offsetsBelow(phones, cell));
      });
    }
  });

  it('know how much of constant arrivals is due and has not happened', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 3 * CELLS }),
        fc.double({ min: 0, max: 3e6, noNaN: true }),
        fc.double({ min: 0, max: 3e6, noNaN: true }),
        (phones, one, other) => {
          const population = new Population(phones, phones, 3);
          const schedule = new CellSchedule({
            seed: 1,
            stream: 2,
            arrivals: Arrivals.constant(1000),
            pacing: 'constant',
            population,
            lane: 1,
            phones,
          });
          const [done, now] = [Math.min(one, other), Math.max(one, other)];
          for (let c = 0; c < schedule.cells; c++) while (timeOf(schedule, c) <= done) schedule.advance(c);
          const told = schedule.backlog(now);
          let counted = 0;
          for (let c = 0; c < schedule.cells; c++) for (; timeOf(schedule, c) <= now; schedule.advance(c)) counted++;
          assert.ok(Math.abs(told - counted) <= 1, `${told} told, ${counted} counted`);
        },
      ),
    );
  });

  for (const pacing of ['constant', 'poisson'] satisfies Pacing[]) {
    it(`keep the rate of logins to the last phone of every segment (${pacing})`, () => {
      const [rate, lanes] = [1000, 3];
      for (const levels of [[30, 63, 130, 238, 475, 950, 1900], [777], [5000, 15_840]]) {
        const last = levels.at(-1) ?? 0;
        const population = new Population(last, last, lanes);
        const schedules = Array.from(
          { length: lanes },
          (_, lane) => new LoginSchedule(5, 1, Arrivals.constant(rate), pacing, population, lane),
        );
        let before = 0;
        for (const level of levels) {
          for (const schedule of schedules) schedule.open(level, before, 0);
          const times = schedules.flatMap(timesOf).sort((a, b) => a - b);
          assert.equal(times.length, level - before);
          const takes = (level - before) * (1e6 / rate);
          assert.ok((times.at(-1) ?? 0) <= takes, `the last of ${level} is due after ${times.at(-1)} µs`);
          const half = times.filter((time) => time < takes / 2).length / times.length;
          const noise = pacing === 'poisson' ? 2 / Math.sqrt(times.length) : 1 / times.length;
          assert.ok(Math.abs(half - 0.5) <= noise, `${half} of ${level} in the first half`);
          before = level;
        }
      }
    });
  }

  it('let logins of a Poisson process come at gaps of exponential length', () => {
    const population = new Population(20_480, 20_480, 1);
    const schedule = new LoginSchedule(5, 1, Arrivals.constant(1e6), 'poisson', population, 0);
    schedule.open(20_480, 0, 0);
    const times = timesOf(schedule).sort((a, b) => a - b);
    const gaps = times.slice(1).map((time, i) => time - (times[i] ?? 0));
    // Beyond one mean there is 1/e of an exponential distribution, beyond two 1/e².
    const beyond = (micros: number): number => gaps.filter((gap) => gap > micros).length / gaps.length;
    assert.ok(Math.abs(beyond(1) - Math.exp(-1)) < 0.02, `${beyond(1)}`);
    assert.ok(Math.abs(beyond(2) - Math.exp(-2)) < 0.02, `${beyond(2)}`);
  });

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
