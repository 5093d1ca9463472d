/** Keys of presence and typing: what phones do. */
import { z } from 'zod';
import { CONTACTS_MAX } from '../terms/limits.ts';
import { count, durationMicros, rate, share } from '../terms/scalars.ts';

export const presenceKeys = z.strictObject({
  watch: count({ max: CONTACTS_MAX })
    .prefault(0)
    .describe(
      'Contacts whose presence each phone watches after its login, at most as many as it has; contacts count whether they are online or not',
    ),
  watchers: share().prefault('100%').describe('Share of the phones that watch their contacts; the others watch nobody'),
  background: rate()
    .prefault('0/s')
    .describe('Phones per second, of all that are online, whose app goes to the background: they become unavailable'),
  backgroundTime: durationMicros({ min: 1000 })
    .prefault('10s')
    .describe('Time after which such a phone becomes available again'),
  typing: share().prefault('0%').describe('Share of messages before which the phone says that its user is typing'),
});
