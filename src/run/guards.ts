/**
 * Whether a run's figures can be believed, apart from whether they are good. Each guard has a
 * limit fixed beforehand and says what it found; one that trips makes the run invalid.
 */
import { formatCount, formatMicros, formatShare } from '../base/units.ts';
import type { KernelCounters } from '../measure/kernel-counters.ts';
import type { Guard } from '../result/result-schema.ts';
import type { Threshold } from '../scenario/threshold.ts';
import { median } from '../stats/quantiles.ts';
import { backlogGrowth } from '../stats/steadiness.ts';
import type { CalibrationOutcome } from './calibration-messages.ts';
import type { Integrity } from './integrity.ts';
import type { RampOutcome } from './ramp.ts';
import type { SideCounters } from './run-sides.ts';
import { socketGuards } from './socket-guards.ts';
import type { Interval } from './time-series.ts';
import type { SettleOutcome } from './traffic.ts';
import { HALVES_BINS_LEAST } from './traffic.ts';
import type { Window } from './window.ts';

/** Starting values from the measuring protocol; each is to be calibrated with A/A runs. */
export const GUARD_LIMITS = {
  offeredShareLeast: 0.99,
  /** Of the latency threshold for deliveries. */
  latenessShareMost: 0.1,
  laneBusyShareMost: 0.8,
  stealShareWarn: 0.01,
  stealShareMost: 0.03,
  littleShareMost: 0.05,
  driverLoadShareMost: 0.7,
  halvesShareMost: 0.05,
  backlogGrowthShareMost: 0.01,
  measuredSecondsLeast: 10,
} as const;

/** Latency threshold where the scenario has none for deliveries: half of what people notice. */
export const DEFAULT_LATENCY_THRESHOLD_MICROS = 50_000;

export interface Evidence {
  readonly window: Window;
  readonly intervals: readonly Interval[];
  readonly settle: SettleOutcome;
  readonly lanes: readonly string[];
  readonly thresholds: readonly Threshold[];
  readonly offeredRate: number;
  readonly calibration: CalibrationOutcome | null;
  /** Whether the switch is part of the run. */
  readonly hasSwitch: boolean;
  readonly ramp: RampOutcome | null;
  /** What the kernel counted since the ramp began; null without sockets. */
  readonly kernel: KernelCounters | null;
  readonly counters: SideCounters;
}

/** Judges the load and the machine during the measured window. */
export function judgeWindow(evidence: Evidence): Guard[] {
  const hasTraffic = evidence.window.driver('messagesSent') > 0;
  const sockets = evidence.kernel === null ? [] : socketGuards(evidence.kernel, evidence.counters);
  const always = [rampGuard(evidence), durationGuard(evidence), ...machineGuards(evidence.window), ...sockets];
  if (!hasTraffic) return [...always, laneBusyGuard(evidence)];
  return [
    ...always,
    settleGuard(evidence),
    offeredGuard(evidence.window),
    latenessGuard(evidence),
    laneBusyGuard(evidence),
    driverLoadGuard(evidence),
    littleGuard(evidence.window),
    halvesGuard(evidence.intervals),
    backlogGuard(evidence),
  ];
}

/** Judges whether every message was found. */
export function balanceGuard(integrity: Integrity, isAtRest: boolean): Guard {
  const { queued, lost } = integrity;
  const name = 'messages balance';
  const sum = balanceSentence(integrity);
  if (integrity.isSound === true) {
    const sets =
      queued === null ? 'every one answered; the mailboxes of the switch cannot be asked' : 'and the sets are the same';
    return { name, verdict: 'ok', figure: 0, limit: 0, sentence: `${sum}, ${sets}` };
  }
  const faults = [
    `lost ${lost}`,
    `duplicated ${integrity.duplicated}`,
    `reordered ${integrity.reordered}`,
    `corrupted ${integrity.corrupted}`,
    `strangers ${integrity.strangers}`,
    `unanswered ${integrity.unanswered}`,
  ];
  const first = integrity.findings[0];
  const finding =
    first === undefined
      ? ''
      : `; first: ${first.kind}, message ${first.id} of phone ${first.sender} to phone ${first.recipient}`;
  const rest = isAtRest ? '' : '; the drain ended before all was at rest';
  const sentence = `${sum}: ${faults.join(', ')}; sets ${integrity.digestsMatch === true ? 'agree' : 'differ'}${finding}${rest}`;
  return { name, verdict: 'invalid', figure: lost, limit: 0, sentence };
}

/** What was sent beside what became of it. */
function balanceSentence({ isSound, sent, delivered, queued, rejected }: Integrity): string {
  const found = [`${formatCount(delivered)} delivered`, `${formatCount(rejected)} rejected`];
  if (queued !== null) found.splice(1, 0, `${formatCount(queued)} queued`);
  const relation = isSound !== true ? 'against' : queued === null ? '≥' : '=';
  return `${formatCount(sent)} sent ${relation} ${found.join(' + ')}`;
}

function rampGuard({ ramp }: Evidence): Guard {
  const isRampComplete = ramp?.isComplete ?? false;
  return {
    name: 'ramp',
    verdict: isRampComplete ? 'ok' : 'invalid',
    figure: null,
    limit: null,
    sentence: isRampComplete
      ? 'every phone logged in or gave up'
      : `the ramp ended early: ${ramp?.stopped?.sentence ?? 'the run did'}`,
  };
}

function durationGuard({ window }: Evidence): Guard {
  const limit = GUARD_LIMITS.measuredSecondsLeast;
  const short = window.seconds < limit;
  return {
    name: 'time measured',
    verdict: short ? 'warning' : 'ok',
    figure: window.seconds,
    limit,
    sentence: `${window.seconds.toFixed(1)} s measured${short ? `; figures to quote need ${limit} s` : ''}`,
  };
}

function settleGuard({ settle }: Evidence): Guard {
  const trend =
    settle.trendShare === null
      ? 'too few intervals to tell'
      : `the trend moved the median by ${formatShare(settle.trendShare)} over five intervals`;
  return {
    name: 'steady',
    verdict: settle.isSteady ? 'ok' : 'invalid',
    figure: settle.trendShare,
    limit: 0.02,
    sentence: settle.isSteady ? trend : `not steady within the time to settle: ${trend}`,
  };
}

/** Due and sent, against due. Messages of phones that are away as intended are not due. */
function offeredGuard(window: Window): Guard {
  const sent = window.driver('messagesSent');
  const left = window.driver('messagesBacklog') + window.driver('messagesNoConnection');
  const share = sent / (sent + Math.max(0, left));
  return atLeast(
    'offered load',
    share,
    GUARD_LIMITS.offeredShareLeast,
    `${formatShare(share)} of what was due was sent`,
  );
}

function latenessGuard({ window, thresholds }: Evidence): Guard {
  const limits = thresholds
    .filter((one) => one.metric === 'delivery' && one.operator.startsWith('<'))
    .map((one) => one.limit);
  const threshold = limits.length > 0 ? Math.min(...limits) : DEFAULT_LATENCY_THRESHOLD_MICROS;
  const limit = threshold * GUARD_LIMITS.latenessShareMost;
  const late = window.latency('lateness').percentile(99);
  const sentence = `p99 of how late messages were sent is ${formatMicros(late)}, limit ${formatMicros(limit)} (a tenth of the delivery threshold)`;
  return atMost('sends on time', late, limit, sentence);
}

function laneBusyGuard({ window, lanes }: Evidence): Guard {
  const shares = lanes.map((lane) => window.thread(lane).busyShare);
  if (shares.includes(null))
    return unknown('driver not saturated', 'the kernel does not tell processor time of threads');
  const busiest = Math.max(...shares.map((share) => share ?? 0));
  return atMost(
    'driver not saturated',
    busiest,
    GUARD_LIMITS.laneBusyShareMost,
    `the busiest lane was busy ${formatShare(busiest)} of the time`,
  );
}

function driverLoadGuard({ calibration, hasSwitch, offeredRate }: Evidence): Guard {
  const name = 'driver calibrated';
  if (calibration === null) {
    const why = hasSwitch
      ? 'no calibration in this run'
      : 'no calibration: the switch is elsewhere, and cannot be replaced by one that only answers';
    return { ...unknown(name, why), verdict: 'warning' };
  }
  const share = offeredRate / calibration.messagesPerSecond;
  const sentence = `the load is ${formatShare(share)} of what the driver can do with a switch that only answers`;
  return atMost(name, share, GUARD_LIMITS.driverLoadShareMost, sentence);
}

function machineGuards(window: Window): Guard[] {
  const steal = window.stealShare;
  const { stealShareMost, stealShareWarn } = GUARD_LIMITS;
  return [
    {
      name: 'processor not stolen',
      verdict: steal > stealShareMost ? 'invalid' : steal > stealShareWarn ? 'warning' : 'ok',
      figure: steal,
      limit: stealShareMost,
      sentence: `${formatShare(steal)} of processor time went to other guests of the machine`,
    },
    atMost('not throttled', window.throttledPeriods, 0, `throttled in ${window.throttledPeriods} periods`),
    atMost('not swapping', window.swappedPages, 0, `${window.swappedPages} pages swapped`),
  ];
}

/**
 * L = λ·W (Little, 1961): what was unanswered on average must be what was answered times how long
 * that took, less what was waited before sending. It checks the latencies' bookkeeping against
 * an account of its own.
 */
function littleGuard(window: Window): Guard {
  const waited = window.driver('unansweredMicros');
  const sum = (name: 'acknowledgement' | 'lateness'): number => {
    const latency = window.latency(name);
    return latency.mean * latency.count;
  };
  const expected = sum('acknowledgement') - sum('lateness');
  const off = expected > 0 ? Math.abs(waited / expected - 1) : 0;
  const sentence = `unanswered on average ${formatCount(waited / window.micros)}, by latencies ${formatCount(expected / window.micros)}: off by ${formatShare(off)}`;
  return atMost("Little's law", off, GUARD_LIMITS.littleShareMost, sentence);
}

function halvesGuard(intervals: readonly Interval[]): Guard {
  const name = 'halves agree';
  if (intervals.length < HALVES_BINS_LEAST)
    return unknown(name, `${intervals.length} intervals are too few to compare halves`);
  const middle = Math.floor(intervals.length / 2);
  const rate = (part: readonly Interval[]): number => median(part.map((one) => one.messagesPerSecond));
  const [first, second] = [rate(intervals.slice(0, middle)), rate(intervals.slice(middle))];
  const off = first > 0 ? Math.abs(second / first - 1) : 0;
  return atMost(name, off, GUARD_LIMITS.halvesShareMost, `throughput of the two halves differs by ${formatShare(off)}`);
}

function backlogGuard({ intervals, window }: Evidence): Guard {
  const bins = intervals.map((one) => ({
    seconds: one.seconds,
    rate: one.messagesPerSecond,
    backlog: one.backlogMessages,
  }));
  const growth = backlogGrowth(bins);
  const share = growth / Math.max(1, window.driver('messagesSent') + growth);
  return atMost(
    'backlog',
    share,
    GUARD_LIMITS.backlogGrowthShareMost,
    `the backlog grew by ${formatShare(share)} of what was offered`,
  );
}

function atMost(name: string, figure: number, limit: number, sentence: string): Guard {
  return { name, verdict: figure <= limit ? 'ok' : 'invalid', figure, limit, sentence };
}

function atLeast(name: string, figure: number, limit: number, sentence: string): Guard {
  return { name, verdict: figure >= limit ? 'ok' : 'invalid', figure, limit, sentence };
}

function unknown(name: string, sentence: string): Guard {
  return { name, verdict: 'unknown', figure: null, limit: null, sentence };
}
