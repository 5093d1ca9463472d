/** Guards that the run measured the switch and not the driver: load of the lanes, calibration, and send delay. */
import { formatMicros, formatShare, formatShort, roundDown } from '../../base/units.ts';
import type { Guard } from '../../result/result-schema.ts';
import type { Threshold } from '../../scenario/threshold.ts';
import type { CalibrationOutcome } from '../record/calibration-outcome.ts';
import type { Window } from '../record/window.ts';
import { atMost, unknown } from './guard.ts';

/** Initial values of the measuring protocol, to be calibrated with A/A runs. */
export const DRIVER_GUARD_LIMITS = {
  /** As a share of the latency threshold for deliveries. */
  delayShareMax: 0.1,
  laneBusyShareMax: 0.8,
  loadShareMax: 0.7,
} as const;

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

/**
 * How late messages were sent, because of the driver or for lack of room.
 * @param isInStorm whether a declared storm is in the window: messages that are due while a phone is away or a login waits
 *   are sent late, so their delay belongs to the storm, and the load by interval is judged in its place.
 */
export function sendDelayGuard(window: Window, thresholds: readonly Threshold[], isInStorm = false): Guard {
  if (isInStorm)
    return unknown(
      'send delay',
      'a declared storm delays messages; the intervals without its effects are judged instead',
    );
  const limit = sendDelayMicrosMax(thresholds);
  const late = window.latency('sendDelay').percentile(99);
  return atMost({
    name: 'send delay',
    figure: late,
    limit,
    found: `messages were sent ${formatMicros(late)} late (p99)`,
    allowed: `at most ${formatMicros(limit)}, a tenth of the delivery threshold`,
    remedy:
      'offer less (--set traffic.rate=…), or leave more processor time to the lanes: fewer threads, no other programs',
  });
}
