/** Checks that a store that the user names is used. */
import { TrunklineError } from '../../base/errors.ts';
import type { RunPlan } from '../../plan/run-plan.ts';

/**
 * @throws ARGUMENT_INVALID if the phones of the run could not know who the members of groups are: those of a new run
 * know the first members, and a store has those of an earlier one.
 */
export function checkMembersKnown(store: string, { settings: { groups } }: RunPlan): void {
  if (groups.joins + groups.leaves === 0) return;
  throw new TrunklineError(
    'ARGUMENT_INVALID',
    `--store ${store}: expected a scenario whose groups keep their members, found groups.joins or groups.leaves above 0. The phones of the next run would not know who has joined. Leave --store out, or add --set groups.joins=0/s --set groups.leaves=0/s.`,
  );
}

/** @throws ARGUMENT_INVALID if the switch keeps its mailboxes in memory only. */
export function checkStored(store: string, plan: RunPlan): void {
  if (plan.store !== null) return;
  throw new TrunklineError(
    'ARGUMENT_INVALID',
    `--store ${store}: expected switch.durability to be async or fsync, found none: add --set switch.durability=fsync.`,
  );
}
