import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { PushWakes, WakeTurn } from './push-wakes.ts';

const ROWS = 6;
const DELAY = 50_000;
const SESSION = 200_000;
const SLACK = 1000; // the queue acts at full milliseconds
const PUSH = { delayMicros: DELAY, sigma: 0, sessionMicros: SESSION };
const PLATFORMS = [{ push: PUSH }, {}];

type Step = { readonly row: number; readonly what: 'sleep' | 'call' | 'over'; readonly micros: number };
const step: fc.Arbitrary<Step> = fc.record({
  row: fc.nat(ROWS - 1),
  what: fc.constantFrom('sleep', 'call', 'call', 'over'),
  micros: fc.nat(60_000),
});

/** A phone as one would describe it: absent or not, and what is still to come of a push. */
class Model {
  isAbsent = false;
  /** When a push arrives, or a short session is over. */
  due: { turn: number; atMicros: number } | null = null;
}

describe('which phones a push wakes', () => {
  it('is as in a simple model: one push at a time, after its delay, for a short session, only while absent', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const wakes = new PushWakes(1, PLATFORMS, ROWS);
        const phones = Array.from({ length: ROWS }, () => new Model());
        const of = (row: number): Model => phones[row] ?? assert.fail('a row');
        let now = 1e6;
        const settle = (): void => {
          wakes.advance(now);
          for (let turn = wakes.take(); turn !== WakeTurn.NONE; turn = wakes.take()) {
            const phone = of(wakes.row);
            assert.equal(phone.due?.turn, turn, 'what is due');
            const late = now - (phone.due?.atMicros ?? 0);
            assert.ok(late >= 0 && late < 60_000 + SLACK, `${late} us late`);
            phone.due = null;
            if (turn === WakeTurn.SLEEP) continue;
            assert.equal(wakes.loggedIn(wakes.row, 0), true);
            phone.due = { turn: WakeTurn.SLEEP, atMicros: now + SESSION };
          }
          for (const { due } of phones) assert.ok(due === null || due.atMicros + SLACK > now, 'nothing is left out');
        };
        for (const { row, what, micros } of steps) {
          now += micros;
          settle();
          const phone = of(row);
          if (what === 'over') {
            assert.equal(wakes.absenceOver(row), phone.isAbsent);
            phone.isAbsent = false;
            // What is queued for a phone that is back comes to nothing; it cannot be called again before.
            if (phone.due !== null) now = Math.max(now, phone.due.atMicros + SLACK);
            phone.due = null;
            for (const other of phones)
              if (other.due !== null) other.due.atMicros = Math.max(other.due.atMicros, now - SLACK);
            settle();
          } else if (what === 'sleep') {
            if (phone.isAbsent) continue;
            wakes.slept(row, 0);
            phone.isAbsent = true;
          } else {
            const isCalled = wakes.call(row, row, 0);
            assert.equal(isCalled, phone.isAbsent && phone.due === null);
            if (isCalled) phone.due = { turn: WakeTurn.WAKE, atMicros: now + DELAY };
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it('leaves alone the phones of a platform without pushes, and those that never slept', () => {
    const wakes = new PushWakes(1, PLATFORMS, ROWS);
    wakes.slept(0, 1);
    assert.deepEqual([wakes.hasPush(0), wakes.hasPush(1)], [true, false]);
    assert.deepEqual([wakes.call(0, 0, 1), wakes.call(1, 1, 0), wakes.absenceOver(0)], [false, false, false]);
  });

  it('has delays of the distribution: half below the median, 84 % below one sigma more', () => {
    const rows = 4000;
    const wakes = new PushWakes(7, [{ push: { ...PUSH, sigma: 0.5 } }], rows);
    wakes.advance(1e6);
    for (let row = 0; row < rows; row++) {
      wakes.slept(row, 0);
      assert.ok(wakes.call(row, row, 0));
    }
    const below = (micros: number): number => {
      wakes.advance(1e6 + micros);
      let count = 0;
      while (wakes.take() !== WakeTurn.NONE) count++;
      return count / rows;
    };
    const half = below(DELAY);
    const most = half + below(DELAY * Math.exp(0.5));
    assert.ok(Math.abs(half - 0.5) < 0.04 && Math.abs(most - 0.841) < 0.03, `${half} and ${most}`);
  });

  it('gives a phone another turn that could not do what was due, and none to one that lost its connection', () => {
    const wakes = new PushWakes(1, PLATFORMS, ROWS);
    wakes.slept(3, 0);
    wakes.call(3, 3, 0);
    wakes.advance(DELAY + SLACK);
    assert.equal(wakes.take(), WakeTurn.WAKE);
    wakes.again(WakeTurn.WAKE);
    assert.equal(wakes.take(), WakeTurn.NONE);
    wakes.advance(DELAY + 5 * SLACK);
    assert.equal(wakes.take(), WakeTurn.WAKE);
    assert.equal(wakes.loggedIn(3, 0), true);
    assert.equal(wakes.loggedIn(3, 0), false, 'it stays for one session');
    wakes.advance(DELAY + SESSION + 10 * SLACK);
    assert.equal(wakes.take(), WakeTurn.SLEEP);
    wakes.stays();
    assert.deepEqual([wakes.call(3, 3, 0), wakes.absenceOver(3)], [false, false]);
  });
});
