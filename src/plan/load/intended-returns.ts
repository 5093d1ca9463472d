/**
 * How many phones are to come back by a time, where they come and go along the curve of a day: the reference for the
 * logins of a run. Computed on a grid of times, from the same distributions that phones draw from.
 */

import { foundLengths, type Platform, sessionLengths } from '../../driver/people/platforms.ts';
import type { Arrivals } from '../../driver/terms/arrivals.ts';

/** Steps of the grid; the renewal equation takes their square. */
const STEPS = 16_384;
const RENEWAL_STEPS = 2048;

export interface ReturningPhones {
  /** Phones that connect. */
  readonly online: number;
  /** Mean session and absence, where phones have no platforms. */
  readonly sessionMicros: number;
  readonly awayMicros: number;
  readonly platforms?: readonly Platform[] | undefined;
  /** See churnTime in load-curve. */
  readonly churnTime: Arrivals;
  /** Duration of the load. */
  readonly untilMicros: number;
}

export interface IntendedReturns {
  /** Number of phones that are to have come back by then, in microseconds since the start of traffic; not rounded. */
  countAt(elapsedMicros: number): number;
}

/** The returns that a curve intends; null if nobody leaves, or if messages wake phones. */
export function intendedReturns(phones: ReturningPhones): IntendedReturns | null {
  const { platforms, churnTime, sessionMicros } = phones;
  if (platforms === undefined) return Number.isFinite(sessionMicros) ? ofOneRate(phones) : null;
  if (platforms.some(({ push }) => push !== undefined)) return null;
  const leaving = platforms.filter(({ session }) => session.distribution !== 'none');
  if (leaving.length === 0) return null;
  const counts = leaving.map((platform) => ofPlatform(platform, phones));
  return {
    countAt: (elapsedMicros) => {
      const passed = churnTime.countAt(elapsedMicros);
      return counts.reduce((sum, count) => sum + count(passed), 0);
    },
  };
}

/**
 * Phones leave at one rate, which the curve changes, and stay away for a constant time: those away at t are those that
 * left since t less that time, and only the others can leave. When traffic begins, as many have left as would have in
 * the long run at the level that the curve has then (driver/earlier-departures).
 */
function ofOneRate({ online, sessionMicros, awayMicros, churnTime, untilMicros }: ReturningPhones): IntendedReturns {
  const step = untilMicros / STEPS;
  const absence = awayMicros / step;
  const speed = churnTime.rateAt(0) / 1e6;
  const before = (online * step) / (sessionMicros / speed + awayMicros); // departures per step
  const departures = new Float64Array(STEPS + 1);
  const leftBy = (last: number, at: number): number =>
    at < 0 ? before * Math.max(at, -absence) : valueAt(departures, last, at);
  for (let n = 0; n < STEPS; n++) {
    const left = departures[n] as number; // inside the grid
    const away = left - leftBy(n, n - absence);
    const passed = churnTime.countAt((n + 1) * step) - churnTime.countAt(n * step);
    departures[n + 1] = left + ((online - away) * passed) / sessionMicros;
  }
  return { countAt: (elapsedMicros) => leftBy(STEPS, elapsedMicros / step - absence) + before * absence };
}

/**
 * Phones whose sessions have a length of their own: the renewal equation for the expected departures M of a phone,
 * M(u) = G(u) + ∫ M(u - s - away) dH(s), with G of the first session, which is found at a random moment, and H of the
 * others (Cox, "Renewal theory", 1962, chapter 4). Sessions and absences pass in churn time, so the equation has no
 * curve.
 * @returns returns of all phones of the platform by a churn time.
 */
function ofPlatform(
  platform: Platform,
  { online, churnTime, untilMicros }: ReturningPhones,
): (micros: number) => number {
  const step = churnTime.countAt(untilMicros) / RENEWAL_STEPS;
  const [found, lengths] = [foundLengths(platform.session), sessionLengths(platform.session)];
  const away = platform.awayMicros / step;
  const first = (micros: number): number => mean(found, (length) => Math.min(1, micros / length));
  const ended = Float64Array.from({ length: RENEWAL_STEPS + 1 }, (_, n) =>
    mean(lengths, (length) => (length <= n * step ? 1 : 0)),
  );
  const departures = new Float64Array(RENEWAL_STEPS + 1);
  for (let n = 1; n <= RENEWAL_STEPS; n++) {
    let expected = first(n * step);
    for (let s = 0; s < n - away; s++) {
      const share = (ended[s + 1] as number) - (ended[s] as number); // inside the grid
      if (share > 0) expected += share * valueAt(departures, n - 1, n - s - 0.5 - away);
    }
    departures[n] = expected;
  }
  const phones = online * platform.share;
  return (micros) => phones * valueAt(departures, RENEWAL_STEPS, micros / step - away);
}

/** The value between two steps of a grid that is known up to `last`; 0 before its start. */
function valueAt(grid: Float64Array, last: number, step: number): number {
  if (step <= 0) return 0;
  const from = Math.max(0, Math.min(last - 1, Math.floor(step)));
  const before = grid[from] as number; // inside the grid, here and below
  return last === 0 ? before : before + (step - from) * ((grid[from + 1] as number) - before);
}

function mean(values: readonly number[], of: (value: number) => number): number {
  return values.reduce((sum, value) => sum + of(value), 0) / values.length;
}
