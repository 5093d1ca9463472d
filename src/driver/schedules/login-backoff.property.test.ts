/** The distribution of each kind of back-off against its formula. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type BackoffSettings, LoginBackoff } from './login-backoff.ts';

const BASE = 1e6;
const CAP = 30e6;
const PHONES = 20_000;

/** The n-th delays of many phones. */
function delays(settings: BackoffSettings, tries: number): number[][] {
  const backoff = new LoginBackoff(settings, 7, 1);
  const series = new Array<number>(PHONES).fill(0);
  return Array.from({ length: tries }, () =>
    series.map((before, phone) => {
      backoff.draw(before);
      series[phone] = backoff.seriesMicros;
      return backoff.delayMicros;
    }),
  );
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
/** Share of the most frequent of 30 equal parts of the values up to the cap. */
const crowd = (values: readonly number[]): number => {
  const parts = new Array<number>(30).fill(0);
  for (const value of values)
    parts[Math.min(29, Math.floor((30 * value) / CAP))] =
      (parts[Math.min(29, Math.floor((30 * value) / CAP))] ?? 0) + 1;
  return Math.max(...parts) / values.length;
};
const settings = (kind: BackoffSettings['kind']): BackoffSettings => ({ kind, baseMicros: BASE, capMicros: CAP });
/** Five standard errors of the mean of a uniform distribution as wide as the cap. */
const tolerance = (5 * CAP) / Math.sqrt(12 * PHONES);

describe('the back-off of logins', () => {
  it('is the base every time without jitter', () => {
    for (const values of delays(settings('none'), 4)) assert.ok(values.every((value) => value === BASE));
  });

  it('with full jitter is uniform from 0 to the base doubled by each try, up to the cap', () => {
    delays(settings('full-jitter'), 9).forEach((values, n) => {
      const ceiling = Math.min(CAP, BASE * 2 ** n);
      assert.ok(Math.min(...values) >= 0 && Math.max(...values) <= ceiling, `try ${n}`);
      assert.ok(Math.abs(mean(values) - ceiling / 2) < tolerance, `mean of try ${n}: ${mean(values)}`);
      assert.ok(Math.max(...values) > 0.99 * ceiling && Math.min(...values) < 0.01 * ceiling, `range of try ${n}`);
    });
  });

  it('decorrelated is uniform from the base to three times the delay before, up to the cap', () => {
    const tries = delays(settings('decorrelated'), 12);
    tries.forEach((values, n) => {
      const ceilings =
        n === 0 ? values.map(() => 3 * BASE) : (tries[n - 1] ?? []).map((last) => Math.min(CAP, 3 * last));
      assert.ok(values.every((value, phone) => value >= BASE && value <= (ceilings[phone] ?? 0)));
      const expected = mean(ceilings.map((ceiling) => (BASE + ceiling) / 2));
      assert.ok(Math.abs(mean(values) - expected) < tolerance, `mean of try ${n}: ${mean(values)}, not ${expected}`);
    });
  });

  it('spreads phones after the cap as before it, so that no crowd comes at once', () => {
    for (const kind of ['full-jitter', 'decorrelated'] as const) {
      const last = delays(settings(kind), 12).at(-1) ?? [];
      assert.ok(crowd(last) < 0.12, `${kind}: ${crowd(last)} of all phones in one thirtieth of the cap`);
    }
    assert.equal(crowd(delays(settings('none'), 1)[0] ?? []), 1);
  });

  it('stays within base and cap, whatever they are and however many tries there were', () => {
    const kinds = fc.constantFrom('none', 'full-jitter', 'decorrelated' as const);
    const times = fc.tuple(fc.integer({ min: 1000, max: 2 ** 29 }), fc.integer({ min: 0, max: 2 ** 29 }));
    fc.assert(
      fc.property(kinds, times, fc.integer(), (kind, [baseMicros, more], seed) => {
        const backoff = new LoginBackoff({ kind, baseMicros, capMicros: baseMicros + more }, seed, 1);
        for (let n = 0, series = 0; n < 40; n++, series = backoff.seriesMicros) {
          backoff.draw(series);
          assert.ok(backoff.delayMicros >= (kind === 'full-jitter' ? 0 : baseMicros));
          assert.ok(backoff.delayMicros <= baseMicros + more);
        }
      }),
    );
  });
});
