/**
 * An estimate of the time that a run still needs, from the phases of its scenario and the logins so far. Phases that
 * end when something is reached, as settling and draining do, are counted with what they usually take.
 */
import type { Scenario } from '../../scenario/scenario.ts';
import type { PhaseName } from '../../verdict/record/run-record.ts';

/** What an estimate needs of a plan. */
export interface PlannedPhases {
  /** Phones that connect. */
  readonly online: number;
  readonly loginsPerSecond: number;
  /** Null if the driver is not calibrated. */
  readonly calibrateSeconds: number | null;
  readonly settleSecondsMax: number;
  readonly measureSeconds: number;
  readonly intervalSeconds: number;
}

/** @param online phones that connect. */
export function plannedPhases({ login, phases }: Scenario['settings'], online: number): PlannedPhases {
  const { calibrate, calibration, calibrationPhones, settle, measure, bin } = phases;
  const logins = Math.min(online, calibrationPhones) / login.rate;
  return {
    online,
    loginsPerSecond: login.rate,
    calibrateSeconds: calibrate ? logins + calibration / 1e6 : null,
    settleSecondsMax: settle / 1e6,
    measureSeconds: measure / 1e6,
    intervalSeconds: bin / 1e6,
  };
}

/** Seconds from the start of a run to its end, about. */
export function runSeconds(plan: PlannedPhases): number {
  return ORDER.reduce((sum, phase) => sum + expectedSeconds(phase, plan), 0);
}

/** How far a run has come. */
export interface PhaseProgress {
  readonly phase: PhaseName;
  /** Seconds since the phase began, without those in which the load was paused. */
  readonly phaseSeconds: number;
  readonly held: number;
}

/** Settling needs five intervals at least, and the first is not counted; see settle-outcome. */
const SETTLE_INTERVALS = 7;
/** A drain mostly waits for answers that are on their way, and for mailboxes to be read. */
const DRAIN_SECONDS = 1;
/** After this time the logins so far say more about the rest of a ramp than the rate of the scenario. */
const OBSERVED_SECONDS = 3;

const ORDER: readonly PhaseName[] = ['calibrate', 'ramp', 'settle', 'measure', 'drain'];

/** Expected duration of a phase from its start, in seconds. */
export function expectedSeconds(phase: PhaseName, plan: PlannedPhases): number {
  switch (phase) {
    case 'calibrate':
      return plan.calibrateSeconds ?? 0;
    case 'ramp':
      return plan.online / plan.loginsPerSecond;
    case 'settle':
      return Math.min(plan.settleSecondsMax, SETTLE_INTERVALS * plan.intervalSeconds);
    case 'measure':
      return plan.measureSeconds;
    case 'drain':
      return DRAIN_SECONDS;
  }
}

/** Seconds until the end of the run, about; at least 0. */
export function leftSeconds(plan: PlannedPhases, progress: PhaseProgress): number {
  const later = ORDER.slice(ORDER.indexOf(progress.phase) + 1);
  const rest = later.reduce((sum, phase) => sum + expectedSeconds(phase, plan), 0);
  return rest + Math.max(0, ofThisPhase(plan, progress));
}

function ofThisPhase(plan: PlannedPhases, { phase, phaseSeconds, held }: PhaseProgress): number {
  if (phase !== 'ramp') return expectedSeconds(phase, plan) - phaseSeconds;
  const observed = phaseSeconds > OBSERVED_SECONDS ? held / phaseSeconds : Number.POSITIVE_INFINITY;
  const perSecond = Math.min(plan.loginsPerSecond, observed);
  return perSecond > 0 ? (plan.online - held) / perSecond : plan.online / plan.loginsPerSecond;
}

/** `8 s`, `2 min 05 s`, `1 h 02 min`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number): string => String(value).padStart(2, '0');
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}
