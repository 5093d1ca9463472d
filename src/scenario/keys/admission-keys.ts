/** The keys of `switch.admission.logins`: how many logins per second the switch takes. */
import { z } from 'zod';
import { count, rate } from '../scalars.ts';

export const admittedLogins = z.strictObject({
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
