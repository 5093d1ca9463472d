/** A world of messages of three kinds, to phones and to groups: all arrive, and their bytes are counted by kind. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Platform } from '../driver/people/platforms.ts';
import { Arrivals } from '../driver/terms/arrivals.ts';
import type { DriverCounterName } from '../driver/terms/driver-counters.ts';
import { FrameType, headerType, MESSAGE_OVERHEAD_BYTES } from '../wire/frames.ts';
import { GroupPlan } from '../wire/group-plan.ts';
import type { ConnectionEvents, PhoneTransport } from '../wire/transport.ts';
import { worldIntegrity } from './checks/world-integrity.ts';
import { DigestedWorld } from './event-digest.test-suite.ts';
import { type Changes, PHONES, smallWorld } from './small-world.test-suite.ts';
import { World } from './world/world.ts';

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
  letTalk(world, (micros) => digested.runFor(micros));
  return { world, digest: digested.digests.at(-1) };
}

function letTalk(world: World, runFor: (micros: number) => void): void {
  world.openLogins();
  runFor(100_000);
  world.startTraffic();
  runFor(600_000);
  world.stopTraffic();
  runFor(400_000);
}

/** The payload of an image on its way to its recipient. */
interface Image {
  readonly payload: Buffer;
  readonly hash: string;
  readonly blobBytes: number;
  readonly link: string;
}

/** A world in which somebody between switch and phones sees each image, and may change its payload. */
function overheard(see: (image: Image) => void): World {
  const wrapTransport = (transport: PhoneTransport): PhoneTransport =>
    new Proxy(transport, {
      get(target, property) {
        const value: unknown = Reflect.get(target, property, target);
        if (property !== 'poll') return typeof value === 'function' ? value.bind(target) : value;
        return (events: ConnectionEvents, limit: number): number => target.poll(between(events, see), limit);
      },
    });
  const lane = { messages: Arrivals.constant(5000), kinds: KINDS };
  const world = new World(smallWorld({ online: PHONES, lane, wrapTransport }));
  letTalk(world, (micros) => world.runFor(micros));
  return world;
}

function between(events: ConnectionEvents, see: (image: Image) => void): ConnectionEvents {
  return {
    opened: (token, connection) => events.opened(token, connection),
    refused: (token, reason) => events.refused(token, reason),
    closed: (token, connection, reason) => events.closed(token, connection, reason),
    bytes: (token, connection, view, start, end) => {
      const frame = Buffer.from(new Uint8Array(view.buffer, view.byteOffset + start, end - start)); // a copy
      const isMessage = headerType(view.getUint16(start, true)) === FrameType.DELIVER;
      const payload = frame.subarray(MESSAGE_OVERHEAD_BYTES);
      // What a reader of docs/scenarios.md would look for.
      const link = isMessage ? payload.toString('latin1', 52, 96) : '';
      if (link.startsWith('/media/blob/'))
        see({ payload, hash: payload.toString('hex', 16, 48), blobBytes: payload.readUInt32LE(48), link });
      const copy = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
      return events.bytes(token, connection, copy, 0, copy.byteLength);
    },
  };
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

it('an image says hash, size and link of its blob, by which a blob store would serve it', () => {
  const sizes = new Map<string, number>();
  const world = overheard(({ hash, blobBytes, link }) => {
    assert.equal(link, `/media/blob/${hash.slice(0, 32)}`);
    sizes.set(hash, blobBytes);
  });
  assert.equal(worldIntegrity(world).isSound, true);
  assert.ok(sizes.size > 300, `${sizes.size}`);
  assert.equal(sizes.size, world.driver('kindMessages2'), 'each has a hash of its own');
  const sum = [...sizes.values()].reduce((all, one) => all + one);
  assert.deepEqual([world.driver('kindBlobBytes2'), world.driver('blobBytesFetched')], [sum, sum]);
});

for (const [field, place] of [
  ['hash', 16],
  ['hash, in its last byte', 47],
  ['size', 49],
  ['link', 53],
  ['link, in its last digit', 95],
  ['thumbnail', 100],
] as const)
  it(`an image of which a bit was changed on its way is corrupted, and its blob is not fetched: ${field}`, () => {
    let images = 0;
    let lostBytes = 0;
    const world = overheard(({ payload, blobBytes }) => {
      if (++images !== 50) return;
      payload.writeUInt8(payload.readUInt8(place) ^ 1, place);
      lostBytes = blobBytes;
    });
    const integrity = worldIntegrity(world);
    assert.deepEqual([integrity.isSound, integrity.corrupted, integrity.findings[0]?.kind], [false, 1, 'corrupted']);
    assert.equal(world.driver('blobBytesFetched'), world.driver('kindBlobBytes2') - lostBytes);
  });

/** Half of the phones are told of a message to a group only that it is from the group. */
const OLD_AND_NEW: readonly Platform[] = ([0, 1] as const).map((minor) => ({
  name: `minor ${minor}`,
  share: 0.5,
  heartbeatMicros: 500_000,
  session: { distribution: 'none' },
  awayMicros: 50_000,
  minor,
}));

for (const [name, platforms] of [
  ['', {}],
  [', whichever version it speaks', { platforms: OLD_AND_NEW }],
] as const)
  it(`each member of a group fetches the blob of a message to the group${name}`, () => {
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
      lane: { kinds: [{ name: 'voice', share: 1, payload: 160, blob }], groups, ...platforms },
      shard: { groups: { plan, queueMax: 256, recentMax: 1024, changesMax: 4096 } },
    });
    const integrity = worldIntegrity(world);
    assert.equal(integrity.isSound, true, JSON.stringify(integrity));
    const toMembers = world.driver('groupDeliveries');
    assert.ok(toMembers > 500, `${toMembers}`);
    assert.equal(world.driver('blobBytesFetched'), 1000 * (world.driver('messagesDelivered') + toMembers));
    assert.equal(world.driver('kindBlobBytes0'), 1000 * world.driver('messagesAcknowledged'));
  });
