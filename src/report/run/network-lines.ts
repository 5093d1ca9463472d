/** Packets in the summary of a run over tun: what networks did to them, and what was sent again. */
import { formatCount, formatShare } from '../../base/units.ts';
import type { Result } from '../../result/result-schema.ts';
import type { NetworkPart } from '../../result/sections/network-schema.ts';
import { deliveriesOf } from './storm-lines.ts';

export function networkLines({ network, sockets }: Result): string[] {
  if (network === null) return [];
  const queueDrops = network.lanes.reduce((sum, lane) => sum + (lane.queueDrops ?? 0), 0);
  const refused = network.lanes.reduce((sum, lane) => sum + lane.packetsRefused, 0);
  const { outOfOrder = null, timeouts = null, lossProbes = null } = sockets?.kernel.counters ?? {};
  const told = (count: number | null): string => (count === null ? 'unknown' : formatCount(count));
  return [
    ...network.links.map(linkLine),
    `${resentText(network)}; full queues of devices dropped ${formatCount(queueDrops)}, the kernel refused ${formatCount(refused)}`,
    `the switch's kernel: ${told(network.switchSentAgain)} segments sent again, ${told(timeouts)} time-outs, ${told(lossProbes)} loss probes, ${told(outOfOrder)} received out of order; round trips: not measured there`,
  ];
}

/** How much both TCPs sent again, in words. */
export function resentText({
  thrownAway,
  phonesSentAgain,
  switchSentAgain,
  sentAgainPerThrownAway,
}: NetworkPart): string {
  const both = switchSentAgain === null ? 'an unknown number' : formatCount(phonesSentAgain + switchSentAgain);
  const each = sentAgainPerThrownAway === null ? '' : `, ${sentAgainPerThrownAway.toFixed(2)} for each`;
  return `${formatCount(thrownAway)} packets thrown away in all; ${both} segments sent again by phones and switch together${each}`;
}

/** Packets of a link that did not arrive. */
export function thrownAwayOf(link: NetworkPart['links'][number]): number {
  return link.lost + link.lostInBursts + link.lostInOutages + link.droppedByQueue + link.droppedForRoom;
}

function linkLine(link: NetworkPart['links'][number]): string {
  const thrownAway = thrownAwayOf(link);
  const share = link.packets === 0 ? 0 : thrownAway / link.packets;
  return (
    `${link.name}: ${formatCount(link.packets)} packets, ${formatCount(thrownAway)} thrown away (${formatShare(share)}), ${formatCount(link.delayed)} delayed, ` +
    `${formatCount(link.reordered)} reordered, ${formatCount(link.duplicated)} doubled; delivered to its phones online ${deliveriesOf(link.delivery)}`
  );
}
