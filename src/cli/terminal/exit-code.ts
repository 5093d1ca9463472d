/** What the command's exit code means. */
import type { Result } from '../../result/result-schema.ts';

export const ExitCode = {
  FINE: 0,
  THRESHOLD_FAILED: 1,
  USAGE: 2,
  INVALID: 3,
  /** Only where it was asked for. */
  INCONCLUSIVE: 4,
  INTERRUPTED: 130,
  TERMINATED: 143,
} as const;

/** The code for a finished run; an invalid measurement outranks a threshold it cannot judge. */
export function exitCodeOf(result: Result): number {
  if (!result.validity.isValid) return ExitCode.INVALID;
  return result.thresholds.every((one) => one.passed) ? ExitCode.FINE : ExitCode.THRESHOLD_FAILED;
}
