/** A comparison, gate, history, capacity or ladder as JSON: the source of all other reports. */
import type { CapacityOutcome } from '../../analysis/capacity/capacity-schema.ts';
import type { Comparison } from '../../analysis/comparison/comparison-schema.ts';
import type { GateOutcome } from '../../analysis/gate/gate-schema.ts';
import type { ChangeHistory } from '../../analysis/history/history-schema.ts';
import type { LadderOutcome } from '../../analysis/ladder/ladder-schema.ts';
import { assert } from '../../base/assert.ts';

/** JSON would turn a number that is not finite into null, "not measured"; such a number is a bug and stops here. */
export function outcomeJson(
  outcome: Comparison | GateOutcome | ChangeHistory | CapacityOutcome | LadderOutcome,
): string {
  const checked = (key: string, value: unknown): unknown => {
    assert(typeof value !== 'number' || Number.isFinite(value), `${key} of an outcome is a finite number`);
    return value;
  };
  return `${JSON.stringify(outcome, checked, 1)}\n`;
}
