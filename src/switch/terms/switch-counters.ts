/**
 * The counters of a shard: one row of doubles in memory that is passed in, which another thread can read while the
 * shard runs. Each counter has a single writer, is written in one piece, and only increases (gauges are marked).
 */

import { counterPlaces } from '../../base/counters.ts';

export const SWITCH_COUNTERS = [
  'framesIn',
  'framesOut',
  'connectionsOpened',
  'connectionsClosed',
  'sessions', // gauge
  'loginsAccepted',
  'loginsRefusedVersion',
  'loginsRefusedToken',
  'loginsRefusedAccount',
  'loginsRefusedBusy',
  'loginsTimedOut',
  'logouts',
  'sessionsReplaced',
  'sessionsStopped', // ended because the switch stops
  'heartbeatsMissed',
  'messagesAccepted',
  'messagesDuplicate',
  'rejectedMailboxFull',
  'rejectedStoreFull',
  'rejectedRecipientUnknown',
  'rejectedIdTooOld',
  'rejectedTooManyUnanswered',
  'deliveries',
  'deliveriesFromFile', // of those: the entry lay beyond the part of the mailboxes that stays in memory
  'deliveriesStale',
  'redeliveries',
  'messagesConfirmed',
  'receipts',
  'receiptsStored',
  'receiptsUnwanted',
  'receiptsDropped',
  'messagesQueued', // gauge
  'hopsOut',
  'hopsIn',
  'hopsStale', // for an earlier incarnation of the shard
  'questionsTimedOut', // no answer in time
  'questionsExpired', // came too late to be answered
  'answersLate', // to questions that had timed out
  'answersDropped', // no room, because the question had timed out
  'stalls',
  'retriesFull',
  'violationsMalformed',
  'violationsUnknownFrame',
  'violationsLoginExpected',
  'violationsLoginRepeated',
  'violationsPartialFrames',
  'framesSkipped',
  // presence and typing
  'watches', // WATCH frames that were taken
  'watchesRefused', // and UNWATCH
  'subscriptions', // gauge: at the homes of watched accounts
  'presenceChanges', // of accounts that are watched
  'presenceNotices', // PRESENCE frames
  'presenceCoalesced', // changes before the notice of an earlier one was sent
  'presenceShed', // notices that were put off
  'presenceWaiting', // gauge: sessions with watches to say and accounts with notices to send, at most
  'presenceStale', // notices to sessions that had ended, or watched no more
  'typingForwarded', // TYPING frames to phones
  'typingShed', // dropped: no room, or withheld
  'typingRefused', // to the phone itself, or to a number outside the plan
  // admission by delay: what was refused, and the time in which each kind was shed
  'loginsRefusedOverloaded',
  'rejectedOverloaded',
  'shedPresenceMicros',
  'shedTypingMicros',
  'shedLoginsMicros',
  'shedMessagesMicros',
  // storms
  'loginsDeferred', // refused by admission control, with a pause
  // Groups and lists.
  'groupMessagesAccepted',
  'groupRecipients', // of all accepted messages together
  'groupDuplicates', // messages, joins and leaves that were sent again
  'groupAppended', // to mailboxes of recipients
  'groupRejected', // recipients whose mailbox, or store, was full
  'groupDeliveries', // as DELIVER_GROUP; others count among `deliveries`
  'groupConfirmed', // by recipients
  'groupReceipts', // messages that all recipients have confirmed
  'groupReceiptsDropped', // messages of which the author will not hear that all have them
  'groupJoins',
  'groupLeaves',
  'rejectedNotMember',
  'rejectedGroupFull',
  'rejectedPayloadTooLong',
  'rejectedRecipientIsSender',
  // read receipts
  'reads', // READ frames that were taken
  'readsRefused', // about messages of the phone itself, or of a number that is no phone's
  'readReceipts', // READ frames to authors
  'readReceiptsStored', // waited in the author's mailbox
  'readReceiptsQueued', // gauge: of those, still there
  'readReceiptsUnwanted', // authors whose phones do not want them
  'readReceiptsDropped', // the author's mailbox, or the store, was full
  'readReceiptsShed',
  'shedReadReceiptsMicros',
] as const;

export type SwitchCounterName = (typeof SWITCH_COUNTERS)[number];

/** Counters that also decrease. */
export const SWITCH_GAUGES: ReadonlySet<SwitchCounterName> = new Set([
  'sessions',
  'messagesQueued',
  'subscriptions',
  'presenceWaiting',
  'readReceiptsQueued',
]);

/** Index of each counter in the row of a shard. */
export const SwitchCounter = counterPlaces(SWITCH_COUNTERS);
