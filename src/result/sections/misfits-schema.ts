/** The section of a result about phones that did not behave, and what became of them. */
import { z } from 'zod';
import { countOf, figureOrNull } from './schema-terms.ts';

export const misfitsSchema = z
  .strictObject({
    stalledReaders: countOf.describe('Phones that took no delivery'),
    deliveriesIgnored: countOf.describe('Deliveries that they did not take'),
    hotMessagesSent: countOf.describe('Messages to the hot account'),
    hotMessagesDelivered: countOf,
    hotDeliveryMeanMicros: figureOrNull.describe('Mean time to the hot account; not part of latency.delivery'),
    hotGroupMessagesSent: countOf.prefault(0).describe('Messages to the hot group'),
    hotGroupDeliveries: countOf.prefault(0).describe('Their deliveries, to all members together'),
    hotGroupDeliveryMeanMicros: figureOrNull
      .prefault(null)
      .describe('Mean time of these; not part of latency.groupDelivery'),
    refusedMailboxFull: countOf.describe('Messages that were refused because the mailbox of their recipient was full'),
    duplicateConnects: countOf.describe('Phones that connected a second time while they were online'),
    sessionsReplaced: countOf.describe(
      'Sessions that the switch ended for a later login of the account, also where a storm had cut it off silently',
    ),
    messagesSentAgain: countOf,
    messagesRecognized: countOf.describe('Messages that the switch had accepted before, and did not deliver again'),
  })
  .nullable()
  .prefault(null)
  .describe('Phones that did not behave (`misfits`); null without any, and in older results');

export type MisfitsPart = NonNullable<z.output<typeof misfitsSchema>>;
