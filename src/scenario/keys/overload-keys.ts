/** The keys of overload: how a switch bounds it, how a shard is made the bottleneck, and what counts as goodput. */
import { durationMicros, durationOrNone } from '../scalars.ts';

/** `switch.admission.delay` */
export const admissionDelay = durationOrNone({ min: 1000 })
  .prefault('none')
  .describe(
    'Longest time that input from phones may wait before a shard takes it. When it is reached, new messages are refused (ERROR 6); at 25, 50 and 75 % of it presence, typing and new logins are shed. none: nothing is shed, and input waits',
  );

/** `switch.workPerMessage` */
export const workPerMessage = durationMicros({ max: 1e6 })
  .prefault('0us')
  .describe(
    'Processor time that a shard spends per message from a phone besides its own work, so that it is the bottleneck; 0: none. Refused messages cost none',
  );

/** `traffic.deliverWithin` */
export const deliverWithin = durationMicros({ min: 1000, max: 60e6 })
  .prefault('1s')
  .describe('Time from the due time of a message within which its delivery counts as goodput');
