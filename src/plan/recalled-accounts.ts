/** The table of the newest ids of accounts, for a switch with a store whose phones run elsewhere. */
import { UsedIds } from '../store/used-ids.ts';
import type { NumberBlock } from '../wire/numbering-plan.ts';

interface Recalling {
  readonly numbering: readonly NumberBlock[];
  readonly shape: object;
  readonly memory: readonly { readonly what: string; readonly bytes: number; readonly isPerPhone: boolean }[];
}

/**
 * Phones may have forgotten their ids when the switch starts again from its store: it tells them (store/used-ids.ts).
 */
export function withRecalledAccounts<Plan extends Recalling>(plan: Plan): Plan {
  const recalledAccounts = plan.numbering.reduce((sum, block) => sum + block.count, 0);
  const bytes = UsedIds.bytes(recalledAccounts);
  return {
    ...plan,
    shape: { ...plan.shape, recalledAccounts },
    memory: [...plan.memory, { what: 'newest ids of accounts', bytes, isPerPhone: false }],
  };
}
