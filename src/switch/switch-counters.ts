/**
 * What a shard counts. The counters of a shard are one row of doubles in memory that it is
 * given, so that another thread can read them while the shard runs: each has one writer, is
 * written whole, and only grows (gauges are named so).
 */

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
  'stalls',
  'retriesFull',
  'violationsMalformed',
  'violationsUnknownFrame',
  'violationsLoginExpected',
  'violationsLoginRepeated',
  'violationsPartialFrames',
  'framesSkipped',
] as const;

export type SwitchCounterName = (typeof SWITCH_COUNTERS)[number];

/** Place of each counter in a shard's row. */
export const SwitchCounter = Object.fromEntries(SWITCH_COUNTERS.map((name, index) => [name, index])) as Readonly<
  Record<SwitchCounterName, number>
>; // built from the same list

/** One more in a counter. */
export function count(counters: Float64Array, index: number): void {
  counters[index] = (counters[index] as number) + 1; // `index` comes from the list above
}

/** `amount` more (or fewer) in a counter. */
export function countBy(counters: Float64Array, index: number, amount: number): void {
  counters[index] = (counters[index] as number) + amount; // `index` comes from the list above
}
