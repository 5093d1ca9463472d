/** Storms in a whole world: who is dropped, who returns and when, and that nothing is lost. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BackoffSettings } from '../driver/schedules/login-backoff.ts';
import type { Storm } from '../driver/storms/lane-storms.ts';
import { type StormCounts, sumStorms } from '../driver/storms/storm-tally.ts';
import { Arrivals } from '../driver/terms/arrivals.ts';
import { Histogram } from '../stats/histogram.ts';
import { CONNECT_SALT, Placement } from '../wire/placement.ts';
import { sourceAddressBits } from '../wire/source-address.ts';
import { worldIntegrity } from './checks/world-integrity.ts';
import { type Changes, smallWorld } from './small-world.test-suite.ts';
import { World } from './world/world.ts';

const ONLINE = 1900;
const MESSAGES = Arrivals.constant(5000);
const ALL: Storm['target'] = { kind: 'share', share: 1 };
const at = (target: Storm['target'], silenceMicros: number | null = null): Storm => ({
  atMicros: 200_000,
  target,
  silenceMicros,
});
const backoff = (kind: BackoffSettings['kind']): BackoffSettings => ({ kind, baseMicros: 300_000, capMicros: 2e6 });

/** Runs a world until all are back after its storm, or for 20 s. */
function run(world: World): { world: World; storm: StormCounts } {
  world.openLogins();
  assert.ok(world.runUntil(() => world.driver('held') === ONLINE, 5e6));
  world.startTraffic();
  world.runFor(250_000);
  world.runUntil(() => world.driver('held') + world.driver('loginsGivenUp') === ONLINE, 20e6);
  world.stopTraffic();
  for (let waited = 0; waited < 10 && worldIntegrity(world).isSound !== true; waited++) world.runFor(100_000);
  const [storm] = sumStorms(world.lanes.map((lane) => lane.stormCounts()));
  return { world, storm: storm ?? assert.fail('a storm') };
}

const world = (storm: Storm, { lane, ...changes }: Changes = {}) =>
  run(
    new World(
      smallWorld({
        ...changes,
        lane: { messages: MESSAGES, storms: [storm], loginBackoff: backoff('full-jitter'), ...lane },
      }),
    ),
  );

const peakOf = ({ logins }: StormCounts): number => Math.max(...logins);

function assertRestored({ world: after, storm }: { world: World; storm: StormCounts }): void {
  assert.equal(after.driver('held'), ONLINE);
  assert.equal(new Histogram(storm.restored).count, storm.dropped);
  assert.equal(storm.givenUp, 0);
  assert.equal(after.driver('stormDrops'), storm.dropped);
  const integrity = worldIntegrity(after);
  assert.equal(integrity.isSound, true, JSON.stringify(integrity));
  assert.equal(integrity.lost, 0);
}

describe('a storm', () => {
  for (const kind of ['none', 'full-jitter', 'decorrelated'] as const)
    it(`that drops everybody is over when all are back and nothing is lost, with back-off ${kind}`, () => {
      const after = world(at(ALL), { lane: { loginBackoff: backoff(kind) } });
      assertRestored(after);
      assert.equal(after.storm.dropped, ONLINE);
      const restored = new Histogram(after.storm.restored);
      const [first, last] = { none: [290_000, 400_000], 'full-jitter': [0, 340_000], decorrelated: [290_000, 960_000] }[
        kind
      ];
      assert.ok(restored.min >= (first ?? 0) && restored.max <= (last ?? 0), `${restored.min} to ${restored.max} us`);
    });

  it('of the network leaves phones their connection that would notice only after it, and counts from its end', () => {
    // Heartbeats are half a second apart, so with 100 ms of silence those notice whose next one comes within 200 ms.
    const outageMicros = 300_000;
    const cutOff = (phone: number): boolean => phone % 2 === 0;
    const outage = { ...at({ kind: 'outage', hits: cutOff }, 100_000), outageMicros };
    const after = world(outage, { lane: { loginBackoff: backoff('none') } });
    assertRestored(after);
    const { dropped, riddenOut, restored } = after.storm;
    assert.equal(dropped + riddenOut, ONLINE / 2, 'every other phone is cut off');
    assert.ok(dropped > 0.3 * (ONLINE / 2) && dropped < 0.5 * (ONLINE / 2), `${dropped} noticed of ${ONLINE / 2}`);
    // Noticed 100 to 300 ms after the start, and back 300 ms later: at most 300 ms after the end.
    const times = new Histogram(restored);
    assert.ok(times.min >= 100_000 && times.max <= 320_000, `${times.min} to ${times.max} µs`);
  });

  it('without jitter shows: its peak of logins is several times that of one with jitter', () => {
    const [without, full] = (['none', 'full-jitter'] as const).map((kind) =>
      peakOf(world(at(ALL), { lane: { loginBackoff: { ...backoff(kind), baseMicros: 1e6 } } }).storm),
    ) as [number, number]; // of two
    assert.ok(without > 0.9 * ONLINE, `${without} logins in a tenth of a second`);
    assert.ok(without > 4 * full, `${without} without, ${full} with jitter`);
  });

  it('drops the share of all connections that it says, and those who stay go on', () => {
    const after = world(at({ kind: 'share', share: 0.3 }));
    assertRestored(after);
    assert.ok(Math.abs(after.storm.dropped / ONLINE - 0.3) < 0.06, `${after.storm.dropped} dropped`);
    assert.ok(new Histogram(after.storm.stayed).count > 200, 'messages between those who stayed');
    assert.ok(new Histogram(after.storm.before).count > 500, 'messages before');
  });

  it('drops one shard, or one block of numbers, and nobody else', () => {
    const entrance = new Placement(2, CONNECT_SALT);
    const ofShard = Array.from({ length: ONLINE }, (_, phone) => entrance.shardOf(phone)).filter(
      (one) => one === 1,
    ).length;
    const shard = world(at({ kind: 'shard', shard: 1 }));
    assertRestored(shard);
    assert.equal(shard.storm.dropped, ofShard);
    const block = world(at({ kind: 'phones', first: 100, count: 250 }));
    assertRestored(block);
    assert.equal(block.storm.dropped, 250);
  });

  it('drops the phones of a block of addresses, in all lanes, and nobody else', () => {
    const portsPerSource = 100;
    const addressOf = (phone: number): number => {
      const [lane, cell] = [phone % 2, phone % 512]; // two lanes of 256 cells
      return sourceAddressBits(lane, Math.floor(phone / 512) * 256 + Math.floor(cell / 2), portsPerSource);
    };
    const all = Array.from({ length: ONLINE }, (_, phone) => addressOf(phone));
    const first = 127 * 2 ** 24 + 2 ** 16 + 4 * 256; // 127.1.4.0/23
    const inside = all.filter((address) => address >= first && address < first + 512);
    assert.equal(new Set(inside).size, 2, 'an address of each lane');
    const after = world(at({ kind: 'addresses', first, last: first + 511, portsPerSource }));
    assertRestored(after);
    assert.equal(after.storm.dropped, inside.length);
    assert.ok(new Histogram(after.storm.stayed).count > 200, 'messages between those who stayed');
  });

  it('that is silent is noticed by an unanswered heartbeat, and sessions are replaced', () => {
    const silenceMicros = 100_000;
    const after = world(at({ kind: 'share', share: 0.5 }, silenceMicros), { lane: { loginBackoff: backoff('none') } });
    assertRestored(after);
    const restored = new Histogram(after.storm.restored);
    assert.ok(restored.min >= silenceMicros + 290_000, `${restored.min} us`);
    assert.ok(restored.max >= silenceMicros + 650_000 && restored.max <= silenceMicros + 900_000, `${restored.max} us`);
  });

  it('is paced by admission control: phones come back when told to, and none gives up however often it is', () => {
    const perSecond = 500;
    const after = world(at(ALL), {
      loginAdmission: { perSecond, burst: 60 },
      lane: { loginAttempts: 2, loginBackoff: backoff('none') },
    });
    assertRestored(after);
    assert.ok(after.storm.deferred > 1000, `${after.storm.deferred} told to come back later`);
    assert.equal(after.world.switch('loginsDeferred'), after.world.driver('loginsDeferred'));
    assert.equal(after.world.driver('loginsRefused'), 0);
    const restored = new Histogram(after.storm.restored);
    const leastMicros = ((ONLINE - 2 * 60) / (2 * perSecond)) * 1e6;
    assert.ok(restored.max >= leastMicros, 'not faster than the bucket');
    assert.ok(
      restored.max <= 300_000 + 1.25 * leastMicros,
      `${restored.max} us, and the bucket needs ${leastMicros} us`,
    );
    assert.ok(after.storm.deferred < 1.5 * ONLINE, 'hardly anybody is told twice');
  });

  it('of more phones than the in-flight table has places takes no longer for it', () => {
    const after = world(at(ALL), {
      lane: { inFlightPlaces: 2 ** 8, loginBackoff: backoff('none'), messages: smallWorld().lane.messages },
    });
    assertRestored(after);
    const restored = new Histogram(after.storm.restored);
    assert.ok(restored.max < 600_000, `${restored.max} us`);
  });

  it('repeats exactly with its seed', () => {
    const counts = [1, 1, 2].map((seed) =>
      JSON.stringify(world(at({ kind: 'share', share: 0.5 }), { seed }).storm.logins),
    );
    assert.equal(counts[0], counts[1]);
    assert.notEqual(counts[0], counts[2]);
  });
});
