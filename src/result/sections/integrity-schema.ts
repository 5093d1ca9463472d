/** The section of a result about integrity: where all messages are at the end of a run. */
import { z } from 'zod';
import { groupBalanceSchema } from './groups-schema.ts';
import { countOf, figure, figureOrNull } from './schema-terms.ts';

export const integritySchema = z.strictObject({
  isSound: z
    .boolean()
    .nullable()
    .describe(
      'Whether the counts below balance and no message was lost, duplicated, reordered or changed; null if the run or its drain ended while messages were in flight and no fault is known. If the switch runs elsewhere (queued is null): whether every message was answered, none was duplicated, reordered or changed, and all have arrived except those for phones that are not online',
    ),
  sent: countOf,
  delivered: countOf,
  queued: countOf.nullable().describe('Messages in mailboxes; null if the switch runs elsewhere and cannot be asked'),
  forOffline: countOf
    .nullable()
    .describe(
      'If queued is null: acknowledged messages to phones that never connect in this run, which therefore stay in mailboxes; otherwise null',
    ),
  rejected: countOf,
  lost: figure.describe(
    'sent - delivered - queued - rejected, 0 if digestsMatch is null. If queued is null, a lower bound: acknowledged - delivered - forOffline, less the messages that may be waiting for absent phones',
  ),
  duplicated: countOf,
  reordered: countOf,
  overtaken: countOf
    .prefault(0)
    .describe(
      'Delivered after a later message of the same pair, as the protocol allows: sent again after a connection was lost that may have refused the first copy. 0 in older results',
    ),
  corrupted: countOf,
  strangers: countOf.describe('Delivered to the wrong phone'),
  redelivered: countOf.describe('Delivered again by the switch and discarded by the phone; allowed'),
  earlier: countOf.describe(
    'Delivered in this run but sent before it; they waited in mailboxes and are in no other count',
  ),
  unanswered: countOf,
  digestsMatch: z
    .boolean()
    .nullable()
    .describe(
      'Whether the messages sent and the messages found are the same set, and not only equal in number; null if the run or its drain ended while messages were in flight. If queued is null and phones are absent, only of messages sent and answered',
    ),
  orderCheckedShare: figureOrNull
    .optional()
    .describe(
      'Share of delivered messages that were compared with the one before them from the same sender. Only the pairs that were used last are remembered; null if nothing was delivered',
    ),
  groups: groupBalanceSchema
    .nullable()
    .prefault(null)
    .describe(
      'Recipients of messages to groups; null if none was sent, and in older results. These messages are in no other count but unanswered',
    ),
  findings: z.array(
    z.strictObject({
      kind: z.string(),
      sender: z
        .number()
        .int()
        .min(-1)
        .describe('Index of a phone in the numbering plan, from 0; -1 for a number that is not in the plan'),
      recipient: countOf,
      number: countOf.describe('Number of the message among those of its sender in this run, from 1'),
    }),
  ),
});
