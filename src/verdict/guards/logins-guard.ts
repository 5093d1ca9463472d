/** The guard on logins inside a curve, where they change with the time of day as messages do. */
import { formatShare } from '../../base/units.ts';
import type { Guard } from '../../result/result-schema.ts';
import { countNoiseShare } from '../../stats/count-noise.ts';
import type { IntendedEvents } from '../record/intended-events.ts';
import type { Interval } from '../record/interval.ts';
import { HALVES_INTERVALS_MIN } from '../record/settle-outcome.ts';
import { atMost, unknown } from './guard-reading.ts';
import { LOAD_GUARD_LIMITS } from './load-guards.ts';

/**
 * Compares the phones that came back in each interval with those that the scenario intends for it. The limit is the
 * larger of 5 % and the random variation of the smallest count.
 */
export function loginsGuard(intervals: readonly Interval[], intended: IntendedEvents): Guard {
  const name = 'logins by interval';
  const counts = intervals
    .map(({ atSeconds, seconds, returnsPerSecond }) => ({
      atSeconds,
      done: returnsPerSecond * seconds,
      intended: intended((atSeconds - seconds) * 1e6, atSeconds * 1e6),
    }))
    .filter((one) => one.intended > 0);
  if (counts.length < HALVES_INTERVALS_MIN)
    return unknown(name, `${counts.length} intervals with logins are too few, at least ${HALVES_INTERVALS_MIN}`);
  const off = counts.map((one) => Math.abs(one.done / one.intended - 1));
  const worst = Math.max(...off);
  const fewest = Math.min(...counts.map((one) => one.intended));
  const limit = Math.max(LOAD_GUARD_LIMITS.intervalShareMax, countNoiseShare(fewest));
  const at = counts[off.indexOf(worst)]?.atSeconds ?? 0;
  return atMost({
    name,
    figure: worst,
    limit,
    found: `in the interval at ${at.toFixed(1)} s the number of returning phones differs by ${formatShare(worst)} from what the curve intends`,
    allowed: `at most ${formatShare(limit)} in each of ${counts.length} intervals`,
    remedy: 'let fewer phones disconnect and return (--set phones.session=…), or offer less (--set traffic.rate=…)',
  });
}
