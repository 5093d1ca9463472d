/** An outcome as JSON: the source of all other reports. */
import type { StoredOutcome } from '../../analysis/stored-outcome.ts';
import { assert } from '../../base/assert.ts';

/** JSON would turn a number that is not finite into null, "not measured"; such a number is a bug and stops here. */
export function outcomeJson(outcome: StoredOutcome): string {
  const checked = (key: string, value: unknown): unknown => {
    assert(typeof value !== 'number' || Number.isFinite(value), `${key} of an outcome is a finite number`);
    return value;
  };
  return `${JSON.stringify(outcome, checked, 1)}\n`;
}
