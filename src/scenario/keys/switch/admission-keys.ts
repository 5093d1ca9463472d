/** The keys of `switch.admission`: how long input may wait, and how many logins per second the switch takes. */
import { z } from 'zod';
import { count, durationOrNone, rate } from '../../terms/scalars.ts';

const logins = z.strictObject({
  rate: z
    .union([z.literal('none'), rate({ min: 1, max: 1e9 })])
    .prefault('none')
    .describe(
      'Logins per second that each shard admits (a token bucket). The others are told after which pause to come back, spread over the time that the bucket needs for all of them. none: no limit',
    ),
  burst: count({ min: 1, max: 1e9 })
    .prefault(1000)
    .describe('Size of the token bucket: logins that a shard admits at once after a pause'),
});

export const admissionKeys = z.strictObject({
  delay: durationOrNone({ min: 1000 })
    .prefault('none')
    .describe(
      'Longest time that input from phones may wait before a shard takes it. When it is reached, new messages are refused (ERROR 6); at 25, 50, 62.5 and 75 % of it presence, typing, read receipts and new logins are shed. none: nothing is shed, and input waits',
    ),
  logins: logins.prefault({}),
});
