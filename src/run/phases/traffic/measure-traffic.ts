/** The load: starts it, waits until it is steady, and measures. */

import type { IntendedEvents } from '../../../verdict/record/intended-events.ts';
import type { MeasuredWindow } from '../../../verdict/record/run-record.ts';
import { countsOf, type SettleOutcome, settled } from '../../../verdict/record/settle-outcome.ts';
import { Window } from '../../../verdict/record/window.ts';
import type { RunSides } from '../../sides/run-sides.ts';
import { type RunControl, RunEnded } from '../control/run-control.ts';
import type { TimeSeries } from '../intervals/time-series.ts';
import { takeSnapshot } from './take-snapshot.ts';

/** Traffic starts a moment after the command, so that no lane is late from the start. */
const LEAD_MICROS = 2000;
const POLL_MILLIS = 10;
/** Time limit for those to leave that are away when traffic begins. */
export const BEGIN_MICROS_MAX = 600e6;

/** @returns the start time, on the clock of the sides. */
export async function startTraffic(sides: RunSides): Promise<number> {
  const startMicros = sides.clock.nowMicros() + LEAD_MICROS;
  await sides.lanes({ kind: 'startTraffic', startMicros });
  return startMicros;
}

export interface SettleLimits {
  readonly limitMicros: number;
  readonly intended: IntendedEvents;
  /** Whether settling takes exactly its time: due times of a curve, events and storms count from its end. */
  readonly isFixed: boolean;
  /** Settling takes at least this time, but not more than its limit: until then no phone that left can be back. */
  readonly leastMicros: number;
}

/**
 * Waits until the load is steady, up to a time limit; or exactly that time, where the load has a timetable. Otherwise
 * the time counts from when all have left that are away when traffic begins: no others leave or return before that.
 */
export async function settleTraffic(
  sides: RunSides,
  control: RunControl,
  series: TimeSeries,
  { limitMicros, intended, isFixed, leastMicros }: SettleLimits,
): Promise<SettleOutcome> {
  const first = series.count;
  const loadMicros = (): number => sides.clock.nowMicros() - control.pausedMicros;
  const beginUntilMicros = loadMicros() + BEGIN_MICROS_MAX;
  let fromMicros = loadMicros();
  let seen = first;
  for (;;) {
    const isBeginning = !isFixed && sides.driver('lanesBeginning') > 0 && loadMicros() < beginUntilMicros;
    if (isBeginning) fromMicros = loadMicros();
    // The first interval is incomplete.
    const counts = series.since(first + 1).map((interval) => countsOf(interval, intended));
    const isNew = seen !== series.count && !isBeginning && loadMicros() - fromMicros >= leastMicros;
    seen = series.count;
    const outcome =
      settled(isNew && !isFixed ? counts : [], false) ??
      (loadMicros() - fromMicros < limitMicros ? null : settled(counts, true));
    if (outcome !== null) return outcome;
    await control.wait(POLL_MILLIS);
  }
}

export interface MeasureOutcome extends MeasuredWindow {
  /** The reason if the window ended early; otherwise null. */
  readonly ended: RunEnded | null;
}

/** Measures for a duration. An interruption ends the window early; what was measured until then is returned. */
export async function measureTraffic(
  sides: RunSides,
  control: RunControl,
  series: TimeSeries,
  micros: number,
  onStart: () => Promise<void>,
): Promise<MeasureOutcome> {
  await onStart();
  await sides.watch(false);
  const first = series.count;
  const start = await takeSnapshot(sides);
  const pausedBefore = control.pausedMicros;
  const loadedMicros = (): number => sides.clock.nowMicros() - start.atMicros - (control.pausedMicros - pausedBefore);
  let ended: RunEnded | null = null;
  try {
    while (loadedMicros() < micros) await control.wait(POLL_MILLIS);
  } catch (error) {
    if (!(error instanceof RunEnded)) throw error;
    ended = error;
  }
  const window = new Window(start, await takeSnapshot(sides));
  await sides.watch(true);
  return { window, intervals: series.since(first + 1), ended };
}
