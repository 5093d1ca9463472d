/**
 * The rate of messages over time, from the rate of the scenario, its stages, the curve of a day and events.
 *
 * The curve and the events change a rate by factors. Each factor is linear between its corners. A product of linear
 * functions is not linear, so it is approximated by eight stages in each slope of an event. If two factors change by a
 * and b there, the error is at most a·b / 256: 0.04 % where an event doubles the rate while the curve changes by a
 * tenth.
 *
 * Curve and events begin with the measurement. Until then the load has the level of that moment, so that it can settle;
 * where there are any, settling takes exactly its time (`phases.settle`), because due times are fixed before a run.
 */
import { Arrivals, type RateStage } from '../../driver/terms/arrivals.ts';
import type { Curve, LoadEvent } from '../../scenario/keys/load-keys.ts';
import type { ScenarioSettings } from '../../scenario/scenario-schema.ts';

const HOURS = 24;
const SLOPE_PARTS = 8;

/** Part of a day's curve: phones whose clocks show a time of day that is `offsetHours` later than UTC. */
export interface DayZone {
  readonly share: number;
  readonly offsetHours: number;
}

const UTC: readonly DayZone[] = [{ share: 1, offsetHours: 0 }];

/** The level of a curve, relative to the rate of the scenario, `micros` after the start of the measurement. */
export function curveLevel({ hours, day, start }: Curve, micros: number, zones: readonly DayZone[] = UTC): number {
  if (hours.length === 0) return 1;
  const hour = (micros / day) * HOURS + start / 3600e6;
  return zones.reduce((sum, zone) => sum + zone.share * levelAt(hours, hour + zone.offsetHours), 0);
}

/** The factor of an event, `micros` after the start of the measurement. */
export function eventFactor({ at, rise, duration, messages }: LoadEvent, micros: number): number {
  const inside = Math.min(micros - at, at + duration - micros);
  const slope = Math.min(rise, duration / 2);
  if (inside <= 0) return 1;
  return 1 + messages * (inside >= slope ? 1 : inside / slope);
}

/** The time zones of a scenario's countries; UTC alone without countries. */
function zonesOf(countries: ScenarioSettings['countries']): readonly DayZone[] {
  if (countries.length === 0) return UTC;
  return countries.map(({ share, utcOffset }) => ({ share, offsetHours: utcOffset }));
}

/** The rate of messages of a scenario, as stages from the start of traffic on. */
export function loadArrivals(
  {
    traffic,
    curve,
    events,
    phases,
    countries = [],
  }: Pick<ScenarioSettings, 'traffic' | 'curve' | 'events' | 'phases'> & Partial<Pick<ScenarioSettings, 'countries'>>,
  zones: readonly DayZone[] = zonesOf(countries),
): Arrivals {
  const base = baseStages(traffic);
  if (curve.hours.length === 0 && events.length === 0) return new Arrivals(base);
  const rates = new Arrivals(base);
  const measureAt = phases.settle;
  const factor = (micros: number): number => {
    const measured = Math.max(0, micros - measureAt);
    return events.reduce(
      (product, event) => product * eventFactor(event, measured),
      curveLevel(curve, measured, zones),
    );
  };
  const untilMicros = measureAt + phases.measure + phases.drain;
  const corners = [
    ...new Set([
      0,
      ...stageEnds(base),
      measureAt,
      ...hourStarts(curve, untilMicros - measureAt).map((micros) => measureAt + micros),
      ...events.flatMap(eventCorners).map((micros) => measureAt + micros),
      untilMicros,
    ]),
  ]
    .filter((micros) => micros >= 0 && micros <= untilMicros)
    .sort((a, b) => a - b);
  const times = corners.flatMap((from, n) => {
    const to = corners[n + 1];
    if (to === undefined) return [from];
    const parts = events.some((event) => isInSlope(event, (from + to) / 2 - measureAt)) ? SLOPE_PARTS : 1;
    return Array.from({ length: parts }, (_, part) => from + ((to - from) * part) / parts);
  });
  const stages: RateStage[] = [];
  times.forEach((fromMicros, n) => {
    const toMicros = times[n + 1];
    if (toMicros === undefined) return;
    // The rate just after `from` and just before `to`: a stage may begin or end with a jump of the rate.
    const inside = Math.min(1, (toMicros - fromMicros) / 2);
    stages.push({
      durationMicros: toMicros - fromMicros,
      fromRate: rates.rateAt(fromMicros + inside) * factor(fromMicros + inside),
      toRate: rates.rateAt(toMicros - inside) * factor(toMicros - inside),
    });
  });
  return new Arrivals(stages);
}

/**
 * How time passes for phones that come and go, as stages from the start of traffic on: in a day with a curve, sessions
 * and absences begin and end as much faster as there are more messages, so logins follow the curve as well. The count
 * at a time is the time that has passed for them, in microseconds. Undefined without a curve: their time is that of the
 * run.
 */
export function churnTime({
  curve,
  phases,
  countries = [],
}: Pick<ScenarioSettings, 'curve' | 'phases'> & Partial<Pick<ScenarioSettings, 'countries'>>): Arrivals | undefined {
  if (curve.hours.length === 0) return undefined;
  const zones = zonesOf(countries);
  const untilMicros = phases.measure + phases.drain;
  const corners = [...new Set([0, ...hourStarts(curve, untilMicros), untilMicros])].sort((a, b) => a - b);
  const level = (micros: number): number => curveLevel(curve, micros, zones) * 1e6;
  const stages = corners.slice(1).map((to, n): RateStage => {
    const from = corners[n] ?? 0;
    return { durationMicros: to - from, fromRate: level(from), toRate: level(to) };
  });
  return new Arrivals([{ durationMicros: phases.settle, fromRate: level(0), toRate: level(0) }, ...stages]);
}

/** The stages of the scenario, or one of no duration for a constant rate. */
function baseStages({ rate, stages }: ScenarioSettings['traffic']): RateStage[] {
  if (stages.length === 0) return [{ durationMicros: 0, fromRate: rate, toRate: rate }];
  let fromRate = rate;
  return stages.map((stage) => {
    const made = { durationMicros: stage.duration, fromRate, toRate: stage.target };
    fromRate = stage.target;
    return made;
  });
}

function stageEnds(stages: readonly RateStage[]): number[] {
  let end = 0;
  return stages.map(({ durationMicros }) => {
    end += durationMicros;
    return end;
  });
}

/**
 * When the hours of a curve begin, from the start of the measurement, whatever the time zone: at each quarter of an
 * hour.
 */
function hourStarts({ hours, day, start }: Curve, micros: number): number[] {
  if (hours.length === 0) return [];
  const quarter = day / HOURS / 4;
  const first = quarter - (((start / 3600e6) * 4 * quarter) % quarter);
  const count = Math.max(0, Math.ceil((micros - first) / quarter));
  return Array.from({ length: count }, (_, n) => first + n * quarter);
}

function eventCorners({ at, rise, duration }: LoadEvent): number[] {
  const slope = Math.min(rise, duration / 2);
  return [at, at + slope, at + duration - slope, at + duration];
}

function isInSlope({ at, rise, duration }: LoadEvent, micros: number): boolean {
  const inside = Math.min(micros - at, at + duration - micros);
  return inside > 0 && inside < Math.min(rise, duration / 2);
}

function levelAt(hours: readonly number[], hour: number): number {
  const inDay = ((hour % HOURS) + HOURS) % HOURS;
  const from = Math.floor(inDay);
  const part = inDay - from;
  return (hours[from] ?? 0) * (1 - part) + (hours[(from + 1) % HOURS] ?? 0) * part;
}
