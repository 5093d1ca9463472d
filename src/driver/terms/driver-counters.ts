/**
 * The counters of a lane. As in the switch, they are one row of doubles that other threads can read while the lane
 * runs. The digests are sums modulo 2^32, stored as signed integers (see base/message-digest).
 */

import { counterPlaces } from '../../base/counters.ts';

/** Most platforms, and most kinds of messages: each has counters of its own. */
export const COUNTED_MAX = 8;
type Place = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** The names of a counter for each place: `name0`, `name1` … */
function eachPlace<const N extends string>(name: N): readonly `${N}${Place}`[] {
  return Array.from({ length: COUNTED_MAX }, (_, place) => `${name}${place as Place}` as const); // below COUNTED_MAX
}

export const DRIVER_COUNTERS = [
  'phonesArrived',
  'held', // gauge: phones online now
  'connectsStarted',
  'connectsRefused',
  'loginsAccepted',
  'loginsRefused',
  'loginsRefusedVersion',
  'loginsRefusedToken',
  'loginsRefusedAccount',
  'loginsRefusedBusy',
  'loginsForeign', // what answered does not speak the protocol
  'loginsCutOff', // the connection ended before the answer
  'loginsTimedOut',
  'loginsGivenUp',
  'connectionsLostReplaced',
  'connectionsLostHeartbeat',
  'connectionsLostOther',
  'departures',
  'departuresSkipped',
  'returns',
  'heartbeats',
  'pongs',
  'messagesSent',
  'messagesResent',
  'messagesAway', // due while their phones were away, as intended: nothing was to be sent
  'messagesNoConnection',
  'messagesBacklog', // gauge: due, not sent yet
  'messagesUnanswered', // gauge
  'lanesBeginning', // gauge: 1 while phones of the lane leave that are away when traffic begins
  'lanesWatching', // gauge: 1 while phones of the lane have not said what they watch
  'unansweredMicros', // what was unanswered, summed over time
  'messagesAcknowledged',
  'messagesForOffline', // of those: for phones that never connect in this run
  'mostSentByPhone', // gauge: of all phones of the lane
  'messagesRejected',
  'rejectedMailboxFull',
  'rejectedStoreFull',
  'rejectedRecipientUnknown',
  'rejectedIdTooOld',
  'rejectedTooManyUnanswered',
  'rejectedRecipientIsSender',
  'rejectedOther', // for a reason of a later version of the protocol
  'messagesDelivered',
  'messagesRedelivered',
  'messagesEarlier', // sent before this run, and waited
  'storedMailForgotten', // phones whose waiting messages could not be told from others: see StoredMail
  'receipts', // each complete message once
  'receiptsUntimed', // of those: whose due time was no longer known
  'receiptsRepeated', // of messages that had theirs, or that were refused: see InFlightTable
  'receiptsEarlier', // of messages sent before this run
  'acknowledgementsUnknown',
  'pairGaps',
  'pairDuplicated',
  'pairReordered',
  'pairOvertaken', // sent again after a lost connection, which may have refused it: see MessageOrder
  'corrupted',
  'strangers',
  'framesStale',
  'partialFramesFull',
  'framesIn',
  'framesOut',
  'sendRingFull',
  'confirmationsDeferred',
  'errorsReceived',
  'digestSentLow',
  'digestSentHigh',
  'digestDeliveredLow',
  'digestDeliveredHigh',
  'digestRejectedLow',
  'digestRejectedHigh',
  'digestAcknowledgedLow',
  'digestAcknowledgedHigh',
  'digestForOfflineLow',
  'digestForOfflineHigh',
  // the order of messages of one pair: see RecentPairs
  'pairsChecked',
  'pairsUnknown', // whose pair was no longer in the table
  // Groups and broadcast lists. Messages to them are in the counters of messages above as well.
  'groupMessagesSent',
  'groupMessagesAcknowledged',
  'groupMessagesUntold', // of those: sent again, and the switch does not repeat the number of recipients
  'groupMessagesRejected',
  'groupRecipients', // as the switch says with each ✓
  'groupRecipientsWrong', // ✓ with another number of recipients than the group has before any change
  'groupDeliveries',
  'groupStrangers', // deliveries to phones that were no members, or under the name of another group
  'groupMembersUnknown', // deliveries near a change whose version is not known exactly
  'groupReceipts', // a switch that starts again from its store may send one twice
  'groupJoins',
  'groupLeaves',
  'groupChangesRejected',
  'groupChangesSkipped', // due while the phone could not make one
  'rejectedNotAMember',
  'rejectedAfterLeaving', // of those: by phones that have left the group, or are about to
  'rejectedGroupFull',
  'rejectedPayloadTooLong',
  'digestGroupMessagesLow',
  'digestGroupMessagesHigh',
  'digestGroupRecipientsLow',
  'digestGroupRecipientsHigh',
  'digestGroupDeliveredLow',
  'digestGroupDeliveredHigh',
  // misfits
  'deliveriesIgnored', // by stalled readers
  'hotMessagesSent',
  'hotMessagesDelivered',
  'hotDeliveryMicros', // summed
  'hotGroupMessagesSent',
  'hotGroupDeliveries',
  'hotGroupDeliveryMicros', // summed
  'duplicateConnects',
  'duplicateConnectsSkipped', // due while the phone was not online
  'messagesSentAgain',
  // overload
  'rejectedOverloaded',
  'rejectedMicros', // from the due times of rejected messages to their rejection, summed
  // storms
  'stormDrops',
  'loginsDeferred', // told by a busy switch when to come back; neither refused nor a failed attempt
  // presence and typing
  'watchesSent',
  'watchesRefused',
  'presenceChanges', // of phones of the lane: logins, departures, to the background and back
  'presenceNotices',
  'presenceAnswers', // of those: the first about a contact since the login
  'presenceRepeated', // of those: the state that was known
  'backgrounds',
  'foregrounds',
  'typingSent',
  'typingReceived',
  // by platform
  ...eachPlace('platformHeld'),
  ...eachPlace('platformSessions'),
  ...eachPlace('platformSent'),
  ...eachPlace('platformDelivered'),
  // by kind of message: what was acknowledged
  ...eachPlace('kindMessages'),
  ...eachPlace('kindPayloadBytes'),
  ...eachPlace('kindBlobBytes'),
  // read receipts
  'readsSent',
  'readsMissed', // due while the phone was not online, or there was no place to note it
  'readReceipts', // what authors were told
  'readReceiptsTimed', // of those: author and reader are of one lane
  'readReceiptMicros', // of those, from reading to the receipt, summed
  'blobBytesFetched', // if each recipient of a message fetches its blob
  // pushes: messages that call a phone which sleeps
  ...eachPlace('platformPushes'),
  ...eachPlace('platformWoken'), // logins of phones that a push woke
  'pushesMerged', // messages for phones that were called already
  'pushesLost', // no room to tell the lane of the recipient
  'groupPushesLost', // messages to groups that called nobody: the members of too many were still to be called
] as const;

export type DriverCounterName = (typeof DRIVER_COUNTERS)[number];

/** Place of each counter in a lane's row. */
export const DriverCounter = counterPlaces(DRIVER_COUNTERS);
