/**
 * Whether the rates of a scenario are of the order that a machine of so many cores can do, before it is tried.
 *
 * Nothing is measured here: the times are those of kept runs (results/reference/README.md), saturated, on an AMD EPYC
 * with two cores, both sides there. Another processor is faster or slower, so that what is somewhat above them is to
 * know of, and only what is far above them is refused. `trunkline capacity` measures the machine itself.
 */
import { formatShort, roundDown } from '../base/units.ts';
import type { MachineLimits } from '../measure/machine-limits.ts';
import type { ScenarioSettings } from '../scenario/scenario-schema.ts';
import { TRANSPORTS } from '../scenario/transports.ts';
import { checkLimit, type PlanCheck } from './plan-check.ts';
import type { Sides } from './socket-demand.ts';

/** Processor time in microseconds, of each side; a message is sent, ✓, delivered, confirmed and ✓✓. */
interface KeptTimes {
  readonly switchMessage: number;
  readonly driverMessage: number;
  /** Of both sides: connect and login. */
  readonly login: number;
}

/** Two cores' time for a second, divided by what they did in it. */
const bothSides = (perSecond: number): number => 2e6 / perSecond;

/** Beyond so much of what is assumed, no processor of these years makes up for it. */
const REFUSED_FACTOR = 2;

/** Messages and logins a second beside what is assumed of this machine. */
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
  const assumed = `${message[sides].toFixed(1)} µs of processor time per message, from a kept run on two cores`;
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
      consequence: `about ${formatShort(logins)} per second are assumed, from a kept run; the ramp takes as long as the logins take, and each latency counts from the intended time`,
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
