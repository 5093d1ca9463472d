/** Clocks that jump: the threads of a side share one, which goes only ahead. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DriverCounter } from '../../driver/terms/driver-counters.ts';
import { SwitchCounter } from '../../switch/terms/switch-counters.ts';
import type { Fault } from '../faults/fault-kinds.ts';
import { simulate } from '../simulate.ts';
import { NO_FAULTS, smallSimulation } from '../small-simulation.test-suite.ts';
import { smallWorld } from '../small-world.test-suite.ts';
import { World } from './world.ts';

const ONLINE = 1900;
const LANES = 2;

/** A world whose phones are all logged in and have just sent their first heartbeats. */
function loggedIn(): World {
  const world = new World(smallWorld({ lanes: LANES, shards: 2 }));
  world.openLogins();
  assert.ok(world.runUntil(() => world.driver('held') === ONLINE, 5e6));
  return world;
}

describe('a clock that jumps', () => {
  it('on the side of the driver makes heartbeats due for the phones of all lanes', () => {
    const world = loggedIn();
    const heartbeats = (lane: number): number => world.lanes[lane]?.counters[DriverCounter.heartbeats] ?? 0;
    const before = [heartbeats(0), heartbeats(1)];
    world.jumpClock('driver', 600_000); // more than the time between two heartbeats
    world.runFor(20_000);
    for (const lane of [0, 1]) {
      const sent = heartbeats(lane) - (before[lane] ?? 0);
      assert.ok(sent > ONLINE / LANES - 100, `${sent} of lane ${lane}`);
    }
  });

  it('on the side of the switch makes all shards miss heartbeats; the phones come back', () => {
    const world = loggedIn();
    const missed = (shard: number): number => world.shards[shard]?.counters[SwitchCounter.heartbeatsMissed] ?? 0;
    world.jumpClock('switch', 3e6); // more than a shard waits for a heartbeat
    world.runFor(50_000);
    assert.ok(missed(0) + missed(1) > ONLINE - 400, `${missed(0)} and ${missed(1)}`);
    assert.ok(world.runUntil(() => world.driver('held') === ONLINE, 5e6));
  });

  it('is drawn for either side, and no promise is broken', () => {
    const settings = smallSimulation({ rates: NO_FAULTS, trafficMicros: 60_000 });
    const jump = (target: number): Fault => ({ kind: 'clockJumps', atMicros: 20_000, target, micros: 2.5e6, salt: 0 });
    const calm = simulate(settings, 4, []).digest;
    const digests = [0, 1].map((target) => {
      const { digest, violations } = simulate(settings, 4, [jump(target)]);
      assert.deepEqual(violations, [], `side ${target}`);
      return digest;
    });
    assert.equal(new Set([calm, ...digests]).size, 3, 'each jump has an effect of its own');
  });
});
