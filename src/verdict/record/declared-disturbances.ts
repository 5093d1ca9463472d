/**
 * What a scenario itself declares to disturb a run: what guards and reports must not take for a fault. One list, so that
 * every guard gives way to the same disturbances, and every mark of the series is one of them.
 */
import { formatShare } from '../../base/units.ts';
import type { RunEventName } from '../../result/series-schema.ts';
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

/** The disturbances of a scenario, in order of time. */
export function declaredDisturbances({ storms }: Pick<ScenarioSettings, 'storms'>): Disturbance[] {
  return storms.map((storm) => ({
    name: 'storm',
    detail: `${stormTarget(storm)} lost, ${storm.notice}`,
    startMicros: storm.at,
    endMicros: Number.POSITIVE_INFINITY, // how long phones take to return is what a storm measures
  }));
}

/** Their marks. @param startMicros the start of traffic. */
export function disturbanceMarks(settings: Pick<ScenarioSettings, 'storms'>, startMicros: number): Mark[] {
  return declaredDisturbances(settings).map(({ name, detail, startMicros: afterMicros }) => ({
    atMicros: startMicros + afterMicros,
    name,
    detail,
  }));
}

/** The connections that a storm drops, in words. */
export function stormTarget({ share, shard, block }: ScenarioSettings['storms'][number]): string {
  if (shard !== undefined) return `connections of shard ${shard}`;
  if (block !== undefined) return `connections of number block ${block}`;
  return `${formatShare(share ?? 0)} of all connections`;
}
