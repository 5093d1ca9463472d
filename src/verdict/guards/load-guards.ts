/**
 * Guards that the load was as the scenario intends, and remained so. The intended load is known at every time, so
 * halves and intervals are judged relative to it, with a tolerance for random variation of counts (stats/count-noise).
 */
import { formatCount, formatCountOf, formatShare, formatShort } from '../../base/units.ts';
import type { Guard } from '../../result/result-schema.ts';
import { countNoiseShare } from '../../stats/count-noise.ts';
import type { Histogram } from '../../stats/histogram.ts';
import { median } from '../../stats/quantiles.ts';
import { backlogGrowth, backlogGrowthMax } from '../../stats/steadiness.ts';
import type { Disturbance } from '../record/declared-disturbances.ts';
import type { IntendedEvents } from '../record/intended-events.ts';
import type { Interval } from '../record/interval.ts';
import type { RampOutcome } from '../record/ramp-outcome.ts';
import { countsOf, HALVES_INTERVALS_MIN, type SettleOutcome } from '../record/settle-outcome.ts';
import type { Window } from '../record/window.ts';
import { atLeast, atMost, judged, unknown } from './guard-reading.ts';

/** An interval at whose end fewer than this share of the most phones were online is part of a storm's recovery. */
const CALM_HELD_SHARE = 0.99;

/** As many intervals after a recovery are part of it: threads send in them what waited while phones logged in. */
const CATCHING_UP_INTERVALS = 2;

/**
 * The intervals in which no phone was away because of a declared storm, nor just before: such phones send nothing, so
 * guards on what was sent give way there. All intervals, if no storm is declared.
 */
export function calmIntervals(intervals: readonly Interval[], disturbances: readonly Disturbance[]): Interval[] {
  if (disturbances.every(({ name }) => name !== 'storm')) return [...intervals];
  const most = intervals.reduce((max, { held }) => Math.max(max, held), 0);
  const isWhole = ({ held }: Interval): boolean => held >= CALM_HELD_SHARE * most;
  return intervals.filter((_, i) => intervals.slice(Math.max(0, i - CATCHING_UP_INTERVALS), i + 1).every(isWhole));
}

/**
 * Chosen with the measuring protocol: no experiment has shown at which value figures begin to be wrong. Halves and
 * intervals may differ by as much as the smallest difference in throughput that matters (scenario/terms/metrics). What
 * is known of sound runs, from results/reference:
 *
 *  - Random variation alone trips no guard on counts in 600 runs in virtual time (chance.json).
 *  - 40 runs of one build, two seconds each (gate-runs.json): all that was due was sent, and halves differ by at
 *    most 1.0 %. Little's law is off by at most 1.1 %, but by 68 % in two runs: their limit did not allow for what
 *    waits at the ends yet.
 *  - 19 results of ten seconds or more, which were kept because they are valid: all that was due was sent, halves
 *    differ by at most 0.4 %, and Little's law is off by at most 3.9 %.
 *  - Five results with more load than the machine carries: 16 to 68 % of what was due was sent.
 */
export const LOAD_GUARD_LIMITS = {
  offeredShareMin: 0.99,
  littleShareMax: 0.05,
  halvesShareMax: 0.05,
  intervalShareMax: 0.05,
  measuredSecondsMin: 10,
} as const;

const OFFER_LESS = 'offer less (--set traffic.rate=…)';

/** @param wanted number of phones that were to be online. */
export function rampGuard(ramp: RampOutcome | null, wanted: number): Guard {
  const reached = ramp?.isComplete ? wanted : (ramp?.readings.at(-1)?.connections ?? 0);
  const phones = `${formatCount(reached)} of ${formatCount(wanted)} phones`;
  const found = ramp?.isComplete
    ? `${phones} logged in or gave up`
    : `the ramp ended early, memory was read with ${phones}: ${ramp?.stopped?.sentence ?? 'the run ended'}`;
  return atLeast({
    name: 'ramp',
    figure: reached,
    limit: wanted,
    found,
    allowed: 'all expected',
    remedy: 'lower the login rate (--set login.rate=…), or use fewer phones (--set phones.count=…)',
  });
}

export function durationGuard(window: Window): Guard {
  const limit = LOAD_GUARD_LIMITS.measuredSecondsMin;
  const reading = {
    name: 'time measured',
    figure: window.seconds,
    limit,
    found: `${window.seconds.toFixed(1)} s measured`,
    allowed: `at least ${limit} s for figures to quote`,
    remedy: `--set phases.measure=${limit}s`,
  } as const;
  return judged(reading, window.seconds < limit ? 'warning' : 'ok');
}

export function steadinessGuard(settle: SettleOutcome): Guard {
  const name = 'steadiness';
  const remedy = `settle longer (--set phases.settle=…), or ${OFFER_LESS}`;
  const { trendShare, trendShareMax, isSteady } = settle;
  if (trendShare === null) {
    const sentence = 'too few intervals in the time to settle';
    return isSteady ? unknown(name, sentence) : { ...unknown(name, `${sentence}; ${remedy}`), verdict: 'invalid' };
  }
  const isTrend = trendShare >= trendShareMax;
  const why = isSteady || isTrend ? '' : ', and the backlog grew';
  const found = `the trend moved the median by ${formatShare(trendShare)} over five intervals${why}`;
  const reading = { name, figure: trendShare, limit: trendShareMax, found, remedy } as const;
  return judged(
    { ...reading, allowed: `less than ${formatShare(trendShareMax)} expected` },
    isSteady ? 'ok' : 'invalid',
  );
}

/**
 * Due messages that were sent, as a share of due messages. Messages of phones that are away as intended are not due.
 * @param isInStorm whether a declared storm is in the window: then neither are those of phones without a connection.
 */
export function offeredGuard(window: Window, isInStorm = false): Guard {
  const sent = window.driver('messagesSent');
  const cutOff = isInStorm ? 0 : window.driver('messagesNoConnection');
  const left = window.driver('messagesBacklog') + cutOff;
  const share = sent / (sent + Math.max(0, left));
  const limit = LOAD_GUARD_LIMITS.offeredShareMin;
  return atLeast({
    name: 'offered load',
    figure: share,
    limit,
    found: `${formatShare(share)} of what was due was sent`,
    allowed: `at least ${formatShare(limit)}`,
    remedy: `${OFFER_LESS}, or add lanes where there are cores for them (--set driver.lanes=…)`,
  });
}

/**
 * Compares the halves of the window, each as a share of what was intended in it. The limit is the larger of 5 % and the
 * random variation of two counts of this size.
 */
export function halvesGuard(intervals: readonly Interval[], intended: IntendedEvents): Guard {
  const name = 'halves';
  if (intervals.length < HALVES_INTERVALS_MIN) {
    const few = `${intervals.length} intervals are too few to compare halves, at least ${HALVES_INTERVALS_MIN}`;
    return unknown(name, `${few}; --set phases.measure=… longer, or --set phases.bin=… shorter`);
  }
  const middle = Math.floor(intervals.length / 2);
  const [first, second] = [intervals.slice(0, middle), intervals.slice(middle)].map((part) => {
    const counts = part.map((interval) => countsOf(interval, intended));
    const sum = (key: 'done' | 'intended'): number => counts.reduce((total, one) => total + one[key], 0);
    return { done: sum('done'), intended: sum('intended') };
  }) as [Half, Half]; // two halves
  const limit = Math.max(LOAD_GUARD_LIMITS.halvesShareMax, countNoiseShare(Math.min(first.done, second.done)));
  const off = Math.abs(shareOf(second) / shareOf(first) - 1);
  const figure = Number.isFinite(off) ? off : 1;
  return atMost({
    name,
    figure,
    limit,
    found: `relative to what was intended, the two halves differ by ${formatShare(figure)}`,
    allowed: `at most ${formatShare(limit)}`,
    remedy: 'settle or measure longer (--set phases.settle=…, phases.measure=…), with no other programs running',
  });
}

/**
 * In place of backlog and halves, where the scenario changes its load: what was sent in each interval, as a share of
 * what was intended in it, against the median share. A share and not the count, since some phones are away as intended.
 * What was sent and not what was acknowledged: a switch that falls behind in a declared event is what is measured.
 * The limit is the larger of 5 % and the random variation of the smallest count.
 */
export function intervalsGuard(intervals: readonly Interval[], intended: IntendedEvents): Guard {
  const name = 'load by interval';
  const counts = intervals
    .map((interval) => ({
      intended: countsOf(interval, intended).intended,
      done: interval.sentPerSecond * interval.seconds,
      atSeconds: interval.atSeconds,
    }))
    .filter((one) => one.intended > 0);
  if (counts.length < HALVES_INTERVALS_MIN) {
    const few = `messages in ${formatCountOf(counts.length, 'interval')} are too few, at least ${HALVES_INTERVALS_MIN}`;
    return unknown(name, `${few}; --set phases.measure=… longer, or --set phases.bin=… shorter`);
  }
  const typical = median(counts.map(shareOf));
  const off = counts.map((one) => (typical > 0 ? Math.abs(shareOf(one) / typical - 1) : 1));
  const worst = Math.max(...off);
  const limit = Math.max(
    LOAD_GUARD_LIMITS.intervalShareMax,
    countNoiseShare(Math.min(...counts.map((one) => one.intended * typical))),
  );
  const at = counts[off.indexOf(worst)]?.atSeconds ?? 0;
  return atMost({
    name,
    figure: worst,
    limit,
    found: `relative to what was intended, the interval at ${at.toFixed(1)} s differs from the median by ${formatShare(worst)}`,
    allowed: `at most ${formatShare(limit)} in each of ${counts.length} intervals`,
    remedy: OFFER_LESS,
  });
}

interface Half {
  readonly done: number;
  readonly intended: number;
}

function shareOf({ done, intended }: Half): number {
  return intended > 0 ? done / intended : 0;
}

export function backlogGuard(intervals: readonly Interval[], intended: IntendedEvents, window: Window): Guard {
  const counts = intervals.map((interval) => countsOf(interval, intended));
  const growth = backlogGrowth(counts);
  const offered = Math.max(1, window.driver('messagesSent') + growth);
  const limit = backlogGrowthMax(counts) / offered;
  return atMost({
    name: 'backlog',
    figure: growth / offered,
    limit,
    found: `the backlog grew by ${formatShare(growth / offered)} of what was offered`,
    allowed: `at most ${formatShare(limit)}`,
    remedy: OFFER_LESS,
  });
}

/**
 * Little's law, L = λ·W (1961): the mean number of unanswered messages must equal the rate of answered ones times the
 * mean time to answer, less the time before sending. It checks the recorded latencies against an independent account.
 * The two differ by the messages that are unanswered at the ends of the window. Each end may contribute as much as its
 * messages wait: on average E[W²] / E[W], since a long wait is found at a moment more often than a short one, or, after
 * a stall, the time in which as many become due.
 */
export function littleGuard(window: Window): Guard {
  const waited = window.driver('unansweredMicros');
  const acknowledged = window.latency('acknowledgement');
  const late = window.latency('sendDelay');
  const rejected = window.driver('rejectedMicros'); // they were unanswered too
  const expected = acknowledged.mean * acknowledged.count + rejected - late.mean * late.count;
  const off = expected > 0 ? Math.abs(waited / expected - 1) : 0;
  const dueMicros = window.micros / Math.max(1, acknowledged.count);
  const foundMicros = meanFound(acknowledged);
  const atEnd = ({ driver }: Window['start']): number => {
    const unanswered = driver['messagesUnanswered'] ?? 0;
    return unanswered * Math.max(foundMicros, unanswered * dueMicros);
  };
  const room = expected > 0 ? (atEnd(window.start) + atEnd(window.end)) / expected : 0;
  const limit = Math.max(LOAD_GUARD_LIMITS.littleShareMax, room);
  return atMost({
    name: "Little's law",
    figure: off,
    limit,
    found: `unanswered on average ${formatShort(waited / window.micros)}, by latencies ${formatShort(expected / window.micros)}: off by ${formatShare(off)}`,
    allowed: `at most ${formatShare(limit)}`,
    remedy:
      'measure longer (--set phases.measure=…); where it stays off, the latencies of the driver cannot be trusted',
  });
}

/** The mean wait of those that are found waiting at a moment, in microseconds: each counts by its length. */
function meanFound(waits: Histogram): number {
  let sum = 0;
  let squares = 0;
  waits.forEach((micros, count) => {
    sum += micros * count;
    squares += micros ** 2 * count;
  });
  return sum === 0 ? 0 : squares / sum;
}
