import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Departure } from '../driver/state/lane-settings.ts';
import { Arrivals } from '../driver/terms/arrivals.ts';
import { worldIntegrity } from './checks/world-integrity.ts';
import { DigestedWorld } from './event-digest.test-suite.ts';
import { OverheardPresence } from './overheard-presence.test-suite.ts';
import { type Changes, smallWorld } from './small-world.test-suite.ts';
import type { World, WorldSettings } from './world/world.ts';

const PHONES = 400;
const ONLINE = 370;
const WATCH = 3;

/** A world whose phones come and go, watch three contacts each, and type. */
function watchingWorld(departure: Departure, { lane, shard, ...rest }: Changes = {}): WorldSettings {
  return smallWorld({
    phones: PHONES,
    online: ONLINE,
    shards: 3,
    ...rest,
    lane: {
      activePhones: PHONES,
      departure,
      sessionMicros: 300_000,
      awayMicros: 20_000,
      messages: Arrivals.constant(3000),
      presence: {
        watch: WATCH,
        watchersShare: 1,
        backgroundsPerSecond: 2000,
        backgroundMicros: 15_000,
        typingShare: 0.25,
      },
      ...lane,
    },
    shard: { heartbeatTimeoutMicros: 600_000, tickMicros: 10_000, ...shard },
  });
}

/** Lets all phones come back, and everybody be told. */
function quiet(world: World): void {
  world.stopTraffic();
  assert.ok(
    world.runUntil(() => world.driver('held') === ONLINE, 5e6),
    'all are back',
  );
  world.runFor(300_000);
}

/** Each phone that is online knows three accounts: those that connect as available, the others as not. */
function assertTruth(overheard: OverheardPresence): void {
  const { pairs } = overheard;
  assert.equal(pairs.length, ONLINE * WATCH);
  for (const [account, state] of pairs) assert.equal(state, account < ONLINE ? 1 : 0, `account ${account}`);
  assert.ok(
    pairs.some(([account]) => account >= ONLINE),
    'some never connect',
  );
}

describe('presence in a simulated world', () => {
  for (const departure of ['logout', 'drop', 'vanish'] satisfies Departure[]) {
    it(`is known to all that watch when it is quiet, and costs no message (${departure})`, () => {
      const overheard = new OverheardPresence(watchingWorld(departure));
      const { world } = overheard;
      world.openLogins();
      world.runFor(100_000);
      world.startTraffic();
      world.runFor(500_000);
      quiet(world);
      assertTruth(overheard);
      const integrity = worldIntegrity(world);
      assert.ok(integrity.isSound, JSON.stringify(integrity));
      assert.equal(world.driver('strangers') + world.driver('corrupted'), 0);
      assert.equal(world.driver('presenceNotices'), overheard.notices);
      assert.equal(world.driver('watchesRefused'), 0);
      assert.ok(world.driver('departures') > 350 && world.driver('backgrounds') > 700, 'much has changed');
      const typing = world.driver('typingSent') / world.driver('messagesSent');
      assert.ok(Math.abs(typing - 0.25) < 0.05, `typing before ${typing} of the messages`);
      assert.equal(world.driver('typingReceived'), overheard.typings);
      assert.ok(overheard.latencies.length > 150, `${overheard.latencies.length} latencies`);
      const vanished = departure === 'vanish';
      const longest = Math.max(...overheard.latencies);
      assert.ok(longest < (vanished ? 1e6 : 50_000) && Math.min(...overheard.latencies) >= 0, `${longest} µs`);
      // Each watcher who is there hears of each change: all of its contacts but those that are away themselves.
      const expected = world.driver('watchesSent') + world.driver('presenceChanges') * WATCH;
      assert.ok(overheard.notices < expected && overheard.notices > expected * (vanished ? 0.4 : 0.7), `${expected}`);
    });
  }

  it('leaves mailboxes as they are without it: presence is never in one', () => {
    const queued = [0, WATCH].map((watch) => {
      const lane = {
        messages: Arrivals.constant(1),
        presence: { watch, watchersShare: 1, backgroundsPerSecond: 2000, backgroundMicros: 15_000, typingShare: 1 },
      };
      const { world } = new OverheardPresence(watchingWorld('logout', { lane }));
      let most = 0;
      world.openLogins();
      world.startTraffic();
      for (let n = 0; n < 40; n++) {
        world.runFor(5000);
        most = Math.max(
          most,
          world.stores.reduce((sum, store) => sum + store.entries, 0),
        );
      }
      assert.equal(world.driver('presenceNotices') > 0, watch > 0);
      return most;
    });
    assert.deepEqual(queued[1], queued[0]);
  });

  it('survives crashes of shards: whoever watches is told again', () => {
    const lane = { loginAttempts: 1000, loginRetryMicros: 5000, loginTimeoutMicros: 200_000 };
    for (const inboxBytes of [2 ** 18, 2 ** 15]) {
      const overheard = new OverheardPresence(
        watchingWorld('logout', { lane, inboxBytes, shard: { questionsMax: 64 } }),
      );
      const { world } = overheard;
      world.openLogins();
      world.startTraffic();
      for (const shard of [0, 1, 2, 1]) {
        world.runFor(50_000);
        world.endShard(shard, 10_000);
      }
      world.runFor(100_000);
      quiet(world);
      assertTruth(overheard);
      const used = (name: string): number =>
        world.shards
          .flatMap((shard) => shard.ledger())
          .filter((one) => one.name === name)
          .reduce((sum, one) => sum + one.rowsUsed, 0);
      const watches = world.shards.reduce((sum, { presence }) => sum + presence.tables.watches.size, 0);
      const subscriptions = world.shards.reduce((sum, { presence }) => sum + presence.tables.subscriptions.size, 0);
      assert.deepEqual([watches, subscriptions], [ONLINE * WATCH, ONLINE * WATCH], 'none is left over');
      assert.equal(used('watches'), ONLINE * WATCH + used('watches from other shards'), 'no row is left over');
    }
  });

  it('reaches everyone although shards shed it for a while, and are full', () => {
    const overheard = new OverheardPresence(
      watchingWorld('drop', { ringBytes: 2 ** 17, inboxBytes: 2 ** 15, shard: { questionsMax: 64 } }),
    );
    const { world } = overheard;
    world.openLogins();
    world.startTraffic();
    for (let n = 0; n < 6; n++) {
      for (const [shard, { presence }] of world.shards.entries()) presence.shedPresence = (n + shard) % 2 === 0;
      const before = overheard.notices;
      world.runFor(60_000);
      assert.ok(n === 0 || overheard.notices > before);
    }
    assert.ok(world.switch('presenceShed') > 0 && world.switch('presenceCoalesced') > 0, 'some came late, as one');
    for (const { presence } of world.shards) presence.shedPresence = false;
    quiet(world);
    assertTruth(overheard);
  });

  it('does the same again with the same seed', () => {
    const [once, again, other] = [1, 1, 2].map((seed) => {
      const world = new DigestedWorld(
        watchingWorld('drop', { seed, phones: 300, online: 300, lane: { activePhones: 300 } }),
      );
      world.world.openLogins();
      world.world.startTraffic();
      world.runFor(100_000);
      return world.digests;
    });
    assert.deepEqual(again, once);
    assert.notDeepEqual(other, once);
  });
});
