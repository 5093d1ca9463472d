/** Clocks that jump: each thread of either side has its own, which goes only ahead. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DriverCounter } from '../../driver/terms/driver-counters.ts';
import { SwitchCounter } from '../../switch/terms/switch-counters.ts';
import type { Fault } from '../faults/fault-kinds.ts';
import { simulate } from '../simulation.ts';
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
  it('on the side of the driver makes heartbeats due for the phones of its lane, and for no others', () => {
    const world = loggedIn();
    const heartbeats = (lane: number): number => world.lanes[lane]?.counters[DriverCounter.heartbeats] ?? 0;
    const before = [heartbeats(0), heartbeats(1)];
    world.jumpClock(0, 600_000); // more than the time between two heartbeats
    world.runFor(20_000);
    const sent = [0, 1].map((lane) => heartbeats(lane) - (before[lane] ?? 0));
    assert.ok((sent[0] ?? 0) > ONLINE / LANES - 100, `${sent[0]} of the lane whose clock jumped`);
    assert.ok((sent[1] ?? 0) < 100, `${sent[1]} of the other lane`);
  });

  it('on the side of the switch makes its shard miss heartbeats, and no other; the phones come back', () => {
    const world = loggedIn();
    const missed = (shard: number): number => world.shards[shard]?.counters[SwitchCounter.heartbeatsMissed] ?? 0;
    world.jumpClock(LANES, 3e6); // more than the shard waits for a heartbeat
    world.runFor(50_000);
    assert.ok(missed(0) > ONLINE / 2 - 200, `${missed(0)} of the shard whose clock jumped`);
    assert.equal(missed(1), 0);
    assert.ok(world.runUntil(() => world.driver('held') === ONLINE, 5e6));
  });

  it('is drawn from those of all lanes and shards, and no promise is broken', () => {
    const settings = smallSimulation({ rates: NO_FAULTS, trafficMicros: 60_000 });
    const jump = (target: number): Fault => ({ kind: 'clockJumps', atMicros: 20_000, target, micros: 2.5e6, salt: 0 });
    const calm = simulate(settings, 4, []).digest;
    const { lanes, shards } = settings.world;
    const digests = Array.from({ length: lanes + shards }, (_, target) => {
      const { digest, violations } = simulate(settings, 4, [jump(target)]);
      assert.deepEqual(violations, [], `clock ${target}`);
      return digest;
    });
    assert.equal(new Set([calm, ...digests]).size, 1 + lanes + shards, 'each jump has an effect of its own');
  });
});
