/** What a stack counts, as one row of doubles that another thread can read while it runs. */
import { counterPlaces } from '../../../base/counters.ts';

export const TCP_COUNTERS = [
  'segmentsIn',
  'segmentsOut',
  'segmentsRetransmitted',
  'fastRetransmissions',
  'timeouts',
  'windowProbes',
  'acknowledgementsAlone', // segments that carry nothing but an acknowledgement
  'arrivedEarly', // before a segment that is missing
  'arrivedAgain', // wholly received before, or out of the window
  'earlyDropped', // for lack of room
  'challenges',
  'resetsOut',
  'resetsIn',
  'packetsCut',
  'packetsOfOtherProtocols',
  'packetsFragmented',
  'packetsWithBadHeaders',
  'packetsWithBadChecksums',
  'packetsForNobody',
  'packetsWithBadFlags',
  'packetsUnsent', // the port had no buffer for them
  'activitiesFull', // times that a connection had to wait because all activities were in use
] as const;

/** Place of each counter in a stack's row. */
export const TcpCounter = counterPlaces(TCP_COUNTERS);
