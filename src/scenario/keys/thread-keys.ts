/**
 * The keys of threads on both sides: how many lanes there are, the rings between lanes and shards, how threads sleep,
 * and their memory.
 */
import { z } from 'zod';
import { bytes, count, durationMicros } from '../terms/scalars.ts';

export const driverKeys = z.strictObject({
  lanes: count({ min: 1, max: 512 })
    .prefault(2)
    .describe(
      'Worker threads of the driver; over tcp a minimum: more are added where the limit of open files requires it',
    ),
  messagesInFlight: count({ min: 1024, max: 2 ** 28 })
    .prefault('64k')
    .describe(
      'Maximum of unanswered messages and logins of the driver; beyond it messages are sent late, and counted as late',
    ),
});

export const ringsKeys = z.strictObject({
  connection: bytes({ min: 131_072, max: 2 ** 30 })
    .prefault('256KiB')
    .describe('Size of each of the two rings between a lane and a shard; rounded up to a power of two'),
});

export const idleKeys = z.strictObject({
  spins: count({ max: 1e9 }).prefault(4).describe('Turns without work before a thread goes to sleep'),
  nap: durationMicros({ max: 1e5 })
    .prefault('100us')
    .describe(
      'First, short sleep. Only a due event ends it early, not a doorbell; work accumulates meanwhile. 0: no such sleep',
    ),
  park: durationMicros({ min: 20, max: 1e6 }).prefault('10ms').describe('Longest sleep; a doorbell ends it earlier'),
});

export const memoryKeys = z.strictObject({
  pages: z
    .enum(['auto', 'huge', 'base'])
    .prefault('auto')
    .describe(
      'Pages that tables of 64 MiB and more lie on. huge: pages of 2 MiB, which save address translation at random access, for tables of 4 MiB and more; refused where the kernel does not allow them. base: pages of 4 KiB. auto: huge where possible',
    ),
});
