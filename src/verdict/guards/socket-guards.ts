/**
 * Guards on counters of the kernel for runs over sockets: connections that found a full backlog, segments that were
 * retransmitted, and memory shortage. They cover the whole network namespace, which is the machine or the run's own,
 * from the start of the ramp to the end of the measurement.
 */
import { formatCount, formatCountOf, formatShare } from '../../base/units.ts';
import type { KernelCounters } from '../../measure/kernel-counters.ts';
import type { GuardName } from '../../result/guard-names.ts';
import type { Guard } from '../../result/result-schema.ts';
import type { NetworkWindow } from '../record/network-reading.ts';
import { resent } from '../record/resent.ts';
import type { SideCounters } from '../record/run-record.ts';
import { segmentsLost } from '../record/segments-lost.ts';
import { atMost, unknown } from './guard-reading.ts';

/** Initial values. Loopback loses no packets, so a lost one was dropped for lack of room. */
export const SOCKET_GUARD_LIMITS = {
  /** As a share of started connections: each costs its phone a second or more. */
  listenOverflowShareMax: 0.001,
  /** As a share of sent segments. */
  retransmittedShareMax: 0.001,
  /**
   * For each packet that networks throw away: one lost segment is sent again once, some twice because the answer was
   * lost as well, and lost acknowledgements mostly not at all, as the next one stands for them (RFC 9293, 3.8).
   */
  resentPerThrownAwayMax: 1.5,
} as const;

/** Where the counters come from. */
export interface CountedNetwork {
  /** Whether the counters are those of a network of the run, in which nobody else sends. */
  readonly hasOwnNetwork: boolean;
  /** What lanes counted in it; null elsewhere. */
  readonly network: NetworkWindow | null;
}

export function socketGuards(
  kernel: KernelCounters,
  counters: SideCounters,
  { hasOwnNetwork, network }: CountedNetwork,
): Guard[] {
  const begun = counters.driver['connectsStarted'] ?? 0;
  const ports = counters.driverSockets['connectsFailedPorts'] ?? 0;
  const connectSlower = 'connect more slowly (--set login.rate=…)';
  return [
    shareGuard({
      name: 'listen backlog',
      count: largest(kernel.listenOverflows, kernel.listenDrops),
      of: begun,
      limit: SOCKET_GUARD_LIMITS.listenOverflowShareMax,
      what: 'connections found a full backlog or were dropped before they were accepted',
      remedy: `${connectSlower}, or raise net.core.somaxconn and --set sockets.backlog=…`,
    }),
    network !== null && thrownAwayIn(network) > 0 ? resentGuard(kernel, network) : retransmissionGuard(kernel),
    noneGuard(
      'socket memory',
      sum(kernel.memoryPressures, kernel.abortsForMemory),
      (count) => `the kernel ran short of memory for sockets ${formatCountOf(count, 'time')}`,
      'use fewer phones (--set phones.count=…), or raise net.ipv4.tcp_mem',
    ),
    noneGuard(
      'free ports',
      ports,
      (count) => `${formatCountOf(count, 'connect')} found no free port`,
      'use fewer connections per source address (--set sockets.portsPerSource=…), or widen net.ipv4.ip_local_port_range',
    ),
    ...(hasOwnNetwork
      ? [
          noneGuard(
            'invalid segments',
            largest(kernel.segmentsInvalid, kernel.segmentsBadChecksum),
            (count) =>
              `the kernel refused ${formatCountOf(count, 'segment')} of the phones as malformed or with a wrong checksum`,
            'report it with the command and the seed: the TCP of the phones is at fault',
          ),
          noneGuard(
            'packets in transit',
            network === null ? null : resent(network, kernel).droppedForRoom,
            (count) => `dropped ${formatCountOf(count, 'packet')}, as there was no room for more in transit`,
            'raise --set network.held=…, or offer less',
          ),
        ]
      : []),
  ];
}

function retransmissionGuard(kernel: KernelCounters): Guard {
  const inVain = kernel.segmentsRetransmittedInVain ?? 0;
  const beside = inVain === 0 ? '' : `, beside ${formatCount(inVain)} that had arrived`;
  return shareGuard({
    name: 'retransmission',
    count: segmentsLost(kernel),
    of: kernel.segmentsOut ?? 0,
    limit: SOCKET_GUARD_LIMITS.retransmittedShareMax,
    what: `segments were lost and sent again by the kernel${beside}`,
    remedy: 'offer less (--set traffic.rate=…), or stop other programs that use the network of this machine',
  });
}

const thrownAwayIn = (network: NetworkWindow): number => resent(network, null).thrownAway;

/** On networks that throw packets away, the limit follows what they throw away; the share of others comes on top. */
function resentGuard(kernel: KernelCounters, network: NetworkWindow): Guard {
  const { thrownAway, phonesSentAgain, switchSentAgain } = resent(network, kernel);
  if (switchSentAgain === null) return unknown('retransmission', NOT_TOLD);
  const { resentPerThrownAwayMax, retransmittedShareMax } = SOCKET_GUARD_LIMITS;
  const figure = phonesSentAgain + switchSentAgain;
  const limit = resentPerThrownAwayMax * thrownAway + retransmittedShareMax * (kernel.segmentsOut ?? 0);
  return atMost({
    name: 'retransmission',
    figure,
    limit,
    found: `phones and kernel sent ${formatCountOf(figure, 'segment')} again, and networks threw ${formatCountOf(thrownAway, 'packet')} away`,
    allowed: `at most ${resentPerThrownAwayMax} per packet thrown away and ${formatShare(retransmittedShareMax)} of those sent`,
    remedy:
      'offer less (--set traffic.rate=…): packets that wait too long for a thread are sent again as if they were lost',
  });
}

interface ShareGuard {
  readonly name: GuardName;
  readonly count: number | null;
  readonly of: number;
  readonly limit: number;
  readonly what: string;
  readonly remedy: string;
}

function shareGuard({ name, count, of, limit, what, remedy }: ShareGuard): Guard {
  if (count === null) return unknown(name, NOT_TOLD);
  const figure = of === 0 ? 0 : count / of;
  const found = `${formatCount(count)} ${what}, ${formatShare(figure)}`;
  return atMost({ name, figure, limit, found, allowed: `at most ${formatShare(limit)}`, remedy });
}

function noneGuard(name: GuardName, count: number | null, found: (count: number) => string, remedy: string): Guard {
  if (count === null) return unknown(name, NOT_TOLD);
  return atMost({ name, figure: count, limit: 0, found: found(count), allowed: 'at most 0', remedy });
}

const NOT_TOLD = 'the kernel does not report it';

function largest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}

function sum(a: number | null, b: number | null): number | null {
  return a === null && b === null ? null : (a ?? 0) + (b ?? 0);
}
