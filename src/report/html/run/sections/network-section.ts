/** Packets on the page of a run over tun: by network of the phones, by lane, and what the switch's kernel counted. */
import { formatCount, formatMicros } from '../../../../base/units.ts';
import type { Result } from '../../../../result/result-schema.ts';
import type { NetworkPart } from '../../../../result/sections/network-schema.ts';
import { resentText, roundTripText } from '../../../run/lines/network-lines.ts';
import { fieldText } from '../../../text/figure-text.ts';
import { table } from '../../chart-table.ts';
import { markup } from '../../markup.ts';
import type { PageSection } from '../../page.ts';
import { noteList } from '../../sentence-list.ts';

/** One section, or none over other transports. */
export function networkSection({ network, sockets }: Result): PageSection[] {
  if (network === null) return [];
  const kernel = Object.entries(sockets?.kernel.counters ?? {}).map(([name, count]) => [fieldText(name), told(count)]);
  const { links } = network;
  const byNetwork = markup`${table('Packets by network', LINKS, links.map(linkRow))}
${table('Round trips by network, by the kernel of the switch', ROUND_TRIPS, links.map(roundTripRow))}`;
  const html = markup`${links.length === 0 ? markup`` : byNetwork}
${table('Packets by lane', LANES, network.lanes.map(laneRow))}
${table('Counters of the kernel of the switch, in the network namespace of the run', ['counter', 'count'], kernel)}
${noteList([`${resentText(network)}.`, `Counters are from the start of the ramp to the end of the measurement, latencies while measuring.`, `Round trips, by the kernel of the switch: ${roundTripText(network.kernelRoundTrip, network.kernelRoundTripStatus)}.`])}`;
  return [{ id: 'network', title: 'Networks', html }];
}

const LINKS = [
  ...['network', 'packets', 'lost', 'in bursts', 'in outages', 'dropped by its queue', 'dropped for room'],
  ...['delayed', 'reordered', 'duplicated', 'delivered to phones online', 'p50', 'p99'],
];
const ROUND_TRIPS = ['network', 'connections asked', 'p50', 'p95', 'shortest, p50'];
const LANES = [
  ...['lane', 'packets out', 'packets in', 'refused by the kernel', 'dropped by its device'],
  ...['thrown away by networks', 'delayed', 'reordered', 'duplicated', 'segments sent again'],
];

const told = (count: number | null): string => (count === null ? 'unknown' : formatCount(count));

const latency = (micros: number | null): string => (micros === null ? '–' : formatMicros(micros));

function linkRow({ name, delivery, ...link }: NetworkPart['links'][number]): string[] {
  const { lost, lostInBursts, lostInOutages, droppedByQueue, droppedForRoom } = link;
  return [
    name,
    ...[link.packets, lost, lostInBursts, lostInOutages, droppedByQueue, droppedForRoom].map(formatCount),
    ...[link.delayed, link.reordered, link.duplicated, delivery.count].map(formatCount),
    latency(delivery.p50Micros),
    latency(delivery.p99Micros),
  ];
}

function roundTripRow({ name, kernelRoundTrip }: NetworkPart['links'][number]): string[] {
  if (kernelRoundTrip === null) return [name, formatCount(0), latency(null), latency(null), latency(null)];
  const { connections, smoothedP50Micros, smoothedP95Micros, shortestP50Micros } = kernelRoundTrip;
  return [name, formatCount(connections), ...[smoothedP50Micros, smoothedP95Micros, shortestP50Micros].map(latency)];
}

function laneRow(lane: NetworkPart['lanes'][number]): string[] {
  return [
    lane.name,
    ...[lane.packetsOut, lane.packetsIn, lane.packetsRefused, lane.queueDrops].map(told),
    ...[lane.thrownAway, lane.delayed, lane.reordered, lane.duplicated, lane.segmentsSentAgain].map(formatCount),
  ];
}
