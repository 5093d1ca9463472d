/**
 * Guards that are about to trip, or would trip now. A guard is judged over the whole measurement, and some of them only
 * at its end; these are figures of the last interval, or so far, against the same limits, as an early warning.
 *
 * Guards on the whole measurement have none: halves, Little's law, backlog, and load and logins by interval. Their
 * limits allow for the random variation of all that was measured, and the figures of a part of it vary far more.
 */
import { formatCount, formatMicros, formatShare } from '../../base/units.ts';
import type { GuardName } from '../../result/guard-names.ts';
import { DRIVER_GUARD_LIMITS } from '../../verdict/guards/driver-guards.ts';
import { LOAD_GUARD_LIMITS } from '../../verdict/guards/load-guards.ts';
import { MACHINE_GUARD_LIMITS } from '../../verdict/guards/machine-guards.ts';
import { SOCKET_GUARD_LIMITS } from '../../verdict/guards/socket-guards.ts';
import type { Interval } from '../../verdict/record/interval.ts';
import { segmentsLost } from '../../verdict/record/segments-lost.ts';
import type { LiveRun } from './live-run.ts';

export interface NearGuard {
  readonly name: GuardName;
  readonly isBeyond: boolean;
  /** Current figure and limit, such as `62.0 % of at most 80.0 %`. */
  readonly words: string;
}

interface Figure {
  readonly name: GuardName;
  readonly figure: number;
  readonly limit: number;
  readonly what: string;
  readonly format: (value: number) => string;
}

/** Guards are shown from this share of their limit on. */
const NEAR_SHARE = 0.5;
/** Of fewer segments or connects, a single one that had to be repeated would be near the limit on their share. */
const SHARE_OF_MIN = 10_000;

/** Guards whose figure in this interval is beyond half of their limit, the closest first. */
export function nearGuards(interval: Interval, run: LiveRun): NearGuard[] {
  return [
    ...driverFigures(interval, run),
    ...loadFigures(interval, run),
    ...socketFigures(interval, run),
    ...faultFigures(interval),
  ]
    .map((one) => ({ ...one, share: shareOfLimit(one) }))
    .filter(({ share }) => share > NEAR_SHARE)
    .sort((a, b) => b.share - a.share)
    .map(({ name, share, figure, limit, what, format }) => ({
      name,
      isBeyond: share > 1,
      words: `${what} ${format(figure)}, limit ${format(limit)}`,
    }));
}

/** A limit of none is far exceeded by one. */
function shareOfLimit({ figure, limit }: Figure): number {
  if (limit > 0) return figure / limit;
  return figure > 0 ? Number.POSITIVE_INFINITY : 0;
}

function driverFigures({ threads, stealShare }: Interval, { plan, driverMessagesPerSecond }: LiveRun): Figure[] {
  const lanes = threads.filter(({ role }) => role === 'lane').map(({ busyShare }) => busyShare ?? 0);
  const { laneBusyShareMax, loadShareMax } = DRIVER_GUARD_LIMITS;
  const load = driverMessagesPerSecond === null ? 0 : plan.messagesPerSecond / driverMessagesPerSecond;
  return [
    share('lane load', Math.max(0, ...lanes), laneBusyShareMax, 'busiest lane'),
    share('driver load', load, loadShareMax, 'of its capacity'),
    share('processor steal', stealShare ?? 0, MACHINE_GUARD_LIMITS.stealShareMax, 'stolen'),
  ];
}

/** Judged only while the run measures. */
function loadFigures({ phase, backlogMessages, early }: Interval, { plan, measuredMessages }: LiveRun): Figure[] {
  if (phase !== 'measure') return [];
  const due = measuredMessages + backlogMessages;
  const unsent = due > 0 ? backlogMessages / due : 0;
  return [
    share('offered load', unsent, 1 - LOAD_GUARD_LIMITS.offeredShareMin, 'due and not sent'),
    {
      name: 'send delay',
      figure: early?.sendDelayP99Micros ?? 0,
      limit: plan.sendDelayMicrosMax,
      what: 'sent late (p99)',
      format: formatMicros,
    },
    count('throttling', early?.throttledPeriods, 'periods'),
    count('swapping', early?.swappedPages, 'pages'),
  ];
}

/** Counters of the kernel so far, judged from the ramp on. */
function socketFigures({ early }: Interval, { plan }: LiveRun): Figure[] {
  if (early === undefined || early.kernel === null) return [];
  const { kernel, connectsStarted } = early;
  const { listenOverflowShareMax, retransmittedShareMax } = SOCKET_GUARD_LIMITS;
  const notTaken = Math.max(kernel.listenOverflows ?? 0, kernel.listenDrops ?? 0);
  const ofSome = (count: number | null, of: number | null): number => (count ?? 0) / Math.max(of ?? 0, SHARE_OF_MIN);
  const resent = ofSome(segmentsLost(kernel), kernel.segmentsOut);
  return [
    share('listen backlog', ofSome(notTaken, connectsStarted), listenOverflowShareMax, 'connects not taken'),
    ...(plan.losesPackets ? [] : [share('retransmission', resent, retransmittedShareMax, 'segments sent again')]),
    count('socket memory', (kernel.memoryPressures ?? 0) + (kernel.abortsForMemory ?? 0), 'shortages'),
  ];
}

/** Judged from the start of the run on. */
function faultFigures({ early }: Interval): Figure[] {
  return [count('message balance', early?.messageFaults, 'duplicated, reordered, corrupted or misdirected')];
}

function share(name: GuardName, figure: number, limit: number, what: string): Figure {
  return { name, figure, limit, what, format: formatShare };
}

/** A guard that allows none. */
function count(name: GuardName, figure: number | undefined, what: string): Figure {
  return { name, figure: figure ?? 0, limit: 0, what, format: formatCount };
}
