/**
 * The counters of a gateway: one row of doubles that other threads can read, as those of a shard. Names that a lane has
 * too mean the same here, so that the messages of both can be balanced together (verdict/integrity).
 */
import { counterPlaces } from '../base/counters.ts';

export const GATEWAY_COUNTERS = [
  'messagesSent',
  'messagesUnanswered', // gauge
  'messagesAcknowledged',
  'messagesRejected',
  'rejectedMailboxFull',
  'rejectedStoreFull',
  'rejectedOther',
  'messagesGivenUp', // no answer in time, or their shard has ended
  'receipts',
  'windowFull', // refused: the business has as many unanswered messages as it may
  'inboxFull', // refused: no room in the inbox of the home
  'lookups',
  'lookupsFull', // refused: as many are open as may be
  'lookupsGivenUp',
  'answersLate',
  'hopsOut',
  'hopsIn',
  'digestSentLow',
  'digestSentHigh',
  'digestAcknowledgedLow',
  'digestAcknowledgedHigh',
  'digestRejectedLow',
  'digestRejectedHigh',
  // Counted by the HTTP server.
  'connections', // gauge
  'connectionsOpened',
  'connectionsRefused', // more than may be open
  'acceptsFailed', // for want of descriptors or memory; the server accepts later
  'openRequests', // gauge
  'requests',
  'answers2xx',
  'answers4xx',
  'answers5xx',
] as const;

export type GatewayCounterName = (typeof GATEWAY_COUNTERS)[number];

/** Counters that also decrease. */
export const GATEWAY_GAUGES: ReadonlySet<GatewayCounterName> = new Set([
  'messagesUnanswered',
  'connections',
  'openRequests',
]);

/** Place of each counter in the row of a gateway. */
export const GatewayCounter = counterPlaces(GATEWAY_COUNTERS);
