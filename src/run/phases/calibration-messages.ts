/** What a run and the process that calibrates its driver say to each other. */

import type { RunPlan } from '../plan/run-plan.ts';
import type { MemoryLine } from './memory-levels.ts';

/** Sent to the process: what to calibrate. */
export interface CalibrationOrder {
  readonly plan: RunPlan;
}

/** What the driver does alone, with a switch that only answers. */
export interface CalibrationOutcome {
  readonly phones: number;
  /** Above 0: a driver that gets no answer at all fails its calibration. */
  readonly messagesPerSecond: number;
  readonly laneCpuMicrosPerMessage: number | null;
  readonly rss: MemoryLine | null;
  /** Switch memory that is in `rss`: the transport's table, which the real switch has as well. */
  readonly switchBytesPerConnection: number;
}

/** Sent back: an outcome, or why there is none. */
export type CalibrationAnswer = { readonly outcome: CalibrationOutcome } | { readonly error: string };
