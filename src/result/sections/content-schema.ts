/** The section of a result about content: messages of each kind, and what a blob store would carry. */
import { z } from 'zod';
import { countOf, figure, figureOrNull } from './schema-terms.ts';

const readReceipts = z
  .strictObject({
    sent: countOf.describe('READ frames that phones sent in the whole run'),
    received: countOf.describe('READ frames that authors received'),
    receivedPerSecond: figureOrNull.describe('The same per second while measuring'),
    meanMicros: figureOrNull.describe(
      'Mean time from reading to the receipt, where author and reader are of one lane; null if there are none',
    ),
    missed: countOf.describe('Messages that were due to be read while their phone was not online'),
    stored: countOf.describe('Receipts that waited in the mailbox of their author'),
    queued: countOf.describe('Of those, still there at the end'),
    unwanted: countOf.describe('Receipts to phones that do not want them'),
    dropped: countOf.describe('Receipts that found the mailbox of their author full'),
    shed: countOf.describe('Receipts that an overloaded switch left out'),
    lostWithConnections: countOf.describe('Receipts that went to a connection, or came from one, that ended'),
    lost: countOf.describe('Receipts that the switch accepted, and that neither arrived nor wait'),
  })
  .nullable()
  .prefault(null)
  .describe('Read receipts; null in runs without, and in older results');

export const contentSchema = z
  .strictObject({
    readReceipts,
    kinds: z.array(
      z.strictObject({
        name: z.string(),
        share: figure.describe('Share of all messages, as the scenario says'),
        messages: countOf.describe('Acknowledged in the whole run'),
        payloadBytesMean: figureOrNull.describe('Mean size of the payload of those; null without any'),
        blobBytesMean: figureOrNull.describe('Mean size of what they refer to; null without any message or blob'),
      }),
    ),
    blobBytesStoredPerSecond: figureOrNull.describe(
      'Bytes of blobs that messages acknowledged while measuring refer to: each is stored once, outside the switch',
    ),
    blobBytesFetchedPerSecond: figureOrNull.describe(
      'Bytes of blobs that messages delivered while measuring refer to, by the sizes in them, if each recipient fetches each',
    ),
  })
  .nullable()
  .prefault(null)
  .describe(
    'Kinds of messages, and read receipts; null in runs without `content.kinds` and `content.readReceipts`, and in older results',
  );

export type ReadReceipts = NonNullable<z.output<typeof readReceipts>>;
export type Content = NonNullable<z.output<typeof contentSchema>>;
