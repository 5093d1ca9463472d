/** Which of the segments that the kernel sent again had been lost. */
import type { KernelCounters } from '../../measure/kernel-counters.ts';

/**
 * How many segments were sent again because they had been lost: without those that had arrived. A kernel sends the last
 * segments before a silence again after some milliseconds (RFC 8985), and the acknowledgement of a phone that has nothing
 * to send may take longer than that. Null if unknown.
 */
export function segmentsLost(counters: KernelCounters): number | null {
  const { segmentsRetransmitted: again, segmentsRetransmittedInVain: inVain } = counters;
  return again === null ? null : Math.max(0, again - (inVain ?? 0));
}
