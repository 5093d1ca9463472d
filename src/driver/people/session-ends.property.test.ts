/** The wheel of session ends against a list, and the lengths that it draws against their distribution. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { WordColumn } from '../../base/table-memory.ts';
import { Arrivals } from '../terms/arrivals.ts';
import { foundLengths, type Platform, PlatformShares, sessionLengths } from './platforms.ts';
import { NO_ROW, SessionEnds, TAKEN_MAX } from './session-ends.ts';

const ROWS = 8;
const TICK = 5000;
const platform = (change: Partial<Platform>): Platform => ({
  name: 'one',
  share: 1,
  heartbeatMicros: 1e6,
  session: { distribution: 'none' },
  awayMicros: 10 * TICK,
  ...change,
});
/** Links in rows that have other words too. */
const column = (rows: number): WordColumn => ({ words: new Int32Array(3 * rows), stride: 3, at: 1 });
/** Takes all whose session or absence is over, until nobody's is. @param visit is told of each. */
function takeAll(ends: SessionEnds, visit: (row: number) => void = () => {}): number[] {
  const taken: number[] = [];
  const rows = new Int32Array(TAKEN_MAX);
  for (let count = ends.take(rows); count > 0; count = ends.take(rows)) {
    taken.push(...rows.subarray(0, count));
    rows.subarray(0, count).forEach(visit);
  }
  return taken;
}
/** Those whose session is over leave, and those whose absence is come back. @param away who is away, which is kept. */
function comeAndGo(ends: SessionEnds, away: Set<number>): { leaving: number; returning: number } {
  const count = { leaving: 0, returning: 0 };
  takeAll(ends, (row) => {
    if (away.delete(row)) {
      count.returning++;
      ends.begun(row, row);
    } else {
      count.leaving++;
      away.add(row);
      ends.left(row, row);
    }
  });
  return count;
}
/** Traffic begins: whoever left before leaves. @returns who that is. */
function begin(ends: SessionEnds): number[] {
  const left: number[] = [];
  ends.advance(1);
  while (ends.isBeginning) {
    const row = ends.lookEarlier();
    if (row !== NO_ROW) left.push(row);
  }
  return left;
}
const change = fc.record({
  what: fc.constantFrom('leave', 'again', 'wait', 'wait'),
  row: fc.nat(ROWS - 1),
  ticks: fc.nat(25),
});

describe('session ends', () => {
  it('gives back each phone once, when its time is over, and keeps the time of one that comes twice', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60, size: 'max' }), (changes) => {
        const ends = new SessionEnds(1, [platform({})], column(ROWS));
        const due = new Map<number, number>();
        let now = 0;
        for (const { what, row, ticks } of changes) {
          if (what === 'wait') {
            now += ticks;
            ends.advance(now * TICK);
            const expected = [...due].filter(([, at]) => at <= now).map(([of]) => of);
            const taken = takeAll(ends);
            assert.deepEqual(taken.sort(), expected.sort());
            for (const one of taken) due.delete(one);
            assert.ok((ends.dueMicros[0] ?? 0) > now * TICK);
          } else {
            if (!due.has(row)) due.set(row, now + (what === 'leave' ? 10 : 1));
            if (what === 'leave') ends.left(row, row);
            else ends.again(row);
          }
        }
      }),
    );
  });

  it('ends sessions and absences as much sooner as their time passes faster, also along a curve', () => {
    const churnTime = new Arrivals([
      { durationMicros: 100 * TICK, fromRate: 5e5, toRate: 5e5 },
      { durationMicros: 0, fromRate: 1e6, toRate: 1e6 },
    ]);
    const returned = (churn: Arrivals | undefined, factor: number): number => {
      const ends = new SessionEnds(1, [platform({})], column(ROWS), churn);
      ends.left(0, 0); // away for ten ticks
      ends.advance(4 * TICK);
      assert.deepEqual(takeAll(ends), []);
      ends.changeSpeed(factor, 4 * TICK);
      for (let tick = 4; tick < 400; tick += 0.5) {
        ends.advance(tick * TICK);
        if (takeAll(ends).length > 0) return tick;
        assert.ok((ends.dueMicros[0] ?? 0) > tick * TICK, 'nothing is due before');
        assert.ok((ends.dueMicros[0] ?? 0) <= (tick + 10) * TICK);
      }
      return assert.fail('it comes back');
    };
    // Six ticks are left after four of the run; along the curve, at half the speed, eight after two.
    assert.deepEqual(
      [1, 2, 0.25].map((factor) => returned(undefined, factor)),
      [10, 7, 28],
    );
    assert.deepEqual(
      [1, 2, 0.25].map((factor) => returned(churnTime, factor)),
      [20, 12, 68],
    );
  });

  it('spreads the phones of a long tick evenly over it, and has all of them by its end', () => {
    const rows = 100;
    const ticks = 2 ** 21;
    const second = 1e6; // a tick, since no absence may be longer than half of the wheel
    const ends = new SessionEnds(1, [platform({ awayMicros: ticks * second })], column(rows));
    for (let row = 0; row < rows; row++) ends.left(row, row);
    const taken = new Set<number>();
    const take = (): void => {
      takeAll(ends, (row) => {
        taken.add(row);
        if (row === 7) ends.again(row);
      });
    };
    ends.advance(ticks * second);
    take();
    assert.equal(taken.size, 0);
    for (let percent = 1; percent < 100; percent++) {
      ends.advance((ticks + percent / 100) * second);
      take();
      assert.ok(Math.abs(taken.size - percent) <= 1, `${taken.size} phones after ${percent} % of the tick`);
      assert.ok((ends.dueMicros[0] ?? 0) <= (ticks + (percent + 2) / 100) * second);
    }
    taken.clear();
    ends.advance((ticks + 1) * second);
    take();
    assert.ok(taken.has(7), 'one that could not leave is due again in the next tick, not at once');
    taken.clear();
    ends.advance((ticks + 2) * second);
    take();
    assert.deepEqual([...taken], [7]);
  });

  it('has phones that leave and phones that return in each second, where the longest sessions last days', () => {
    const rows = 40_000;
    const short = { distribution: 'lognormal', medianMicros: 300e6, sigma: 1 } as const;
    const long = { distribution: 'lognormal', medianMicros: 3600e6, sigma: 1 } as const;
    const platforms = [
      platform({ share: 0.99, session: short, awayMicros: 60e6 }),
      platform({ share: 0.01, session: long, awayMicros: 60e6 }),
    ];
    const ends = new SessionEnds(1, platforms, column(rows));
    for (let row = 0; row < rows; row++) ends.begun(row, row);
    const away = new Set(begin(ends));
    for (let second = 1; second <= 120; second++) {
      let [leaving, returning] = [0, 0];
      for (let turn = 1; turn <= 50; turn++) {
        ends.advance((second - 1 + turn / 50) * 1e6);
        const moved = comeAndGo(ends, away);
        leaving += moved.leaving;
        returning += moved.returning;
      }
      // About 71 of each: five standard deviations are 42.
      assert.ok(leaving > 29 && leaving < 113, `${leaving} leave in second ${second}`);
      assert.ok(returning > 29 && returning < 113, `${returning} return in second ${second}`);
    }
  });

  it('has phones leave and return in turn within a long tick, though absences of one length end together', () => {
    const rows = 200_000;
    const session = { distribution: 'lognormal', medianMicros: 300e6, sigma: 1 } as const;
    const long = { distribution: 'lognormal', medianMicros: 3600e6, sigma: 1 } as const; // it makes ticks long
    const platforms = [
      platform({ share: 0.99, session, awayMicros: 60e6 }),
      platform({ share: 0.01, session: long, awayMicros: 60e6 }),
    ];
    const ends = new SessionEnds(1, platforms, column(rows));
    for (let row = 0; row < rows; row++) ends.begun(row, row);
    const away = new Set(begin(ends));
    let [mixed, turns] = [0, 0];
    for (let elapsed = 20_000; elapsed <= 70e6; elapsed += 20_000) {
      ends.advance(elapsed);
      const { leaving, returning } = comeAndGo(ends, away);
      if (elapsed < 61e6) continue; // those that left after traffic began come back
      turns++;
      // Some 7 of each.
      if (leaving > 1 && returning > 1) mixed++;
    }
    assert.ok(mixed > 0.9 * turns, `phones leave and return in ${mixed} of ${turns} turns`);
  });

  it('lets no others leave or return until those that are away by then have left, and not all at once afterwards', () => {
    const rows = 500;
    const begun = (): SessionEnds => {
      const session = { distribution: 'exponential', meanMicros: 40 * TICK } as const;
      const ends = new SessionEnds(1, [platform({ session, awayMicros: 40 * TICK })], column(rows));
      for (let row = 0; row < rows; row++) ends.begun(row, row);
      return ends;
    };
    const expected = begin(begun());
    const ends = begun();
    const left: number[] = [];
    let tick = 1;
    for (; ends.isBeginning; tick++) {
      ends.advance(tick * TICK);
      const row = ends.lookEarlier();
      if (row !== NO_ROW) left.push(row);
      assert.deepEqual(takeAll(ends), []);
    }
    assert.ok(tick > 100, 'it takes several absences');
    assert.deepEqual(left, expected);
    const back = new Set<number>();
    ends.advance(tick * TICK);
    takeAll(ends, (row) => back.add(row));
    assert.ok(back.size < rows / 20, `${back.size} in the first tick`);
    ends.advance((tick + 1000) * TICK);
    takeAll(ends, (row) => back.add(row));
    assert.equal(back.size, rows);
  });

  it('never ends sessions of a platform that has none', () => {
    const ends = new SessionEnds(1, [platform({})], column(ROWS));
    ends.begun(3, 3);
    ends.advance(1e12);
    assert.deepEqual(takeAll(ends), []);
  });

  it('draws log-normal lengths, and shorter rests for sessions that began before', () => {
    const rows = 20_000;
    const session = { distribution: 'lognormal', medianMicros: 60e6, sigma: 1 } as const;
    const endsBy = (startMicros: number, after: number): number => {
      const ends = new SessionEnds(7, [platform({ session })], column(rows));
      if (startMicros > 0) {
        begin(ends);
        ends.advance(startMicros);
        takeAll(ends); // the wheel turns to the present
      }
      for (let row = 0; row < rows; row++) ends.begun(row, row);
      if (startMicros === 0) begin(ends);
      ends.advance(startMicros + after);
      return takeAll(ends).length / rows;
    };
    assert.ok(Math.abs(endsBy(1e6, 60e6) - 0.5) < 0.02, 'half of the sessions end by the median');
    assert.ok(Math.abs(endsBy(1e6, 60e6 * Math.E) - 0.841) < 0.02, 'and 84 % a standard deviation later');
    // Renewal theory: the rest of a session that is found is shorter than t with probability ∫₀ᵗ P(length > x) dx /
    // mean.
    const lengths = sessionLengths(session);
    const mean = lengths.reduce((sum, one) => sum + one, 0) / lengths.length;
    const shorter = lengths.reduce((sum, one) => sum + Math.min(one, 60e6), 0) / lengths.length / mean;
    assert.ok(Math.abs(endsBy(0, 60e6) - shorter) < 0.02, `${endsBy(0, 60e6)}, expected ${shorter}`);
    assert.ok((foundLengths(session)[2048] ?? 0) > 2.6 * 60e6, 'long sessions are found more often');
  });

  it('gives platforms their shares of the phones', () => {
    const shares = [0.6, 0.3, 0.1];
    const of = new PlatformShares(
      3,
      shares.map((share) => ({ share })),
    );
    const found = [0, 0, 0];
    for (let phone = 0; phone < 100_000; phone++) {
      const place = of.of(phone);
      assert.deepEqual(
        shares.map((_, other) => of.isOf(phone, other)),
        shares.map((_, other) => other === place),
      );
      found[place] = (found[place] as number) + 1; // one of three
    }
    shares.forEach((share, n) => {
      assert.ok(Math.abs((found[n] as number) / 100_000 - share) < 0.01, found.join(' '));
    });
  });
});
