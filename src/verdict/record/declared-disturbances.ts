/**
 * What a scenario itself declares to disturb a run: what guards and reports must not take for a fault. One list, so
 * that every guard gives way to the same disturbances, and every mark of the series is one of them.
 */
import { formatMicros, formatShare } from '../../base/units.ts';
import type { RunEventName } from '../../result/series-schema.ts';
import { type DeclaredStorm, declaredStorms } from '../../scenario/declared-storms.ts';
import type { DeclaredFault } from '../../scenario/keys/faults-key.ts';
import type { ScenarioSettings } from '../../scenario/scenario-schema.ts';

export interface Disturbance {
  /** The event of the series that marks its start. */
  readonly name: RunEventName;
  /** What it is, in words. */
  readonly detail: string;
  /** When it starts, after the start of traffic. */
  readonly startMicros: number;
  /** When its effects are over; Infinity if they may last until the end of the run. */
  readonly endMicros: number;
}

/** The start of a disturbance on the clock of a run. */
export interface Mark {
  readonly atMicros: number;
  readonly name: RunEventName;
  readonly detail: string;
}

/** The settings that declare disturbances. */
export type DisturbedSettings = Pick<ScenarioSettings, 'curve' | 'events' | 'faults' | 'network' | 'phases' | 'storms'>;

/** The disturbances of a scenario, in order of time: settling takes exactly its time where there are any. */
export function declaredDisturbances({ curve, events, faults, phases, ...others }: DisturbedSettings): Disturbance[] {
  const inStorms = declaredStorms(others).map(
    (storm): Disturbance => ({
      name: 'storm',
      detail: storm.kind === 'outage' ? stormTarget(storm) : `${stormTarget(storm)} lost, ${storm.notice}`,
      startMicros: phases.settle + storm.at,
      endMicros: Number.POSITIVE_INFINITY, // how long phones take to return is what a storm measures
    }),
  );
  const inEvents = events.map(
    (event): Disturbance => ({
      name: 'event',
      detail: event.name,
      startMicros: phases.settle + event.at,
      endMicros: phases.settle + event.at + event.duration,
    }),
  );
  const inFaults = faults.map(
    (fault): Disturbance => ({
      name: 'fault',
      detail: faultText(fault),
      startMicros: phases.settle + fault.at,
      endMicros: Number.POSITIVE_INFINITY, // how long phones take to return is what a fault measures
    }),
  );
  const [startMicros, endMicros] = [phases.settle, Number.POSITIVE_INFINITY];
  const inDay: Disturbance = { name: 'event', detail: 'the curve of a day begins', startMicros, endMicros };
  return [...(curve.hours.length === 0 ? [] : [inDay]), ...inEvents, ...inStorms, ...inFaults].sort(
    (a, b) => a.startMicros - b.startMicros,
  );
}

/** Their marks. @param startMicros the start of traffic. */
export function disturbanceMarks(settings: DisturbedSettings, startMicros: number): Mark[] {
  return declaredDisturbances(settings).map(({ name, detail, startMicros: afterMicros }) => ({
    atMicros: startMicros + afterMicros,
    name,
    detail,
  }));
}

/** The connections that a storm drops or an outage cuts off, in words. */
export function stormTarget(declared: DeclaredStorm): string {
  if (declared.kind === 'outage') {
    const { cells, tunnel, duration } = declared.outage;
    const who =
      cells === undefined ? `${formatShare(tunnel ?? 0)} of all phones` : `${formatShare(cells)} of the cells`;
    return `${who} without a network for ${formatMicros(duration)}`;
  }
  const { share, shard, block, addresses } = declared.storm;
  if (shard !== undefined) return `connections of shard ${shard}`;
  if (block !== undefined) return `connections of number block ${block}`;
  if (addresses !== undefined) return `connections from the addresses ${addresses}`;
  return `${formatShare(share ?? 0)} of all connections`;
}

/** What happens to the switch, in words. */
export function faultText({ kill, for: micros }: Pick<DeclaredFault, 'kill' | 'for'>): string {
  return kill === undefined ? `switch stopped for ${formatMicros(micros ?? 0)}` : 'switch killed';
}
