/**
 * The keys of a scenario. Files are checked against this schema; defaults and the reference for users come from it.
 *
 * A key that defines the load (how many phones, how often they do what) has no default, so that the file states it. A
 * key that sizes a table or tunes a thread has one, with the reason beside it.
 */
import { z } from 'zod';
import { contentKeys } from './keys/content-keys.ts';
import { faultsKey } from './keys/faults-key.ts';
import { groupsKeys } from './keys/groups-keys.ts';
import { curveKeys, eventKeys } from './keys/load-keys.ts';
import { misfitsKey } from './keys/misfits-key.ts';
import { phasesKeys } from './keys/phases-keys.ts';
import { countriesKey } from './keys/phones/countries-key.ts';
import { loginKeys } from './keys/phones/login-keys.ts';
import { numberBlock, phonesKeys } from './keys/phones/phones-keys.ts';
import { platformsKey } from './keys/phones/platforms-key.ts';
import { presenceKeys } from './keys/presence-keys.ts';
import { publishedKey } from './keys/published-keys.ts';
import { simulateKeys } from './keys/simulate-keys.ts';
import { stepsKey } from './keys/steps-key.ts';
import { stormsKey } from './keys/storms-key.ts';
import { httpKeys } from './keys/switch/http-keys.ts';
import { switchKeys } from './keys/switch/switch-keys.ts';
import { driverKeys, idleKeys, memoryKeys, ringsKeys } from './keys/thread-keys.ts';
import { trafficKeys } from './keys/traffic-keys.ts';
import { networkKeys } from './keys/transport/network-keys.ts';
import { socketsKeys, wsKeys } from './keys/transport/sockets-keys.ts';
import { tunKeys } from './keys/transport/tun-keys.ts';
import { count } from './terms/scalars.ts';
import { BEST_REAL, DEFAULT_SOCKET_TRANSPORT, TRANSPORT_CHOICES } from './terms/transports.ts';

export const scenarioSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'a name of small letters, digits and hyphens')
    .describe('Short name; part of the name of the result folder'),
  description: z.string().min(1).describe('Purpose of the scenario, in one sentence'),
  seed: count({ max: 2 ** 31 - 1 })
    .prefault(1)
    .describe('Seed of all random numbers'),
  transport: z
    .enum(TRANSPORT_CHOICES)
    .transform((name) => (name === BEST_REAL ? DEFAULT_SOCKET_TRANSPORT : name))
    .prefault('memory')
    .describe(
      'Transport between phones and switch. best-real: tun where this machine has all that it needs, otherwise tcp; the result names the one that was taken',
    ),
  numbering: z
    .array(numberBlock)
    .max(1024)
    .prefault([])
    .describe(
      'Blocks of numbers that the switch serves; the phones get the first of them. None: one block from 447700000000, as large as the phones need',
    ),
  countries: countriesKey,
  platforms: platformsKey,
  phones: phonesKeys,
  login: loginKeys,
  traffic: trafficKeys,
  content: contentKeys.prefault({}),
  groups: groupsKeys
    .prefault({})
    .describe('Groups and broadcast lists; without groups.count and groups.lists.count there are none'),
  storms: stormsKey,
  faults: faultsKey,
  misfits: misfitsKey,
  presence: presenceKeys.prefault({}),
  curve: curveKeys.prefault({}).describe('The level of messages over a day'),
  events: z.array(eventKeys).max(64).prefault([]).describe('Events that change the rate of messages for a time'),
  switch: switchKeys.prefault({}),
  driver: driverKeys.prefault({}),
  rings: ringsKeys.prefault({}),
  sockets: socketsKeys.prefault({}),
  tun: tunKeys.prefault({}),
  network: networkKeys.prefault({}),
  ws: wsKeys.prefault({}),
  http: httpKeys.prefault({}),
  idle: idleKeys.prefault({}),
  memory: memoryKeys.prefault({}),
  phases: phasesKeys.prefault({}),
  simulate: simulateKeys.prefault({}).describe('Simulation in virtual time, with faults (trunkline simulate)'),
  thresholds: z
    .record(z.string(), z.union([z.string(), z.array(z.string()).min(1)]))
    .prefault({})
    .describe("Conditions under which the run passes, in k6's grammar"),
  published: z.array(publishedKey).max(32).prefault([]).describe('Published figures to print beside those of each run'),
  steps: stepsKey,
});

/** A checked scenario: durations are in microseconds, rates per second, sizes in bytes. */
export type ScenarioSettings = z.output<typeof scenarioSchema>;
