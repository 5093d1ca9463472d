/**
 * Phones that have left before traffic begins. All phones log in first; when traffic begins, these leave at once, and
 * come back one after the other from then on, as at any later time. Otherwise phones would leave and return in waves,
 * and a run would have the rates of the waves until they have died down, after several sessions and absences.
 */
import { CellSchedule } from './schedules/cell-schedule.ts';
import type { LaneSettings } from './state/lane-settings.ts';
import { Arrivals, type RateStage } from './terms/arrivals.ts';

const MICROS_PER_SECOND = 1e6;
/** The stream of random numbers. */
const STREAM = 0x4544;
/**
 * Straight pieces that stand for the rate, within a thousandth of it if absences are a hundred times as long as
 * sessions.
 */
const STAGES = 64;

/** Departures of the phones of a lane that leave at one rate, before traffic begins; none are due after that. */
export function earlierDepartures(settings: LaneSettings): CellSchedule {
  const { seed, population, lane, sessionMicros, awayMicros, churnTime, churnByZone } = settings;
  const sessionIn = (time: Arrivals): number => sessionMicros / (time.rateAt(0) / MICROS_PER_SECOND);
  const phones = population.online;
  const sessions = churnByZone?.arrivals.map(sessionIn) ?? [
    churnTime === undefined ? sessionMicros : sessionIn(churnTime),
  ];
  const made = sessions.map((micros) => new Arrivals(stages(phones, micros, awayMicros, Math.min(...sessions))));
  const arrivals = churnByZone === undefined ? (made[0] as Arrivals) : { ...churnByZone, arrivals: made }; // there is one
  return new CellSchedule({
    seed,
    stream: STREAM,
    arrivals,
    pacing: 'poisson',
    population,
    lane,
    phones,
    startMicros: -awayMicros,
  });
}

/**
 * The rate of departures in the time of an absence; none are due after it.
 *
 * Of N phones with sessions of mean S and absences of length A, N / (S + A) leave per unit of time in the long run.
 * Whoever is away when traffic begins has left in the time A before, and none of these is back yet: at a time t after
 * its start N - N t / (S + A) phones are online. A departure that falls to any of the N phones at random, and takes one
 * only if it is online, must come the more often the more of them are away: N / (S + A - t) of them per unit of time.
 *
 * @param shortestMicros the shortest mean session of all zones, by which the time is divided, for all alike.
 */
function stages(phones: number, sessionMicros: number, awayMicros: number, shortestMicros: number): RateStage[] {
  const end = { durationMicros: 0, fromRate: 0, toRate: 0 };
  if (!Number.isFinite(shortestMicros)) return [end];
  const cycleMicros = shortestMicros + awayMicros;
  const ratio = (shortestMicros / cycleMicros) ** (1 / STAGES);
  const pieces = Array.from({ length: STAGES }, (_, n) => {
    const [from, to] = [cycleMicros * ratio ** n, cycleMicros * ratio ** (n + 1)];
    const rate = (micros: number): number => (phones / (micros + (sessionMicros - shortestMicros))) * MICROS_PER_SECOND;
    return { durationMicros: from - to, fromRate: rate(from), toRate: rate(to) };
  });
  return [...pieces, end];
}
