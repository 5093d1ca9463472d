/** What a run and the process that calibrates its driver say to each other. */

import type { RunPlan } from '../../plan/run-plan.ts';
import type { CalibrationOutcome } from '../../verdict/calibration-outcome.ts';

/** Sent to the process: what to calibrate. */
export interface CalibrationOrder {
  readonly plan: RunPlan;
}

/** Sent back: an outcome, or why there is none. */
export type CalibrationAnswer = { readonly outcome: CalibrationOutcome } | { readonly error: string };
