/** The section of a result about packets, from what the lanes have counted. */
import type { KernelCounters } from '../measure/kernel-counters.ts';
import type { KernelRoundTripPart, NetworkPart } from '../result/sections/network-schema.ts';
import { Histogram } from '../stats/histogram.ts';
import { quantile } from '../stats/quantiles.ts';
import { latencySummary } from './latency-summary.ts';
import type { KernelRoundTrip, NetworkReading, NetworkWindow } from './record/network-reading.ts';
import { resent, thrownAwayBy } from './record/resent.ts';

const ROUND_TRIP_MISSING = 'not read: the kernel does not answer questions about sockets (sock_diag)';
const ROUND_TRIP_READ = 'read from the kernel, for some connections, at the end of the measurement';
const ROUND_TRIP_NONE = 'not read: no phone was connected at the end';

/** @param network null if the transport has no network of its own, or the run ended before it was read. */
export function networkPart(network: NetworkWindow | null, kernel: KernelCounters | null): NetworkPart | null {
  if (network === null) return null;
  const lanes = [...network.after].map(([name, reading]) => lanePart(name, reading, network.queueDrops));
  const roundTrips = roundTripsOf(network);
  const { thrownAway, phonesSentAgain, switchSentAgain } = resent(network, kernel);
  return {
    links: linkParts(network),
    lanes,
    thrownAway,
    phonesSentAgain,
    switchSentAgain,
    sentAgainPerThrownAway:
      thrownAway === 0 || switchSentAgain === null ? null : (phonesSentAgain + switchSentAgain) / thrownAway,
    phonesTcp: sums([...network.after.values()].map(({ tcp }) => tcp)),
    kernelRoundTripStatus:
      roundTrips === null ? ROUND_TRIP_MISSING : roundTrips.length === 0 ? ROUND_TRIP_NONE : ROUND_TRIP_READ,
    kernelRoundTrip: roundTripPart(roundTrips ?? []),
  };
}

function lanePart(
  name: string,
  reading: NetworkReading,
  drops: NetworkWindow['queueDrops'],
): NetworkPart['lanes'][number] {
  const { device, tcp, links } = reading;
  const of = (counter: string): number => links.reduce((sum, { counters }) => sum + (counters[counter] ?? 0), 0);
  return {
    name,
    packetsOut: device['packetsOut'] ?? 0,
    packetsIn: device['packetsIn'] ?? 0,
    packetsRefused: device['packetsRefused'] ?? 0,
    queueDrops: drops?.get(name) ?? null,
    thrownAway: links.reduce((sum, link) => sum + thrownAwayBy(link), 0),
    delayed: of('delayed'),
    reordered: of('reordered'),
    duplicated: of('duplicated'),
    segmentsSentAgain: tcp['segmentsRetransmitted'] ?? 0,
  };
}

/** The links of all lanes, which have the same; the one of phones without a network only if it has packets. */
function linkParts({ before, after }: NetworkWindow): NetworkPart['links'] {
  const first = [...after.values()][0]?.links ?? [];
  const parts = first.map(({ name }, link) => {
    const counters = sums([...after.values()].map(({ links }) => links[link]?.counters ?? {}));
    const of = (counter: string): number => counters[counter] ?? 0;
    return {
      name,
      packets: of('packets'),
      lost: of('lost'),
      lostInBursts: of('lostInBursts'),
      lostInOutages: of('lostInOutages'),
      droppedByQueue: of('droppedByQueue'),
      droppedForRoom: of('droppedForRoom'),
      delayed: of('delayed'),
      reordered: of('reordered'),
      duplicated: of('duplicated'),
      kernelRoundTrip: roundTripPart((roundTripsOf({ after }) ?? []).filter((one) => one.link === link)),
      delivery: latencySummary(deliveriesOf({ before, after }, link)),
    };
  });
  return parts.filter(({ packets }, link) => packets > 0 || link < parts.length - 1);
}

/** Those of all lanes at the end; null if a kernel does not say. */
function roundTripsOf({ after }: Pick<NetworkWindow, 'after'>): KernelRoundTrip[] | null {
  const lanes = [...after.values()].map(({ roundTrips }) => roundTrips);
  return lanes.some((lane) => lane === null) ? null : lanes.flatMap((lane) => lane ?? []);
}

/** @returns null for none. */
function roundTripPart(roundTrips: readonly KernelRoundTrip[]): KernelRoundTripPart | null {
  if (roundTrips.length === 0) return null;
  const smoothed = roundTrips.map(({ smoothedMicros }) => smoothedMicros);
  return {
    connections: roundTrips.length,
    smoothedP50Micros: quantile(smoothed, 0.5),
    smoothedP95Micros: quantile(smoothed, 0.95),
    shortestP50Micros: quantile(
      roundTrips.map(({ shortestMicros }) => shortestMicros),
      0.5,
    ),
  };
}

/** Deliveries between the two readings. */
function deliveriesOf({ before, after }: Pick<NetworkWindow, 'before' | 'after'>, link: number): Histogram {
  const counts = [...after.values()][0]?.links[link]?.delivery.map(() => 0);
  if (counts === undefined) return new Histogram();
  for (const [lane, { links }] of after) {
    const earlier = before.get(lane)?.links[link]?.delivery;
    links[link]?.delivery.forEach((count, n) => {
      counts[n] = (counts[n] ?? 0) + count - (earlier?.[n] ?? 0);
    });
  }
  return new Histogram(counts);
}

function sums(rows: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const all: Record<string, number> = {};
  for (const row of rows) for (const [name, count] of Object.entries(row)) all[name] = (all[name] ?? 0) + count;
  return all;
}
