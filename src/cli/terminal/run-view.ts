/** How the progress of a run is shown. */
import type { RunListener } from '../../run/phases/execute-run.ts';

export interface RunView extends RunListener {
  /** Shows a permanent text, such as a warning. */
  note(text: string): void;
  /** The run was asked to end early. */
  ending(): void;
  /** Leaves the terminal as it was, with the cursor at the start of an empty line. */
  close(): void;
}

const nothing = (): void => {};

/** For `--quiet`: shows nothing. */
export const SILENT: RunView = {
  phase: nothing,
  interval: nothing,
  reading: nothing,
  calibrated: nothing,
  event: nothing,
  note: nothing,
  ending: nothing,
  close: nothing,
};
