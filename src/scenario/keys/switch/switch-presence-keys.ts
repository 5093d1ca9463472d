/** Keys of presence: what the switch allows. */
import { z } from 'zod';
import { count } from '../../terms/scalars.ts';

export const switchPresenceKeys = z.strictObject({
  watchMax: count({ min: 1, max: 1024 })
    .prefault(16)
    .describe('Maximum of accounts that one phone may watch; beyond it WATCH is refused with ERROR 11'),
  watches: z
    .union([z.literal('auto'), count({ min: 16, max: 2 ** 28 })])
    .prefault('auto')
    .describe(
      'Maximum of watched accounts of all phones of a shard, and of subscriptions to the accounts of a home; beyond it WATCH is refused with ERROR 11. auto: what presence.watch needs, at least 65,536',
    ),
});
