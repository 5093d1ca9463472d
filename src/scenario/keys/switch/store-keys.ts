/** The keys of durability: whether messages outlast the switch, and the sizes of its store. */
import { z } from 'zod';
import { bytes, count, durationMicros } from '../../terms/scalars.ts';

export const durabilityKey = z
  .enum(['none', 'async', 'fsync'])
  .prefault('none')
  .describe(
    'Whether messages outlast the switch. none: they are in memory only. async: they are stored after their ✓, and a crash may lose as many as switch.store.loss allows. fsync: the ✓ waits until the message is on the disk',
  );

const loss = z.strictObject({
  time: durationMicros({ min: 1000, max: 60e6 })
    .prefault('100ms')
    .describe('Time between two syncs; a crash may lose what came after the last one, and during it'),
  bytes: bytes({ min: 16_384, max: 2 ** 28 })
    .prefault('8MiB')
    .describe(
      'Maximum of bytes per shard that a crash may lose; beyond it new messages are refused (ERROR 2) until earlier ones are stored',
    ),
});

export const storeKeys = z.strictObject({
  loss: loss.prefault({}).describe('With async: how much a crash may lose'),
  threads: count({ min: 1, max: 64 })
    .prefault(1)
    .describe(
      'Threads that write the logs of the shards; with fewer threads than shards, shards share them. At most one per shard',
    ),
  buffer: bytes({ min: 16_384, max: 2 ** 24 })
    .prefault('4MiB')
    .describe(
      'With fsync: size of the ring from a shard to its store thread; rounded up to a power of two. A full ring refuses messages (ERROR 2)',
    ),
  acknowledgements: count({ min: 16, max: 2 ** 24 })
    .prefault(65_536)
    .describe('With fsync: maximum of messages per shard that wait for the disk; more are refused (ERROR 2)'),
  resident: bytes({ min: 0, max: 2 ** 40 })
    .prefault('256MiB')
    .describe(
      'Bytes of mailboxes, of all shards together, that stay in memory. The rest is in a mapped file, which the system writes and reads; without system calls (koffi) everything stays in memory',
    ),
  idWindows: count({ min: 4, max: 2 ** 28 })
    .prefault('1M')
    .describe(
      'Pairs of sender and recipient whose last ids are kept, at 32 B each, so that a message that is sent again after a crash is not delivered twice. With more pairs, the oldest are forgotten',
    ),
  file: bytes({ min: 65_536, max: 2 ** 30 })
    .prefault('64MiB')
    .describe('Size at which a file of a log is closed and the next one begins'),
});
