/** A comparison, a gate's outcome or a history as JSON: the truth from which the rest is written. */
import type { ChangeHistory } from '../analysis/change-history.ts';
import type { Comparison } from '../analysis/comparison-outcome.ts';
import type { GateOutcome } from '../analysis/gate-outcome.ts';
import { assert } from '../base/assert.ts';

/** A number that JSON has not would read as null, "not measured": it is a bug, and stops here. */
export function outcomeJson(outcome: Comparison | GateOutcome | ChangeHistory): string {
  const checked = (key: string, value: unknown): unknown => {
    assert(typeof value !== 'number' || Number.isFinite(value), `${key} of an outcome is a finite number`);
    return value;
  };
  return `${JSON.stringify(outcome, checked, 1)}\n`;
}
