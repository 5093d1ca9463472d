/** A world in which messages are read: each receipt comes to the author of the message, once, or is accounted for. */
import assert from 'node:assert/strict';
import { afterEach, describe, it, mock } from 'node:test';
import { PhoneReads } from '../driver/deliveries/phone-reads.ts';
import { OTHER_LANE } from '../driver/groups/changed-groups.ts';
import { GroupMessages } from '../driver/groups/group-messages.ts';
import { minorVersions, type Platform } from '../driver/people/platforms.ts';
import { Arrivals } from '../driver/terms/arrivals.ts';
import { PhoneOutput } from '../switch/phone-output.ts';
import { GroupPlan } from '../wire/group-plan.ts';
import { worldIntegrity } from './checks/world-integrity.ts';
import { DigestedWorld } from './event-digest.test-suite.ts';
import { type Changes, PHONES, smallWorld } from './small-world.test-suite.ts';
import type { World } from './world/world.ts';

const AFTER_MICROS = 150_000;

function lived({ lane, shard, ...rest }: Changes = {}): { world: World; digest: string | undefined } {
  const digested = new DigestedWorld(
    smallWorld({
      online: PHONES,
      ...rest,
      lane: {
        messages: Arrivals.constant(5000),
        reads: { share: 0.4, groupShare: 0, afterMicros: AFTER_MICROS },
        ...lane,
      },
      shard: { ...shard },
    }),
  );
  const { world } = digested;
  world.openLogins();
  digested.runFor(100_000);
  world.startTraffic();
  digested.runFor(800_000);
  world.stopTraffic();
  digested.runFor(600_000);
  const integrity = worldIntegrity(world);
  assert.equal(integrity.isSound, true, JSON.stringify(integrity));
  return { world, digest: digested.digests.at(-1) };
}

/** What the switch took, less where it went: 0 if nothing is lost. */
function lostIn(world: World): number {
  const gone = ['readReceipts', 'readReceiptsUnwanted', 'readReceiptsDropped', 'readReceiptsQueued'] as const;
  return gone.reduce((left, name) => left - world.switch(name), world.switch('reads'));
}

describe('messages that are read', () => {
  it('are as many as the seed says, and all their authors hear of it, soon', () => {
    const { world, digest } = lived();
    const sent = world.driver('readsSent');
    // Of those delivered in the last 150 ms none is read before traffic stops.
    const expected = world.driver('messagesDelivered') * 0.4 * (1 - AFTER_MICROS / 800_000);
    assert.ok(sent > 1000 && Math.abs(sent / expected - 1) < 0.15, `${sent} of ${expected}`);
    assert.equal(world.driver('readReceipts'), sent);
    assert.deepEqual([world.switch('reads'), world.switch('readReceipts'), lostIn(world)], [sent, sent, 0]);
    assert.equal(world.driver('strangers'), 0);
    // About half of all pairs have both phones in one of two lanes.
    const timed = world.driver('readReceiptsTimed');
    assert.ok(timed > sent * 0.3 && timed < sent * 0.7, `${timed} of ${sent}`);
    const mean = world.driver('readReceiptMicros') / timed;
    assert.ok(mean > 100 && mean < 2000, `${mean} µs, in turns of 100 µs`);
    assert.equal(lived().digest, digest, 'the same seed makes the same world');
  });

  it('cost nothing where nobody reads: no frame, and no memory', () => {
    const world = new DigestedWorld(smallWorld()).world;
    assert.ok(world.lanes.every((lane) => lane.ledger().every(({ name }) => name !== 'messages to read')));
    const { world: reading } = lived();
    assert.ok(reading.lanes.every((lane) => lane.ledger().some(({ name }) => name === 'messages to read')));
  });

  it('by phones that come and go are told later or missed, and nothing is lost in the switch', () => {
    const { world } = lived({ lane: { sessionMicros: 1e6, awayMicros: 60_000 } });
    assert.ok(world.driver('readsMissed') > 20, 'readers were away');
    assert.ok(world.switch('readReceiptsStored') > 20, 'authors were away');
    assert.equal(lostIn(world), 0);
    const received = world.driver('readReceipts');
    // A phone that logs out does not wait for what is on its way.
    const onTheWay = world.switch('readReceipts') - received;
    assert.ok(
      received > 500 && onTheWay >= 0 && onTheWay < received / 50,
      `${onTheWay} of ${received} missed their phone`,
    );
    assert.equal(world.driver('strangers'), 0);
  });

  it('are told as well where mailboxes are small, or it is counted', () => {
    const { world } = lived({
      lane: { sessionMicros: 500_000, awayMicros: 200_000 },
      shard: { messagesPerAccount: 2 },
    });
    assert.ok(world.switch('readReceiptsDropped') > 0);
    assert.equal(lostIn(world), 0);
  });
});

const MEMBERS = 200;
const BOTH = { groups: 0.8, lists: 0.8 };
const MEMBERS_AFTER_MICROS = 30_000;
const TRAFFIC_MICROS = 300_000;

/** A world in which phones write to groups and lists, whose members read half of that and nothing else. */
function livedInGroups({ lane, shard, ...rest }: Changes = {}, shares = BOTH): World {
  const sizes = { median: 14, sigma: 0.5, max: 30 };
  const plan = new GroupPlan({ seed: 1, firstAccount: MEMBERS, groups: 16, lists: 60, phones: MEMBERS, sizes });
  const changes = Arrivals.constant(400);
  const { world } = new DigestedWorld(
    smallWorld({
      phones: MEMBERS,
      online: MEMBERS,
      ...rest,
      lane: {
        activePhones: MEMBERS,
        messages: Arrivals.constant(1500),
        groups: { plan, shares, joins: changes, leaves: changes },
        reads: { share: 0, groupShare: 0.5, afterMicros: MEMBERS_AFTER_MICROS },
        ...lane,
      },
      shard: { groups: { plan, queueMax: 256, recentMax: 1024, changesMax: 4096 }, ...shard },
    }),
  );
  world.openLogins();
  assert.ok(world.runUntil(() => world.driver('held') === MEMBERS, 1e6));
  world.startTraffic();
  world.runFor(TRAFFIC_MICROS);
  world.stopTraffic();
  world.runFor(600_000);
  return world;
}

interface Told {
  readonly lane: PhoneReads;
  readonly row: number;
  readonly number: number;
  readonly reader: number;
}

/** What authors are told from now on. */
function noteTold(): Told[] {
  const list: Told[] = [];
  const { told } = PhoneReads.prototype;
  mock.method(PhoneReads.prototype, 'told', function (this: PhoneReads, row: number, number: number, reader: number) {
    list.push({ lane: this, row, number, reader });
    told.call(this, row, number, reader);
  });
  return list;
}

describe('messages to groups and lists that are read', () => {
  afterEach(() => mock.restoreAll());

  for (const [what, shares] of [
    ['groups', { groups: 1, lists: 0 }],
    ['lists', { groups: 0, lists: 1 }],
  ] as const)
    for (const [shards, lanes] of [
      [1, 1],
      [2, 3],
      [3, 2],
    ] as const)
      it(`are as many as the seed says, and each author hears of each reader once: ${what}, ${shards} shards, ${lanes} lanes`, () => {
        const told = noteTold();
        const world = livedInGroups({ shards, lanes }, shares);
        const integrity = worldIntegrity(world);
        assert.equal(integrity.isSound, true, JSON.stringify(integrity));
        const sent = world.driver('readsSent');
        // What was delivered shortly before the end of traffic is not read.
        const expected = world.driver('groupDeliveries') * 0.5 * (1 - MEMBERS_AFTER_MICROS / TRAFFIC_MICROS);
        assert.ok(sent > 300 && Math.abs(sent / expected - 1) < 0.15, `${sent} of ${expected}`);
        const laneOf = new Map([...new Set(told.map(({ lane }) => lane))].map((lane, place) => [lane, place]));
        const different = new Set(told.map((one) => [laneOf.get(one.lane), one.row, one.number, one.reader].join()));
        const messages = new Set(told.map((one) => [laneOf.get(one.lane), one.row, one.number].join()));
        assert.deepEqual([told.length, different.size, world.driver('readReceipts')], [sent, sent, sent]);
        assert.ok(sent > 3 * messages.size, `${sent} readers of ${messages.size} messages`);
        assert.deepEqual([world.switch('reads'), world.switch('readReceipts'), lostIn(world)], [sent, sent, 0]);
        assert.equal(world.driver('strangers'), 0);
        const timed = world.driver('readReceiptsTimed') / sent;
        assert.ok(
          Math.abs(timed - 1 / lanes) < 0.15,
          `${timed} of them have author and reader in one of ${lanes} lanes`,
        );
        const mean = world.driver('readReceiptMicros') / world.driver('readReceiptsTimed');
        assert.ok(mean > 100 && mean < 2000, `${mean} us, in turns of 100 us`);
      });

  it('are read by phones that have joined, too, whichever lane simulates them, and nobody is taken for a stranger', () => {
    const joined = { here: 0, elsewhere: 0 };
    const { mayHaveReceived } = GroupMessages.prototype;
    mock.method(
      GroupMessages.prototype,
      'mayHaveReceived',
      function (this: GroupMessages, row: number, phone: number, group: number, author: number) {
        const may = mayHaveReceived.call(this, row, phone, group, author);
        if (may && !this.plan.isMember(group, phone)) joined[row === OTHER_LANE ? 'elsewhere' : 'here']++;
        return may;
      },
    );
    const world = livedInGroups();
    assert.ok(world.driver('groupJoins') > 30 && world.driver('groupLeaves') > 30);
    assert.ok(joined.here > 10 && joined.elsewhere > 10, JSON.stringify(joined));
    assert.deepEqual([world.driver('strangers'), lostIn(world)], [0, 0]);
  });

  it('by phones that come and go are told later or missed, and nothing is lost in the switch', () => {
    const world = livedInGroups({ lane: { sessionMicros: 300_000, awayMicros: 60_000 } });
    assert.ok(world.driver('readsMissed') > 20, 'readers were away');
    assert.ok(world.switch('readReceiptsStored') > 20, 'authors were away');
    assert.equal(lostIn(world), 0);
    const received = world.driver('readReceipts');
    const onTheWay = world.switch('readReceipts') - received;
    assert.ok(received > 500 && onTheWay >= 0 && onTheWay < received / 20, `${onTheWay} of ${received}`);
    assert.equal(world.driver('strangers'), 0);
  });

  it('are not read by members of minor version 0, which are not told the author', () => {
    const platforms = [0, 1].map((minor) => ({
      ...{ name: `minor ${minor}`, share: 0.5, minor, heartbeatMicros: 500_000, awayMicros: 20_000 },
      session: { distribution: 'none' },
    })) as readonly Platform[];
    const told = noteTold();
    const world = livedInGroups({ lane: { platforms } });
    const versions = minorVersions(1, platforms);
    assert.ok(told.length > 300 && told.every(({ reader }) => versions?.of(reader) === 1), `${told.length} were told`);
    assert.deepEqual([world.driver('readReceipts'), lostIn(world)], [world.driver('readsSent'), 0]);
  });

  it('are none unless the scenario says so', () => {
    const world = livedInGroups({ lane: { reads: { share: 1, groupShare: 0, afterMicros: MEMBERS_AFTER_MICROS } } });
    const [sent, delivered] = [world.driver('readsSent'), world.driver('messagesDelivered')];
    assert.ok(sent > 50 && sent <= delivered && world.driver('groupDeliveries') > 1000, `${sent} of ${delivered}`);
  });

  for (const [what, shares] of [
    ['group', { groups: 1, lists: 0 }],
    ['list', { groups: 0, lists: 1 }],
  ] as const)
    it(`are a fault of a switch that names a reader who is no member of the ${what}`, () => {
      const { read } = PhoneOutput.prototype;
      let calls = 0;
      mock.method(
        PhoneOutput.prototype,
        'read',
        function (this: PhoneOutput, slot: number, id: number, reader: number) {
          return read.call(this, slot, id, ++calls % 50 === 0 ? (reader + 1) % MEMBERS : reader);
        },
      );
      const world = livedInGroups({}, shares);
      const named = Math.floor(calls / 50);
      const found = world.driver('strangers');
      // The next phone may be a member by chance.
      assert.ok(named > 5 && found > named / 2 && found <= named, `${found} of ${named} were found`);
      assert.equal(worldIntegrity(world).isSound, false);
    });
});
