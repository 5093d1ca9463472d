/** Messages between a run and the process that calibrates its driver. */

import type { RunPlan } from '../../../plan/run-plan.ts';
import type { CalibrationOutcome } from '../../../verdict/record/calibration-outcome.ts';

/** Sent to the process: what to calibrate. */
export interface CalibrationOrder {
  readonly plan: RunPlan;
}

/** The answer: an outcome, or the error. */
export type CalibrationAnswer = { readonly outcome: CalibrationOutcome } | { readonly error: string };
