/** Checks that a store that the user names is used. */
import { TrunklineError } from '../../base/errors.ts';
import type { RunPlan } from '../../plan/run-plan.ts';

/** @throws ARGUMENT_INVALID if the switch keeps its mailboxes in memory only. */
export function checkStored(store: string, plan: RunPlan): void {
  if (plan.store !== null) return;
  throw new TrunklineError(
    'ARGUMENT_INVALID',
    `--store ${store}: expected switch.durability to be async or fsync, found none: add --set switch.durability=fsync.`,
  );
}
