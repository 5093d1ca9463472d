/** The settings of a simulation: those of a run of the scenario over memory, with stores that last. */
import { crc32 } from 'node:zlib';
import { TrunklineError } from '../../base/errors.ts';
import { formatMicros } from '../../base/units.ts';
import { planRun } from '../../plan/run-plan.ts';
import { plannedWorld } from '../../run/worker/planned-world.ts';
import { mostContacts } from '../../scenario/keys/phones/contacts-key.ts';
import { longestAbsence } from '../../scenario/keys/phones/platforms-key.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import type { SimulationSettings } from '../../simulate/simulate.ts';

/** Virtual time per turn: about what a thread of a busy run needs for one. */
const TURN_MICROS = 100;
const ACKNOWLEDGEMENTS_MAX = 4096;
/**
 * Windows of ids for each pair of phones that talk. They are kept in sets of four, and a full set forgets its oldest:
 * with so much room no set is full, and a message that is sent again after a crash is never shown twice.
 */
const ID_WINDOWS_PER_PAIR = 16;
const ID_WINDOWS_MIN = 2 ** 13;
const ID_WINDOWS_MAX = 2 ** 20;
/**
 * Room for what phones watch, where none of the scenario watches any. Large tables that stay empty cost each seed their
 * zeros.
 */
const WATCHES_UNUSED = 64;
/** A phone whose network fails all the time must not give up. */
const LOGIN_ATTEMPTS = 1000;

/** @throws SCENARIO_INVALID if phones are away for as long as a simulation heals; PLAN_EXCEEDS_LIMIT as planRun. */
export function simulationSettings(scenario: Scenario): SimulationSettings {
  checkHeal(scenario);
  const plan = planRun(scenario);
  const { settings, shape, online } = plan;
  const { simulate } = settings;
  const { seed: _ofTheScenario, lane, shard, ...world } = plannedWorld(plan, TURN_MICROS);
  const pairs = (online * mostContacts(settings.phones.contacts)) / shape.shards;
  const idWindowsMax = Math.max(ID_WINDOWS_MIN, Math.min(ID_WINDOWS_MAX, Math.ceil(ID_WINDOWS_PER_PAIR * pairs)));
  return {
    world: {
      ...world,
      lane: { ...lane, loginAttempts: Math.max(LOGIN_ATTEMPTS, lane.loginAttempts) },
      shard: {
        ...shard,
        watchesMax: settings.presence.watch > 0 ? shard.watchesMax : WATCHES_UNUSED,
        durability: { acknowledgementsMax: ACKNOWLEDGEMENTS_MAX, idWindowsMax },
      },
    },
    rates: simulate.faults,
    isSwarm: simulate.swarm,
    trafficMicros: simulate.time,
    healMicros: simulate.heal,
    checksum: crc32,
  };
}

/**
 * Messages to a phone that leaves as the traffic ends are delivered when it is back. A run in real time has no such
 * limit, so the scenario as such is valid.
 */
function checkHeal({ name, settings }: Scenario): void {
  const { heal } = settings.simulate;
  const absence = longestAbsence(settings);
  if (heal > absence) return;
  throw new TrunklineError(
    'SCENARIO_INVALID',
    `${name}: simulate.heal: expected more than ${formatMicros(absence)}, for which phones are away, found ${formatMicros(heal)}: they would not get their messages in time. Add --set simulate.heal=…, or a shorter phones.away (with platforms: of each).`,
  );
}
