/** A world of messages of three kinds, to phones and to groups: all arrive, and their bytes are counted by kind. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Arrivals } from '../driver/terms/arrivals.ts';
import type { DriverCounterName } from '../driver/terms/driver-counters.ts';
import { GroupPlan } from '../wire/group-plan.ts';
import { worldIntegrity } from './checks/world-integrity.ts';
import { DigestedWorld } from './event-digest.test-suite.ts';
import { type Changes, PHONES, smallWorld } from './small-world.test-suite.ts';
import type { World } from './world/world.ts';

const KINDS = [
  { name: 'text', share: 0.7, payload: { median: 60, sigma: 0.7, max: 1000 } },
  { name: 'location', share: 0.1, payload: 500 },
  {
    name: 'image',
    share: 0.2,
    payload: { median: 1200, sigma: 0.3, max: 2000 },
    blob: { median: 90_000, sigma: 0.6, max: 16e6 },
  },
];

function lived({ lane, shard = {} }: Changes = {}): { world: World; digest: string | undefined } {
  const digested = new DigestedWorld(
    smallWorld({ online: PHONES, lane: { messages: Arrivals.constant(5000), ...lane }, shard }),
  );
  const { world } = digested;
  world.openLogins();
  digested.runFor(100_000);
  world.startTraffic();
  digested.runFor(600_000);
  world.stopTraffic();
  digested.runFor(400_000);
  return { world, digest: digested.digests.at(-1) };
}

it('messages of all kinds and sizes arrive, and each is counted with its payload and blob', () => {
  const { world, digest } = lived({ lane: { kinds: KINDS } });
  const integrity = worldIntegrity(world);
  assert.equal(integrity.isSound, true, JSON.stringify(integrity));
  const of = (name: string): number[] => KINDS.map((_, place) => world.driver(`${name}${place}` as DriverCounterName)); // a counter of three kinds
  const messages = of('kindMessages');
  const sum = messages.reduce((all, one) => all + one);
  assert.ok(sum > 2000 && sum === world.driver('messagesAcknowledged'), `${sum}`);
  const payloads = of('kindPayloadBytes');
  const blobs = of('kindBlobBytes');
  assert.equal(payloads[1], 500 * (messages[1] ?? 0));
  assert.deepEqual(blobs.slice(0, 2), [0, 0]);
  // exp(0.6² / 2) is the ratio of mean and median of a log-normal distribution.
  const mean = (blobs[2] ?? 0) / (messages[2] ?? 0);
  assert.ok(Math.abs(mean / (90_000 * Math.exp(0.18)) - 1) < 0.15, `${mean} B per image`);
  // Everything was delivered, so each blob was stored once and fetched once.
  assert.equal(world.driver('blobBytesFetched'), blobs[2]);
  const tables = world.lanes.flatMap((lane) => lane.ledger()).filter(({ name }) => name === 'message kinds');
  // 1,024 sizes of payloads and of blobs per kind, four bytes each, and a bound.
  assert.deepEqual(
    tables.map(({ bytes }) => bytes),
    world.lanes.map(() => 3 * (2 * 4 * 1024 + 8)),
  );
  assert.equal(lived({ lane: { kinds: KINDS } }).digest, digest, 'the same seed makes the same world');
});

it('each member of a group fetches the blob of a message to the group', () => {
  const plan = new GroupPlan({
    seed: 1,
    firstAccount: PHONES,
    groups: 20,
    lists: 5,
    phones: PHONES,
    sizes: { median: 10, sigma: 0.5, max: 20 },
  });
  const never = Arrivals.constant(0);
  const groups = { plan, shares: { groups: 0.9, lists: 0.5 }, joins: never, leaves: never };
  const blob = { median: 1000, sigma: 0, max: 1000 };
  const { world } = lived({
    lane: { kinds: [{ name: 'voice', share: 1, payload: 160, blob }], groups },
    shard: { groups: { plan, queueMax: 256, recentMax: 1024, changesMax: 4096 } },
  });
  const integrity = worldIntegrity(world);
  assert.equal(integrity.isSound, true, JSON.stringify(integrity));
  const toMembers = world.driver('groupDeliveries');
  assert.ok(toMembers > 1000, `${toMembers}`);
  assert.equal(world.driver('blobBytesFetched'), 1000 * (world.driver('messagesDelivered') + toMembers));
  assert.equal(world.driver('kindBlobBytes0'), 1000 * world.driver('messagesAcknowledged'));
});
