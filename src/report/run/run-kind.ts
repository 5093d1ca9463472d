import type { Result } from '../../result/result-schema.ts';

/** The switch is not part of the run: what it did and holds is not in the result. */
export function isDriverAlone({ integrity }: Pick<Result, 'integrity'>): boolean {
  return integrity.queued === null;
}
