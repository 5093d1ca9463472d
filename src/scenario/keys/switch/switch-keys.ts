/** The keys of the switch: its threads, the sizes of its tables, and its time-outs. */
import { z } from 'zod';
import { bytes, count, durationMicros, durationOrNone } from '../../terms/scalars.ts';
import { admissionKeys } from './admission-keys.ts';
import { durabilityKey, storeKeys } from './store-keys.ts';
import { switchPresenceKeys } from './switch-presence-keys.ts';

const mailbox = z.strictObject({
  messagesPerAccount: count({ min: 1, max: 65_535 })
    .prefault(256)
    .describe('Maximum of messages and receipts in one mailbox'),
  blocks: count({ min: 64, max: 2 ** 29 - 1 })
    .prefault('1M')
    .describe('Blocks of 128 B for all mailboxes together; a message takes one block per 96 B of payload'),
  deliveryWindow: count({ min: 1, max: 128 })
    .prefault(16)
    .describe('Unconfirmed messages on their way to one phone at the same time'),
  redelivery: durationMicros({ min: 1000 })
    .prefault('30s')
    .describe('Time without confirmation after which a message is delivered again'),
});

export const switchKeys = z.strictObject({
  shards: count({ min: 1, max: 512 })
    .prefault(2)
    .describe(
      'Worker threads of the switch; over tcp a minimum: more are added where the limit of open files requires it',
    ),
  placement: z
    .enum(['any', 'home'])
    .prefault('any')
    .describe('Whether phones connect to any shard, or directly to their home shard'),
  heartbeatTimeout: durationOrNone({ min: 1000 })
    .prefault('none')
    .describe('Time without input after which a session ends; none: three heartbeats'),
  loginTimeout: durationMicros({ min: 1000 })
    .prefault('10s')
    .describe('Time within which a new connection must log in'),
  mailbox: mailbox.prefault({}),
  durability: durabilityKey,
  store: storeKeys.prefault({}),
  inbox: bytes({ min: 65_536, max: 2 ** 30 })
    .prefault('1MiB')
    .describe(
      'Size of the ring through which the other shards reach a shard; rounded up to a power of two. Rings are used cyclically; an oversized ring evicts other data from the caches',
    ),
  questions: count({ min: 16, max: 65_536 })
    .prefault(4096)
    .describe('Maximum of unanswered questions of a shard to other shards; beyond it input waits'),
  inputsPerTurn: count({ min: 16, max: 65_536 })
    .prefault(512)
    .describe(
      'Maximum of inputs that a shard processes from its phones, and again from other shards, before it advances its timers and flushes its output. A larger value costs less per input, a smaller one shortens the wait of the others. 64 B of output are reserved per input',
    ),
  timerResolution: z
    .union([z.literal('auto'), durationMicros({ min: 100 })])
    .prefault('auto')
    .describe(
      'Resolution of the time-outs of a shard: a session ends late by up to twice this time. auto: 1/128 of the longest of heartbeatTimeout, loginTimeout and mailbox.redelivery, which is coarse for much shorter ones. A sleeping thread checks its timers once per park (idle.park, sockets.park)',
    ),
  partialFrames: count({ min: 1, max: 65_536 })
    .prefault(256)
    .describe(
      'Maximum of connections of a shard with an incomplete frame; beyond it the connection with the oldest incomplete frame is closed',
    ),
  presence: switchPresenceKeys.prefault({}),
  admission: admissionKeys.prefault({}),
  workPerMessage: durationMicros({ max: 1e6 })
    .prefault('0us')
    .describe(
      'Processor time that a shard spends per message from a phone besides its own work, so that it is the bottleneck; 0: none. Refused messages cost none',
    ),
});
