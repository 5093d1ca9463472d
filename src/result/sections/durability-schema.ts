/** What a result says of the store of the mailboxes. */
import { z } from 'zod';
import { countOf, figure, figureOrNull } from './schema-terms.ts';

export const durabilitySchema = z
  .strictObject({
    mode: z.enum(['async', 'fsync']),
    folder: z.string(),
    isTemporary: z.boolean().describe('Whether the folder was removed after the run'),
    threads: countOf.describe('Threads that wrote the logs of the shards'),
    diskSyncP50Micros: figureOrNull.describe(
      'Time of a sync of 4 KiB on the same disk before the run, without load: the least that a commit can take',
    ),
    diskSyncP99Micros: figureOrNull,
    commitsPerSecond: figureOrNull.describe('Commits of all logs while measuring'),
    recordsPerCommit: figureOrNull.describe('Mean of records (messages, receipts, removals) that one commit stored'),
    commitP50Micros: figureOrNull.describe('From the first byte of a commit that is written until it is on the disk'),
    commitP99Micros: figureOrNull,
    longestSyncMicros: figureOrNull.describe('Since the start of the run'),
    writtenBytesPerMessage: figureOrNull.describe(
      'Bytes written to the logs per acknowledged message: it, its receipt if that waited, their removal, and what the cleaner copied',
    ),
    storeBytes: countOf.nullable().describe('Size of the logs at the end of the measurement'),
    cacheHitShare: figureOrNull
      .prefault(null)
      .describe(
        'Share of deliveries while measuring whose message lay in the part of the mailboxes that stays in memory (switch.store.resident); the others lay in a mapped file, of which the system may still have had the page. null without deliveries, and in older results',
      ),
    fullDisks: countOf.nullable().describe('How often the disk was full; messages were refused until there was room'),
    untrackedRecords: countOf
      .nullable()
      .prefault(null)
      .describe(
        'Records of groups that are never dropped, because the store threads keep track of as many pairs as they can: the log grows with each. null in older results',
      ),
    restoredEntries: countOf
      .nullable()
      .describe('Records of messages and receipts that were read back at the start, also of those removed since'),
    restoreSeconds: figureOrNull.describe('How long that took'),
    mayLose: z
      .strictObject({ seconds: figure, bytesPerShard: countOf })
      .nullable()
      .describe('What a crash may lose of acknowledged messages, besides what comes during a sync; null: nothing'),
  })
  .nullable()
  .prefault(null)
  .describe('The store of the mailboxes; null if they were kept in memory only, and in older results');

export type DurabilityPart = z.output<typeof durabilitySchema>;
