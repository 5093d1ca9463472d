import type { Result } from '../../result/result-schema.ts';

/** Whether the run has no switch of its own; its result then lacks everything that only the switch knows. */
export function isDriverAlone({ integrity }: Pick<Result, 'integrity'>): boolean {
  return integrity.queued === null;
}
