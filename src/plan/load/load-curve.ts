/**
 * The rate of messages over time, from the rate of the scenario, its stages, the curve of a day and events.
 *
 * The curve and the events change a rate by factors. Each factor is linear between its corners. A product of linear
 * functions is not linear, so it is approximated by eight stages in each slope of an event. If two factors change by a
 * and b there, the error is at most a·b / 256: 0.04 % where an event doubles the rate while the curve changes by a
 * tenth.
 *
 * Phones of several countries are in zones: in each the curve is at the time of its clocks, and an event of some countries
 * happens in their zones only. The rate of all phones is the sum over zones, by their shares of the phones.
 *
 * Curve and events begin with the measurement. Until then the load has the level of that moment, so that it can settle;
 * where there are any, settling takes exactly its time (`phases.settle`), because due times are fixed before a run.
 */
import { Arrivals, type RateStage } from '../../driver/terms/arrivals.ts';
import type { ZoneArrivals } from '../../driver/terms/zone-arrivals.ts';
import type { Curve, LoadEvent } from '../../scenario/keys/load-keys.ts';
import type { ScenarioSettings } from '../../scenario/scenario-schema.ts';
import { sortedCountries, turnsOf } from '../../scenario/terms/country-numbers.ts';
import { blockOrder } from '../../wire/block-order.ts';

const HOURS = 24;
const SLOPE_PARTS = 8;

type Country = ScenarioSettings['countries'][number];
type LoadSettings = Pick<ScenarioSettings, 'traffic' | 'curve' | 'events' | 'phases'> &
  Partial<Pick<ScenarioSettings, 'countries'>>;
type ChurnSettings = Pick<LoadSettings, 'curve' | 'phases' | 'countries'>;

/** Phones whose clocks show a time of day that is `offsetHours` later than UTC, and that have the same events. */
export interface DayZone {
  readonly share: number;
  readonly offsetHours: number;
  /** Their countries; none if it is not given. */
  readonly countries?: readonly Country[];
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

/** The zones of a scenario's countries: UTC alone if nothing distinguishes them. */
function zonesOf({ curve, events, countries = [] }: Pick<LoadSettings, 'curve' | 'events' | 'countries'>): DayZone[] {
  const zones = new Map<string, { share: number; offsetHours: number; countries: Country[] }>();
  for (const country of countries) {
    const offsetHours = curve.hours.length === 0 ? 0 : (country.utcOffset + HOURS) % HOURS;
    const key = [offsetHours, ...events.map((event) => isOf(event, [country]))].join(' ');
    const zone = zones.get(key) ?? { share: 0, offsetHours, countries: [] };
    zone.share += country.share;
    zone.countries.push(country);
    zones.set(key, zone);
  }
  const found = [...zones.values()];
  if (found.length > 1) return found;
  return (found.length === 1 ? found : UTC).map((zone) => ({ ...zone, share: 1 })); // of shares that are rounded
}

/** Whether an event changes the rate of phones of these countries: those of a zone have the same events. */
function isOf({ countries: names }: LoadEvent, countries: readonly Country[]): boolean {
  return names.length === 0 || countries.some(({ name }) => names.includes(name));
}

/** The rate of messages of a scenario, as stages from the start of traffic on. */
export function loadArrivals(settings: LoadSettings, zones: readonly DayZone[] = zonesOf(settings)): Arrivals {
  return changingLoad(settings, (micros) =>
    zones.reduce((sum, zone) => sum + zone.share * zoneFactor(settings, zone, micros), 0),
  );
}

/** The same by zone, where phones of several countries differ; undefined if they do not. */
export function loadByZone(settings: LoadSettings): ZoneArrivals | undefined {
  return byZone(zonesOf(settings), (zone) => changingLoad(settings, (micros) => zoneFactor(settings, zone, micros)));
}

/** Arrivals for each zone; undefined if there is only one. */
function byZone(zones: readonly DayZone[], arrivalsOf: (zone: DayZone) => Arrivals): ZoneArrivals | undefined {
  if (zones.length < 2) return undefined;
  const countries = sortedCountries(zones.flatMap((zone) => zone.countries ?? []));
  const zonesOfCountries = countries.map((one) => zones.findIndex((zone) => zone.countries?.includes(one)));
  const zoneOf = Uint8Array.from(blockOrder(countries.map(turnsOf)), (country) => zonesOfCountries[country] ?? 0);
  return { shares: zones.map(({ share }) => share), arrivals: zones.map(arrivalsOf), zoneOf };
}

/** The factor by which curve and events change the rate of a zone, `micros` after the start of the measurement. */
function zoneFactor({ curve, events }: LoadSettings, zone: DayZone, micros: number): number {
  const theirs = events.filter((event) => isOf(event, zone.countries ?? []));
  const level = curveLevel(curve, micros, [{ ...zone, share: 1 }]);
  return theirs.reduce((product, event) => product * eventFactor(event, micros), level);
}

/** @param factor by which the rate of the scenario changes, so long after the start of the measurement. */
function changingLoad({ traffic, curve, events, phases }: LoadSettings, factor: (micros: number) => number): Arrivals {
  const base = baseStages(traffic);
  if (curve.hours.length === 0 && events.length === 0) return new Arrivals(base);
  const rates = new Arrivals(base);
  const measureAt = phases.settle;
  const factorAt = (micros: number): number => factor(Math.max(0, micros - measureAt));
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
      fromRate: rates.rateAt(fromMicros + inside) * factorAt(fromMicros + inside),
      toRate: rates.rateAt(toMicros - inside) * factorAt(toMicros - inside),
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
export function churnTime(settings: ChurnSettings): Arrivals | undefined {
  if (settings.curve.hours.length === 0) return undefined;
  return passingTime(settings, churnZones(settings));
}

/** The same by zone, where phones of several countries differ; undefined if they do not. */
export function churnByZone(settings: ChurnSettings): ZoneArrivals | undefined {
  return byZone(churnZones(settings), (zone) => passingTime(settings, [{ ...zone, share: 1 }]));
}

function churnZones(settings: ChurnSettings): DayZone[] {
  return zonesOf({ ...settings, events: [] }); // events change the rate of messages only
}

function passingTime({ curve, phases }: ChurnSettings, zones: readonly DayZone[]): Arrivals {
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
