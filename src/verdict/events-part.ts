/**
 * The section of a result about declared events: rates before each and at its height, from the intervals of the run.
 */
import type { EventResult } from '../result/sections/events-schema.ts';
import type { LoadEvent } from '../scenario/keys/load-keys.ts';
import type { ScenarioSettings } from '../scenario/scenario-schema.ts';
import { type DisturbedSettings, declaredDisturbances, type Mark } from './record/declared-disturbances.ts';
import type { Interval } from './record/interval.ts';

/** Longest time before an event whose rates are those before it: a curve changes them meanwhile. */
const BEFORE_SECONDS = 30;

/** A time on the clock of the intervals, in seconds. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** @param marks of all disturbances of the run; empty if it ended before traffic started. */
export function eventsPart(
  settings: DisturbedSettings & Pick<ScenarioSettings, 'countries'>,
  intervals: readonly Interval[],
  marks: readonly Mark[],
): EventResult[] {
  const { events, phases } = settings;
  const [firstMark, firstDeclared] = [marks[0], declaredDisturbances(settings)[0]];
  if (firstMark === undefined || firstDeclared === undefined) return [];
  const trafficMicros = firstMark.atMicros - firstDeclared.startMicros;
  const measured = intervals.filter(({ phase }) => phase === 'measure');
  const startOf = ({ at }: LoadEvent): number => (trafficMicros + phases.settle + at) / 1e6;
  const spans = events.map((event): Span => ({ from: startOf(event), to: startOf(event) + event.duration / 1e6 }));
  const calm = measured.filter((interval) => !spans.some((span) => overlaps(interval, span)));
  return events
    .map((event): EventResult => {
      const from = startOf(event);
      const rise = event.rise / 1e6;
      const before = within(calm, { from: from - BEFORE_SECONDS, to: from });
      const height = within(measured, { from: from + rise, to: from + event.duration / 1e6 - rise });
      return {
        name: event.name,
        atSeconds: from,
        changeShare: event.messages * shareOf(event, settings.countries),
        messagesBeforePerSecond: meanRate(before, 'messagesPerSecond'),
        messagesPerSecond: meanRate(height, 'messagesPerSecond'),
        deliveriesBeforePerSecond: meanRate(before, 'deliveriesPerSecond'),
        deliveriesPerSecond: meanRate(height, 'deliveriesPerSecond'),
      };
    })
    .sort((a, b) => a.atSeconds - b.atSeconds);
}

/** The share of all phones that an event is for. */
function shareOf({ countries: names }: LoadEvent, countries: ScenarioSettings['countries']): number {
  if (names.length === 0) return 1;
  return countries.reduce((sum, { name, share }) => (names.includes(name) ? sum + share : sum), 0);
}

/** Intervals that lie in a time as a whole. */
function within(intervals: readonly Interval[], { from, to }: Span): Interval[] {
  return intervals.filter(({ atSeconds, seconds }) => atSeconds - seconds >= from && atSeconds <= to);
}

function overlaps({ atSeconds, seconds }: Interval, { from, to }: Span): boolean {
  return atSeconds > from && atSeconds - seconds < to;
}

/** The mean of a rate over intervals of any length; null if there is none. */
function meanRate(intervals: readonly Interval[], rate: 'messagesPerSecond' | 'deliveriesPerSecond'): number | null {
  const seconds = intervals.reduce((sum, interval) => sum + interval.seconds, 0);
  if (seconds === 0) return null;
  return intervals.reduce((sum, interval) => sum + interval[rate] * interval.seconds, 0) / seconds;
}
