/**
 * What a lane counts. As on the switch's side, the counters of a lane are one row of doubles that
 * another thread can read while the lane runs. The digests are sums modulo 2^32, kept as signed
 * integers (see base/digest).
 */

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
  'messagesNoConnection',
  'messagesBacklog', // gauge: due, not sent yet
  'messagesUnanswered', // gauge
  'unansweredMicros', // what was unanswered, summed over time
  'messagesAcknowledged',
  'messagesRejected',
  'rejectedMailboxFull',
  'rejectedStoreFull',
  'rejectedRecipientUnknown',
  'rejectedIdTooOld',
  'rejectedTooManyUnanswered',
  'messagesDelivered',
  'messagesRedelivered',
  'receipts',
  'receiptsUntimed',
  'acknowledgementsUnknown',
  'pairGaps',
  'pairDuplicated',
  'pairReordered',
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
  'digestReceiptLow',
  'digestReceiptHigh',
] as const;

export type DriverCounterName = (typeof DRIVER_COUNTERS)[number];

/** Place of each counter in a lane's row. */
export const DriverCounter = Object.fromEntries(DRIVER_COUNTERS.map((name, index) => [name, index])) as Readonly<
  Record<DriverCounterName, number>
>; // built from the same list

/** One more in a counter. */
export function count(counters: Float64Array, index: number): void {
  counters[index] = (counters[index] as number) + 1; // `index` comes from the list above
}

/** `amount` more (or fewer) in a counter. */
export function countBy(counters: Float64Array, index: number, amount: number): void {
  counters[index] = (counters[index] as number) + amount; // `index` comes from the list above
}
