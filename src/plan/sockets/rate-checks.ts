/**
 * Checks the rates of a scenario before a run: whether a machine with this number of cores can reach their order of
 * magnitude.
 *
 * Nothing is measured here. The times come from stored, saturated runs (results/reference/README.md) on an AMD EPYC
 * with two cores, both sides on it. Other processors are faster or slower, so a rate somewhat above the estimate only
 * causes a note, and only a rate far above it is refused. `trunkline capacity` measures the machine itself.
 */
import { formatShort, roundDown } from '../../base/units.ts';
import type { MachineLimits } from '../../measure/machine-limits.ts';
import type { ScenarioSettings } from '../../scenario/scenario-schema.ts';
import { TRANSPORTS } from '../../scenario/terms/transports.ts';
import { checkLimit, type PlanCheck } from './plan-check.ts';
import type { Sides } from './socket-demand.ts';

/** Processor time in microseconds of each side per message: sent, ✓, delivered, confirmed and ✓✓. */
interface KeptTimes {
  readonly switchMessage: number;
  readonly driverMessage: number;
  /** Of both sides, for a connect and a login. */
  readonly login: number;
}

/** Processor time of two cores per second, divided by the events per second. */
const bothSides = (perSecond: number): number => 2e6 / perSecond;

/** Beyond this factor no current processor compensates for the difference. */
const REFUSED_FACTOR = 2;

/** Messages and logins per second, compared with the estimate for this machine. */
export function rateChecks(settings: ScenarioSettings, limits: MachineLimits, sides: Sides): PlanCheck[] {
  const kept = keptTimes(settings, limits);
  const message = {
    both: kept.switchMessage + kept.driverMessage,
    switch: kept.switchMessage,
    driver: kept.driverMessage,
  };
  const coresFor = (threads: number): number => Math.min(limits.cgroup.cpuCores ?? limits.cores, limits.cores, threads);
  const { shards } = settings.switch;
  const { lanes } = settings.driver;
  const cores = coresFor({ both: shards + lanes, switch: shards, driver: lanes }[sides]);
  const share = message[sides] / message.both;
  const assumed = `${message[sides].toFixed(1)} µs of processor time per message, from a stored run on two cores`;
  const messages = (cores * 1e6) / message[sides];
  const logins = (cores * 1e6) / (kept.login * share);
  const { rate } = settings.traffic;
  return [
    checkLimit({
      what: 'messages per second',
      setBy: `assumed: ${cores} cores, ${message[sides].toFixed(1)} µs per message`,
      needed: rate,
      allowed: Math.floor(messages),
      consequence: `about ${formatShort(messages)} per second are assumed, at ${assumed}; beyond the real limit the load is not offered and the run is invalid; trunkline capacity measures the limit`,
      otherwise: rate > messages * REFUSED_FACTOR ? 'refuse' : 'advise',
      commands: () => [`--set traffic.rate=${roundDown(messages)}`],
    }),
    checkLimit({
      what: 'logins per second',
      setBy: `assumed: ${cores} cores, ${(kept.login * share).toFixed(1)} µs per login`,
      needed: settings.login.rate,
      allowed: Math.floor(logins),
      consequence: `about ${formatShort(logins)} per second are assumed, from a stored run; the ramp takes as long as the logins take, and each latency counts from the intended time`,
      otherwise: 'advise',
      commands: () => [`--set login.rate=${roundDown(logins)}`],
    }),
  ];
}

function keptTimes({ transport, sockets }: ScenarioSettings, limits: MachineLimits): KeptTimes {
  const { saturated, saturatedInRings } = TRANSPORTS[transport];
  const inRings = sockets.hold !== 'descriptors' && limits.hasSocketRings ? saturatedInRings : null;
  const { messagesPerSecond, loginsPerSecond, switchMicrosPerMessage } = inRings ?? saturated;
  return {
    switchMessage: switchMicrosPerMessage,
    driverMessage: bothSides(messagesPerSecond) - switchMicrosPerMessage,
    login: bothSides(loginsPerSecond),
  };
}
