/** How the progress of a run is shown. */
import type { PauseRequests } from '../../run/phases/control/pause-requests.ts';
import type { RunListener } from '../../run/phases/run-listener.ts';
import type { Interruption } from './interruption.ts';

export interface RunView extends RunListener {
  /** Shows a permanent text, such as a warning. */
  note(text: string): void;
  /** The run was asked to end early. */
  ending(): void;
  /** Leaves the terminal as it was, with the cursor at the start of an empty line. */
  close(): void;
}

/** What the keys ask for. */
export interface KeyRequests {
  /** `p`: pauses the load, or resumes it. */
  readonly pauses: PauseRequests;
  /** `q`: ends the run early, with a partial result. */
  readonly interruption: Interruption;
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
