/** Guards that the run measured the switch and not the driver: load of the lanes, calibration, and send delay. */
import { formatMicros, formatShare, formatShort, roundDown } from '../../base/units.ts';
import type { Guard } from '../../result/result-schema.ts';
import type { Threshold } from '../../scenario/threshold.ts';
import { quantile } from '../../stats/quantiles.ts';
import { STEADY_INTERVALS } from '../../stats/steadiness.ts';
import type { CalibrationOutcome } from '../record/calibration-outcome.ts';
import type { Interval } from '../record/interval.ts';
import type { Window } from '../record/window.ts';
import { atMost, unknown } from './guard-reading.ts';

/**
 * Chosen with the measuring protocol: no experiment has shown at which value the driver begins to change the figures.
 * What results/reference has of valid runs: the busiest lane was busy for at most 60 % of the time, in searches for a
 * capacity 79 % (whatsapp-2014-peak-tenth.json); the load was at most 10 % of what the driver can do, so that limit was
 * never approached. In 40 runs of one build (gate-runs.json) the send delay was a quarter of its limit in the median,
 * and 87 % in the second worst run; the worst, 843 ms, was refused by Little's law too.
 */
export const DRIVER_GUARD_LIMITS = {
  /** As a share of the latency threshold for deliveries. */
  delayShareMax: 0.1,
  laneBusyShareMax: 0.8,
  loadShareMax: 0.7,
} as const;

/** Of the calm intervals of a run with storms, those that are judged. */
const CALM_SHARE = 0.9;
/** Latency threshold if the scenario has none for deliveries: half of what people notice. */
export const DEFAULT_LATENCY_THRESHOLD_MICROS = 50_000;

/** The busy share of the busiest lane. */
export function laneLoadGuard(window: Window, lanes: readonly string[]): Guard {
  const name = 'lane load';
  const shares = lanes.map((lane) => window.thread(lane).busyShare);
  if (shares.includes(null)) return unknown(name, 'the kernel does not report processor time of threads');
  const busiest = Math.max(...shares.map((share) => share ?? 0));
  const limit = DRIVER_GUARD_LIMITS.laneBusyShareMax;
  return atMost({
    name,
    figure: busiest,
    limit,
    found: `the busiest lane was busy ${formatShare(busiest)} of the time`,
    allowed: `at most ${formatShare(limit)}`,
    remedy: 'add lanes if there are cores for them (--set driver.lanes=…), or offer less (--set traffic.rate=…)',
  });
}

export interface DriverLoad {
  readonly calibration: CalibrationOutcome | null;
  /** Whether the switch is part of the run. */
  readonly hasSwitch: boolean;
  readonly offeredRate: number;
}

/** The offered load, compared with the capacity of the driver. */
export function driverLoadGuard({ calibration, hasSwitch, offeredRate }: DriverLoad): Guard {
  const name = 'driver load';
  if (calibration === null) {
    const why = hasSwitch
      ? 'no calibration in this run; --set phases.calibrate=true adds one'
      : 'no calibration: the switch is on the other side, and cannot be replaced by one that only answers';
    return { ...unknown(name, why), verdict: 'warning' };
  }
  const limit = DRIVER_GUARD_LIMITS.loadShareMax;
  const share = offeredRate / calibration.messagesPerSecond;
  const most = formatShort(roundDown(calibration.messagesPerSecond * limit));
  return atMost({
    name,
    figure: share,
    limit,
    found: `the load is ${formatShare(share)} of what the driver can do against a switch that only answers`,
    allowed: `at most ${formatShare(limit)}`,
    remedy: `offer at most ${most} messages/s (--set traffic.rate=${most}), or add lanes if there are cores for them`,
  });
}

/** The limit of the guard `send delay`: a tenth of the lowest threshold for deliveries. */
export function sendDelayMicrosMax(thresholds: readonly Threshold[]): number {
  const limits = thresholds
    .filter((one) => one.metric === 'latency.delivery' && one.operator.startsWith('<'))
    .map((one) => one.limit);
  const threshold = limits.length > 0 ? Math.min(...limits) : DEFAULT_LATENCY_THRESHOLD_MICROS;
  return threshold * DRIVER_GUARD_LIMITS.delayShareMax;
}

/** How late messages were sent, because of the driver or for lack of room. */
export function sendDelayGuard(window: Window, thresholds: readonly Threshold[]): Guard {
  const late = window.latency('sendDelay').percentile(99);
  return sendDelay(late, thresholds, `messages were sent ${formatMicros(late)} late (p99)`);
}

/**
 * The same where a storm is declared. Messages that are due while a phone is away or its login waits are sent late, so
 * their delay belongs to the storm: only intervals without its effects are judged, each by its own p99. One in ten may
 * be beyond the limit, since those at the edge of a storm have some of its messages.
 */
export function calmSendDelayGuard(calm: readonly Interval[], thresholds: readonly Threshold[]): Guard {
  const delays = calm.flatMap(({ early }) => early?.sendDelayP99Micros ?? []);
  if (delays.length < STEADY_INTERVALS) {
    const why = `of the intervals without effects of a declared storm ${delays.length} have enough messages, at least ${STEADY_INTERVALS} are needed`;
    return unknown('send delay', `${why}; measure longer (--set phases.measure=…)`);
  }
  const late = quantile(delays, CALM_SHARE);
  return sendDelay(
    late,
    thresholds,
    `in 90 % of the ${delays.length} intervals without effects of a storm, messages were sent at most ${formatMicros(late)} late (p99)`,
  );
}

function sendDelay(late: number, thresholds: readonly Threshold[], found: string): Guard {
  const limit = sendDelayMicrosMax(thresholds);
  return atMost({
    name: 'send delay',
    figure: late,
    limit,
    found,
    allowed: `at most ${formatMicros(limit)}, a tenth of the delivery threshold`,
    remedy:
      'offer less (--set traffic.rate=…), or leave more processor time to the lanes: fewer threads, no other programs',
  });
}
