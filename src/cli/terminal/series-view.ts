/** How the progress of a series is shown. */
import type { SeriesProgress } from './series-frame.ts';

export interface SeriesView {
  /** Shows a permanent line. */
  note(text: string): void;
  /** A run starts, or a trial, or a phase before the first. */
  starts(progress: SeriesProgress): void;
  /** Shows nothing until the next run starts, so that something else can be printed. */
  rest(): void;
  /** Leaves the terminal as it was. */
  close(): void;
}

const nothing = (): void => {};

/** For `--quiet`: shows nothing. */
export const SILENT_SERIES: SeriesView = { note: nothing, starts: nothing, rest: nothing, close: nothing };
