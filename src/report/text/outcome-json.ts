/** A comparison, a gate's outcome, a history, a capacity or a ladder as JSON: the truth from which the rest is written. */
import type { CapacityOutcome } from '../../analysis/capacity/capacity.ts';
import type { Comparison } from '../../analysis/comparison/comparison-outcome.ts';
import type { GateOutcome } from '../../analysis/gate/gate-outcome.ts';
import type { ChangeHistory } from '../../analysis/history/history-outcome.ts';
import type { LadderOutcome } from '../../analysis/ladder/ladder-outcome.ts';
import { assert } from '../../base/assert.ts';

/** A number that JSON has not would read as null, "not measured": it is a bug, and stops here. */
export function outcomeJson(
  outcome: Comparison | GateOutcome | ChangeHistory | CapacityOutcome | LadderOutcome,
): string {
  const checked = (key: string, value: unknown): unknown => {
    assert(typeof value !== 'number' || Number.isFinite(value), `${key} of an outcome is a finite number`);
    return value;
  };
  return `${JSON.stringify(outcome, checked, 1)}\n`;
}
