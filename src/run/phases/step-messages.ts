/** Messages between a series of runs and the process of one of its steps. */
import type { ErrorCode } from '../../base/errors.ts';
import type { Result } from '../../result/result-schema.ts';
import type { RunEvent } from '../../result/series-schema.ts';
import type { Interval } from '../../verdict/record/interval.ts';
import type { MemoryReading } from '../../verdict/record/memory-reading.ts';
import type { PhaseName } from '../../verdict/record/run-record.ts';
import type { RunOrder } from './order/run-order.ts';
import type { ProfileOrder } from './run-profiles.ts';

/**
 * Sent to the process: the run's order, with what to profile of it, and later possibly requests to end early, or to
 * pause or resume the load.
 */
export type StepCommand =
  | { readonly kind: 'run'; readonly order: RunOrder; readonly profile: ProfileOrder | null }
  | { readonly kind: 'interrupt' }
  | { readonly kind: 'pause' };

/** Sent back: progress and, at the end, a result or the error. */
export type StepMessage =
  | { readonly kind: 'phase'; readonly name: PhaseName; readonly detail: string }
  | { readonly kind: 'interval'; readonly interval: Interval }
  | { readonly kind: 'event'; readonly event: RunEvent }
  | { readonly kind: 'reading'; readonly reading: MemoryReading }
  | { readonly kind: 'calibrated'; readonly messagesPerSecond: number }
  | { readonly kind: 'result'; readonly result: Result; readonly areProfilesKept: boolean }
  | { readonly kind: 'refusal'; readonly code: ErrorCode; readonly message: string };
