/** Settings of a short simulation for tests: 200 phones, half a second of traffic, every fault. */
import { crc32 } from 'node:zlib';
import { retryAfter } from '../driver/retry-after.test-suite.ts';
import { Arrivals } from '../driver/terms/arrivals.ts';
import type { FaultRates } from './faults/fault-kinds.ts';
import type { SimulationSettings } from './simulate.ts';
import { smallWorld } from './small-world.test-suite.ts';

const PHONES = 220;
const ONLINE = 200;

/** Faults per second of a run in which all of them happen. */
export const ALL_FAULTS: FaultRates = {
  connectionsLost: 40,
  halfOpen: 20,
  duplicateConnects: 20,
  stalls: 20,
  slowLinks: 20,
  shardPauses: 4,
  shardKills: 3,
  shardCrashes: 3,
  switchCrashes: 0.5,
  slowDisks: 2,
  fullDisks: 1,
  bitFlips: 1,
  clockJumps: 1,
  smallTables: 0.1,
  phonesForget: 10,
};

export const NO_FAULTS = Object.fromEntries(Object.keys(ALL_FAULTS).map((kind) => [kind, 0])) as unknown as FaultRates; // its keys

export function smallSimulation(changes: Partial<SimulationSettings> = {}): SimulationSettings {
  return {
    world: smallWorld({
      phones: PHONES,
      online: ONLINE,
      shards: 3,
      mailboxBlocks: 2 ** 13,
      lane: {
        activePhones: PHONES,
        logins: Arrivals.constant(20_000),
        messages: Arrivals.constant(10_000),
        loginAttempts: 1000,
        loginBackoff: retryAfter(5000),
      },
      shard: { durability: { acknowledgementsMax: 4096, idWindowsMax: 2 ** 13 } },
    }),
    rates: ALL_FAULTS,
    isSwarm: true,
    trafficMicros: 500_000,
    healMicros: 60e6,
    checksum: crc32,
    ...changes,
  };
}
