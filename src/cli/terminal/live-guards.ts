/**
 * Guards that are about to trip, or would trip now. A guard is judged over the whole measurement, and some of them only
 * at its end; these are figures of the last interval against the same limits, as an early warning.
 */
import { formatShare } from '../../base/units.ts';
import type { GuardName } from '../../result/guard-names.ts';
import { DRIVER_GUARD_LIMITS } from '../../verdict/guards/driver-guards.ts';
import { LOAD_GUARD_LIMITS } from '../../verdict/guards/load-guards.ts';
import { MACHINE_GUARD_LIMITS } from '../../verdict/guards/machine-guards.ts';
import type { Interval } from '../../verdict/record/interval.ts';

export interface NearGuard {
  readonly name: GuardName;
  readonly isBeyond: boolean;
  /** Current figure and limit, such as `62.0 % of at most 80.0 %`. */
  readonly words: string;
}

/** Guards are shown from this share of their limit on. */
const NEAR_SHARE = 0.5;

/**
 * Guards whose figure in this interval is beyond half of their limit, the closest first.
 * @param measuredMessages acknowledged in the measurement so far.
 */
export function nearGuards(interval: Interval, measuredMessages: number): NearGuard[] {
  const lanes = interval.threads.filter(({ role }) => role === 'lane').map(({ busyShare }) => busyShare ?? 0);
  const due = measuredMessages + interval.backlogMessages;
  const figures: readonly (readonly [GuardName, number, number, string])[] = [
    ['lane load', Math.max(0, ...lanes), DRIVER_GUARD_LIMITS.laneBusyShareMax, 'busiest lane'],
    ['processor steal', interval.stealShare ?? 0, MACHINE_GUARD_LIMITS.stealShareMax, 'stolen'],
    [
      'offered load',
      interval.phase === 'measure' && due > 0 ? interval.backlogMessages / due : 0,
      1 - LOAD_GUARD_LIMITS.offeredShareMin,
      'due and not sent',
    ],
  ];
  return figures
    .map(([name, figure, limit, what]) => ({ name, share: figure / limit, words: words(what, figure, limit) }))
    .filter(({ share }) => share > NEAR_SHARE)
    .sort((a, b) => b.share - a.share)
    .map(({ name, share, words: said }) => ({ name, isBeyond: share > 1, words: said }));
}

function words(what: string, figure: number, limit: number): string {
  return `${what} ${formatShare(figure)}, limit ${formatShare(limit)}`;
}
