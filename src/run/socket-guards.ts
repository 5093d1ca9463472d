/**
 * What the kernel tells of a run over sockets that its figures do not show: connections that waited
 * for a place in a backlog, segments that were sent twice, memory that ran short. Counted for the
 * whole machine from the start of the ramp to the end of measuring.
 */
import { formatCount, formatShare } from '../base/units.ts';
import type { KernelCounters } from '../measure/kernel-counters.ts';
import type { Guard } from '../result/result-schema.ts';
import type { SideCounters } from './run-sides.ts';

/** Starting values. Over loopback nothing is lost on the way, so what is lost was dropped for want of room. */
export const SOCKET_GUARD_LIMITS = {
  /** Of connections begun: each one costs its phone a second or more. */
  listenOverflowShareMost: 0.001,
  /** Of segments sent. */
  retransmittedShareMost: 0.001,
} as const;

export function socketGuards(kernel: KernelCounters, counters: SideCounters): Guard[] {
  const begun = counters.driver['connectsStarted'] ?? 0;
  const ports = counters.driverSockets['connectsFailedPorts'] ?? 0;
  return [
    shareGuard({
      name: 'backlogs not overflown',
      count: largest(kernel.listenOverflows, kernel.listenDrops),
      of: begun,
      limit: SOCKET_GUARD_LIMITS.listenOverflowShareMost,
      what: 'connections that found a full backlog or were dropped before they were accepted',
    }),
    shareGuard({
      name: 'nothing sent twice',
      count: kernel.segmentsRetransmitted,
      of: kernel.segmentsOut ?? 0,
      limit: SOCKET_GUARD_LIMITS.retransmittedShareMost,
      what: 'segments that the kernel sent again',
    }),
    noneGuard(
      'socket memory not short',
      sum(kernel.memoryPressures, kernel.abortsForMemory),
      (count) => `the kernel ran short of memory for sockets ${formatCount(count)} times`,
    ),
    noneGuard('ports not exhausted', ports, (count) => `${formatCount(count)} connects found no free port`),
  ];
}

interface ShareGuard {
  readonly name: string;
  readonly count: number | null;
  readonly of: number;
  readonly limit: number;
  readonly what: string;
}

function shareGuard({ name, count, of, limit, what }: ShareGuard): Guard {
  if (count === null) return notTold(name);
  const figure = of === 0 ? 0 : count / of;
  const sentence = `${formatCount(count)} ${what}, ${formatShare(figure)}`;
  return { name, verdict: figure <= limit ? 'ok' : 'invalid', figure, limit, sentence };
}

function noneGuard(name: string, count: number | null, sentence: (count: number) => string): Guard {
  if (count === null) return notTold(name);
  return { name, verdict: count === 0 ? 'ok' : 'invalid', figure: count, limit: 0, sentence: sentence(count) };
}

function notTold(name: string): Guard {
  return { name, verdict: 'unknown', figure: null, limit: null, sentence: 'the kernel does not tell' };
}

function largest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}

function sum(a: number | null, b: number | null): number | null {
  return a === null && b === null ? null : (a ?? 0) + (b ?? 0);
}
