/** The exit codes of the program. */
import type { Result } from '../../result/result-schema.ts';

export const ExitCode = {
  FINE: 0,
  THRESHOLD_FAILED: 1,
  USAGE: 2,
  INVALID: 3,
  /** Only on request. */
  INCONCLUSIVE: 4,
  INTERRUPTED: 130,
  TERMINATED: 143,
} as const;

/** The exit code of a finished run. An invalid measurement takes precedence over thresholds, which it cannot judge. */
export function exitCodeOf(result: Result): number {
  if (!result.validity.isValid) return ExitCode.INVALID;
  return result.thresholds.every((one) => one.passed) ? ExitCode.FINE : ExitCode.THRESHOLD_FAILED;
}
