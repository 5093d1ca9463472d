/** The load: started, watched until it is steady, then measured. */
import { isSteady, STEADY_BINS, trendShare } from '../stats/steadiness.ts';
import { type RunControl, RunEnded } from './run-control.ts';
import type { RunSides } from './run-sides.ts';
import type { Interval, TimeSeries } from './time-series.ts';
import { takeSnapshot, Window } from './window.ts';

/** Traffic starts a moment after the command, so that no lane is late from the start. */
const LEAD_MICROS = 2000;
const POLL_MILLIS = 10;

export interface SettleOutcome {
  readonly isSteady: boolean;
  /** How far the trend of the last intervals moved their median; null with too few of them. */
  readonly trendShare: number | null;
}

export async function startTraffic(threads: RunSides): Promise<void> {
  await threads.lanes({ kind: 'startTraffic', startMicros: threads.clock.nowMicros() + LEAD_MICROS });
}

/** Waits until the load is steady, at most for so long. */
export async function settle(
  threads: RunSides,
  control: RunControl,
  series: TimeSeries,
  limitMicros: number,
): Promise<SettleOutcome> {
  const first = series.intervals.length;
  const until = threads.clock.nowMicros() + limitMicros;
  let seen = first;
  for (;;) {
    const bins = series.intervals.slice(first + 1).map(toBin); // the first interval is a part of one
    const steady = seen !== series.intervals.length && isSteady(bins);
    seen = series.intervals.length;
    if (steady || threads.clock.nowMicros() >= until) return { isSteady: steady, trendShare: trendShare(bins) };
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
  return { window, intervals: series.intervals.slice(first + 1), ended };
}

/** Fewest intervals of a measured window from which halves can be compared. */
export const HALVES_BINS_LEAST = 2 * STEADY_BINS;

function toBin(interval: Interval): { seconds: number; rate: number; backlog: number } {
  return { seconds: interval.seconds, rate: interval.messagesPerSecond, backlog: interval.backlogMessages };
}
