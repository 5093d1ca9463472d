/**
 * How many phones are to come back by a time, where they come and go along the curve of a day: the reference for the
 * logins of a run. Computed from the same distributions that phones draw from.
 */

import { type Platform, sessionLengths } from '../../driver/people/platforms.ts';
import type { Arrivals } from '../../driver/terms/arrivals.ts';
import type { ZoneArrivals } from '../../driver/terms/zone-arrivals.ts';

/** Steps of the grid on which the returns of phones without platforms are computed. */
const STEPS = 16_384;
const MICROS_PER_SECOND = 1e6;

export interface ReturningPhones {
  /** Phones that connect. */
  readonly online: number;
  /** Mean session and absence, where phones have no platforms. */
  readonly sessionMicros: number;
  readonly awayMicros: number;
  readonly platforms?: readonly Platform[] | undefined;
  /** See churnTime in load-curve. */
  readonly churnTime: Arrivals;
  readonly churnByZone?: ZoneArrivals | undefined;
  /** Duration of the load. */
  readonly untilMicros: number;
}

export interface IntendedReturns {
  /**
   * Number of phones that are to have come back by then, in microseconds since the start of traffic; not rounded. Phones
   * that leave when traffic begins delay all returns by the time that this takes, which is not known here.
   */
  countAt(elapsedMicros: number): number;
}

/** The returns that a curve intends; null if nobody leaves, or if messages wake phones. */
export function intendedReturns(phones: ReturningPhones): IntendedReturns | null {
  const { online, platforms, churnTime, sessionMicros } = phones;
  if (platforms === undefined) return Number.isFinite(sessionMicros) ? ofZones(phones) : null;
  const perSecond = platformReturnsPerSecond(online, platforms);
  return perSecond === null
    ? null
    : { countAt: (elapsedMicros) => (perSecond / MICROS_PER_SECOND) * churnTime.countAt(elapsedMicros) };
}

/**
 * Returns per second of phones with platforms, where time passes for them as in the run. The rate is constant once all
 * have left that are away when traffic begins, since each phone is then at a random moment of its sessions and absences,
 * as in the long run (driver/people/session-ends). It is in proportion to the speed at which their time passes.
 * @returns null if nobody leaves, or if messages wake phones.
 */
export function platformReturnsPerSecond(online: number, platforms: readonly Platform[]): number | null {
  const leaving = leavingPlatforms(platforms);
  if (leaving === null) return null;
  return leaving.reduce((sum, platform) => sum + returnsPerSecond(online, platform), 0);
}

/**
 * How many phones with platforms are connected in the long run, and once all have left that are away when traffic
 * begins. The speed at which their time passes does not matter: it is that of sessions and absences alike.
 * @returns null as above.
 */
export function platformsConnected(online: number, platforms: readonly Platform[]): number | null {
  const leaving = leavingPlatforms(platforms);
  if (leaving === null) return null;
  const away = leaving.map((one) => (returnsPerSecond(online, one) * one.awayMicros) / MICROS_PER_SECOND);
  return away.reduce((left, phones) => left - phones, online);
}

/** The platforms whose phones leave; null if none do, or if messages wake phones. */
function leavingPlatforms(platforms: readonly Platform[]): readonly Platform[] | null {
  const leaving = platforms.filter(({ session }) => session.distribution !== 'none');
  return leaving.length === 0 || platforms.some(({ push }) => push !== undefined) ? null : leaving;
}

function returnsPerSecond(online: number, { share, session, awayMicros }: Platform): number {
  const lengths = sessionLengths(session);
  const meanMicros = lengths.reduce((all, length) => all + length, 0) / lengths.length;
  return (online * share * MICROS_PER_SECOND) / (meanMicros + awayMicros);
}

/** The returns of phones that leave at one rate; each zone has its own time. */
function ofZones(phones: ReturningPhones): IntendedReturns {
  const { churnByZone: zones, online } = phones;
  if (zones === undefined) return ofOneRate(phones);
  const each = zones.arrivals.map((churnTime, zone) =>
    ofOneRate({ ...phones, online: online * (zones.shares[zone] ?? 0), churnTime }),
  );
  return { countAt: (elapsedMicros) => each.reduce((sum, one) => sum + one.countAt(elapsedMicros), 0) };
}

/**
 * Phones leave at one rate, which the curve changes, and stay away for a constant time: those away at t are those that
 * left since t less that time, and only the others can leave. When traffic begins, as many have left as would have in
 * the long run at the level that the curve has then (driver/earlier-departures).
 */
function ofOneRate({ online, sessionMicros, awayMicros, churnTime, untilMicros }: ReturningPhones): IntendedReturns {
  const step = untilMicros / STEPS;
  const absence = awayMicros / step;
  const speed = churnTime.rateAt(0) / MICROS_PER_SECOND;
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

/** The value between two steps of a grid that is known up to `last`; 0 before its start. */
function valueAt(grid: Float64Array, last: number, step: number): number {
  if (step <= 0) return 0;
  const from = Math.max(0, Math.min(last - 1, Math.floor(step)));
  const before = grid[from] as number; // inside the grid, here and below
  return last === 0 ? before : before + (step - from) * ((grid[from + 1] as number) - before);
}
