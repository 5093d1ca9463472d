/** A world in which messages wake phones: their mail does not wait for the end of their absence. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Platform } from '../driver/people/platforms.ts';
import { Arrivals } from '../driver/terms/arrivals.ts';
import { GroupPlan } from '../wire/group-plan.ts';
import { worldIntegrity } from './checks/world-integrity.ts';
import { DigestedWorld } from './event-digest.test-suite.ts';
import { PHONES, smallWorld } from './small-world.test-suite.ts';
import { World } from './world/world.ts';

const AWAY = 1_500_000;
const DELAY = 40_000;
const common = {
  share: 0.5,
  heartbeatMicros: Number.POSITIVE_INFINITY,
  session: { distribution: 'exponential', meanMicros: 300_000 },
  awayMicros: AWAY,
} as const;
const PUSHED = { ...common, name: 'pushed', push: { delayMicros: DELAY, sigma: 0.3, sessionMicros: 100_000 } };
const SILENT = { ...common, name: 'silent' };

function lived(lanes: number) {
  const waited: number[][] = [[], []];
  const byPlatform = waited.map((list) => ({
    delivery: { record: () => {} },
    storedDelivery: { record: (micros: number) => void list.push(micros) },
  }));
  const settings = smallWorld({
    online: PHONES,
    lanes,
    lane: { platforms: [PUSHED, SILENT] },
    shard: { heartbeatTimeoutMicros: Number.POSITIVE_INFINITY },
  });
  const digested = new DigestedWorld(settings, byPlatform);
  const { world } = digested;
  world.openLogins();
  digested.runFor(100_000);
  world.startTraffic();
  digested.runFor(1_500_000);
  world.stopTraffic();
  digested.runFor(AWAY + 400_000);
  return { world, waited, digest: digested.digests.at(-1) };
}

const medianOf = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

for (const lanes of [1, 3])
  it(`wakes the phones of a platform with pushes, over ${lanes} lanes, and loses nothing`, () => {
    const { world, waited, digest } = lived(lanes);
    const integrity = worldIntegrity(world);
    assert.equal(integrity.isSound, true, JSON.stringify(integrity));
    assert.equal(world.driver('held'), PHONES, 'all are back after the end');
    const [pushed = [], silent = []] = waited;
    assert.ok(pushed.length > 500 && silent.length > 500, `${pushed.length} and ${silent.length} waited`);
    const median = medianOf(pushed);
    assert.ok(median > DELAY / 2 && median < 2 * DELAY, `${median} us until a push had its phone take the mail`);
    assert.ok(medianOf(silent) > AWAY / 4, 'the others find it when they return');
    const [pushes, woken] = [world.driver('platformPushes0'), world.driver('platformWoken0')];
    assert.ok(woken > 500 && woken <= pushes && woken > 0.8 * pushes, `${woken} of ${pushes}`);
    assert.ok(world.driver('pushesMerged') > 0 && world.driver('pushesLost') === 0);
    assert.equal(world.driver('platformPushes1'), 0);
    const sessions = (place: 0 | 1): number => world.driver(`platformSessions${place}`);
    assert.ok(sessions(0) - woken < 1.3 * sessions(1), 'a woken phone sleeps again: its other sessions are as many');
    assert.ok(world.driver('departures') > woken, 'each short session ends');
    assert.equal(lived(lanes).digest, digest, 'the same seed makes the same world');
  });

/** A world in which phones write to groups only, and how long messages waited for members who were away. */
function livedInGroups(lanes: number, platform: Omit<Platform, 'share'>): { world: World; waited: readonly number[] } {
  const sizes = { median: 20, sigma: 0, max: 20 }; // every phone is in a group
  const plan = new GroupPlan({ seed: 1, firstAccount: PHONES, groups: 100, lists: 10, phones: PHONES, sizes });
  const waited: number[] = [];
  const none = { record: () => {} };
  const world = new World({
    ...smallWorld({
      online: PHONES,
      lanes,
      shards: 3,
      lane: {
        messages: Arrivals.constant(1500),
        platforms: [{ ...platform, share: 1 }],
        groups: { plan, shares: { groups: 1, lists: 1 }, joins: Arrivals.constant(0), leaves: Arrivals.constant(0) },
      },
      shard: {
        heartbeatTimeoutMicros: Number.POSITIVE_INFINITY,
        groups: { plan, queueMax: 1024, recentMax: 4096, changesMax: 16 },
      },
    }),
    latencies: {
      ...{ login: none, acknowledgement: none, delivery: none, groupDelivery: none, receipt: none },
      ...{ presence: none, sendDelay: none, storedDelivery: { record: (micros) => void waited.push(micros) } },
    },
  });
  world.openLogins();
  world.runFor(100_000);
  world.startTraffic();
  world.runFor(1_500_000);
  world.stopTraffic();
  world.runFor(AWAY + 400_000);
  return { world, waited };
}

for (const lanes of [1, 3])
  it(`wakes phones that are written to only in groups and lists, over ${lanes} lanes, and loses nothing`, () => {
    const { world, waited } = livedInGroups(lanes, PUSHED);
    const integrity = worldIntegrity(world);
    assert.equal(integrity.isSound, true, JSON.stringify(integrity));
    assert.equal(world.driver('messagesDelivered'), 0, 'no message went to a phone');
    const [pushes, woken] = [world.driver('platformPushes0'), world.driver('platformWoken0')];
    assert.ok(woken > 1000 && woken <= pushes && woken > 0.8 * pushes, `${woken} of ${pushes}`);
    assert.ok(world.driver('pushesMerged') > 0);
    assert.deepEqual([world.driver('pushesLost'), world.driver('groupPushesLost')], [0, 0]);
    const median = medianOf(waited);
    assert.ok(waited.length > 1000 && median < 2 * DELAY, `${median} us until a push had members take their mail`);
    const { world: silent, waited: longer } = livedInGroups(lanes, SILENT);
    assert.ok(medianOf(longer) > AWAY / 4, 'without pushes they find it when they return');
    assert.equal(silent.driver('platformPushes0'), 0);
  });
