/** What a result says about groups and broadcast lists. */
import { z } from 'zod';
import { countOf, figureOrNull } from './schema-terms.ts';

/** Where the recipients of messages to groups are, at the end of a run. */
export const groupBalanceSchema = z.strictObject({
  recipients: countOf.describe('Of all accepted messages together, as fixed by the home of each group'),
  delivered: countOf,
  queued: countOf.nullable().describe('In mailboxes of members; null if the switch runs elsewhere'),
  rejected: countOf.nullable().describe('Members whose mailboxes were full; null if the switch runs elsewhere'),
  lost: figureOrNull.describe(
    'recipients - delivered - queued - rejected; null if one of them is not known (untold, maybeRejected, or queued is null and not all have their messages), or if messages were still on their way. Older results have 0 then',
  ),
  untold: countOf.describe(
    'Accepted messages that were sent again, for which the switch did not repeat the number of recipients; if there are any, the balance cannot be checked',
  ),
  maybeRejected: countOf
    .prefault(0)
    .describe(
      'Recipients in no other count who were rejected or lost, if a switch that had rejected some was killed: which ones is forgotten with it, so the balance cannot be checked then. 0 in older results',
    ),
  strangers: countOf.describe('Deliveries to phones that were not members of the group at the version of the message'),
  wrongRecipients: countOf.describe('Messages accepted for more or fewer recipients than the group had'),
  isSound: z.boolean().describe('Whether the counts balance, the sets of messages are the same and no fault was found'),
});

export const groupsSchema = z
  .strictObject({
    groups: countOf,
    lists: countOf,
    memberships: countOf.describe('Of all groups and lists at the start of the run'),
    sizeMax: countOf.describe('Most members of a group'),
    bytes: figureOrNull
      .prefault(null)
      .describe(
        'Tables of the switch for groups: members, versions, queues and recent messages, used or not; null if the switch runs elsewhere, and in older results',
      ),
    messagesPerSecond: figureOrNull.describe('Messages to groups that were acknowledged (✓) while measuring'),
    deliveriesPerSecond: figureOrNull.describe('Deliveries of them to members while measuring'),
    messages: countOf.describe('Messages to groups that were acknowledged in the whole run'),
    refused: countOf.describe('Messages to groups that the switch refused'),
    notMember: countOf.describe('Messages refused because the author was not a member'),
    refusedAfterLeavingPerSecond: figureOrNull
      .prefault(null)
      .describe(
        'Of those, while measuring: by phones that had left the group, where this is the right answer. A search for capacity counts them as carried. Null in older results',
      ),
    receipts: countOf.describe(
      'How often ✓✓ came: all recipients have confirmed that they have the message. A switch that starts again from its store may send it twice for one message',
    ),
    joins: countOf,
    leaves: countOf,
    changesRefused: countOf.describe('Joins and leaves that the switch refused'),
    groupFull: countOf.describe('Joins refused because the group had no place for another member'),
    changesSkipped: countOf.describe('Joins and leaves that a phone could not make when they were due'),
    unjudged: countOf.describe(
      'Deliveries near a join or leave that was sent again, so that its exact version is not known; membership was not checked',
    ),
  })
  .nullable()
  .prefault(null)
  .describe('Groups and broadcast lists; null without them, and in older results');

export type GroupBalance = z.output<typeof groupBalanceSchema>;
export type GroupsResult = NonNullable<z.output<typeof groupsSchema>>;
