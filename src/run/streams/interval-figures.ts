/** The figures of an interval that are one number each, by the names that they have in a result. */
import type { Interval } from '../../verdict/record/interval.ts';

/** In the order of columns. */
export const FIGURES = [
  'held',
  'loginsPerSecond',
  'messagesPerSecond',
  'deliveriesPerSecond',
  'groupDeliveriesPerSecond',
  'presenceNoticesPerSecond',
  'stormDropsPerSecond',
  'deliveryP50Micros',
  'deliveryP99Micros',
  'backlogMessages',
  'stealShare',
  'rssBytes',
  'switchRssBytes',
  'driverRssBytes',
  'kernelSocketBytes',
  'switchLedgerBytes',
  'driverLedgerBytes',
] as const satisfies readonly (keyof Interval)[];

/** What all threads did in an interval, for formats whose columns must not depend on the number of threads. */
export interface ThreadsTogether {
  /** Of the busiest thread; null if none is known. */
  readonly shardBusyShareMax: number | null;
  readonly laneBusyShareMax: number | null;
  /** Sums over all threads. */
  readonly collections: number;
  readonly pauseMicros: number;
}

export function threadsTogether({ threads }: Interval): ThreadsTogether {
  const busiest = (role: 'shard' | 'lane'): number | null => {
    const shares = threads.flatMap((thread) => (thread.role === role ? (thread.busyShare ?? []) : []));
    return shares.length === 0 ? null : Math.max(...shares);
  };
  return {
    shardBusyShareMax: busiest('shard'),
    laneBusyShareMax: busiest('lane'),
    collections: threads.reduce((sum, thread) => sum + thread.collections, 0),
    pauseMicros: threads.reduce((sum, thread) => sum + thread.pauseMicros, 0),
  };
}
