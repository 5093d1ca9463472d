/** The section of a result about content: messages of each kind, and what a blob store would carry. */
import { z } from 'zod';
import { countOf, figure, figureOrNull } from '../schema-terms.ts';

export const contentSchema = z
  .strictObject({
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
      'Bytes of blobs that messages delivered while measuring refer to, if each recipient fetches each',
    ),
  })
  .nullable()
  .prefault(null)
  .describe('Kinds of messages; null in runs without `content.kinds`, and in older results');

export type Content = NonNullable<z.output<typeof contentSchema>>;
