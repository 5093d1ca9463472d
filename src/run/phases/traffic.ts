/** The load: started, watched until it is steady, then measured. */
import {
  type Bin,
  isSteady,
  isSteadyWithinNoise,
  STEADY_BINS,
  trendShare,
  trendShareMost,
} from '../../stats/steadiness.ts';
import type { RunSides } from '../sides/run-sides.ts';
import type { IntendedMessages } from './message-arrivals.ts';
import { type RunControl, RunEnded } from './run-control.ts';
import type { Interval, TimeSeries } from './time-series.ts';
import { takeSnapshot, Window } from './window.ts';

/** Traffic starts a moment after the command, so that no lane is late from the start. */
const LEAD_MICROS = 2000;
const POLL_MILLIS = 10;

export interface SettleOutcome {
  readonly isSteady: boolean;
  /** How far the trend of the last intervals moved their median; null with too few of them. */
  readonly trendShare: number | null;
  /** How far it may; above the plain limit where so few events say no more. */
  readonly trendShareMost: number;
}

/** @returns when it starts, on the clock of the sides. */
export async function startTraffic(threads: RunSides): Promise<number> {
  const startMicros = threads.clock.nowMicros() + LEAD_MICROS;
  await threads.lanes({ kind: 'startTraffic', startMicros });
  return startMicros;
}

/** What settling comes to with these intervals; null while there is reason and time to wait. */
export function settled(bins: readonly Bin[], isOver: boolean): SettleOutcome | null {
  const steady = isSteady(bins);
  if (!steady && !isOver) return null;
  const trend = { trendShare: trendShare(bins), trendShareMost: trendShareMost(bins) };
  return { isSteady: steady || isSteadyWithinNoise(bins), ...trend };
}

/** Waits until the load is steady, at most for so long. */
export async function settle(
  threads: RunSides,
  control: RunControl,
  series: TimeSeries,
  { limitMicros, intended }: { readonly limitMicros: number; readonly intended: IntendedMessages },
): Promise<SettleOutcome> {
  const first = series.intervals.length;
  const until = threads.clock.nowMicros() + limitMicros;
  let seen = first;
  for (;;) {
    // The first interval is a part of one.
    const bins = series.intervals.slice(first + 1).map((interval) => toBin(interval, intended));
    const isNew = seen !== series.intervals.length;
    seen = series.intervals.length;
    const outcome =
      settled(isNew ? bins : [], false) ?? (threads.clock.nowMicros() < until ? null : settled(bins, true));
    if (outcome !== null) return outcome;
    await control.pause(POLL_MILLIS);
  }
}

export interface MeasureOutcome {
  readonly window: Window;
  readonly intervals: readonly Interval[];
  /** What ended the window before its time. */
  readonly ended: RunEnded | null;
}

/** Measures for so long; an interruption ends it early, with what there is. */
export async function measure(
  threads: RunSides,
  control: RunControl,
  series: TimeSeries,
  micros: number,
  onStart: () => Promise<void>,
): Promise<MeasureOutcome> {
  await onStart();
  await threads.watch(false);
  const first = series.intervals.length;
  const start = await takeSnapshot(threads);
  let ended: RunEnded | null = null;
  try {
    while (threads.clock.nowMicros() - start.atMicros < micros) await control.pause(POLL_MILLIS);
  } catch (error) {
    if (!(error instanceof RunEnded)) throw error;
    ended = error;
  }
  const window = new Window(start, await takeSnapshot(threads));
  await threads.watch(true);
  return { window, intervals: series.intervals.slice(first + 1), ended };
}

/** Fewest intervals of a measured window from which halves can be compared. */
export const HALVES_BINS_LEAST = 2 * STEADY_BINS;

/** An interval as guards see it: what was done beside what was intended. */
export function toBin(interval: Interval, intended: IntendedMessages): Bin {
  const { atSeconds, seconds, messagesPerSecond, backlogMessages } = interval;
  return {
    done: messagesPerSecond * seconds,
    intended: intended((atSeconds - seconds) * 1e6, atSeconds * 1e6),
    backlog: backlogMessages,
  };
}
