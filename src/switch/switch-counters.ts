/**
 * What a shard counts. The counters of a shard are one row of doubles in memory that it is
 * given, so that another thread can read them while the shard runs: each has one writer, is
 * written whole, and only grows (gauges are named so).
 */

import { counterPlaces } from '../base/counters.ts';

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
  'hopsStale', // for an earlier incarnation of the shard
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
export const SwitchCounter = counterPlaces(SWITCH_COUNTERS);
