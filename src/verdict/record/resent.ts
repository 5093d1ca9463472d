/** What networks threw away, and what both TCPs sent again for it. */
import type { KernelCounters } from '../../measure/kernel-counters.ts';
import type { LinkReading, NetworkWindow } from './network-reading.ts';

/** Counters of a link whose packets did not arrive. */
const THROWN_AWAY = ['lost', 'lostInBursts', 'lostInOutages', 'droppedByQueue', 'droppedForRoom'] as const;

export interface Resent {
  readonly thrownAway: number;
  /** Of these: packets that found no room in the simulation. */
  readonly droppedForRoom: number;
  readonly phonesSentAgain: number;
  readonly switchSentAgain: number | null;
}

export function resent({ after, queueDrops }: NetworkWindow, kernel: KernelCounters | null): Resent {
  const readings = [...after.values()];
  const links = readings.flatMap(({ links: ofLane }) => ofLane);
  const drops = [...(queueDrops?.values() ?? [])].reduce((sum, one) => sum + one, 0);
  const refused = readings.reduce((sum, { device }) => sum + (device['packetsRefused'] ?? 0), 0);
  return {
    thrownAway: links.reduce((sum, link) => sum + thrownAwayBy(link), 0) + drops + refused,
    droppedForRoom: links.reduce((sum, { counters }) => sum + (counters['droppedForRoom'] ?? 0), 0),
    phonesSentAgain: readings.reduce((sum, { tcp }) => sum + (tcp['segmentsRetransmitted'] ?? 0), 0),
    switchSentAgain: kernel?.segmentsRetransmitted ?? null,
  };
}

/** Packets of a link that did not arrive. */
export function thrownAwayBy({ counters }: LinkReading): number {
  return THROWN_AWAY.reduce((sum, name) => sum + (counters[name] ?? 0), 0);
}
