/** Packets in the summary of a run over tun: what networks did to them, and what was sent again. */
import { formatCount, formatCountOf, formatMicros, formatShare } from '../../../base/units.ts';
import type { Result } from '../../../result/result-schema.ts';
import type { NetworkPart } from '../../../result/sections/network-schema.ts';
import { deliveriesOf } from '../disturbances/storm-lines.ts';

export function networkLines({ network, sockets }: Result): string[] {
  if (network === null) return [];
  const queueDrops = network.lanes.reduce((sum, lane) => sum + (lane.queueDrops ?? 0), 0);
  const refused = network.lanes.reduce((sum, lane) => sum + lane.packetsRefused, 0);
  const {
    outOfOrder = null,
    timeouts = null,
    lossProbes = null,
    synCookiesSent = null,
  } = sockets?.kernel.counters ?? {};
  const told = (count: number | null): string => (count === null ? 'unknown' : formatCount(count));
  return [
    ...network.links.map(linkLine),
    `${resentText(network)}; packets dropped by full queues of devices: ${formatCount(queueDrops)}, refused by the kernel: ${formatCount(refused)}`,
    `kernel of the switch: segments sent again ${told(network.switchSentAgain)}, time-outs ${told(timeouts)}, loss probes ${told(lossProbes)}, received out of order ${told(outOfOrder)}, SYN cookies sent ${told(synCookiesSent)}`,
    `round trips as it sees them: ${roundTripText(network.kernelRoundTrip, network.kernelRoundTripStatus)}`,
  ];
}

/** The round trips of the switch's kernel, in words. @param otherwise what to say if there are none. */
export function roundTripText(roundTrip: NetworkPart['kernelRoundTrip'], otherwise: string): string {
  if (roundTrip === null) return otherwise;
  const { connections, smoothedP50Micros, smoothedP95Micros, shortestP50Micros } = roundTrip;
  const time = (micros: number | null): string => (micros === null ? 'unknown' : formatMicros(micros));
  return `p50 ${time(smoothedP50Micros)}, p95 ${time(smoothedP95Micros)}, shortest p50 ${time(shortestP50Micros)} (${formatCountOf(connections, 'connection')}; with the delay of acknowledgements)`;
}

/** How much both TCPs sent again, in words. */
export function resentText({
  thrownAway,
  phonesSentAgain,
  switchSentAgain,
  sentAgainPerThrownAway,
}: NetworkPart): string {
  const both =
    switchSentAgain === null
      ? 'an unknown number of segments'
      : formatCountOf(phonesSentAgain + switchSentAgain, 'segment');
  const ratio = sentAgainPerThrownAway === null ? '' : `, ${sentAgainPerThrownAway.toFixed(2)} per packet thrown away`;
  return `${formatCountOf(thrownAway, 'packet')} thrown away in all; ${both} sent again by phones and switch together${ratio}`;
}

/** Packets of a link that did not arrive. */
function thrownAwayOf(link: NetworkPart['links'][number]): number {
  return link.lost + link.lostInBursts + link.lostInOutages + link.droppedByQueue + link.droppedForRoom;
}

function linkLine(link: NetworkPart['links'][number]): string {
  const thrownAway = thrownAwayOf(link);
  const share = link.packets === 0 ? 0 : thrownAway / link.packets;
  return (
    `${link.name}: ${formatCountOf(link.packets, 'packet')}, ${formatCount(thrownAway)} thrown away (${formatShare(share)}), ${formatCount(link.delayed)} delayed, ` +
    `${formatCount(link.reordered)} reordered, ${formatCount(link.duplicated)} duplicated; delivery to its phones that were online: ${deliveriesOf(link.delivery)}` +
    (link.kernelRoundTrip === null
      ? ''
      : `; round trip of the switch's kernel ${roundTripText(link.kernelRoundTrip, '')}`)
  );
}
