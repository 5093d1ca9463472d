/** What two lanes have counted of networks, with figures that a test decides. */
import { Histogram } from '../stats/histogram.ts';
import type { LinkReading, NetworkReading, NetworkWindow } from './record/network-reading.ts';

const NOTHING_COUNTED = {
  packets: 0,
  lost: 0,
  lostInBursts: 0,
  lostInOutages: 0,
  droppedByQueue: 0,
  droppedForRoom: 0,
  delayed: 0,
  reordered: 0,
  duplicated: 0,
};

export function madeLink(
  name: string,
  counters: Partial<typeof NOTHING_COUNTED>,
  deliveries: number[] = [],
): LinkReading {
  const delivery = new Histogram();
  for (const micros of deliveries) delivery.record(micros);
  return { name, counters: { ...NOTHING_COUNTED, ...counters }, delivery: delivery.counts };
}

export function madeLane(
  links: readonly LinkReading[],
  sentAgain: number,
  packetsRefused = 0,
  roundTrips: NetworkReading['roundTrips'] = [],
): NetworkReading {
  return {
    device: { packetsOut: 1000, packetsIn: 900, packetsRefused },
    tcp: { segmentsOut: 1000, segmentsRetransmitted: sentAgain },
    links,
    roundTrips,
  };
}

/** Lanes of which each has the same links. @param before what they had counted when measuring began. */
export function madeNetwork(
  after: readonly NetworkReading[],
  before: readonly NetworkReading[] = [],
  queueDrops: NetworkWindow['queueDrops'] = new Map(),
): NetworkWindow {
  const byLane = (lanes: readonly NetworkReading[]) => new Map(lanes.map((lane, n) => [`lane-${n}`, lane]));
  return { before: byLane(before), after: byLane(after), queueDrops };
}
