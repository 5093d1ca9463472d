/** Keys of presence and typing: what phones do, and what the switch allows. */
import { z } from 'zod';
import { CONTACTS_MAX } from '../limits.ts';
import { count, durationMicros, rate, share } from '../scalars.ts';

export const presenceKeys = z.strictObject({
  watch: count({ max: CONTACTS_MAX })
    .prefault(0)
    .describe('Contacts whose presence each phone watches after its login, at most as many as it has'),
  watchers: share().prefault('100%').describe('Share of the phones that watch their contacts; the others watch nobody'),
  background: rate()
    .prefault('0/s')
    .describe('Phones per second, of all that are online, whose app goes to the background: they become unavailable'),
  backgroundTime: durationMicros({ min: 1000 })
    .prefault('10s')
    .describe('Time after which such a phone becomes available again'),
  typing: share().prefault('0%').describe('Share of messages before which the phone says that its user is typing'),
});

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
