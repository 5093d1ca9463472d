/**
 * Fuzzes a driver over `memory`: the lanes of a simulated world have switches that misbehave at the other ends of their
 * rings. When those begin to behave, every phone that has not given up for good must come back.
 */
import assert from 'node:assert/strict';
import { Arrivals } from '../driver/terms/arrivals.ts';
import { DRIVER_COUNTERS } from '../driver/terms/driver-counters.ts';
import { RingMemory } from '../ring/ring-layout.ts';
import { smallWorld } from '../simulate/small-world.test-suite.ts';
import { World } from '../simulate/world/world.ts';
import { MemoryPhoneTransport } from '../transport/memory/memory-phone-transport.ts';
import { MemorySwitchTransport } from '../transport/memory/memory-switch-transport.ts';
import { GroupPlan } from '../wire/group-plan.ts';
import { MemoryHostileSwitch } from './memory-hostile-switch.test-suite.ts';

const [LANES, SHARDS] = [2, 2];
const PHONES = 300;
const FIRST_GROUP = 447_700_000_000 + PHONES;
const GROUP_LOAD = {
  shares: { groups: 0.3, lists: 0.3 },
  joins: Arrivals.constant(500),
  leaves: Arrivals.constant(500),
};
const TURN_MICROS = 1000;
/** Of each shard: as many as there are phones, so that all can be online at the end. */
const ROWS = PHONES;
const FUZZED_TURNS_MAX = 5000;
const PATIENCE_TURNS = 20_000;

export interface MemoryDriverFuzz {
  readonly connections: number;
  readonly worlds: number;
  readonly seconds: number;
  /** Joins and leaves that phones took for accepted. */
  readonly groupChanges: number;
}

/** @throws AssertionError where a lane fails, or phones do not come back. */
export function fuzzMemoryDriver(seed: number, connections: number): MemoryDriverFuzz {
  const startMillis = performance.now();
  let [had, worlds, groupChanges] = [0, 0, 0];
  while (had < connections) {
    const { made, world } = fuzzWorld(seed + worlds++);
    had += made;
    groupChanges += world.driver('groupJoins') + world.driver('groupLeaves');
  }
  const seconds = (performance.now() - startMillis) / 1000;
  return { connections: had, worlds, seconds, groupChanges };
}

/** @returns the world at its end, and the connections that its phones made. */
function fuzzWorld(seed: number): { readonly made: number; readonly world: World } {
  const shape = { lanes: LANES, shards: SHARDS, ringBytes: 2 ** 18 };
  const rings = { shape, memory: RingMemory.ofBytes(MemorySwitchTransport.memoryBytes(shape)) };
  const shards = Array.from(
    { length: SHARDS },
    (_, n) => new MemoryHostileSwitch(rings, n, ROWS, seed * SHARDS + n, FIRST_GROUP),
  );
  const sizes = { median: 20, sigma: 0.5, max: 40 };
  const plan = new GroupPlan({ seed, firstAccount: PHONES, groups: 10, lists: 10, phones: PHONES, sizes });
  const world = new World({
    ...smallWorld({
      seed,
      lanes: LANES,
      phones: PHONES,
      online: PHONES,
      turnMicros: TURN_MICROS,
      lane: {
        heartbeatMicros: 200_000,
        sessionMicros: 250_000,
        awayMicros: 10_000,
        departure: seed % 2 === 0 ? 'logout' : 'vanish',
        loginTimeoutMicros: 150_000,
        loginAttempts: 1000,
        inFlightPlaces: 2 ** 12,
        groups: { plan, ...GROUP_LOAD },
      },
      shard: { groups: { plan, queueMax: 16, recentMax: 16, changesMax: 16 } },
    }),
    wrapTransport: (_plain, lane) => new MemoryPhoneTransport(rings, lane, () => {}),
  });
  const turn = (): void => {
    world.turn();
    for (const shard of shards) shard.doWork();
  };
  world.openLogins();
  world.startTraffic();
  for (let n = 0; n < FUZZED_TURNS_MAX && world.driver('loginsGivenUp') < PHONES; n++) turn();
  world.stopTraffic();
  for (const shard of shards) shard.isHonest = true;
  const isWhole = (): boolean => world.driver('held') + world.driver('loginsGivenUp') === PHONES;
  for (let n = 0; !isWhole(); n++) {
    assert.ok(
      n < PATIENCE_TURNS,
      `${world.driver('held')} and ${world.driver('loginsGivenUp')} of ${PHONES}, seed ${seed}`,
    );
    turn();
  }
  for (const name of DRIVER_COUNTERS) {
    if (!name.startsWith('digest'))
      assert.ok(world.driver(name) >= 0, `${name} is ${world.driver(name)}, seed ${seed}`);
  }
  return { made: shards.reduce((sum, shard) => sum + shard.connections, 0), world };
}
