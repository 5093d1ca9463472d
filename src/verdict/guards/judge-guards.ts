/**
 * Whether the figures of a run can be trusted, apart from whether they are good. Each guard has a limit that was fixed
 * in advance, and states what was found, the limit and what to change. A guard that trips makes the run invalid.
 *
 * Guards are in the order of cause and effect: the first that trips is the likely cause of the others.
 */
import type { KernelCounters } from '../../measure/kernel-counters.ts';
import type { Guard } from '../../result/result-schema.ts';
import type { Threshold } from '../../scenario/threshold.ts';
import type { Disturbance } from '../record/declared-disturbances.ts';
import type { HttpWindow } from '../record/http-window.ts';
import type { IntendedEvents } from '../record/intended-events.ts';
import type { Interval } from '../record/interval.ts';
import type { NetworkWindow } from '../record/network-reading.ts';
import type { RampOutcome } from '../record/ramp-outcome.ts';
import type { SideCounters } from '../record/run-record.ts';
import type { SettleOutcome } from '../record/settle-outcome.ts';
import type { Window } from '../record/window.ts';
import {
  calmSendDelayGuard,
  type DriverLoad,
  driverLoadGuard,
  laneLoadGuard,
  sendDelayGuard,
} from './driver-guards.ts';
import { httpLoadGuard } from './http-guards.ts';
import {
  backlogGuard,
  calmIntervals,
  durationGuard,
  halvesGuard,
  intervalsGuard,
  littleGuard,
  offeredGuard,
  rampGuard,
  steadinessGuard,
} from './load-guards.ts';
import { loginsGuard } from './logins-guard.ts';
import { machineGuards } from './machine-guards.ts';
import { otherSocketsGuard } from './other-sockets.ts';
import { socketGuards } from './socket-guards.ts';

export interface Evidence extends DriverLoad {
  readonly window: Window;
  readonly intervals: readonly Interval[];
  readonly settle: SettleOutcome;
  readonly lanes: readonly string[];
  readonly thresholds: readonly Threshold[];
  readonly ramp: RampOutcome | null;
  /** Number of phones that were to be online. */
  readonly wanted: number;
  readonly intended: IntendedEvents;
  /** Returns of phones intended by a curve; null without one, or if they depend on messages. */
  readonly intendedReturns: IntendedEvents | null;
  readonly disturbances: readonly Disturbance[];
  /** Counters of the kernel since the start of the ramp; null without sockets. */
  readonly kernel: KernelCounters | null;
  /** Whether these are the counters of a network of the run. */
  readonly hasOwnNetwork: boolean;
  readonly counters: SideCounters;
  /** What lanes counted of packets in it; null over other transports. */
  readonly network: NetworkWindow | null;
  /** Null without an HTTP load. */
  readonly http: HttpWindow | null;
}

/**
 * What the kernel does more often because the scenario says so: while the switch is away nobody takes what has arrived,
 * and in a storm all phones connect at once. What a phone waits for it is part of the times to return, which count from
 * the start.
 */
const IN_STORMS: ReadonlySet<Guard['name']> = new Set(['listen backlog', 'retransmission']);
const asIs = (guard: Guard): Guard => guard;
const besideStorms = (guard: Guard): Guard =>
  IN_STORMS.has(guard.name) && guard.verdict === 'invalid'
    ? { ...guard, verdict: 'unknown', sentence: `a declared storm or fault contributed to it: ${guard.sentence}` }
    : guard;

/** Judges the load and the machine during the measured window. */
export function judgeGuards(evidence: Evidence): Guard[] {
  const { window, intervals, intended, kernel, counters, disturbances } = evidence;
  const isInStorm = disturbances.some(({ name }) => name === 'storm' || name === 'fault');
  const hasTraffic = window.driver('messagesSent') > 0;
  const readings = evidence.ramp?.readings ?? [];
  const sockets =
    kernel === null
      ? []
      : [...socketGuards(kernel, counters, evidence).map(isInStorm ? besideStorms : asIs), otherSocketsGuard(readings)];
  const always = [
    rampGuard(evidence.ramp, evidence.wanted),
    ...machineGuards(window, evidence.hasSwitch),
    ...sockets,
    durationGuard(window),
    laneLoadGuard(window, evidence.lanes),
    ...(evidence.http === null ? [] : [httpLoadGuard(evidence.http)]),
    ...(evidence.intendedReturns === null ? [] : [loginsGuard(intervals, evidence.intendedReturns)]),
  ];
  if (!hasTraffic) return always;
  return [
    ...always,
    driverLoadGuard(evidence),
    offeredGuard(window, isInStorm),
    isInStorm
      ? calmSendDelayGuard(calmIntervals(intervals, disturbances), evidence.thresholds)
      : sendDelayGuard(window, evidence.thresholds),
    steadinessGuard(evidence.settle),
    ...(evidence.disturbances.length > 0
      ? [intervalsGuard(calmIntervals(intervals, evidence.disturbances), intended)]
      : [backlogGuard(intervals, intended, window), halvesGuard(intervals, intended)]),
    littleGuard(window),
  ];
}
