/**
 * Asks of a stored result what kind of run it was. A run whose switch was a process elsewhere has only the figures of
 * the driver, and the parts of the report leave out their lines about the switch instead of printing zeros.
 */
import type { Result } from '../../../result/result-schema.ts';

/** Whether the run has no switch of its own; its result then lacks everything that only the switch knows. */
export function isDriverAlone({ integrity }: Pick<Result, 'integrity'>): boolean {
  return integrity.queued === null;
}
