/**
 * Groups and broadcast lists of a whole switch and driver in virtual time, and what the driver finds in a faulty
 * switch.
 */
import assert from 'node:assert/strict';
import { afterEach, describe, it, mock } from 'node:test';
import type { Platform } from '../driver/people/platforms.ts';
import { NO_PRESENCE } from '../driver/presence/presence-load.ts';
import { Arrivals } from '../driver/terms/arrivals.ts';
import { MemberLists } from '../switch/groups/member-lists.ts';
import { AccountHome } from '../switch/homes/account-home.ts';
import type { Integrity } from '../verdict/record/integrity.ts';
import { GroupPlan, type GroupSizes } from '../wire/group-plan.ts';
import { driverCounters, worldIntegrity } from './checks/world-integrity.ts';
import { type Changes, smallWorld } from './small-world.test-suite.ts';
import { World } from './world/world.ts';

const PHONES = 200;
const ONLINE = 180;

const SIZES = { median: 14, sigma: 0.5, max: 30 };
const LOAD = {
  shares: { groups: 0.6, lists: 0.5 },
  joins: Arrivals.constant(600),
  leaves: Arrivals.constant(600),
};

type GroupChanges = Changes & { readonly sizes?: GroupSizes; readonly queueMax?: number };

/** A world with groups whose traffic has begun. */
function beginGroups(changes: GroupChanges = {}): World {
  const { lane, shard, sizes = SIZES, queueMax = 256, ...rest } = changes;
  const online = changes.online ?? ONLINE;
  const seed = changes.seed ?? 1;
  const plan = new GroupPlan({ seed, firstAccount: PHONES, groups: 16, lists: 20, phones: PHONES, sizes });
  const messages = Arrivals.constant(3000);
  const world = new World(
    smallWorld({
      phones: PHONES,
      online,
      ...rest,
      lane: { activePhones: PHONES, messages, groups: { plan, ...LOAD }, ...lane },
      shard: { groups: { plan, queueMax, recentMax: 1024, changesMax: 4096 }, ...shard },
    }),
  );
  world.openLogins();
  assert.ok(world.runUntil(() => world.driver('held') === online, 5e6));
  world.startTraffic();
  return world;
}

function runGroups(changes: GroupChanges = {}): World {
  const world = beginGroups(changes);
  world.runFor(250_000);
  world.stopTraffic();
  for (let waited = 0; waited < 40 && worldIntegrity(world).isSound !== true; waited++) world.runFor(100_000);
  world.runFor(20_000); // the last ✓✓ are on their way
  return world;
}

/** Half of the phones speak minor version 0. */
const OLD_AND_NEW = [
  { name: 'old', share: 0.5, minor: 0 },
  { name: 'new', share: 0.5 },
].map((one) => ({
  heartbeatMicros: 500_000,
  session: { distribution: 'exponential', meanMicros: 150_000 } as const,
  awayMicros: 20_000,
  ...one,
})) as readonly Platform[];

describe('groups in virtual time', () => {
  it('reach members of minor version 0 as messages from the group, which send nothing there, watch nobody and do not type', () => {
    const presence = {
      ...NO_PRESENCE,
      watch: 2,
      typingShare: 0.5,
      backgroundsPerSecond: 500,
      backgroundMicros: 10_000,
    };
    const world = runGroups({ lane: { platforms: OLD_AND_NEW, presence } });
    const integrity = worldIntegrity(world);
    assert.equal(integrity.isSound, true, JSON.stringify(integrity));
    const { groups } = integrity;
    assert.ok(groups !== null && groups.recipients > 1000 && groups.untold === 0, JSON.stringify(groups));
    const refused =
      world.driver('messagesRejected') + world.driver('groupChangesRejected') + world.driver('watchesRefused');
    assert.equal(world.driver('errorsReceived'), refused, 'an old phone that sent a new frame would be told so');
    const sessions = [0, 1].map((place) => world.driver(`platformSessions${place as 0 | 1}`));
    assert.ok(Math.min(...sessions) > 80, 'both log in, and again');
    assert.equal(world.driver('watchesSent'), 2 * (sessions[1] ?? 0), 'only new phones watch');
    assert.ok(
      world.driver('groupJoins') > 10 && world.driver('typingReceived') > 10 && world.driver('backgrounds') > 10,
    );
  });

  it('bring every message to every member of its version, and to nobody else', () => {
    for (const [seed, shards] of [1, 2, 3].entries()) {
      const world = runGroups({ seed, shards });
      const integrity = worldIntegrity(world);
      assert.equal(integrity.isSound, true, JSON.stringify(integrity));
      const { groups } = integrity;
      assert.ok(groups !== null && groups.recipients > 2500 && groups.untold === 0, JSON.stringify(groups));
      assert.ok((groups.queued ?? 0) > 100, 'members who never connect have messages waiting');
      const changes = (of: 'driver' | 'switch'): number => world[of]('groupJoins') + world[of]('groupLeaves');
      assert.ok(world.driver('groupJoins') > 50 && world.driver('groupLeaves') > 50, 'members changed');
      assert.equal(changes('driver'), changes('switch'));
      assert.equal(world.driver('groupRecipients'), world.switch('groupRecipients'));
      assert.equal(world.driver('groupReceipts'), world.switch('groupReceipts'));
      assert.ok(world.driver('rejectedNotAMember') > 0, 'who left a group is told that it cannot write to it');
    }
  });

  it('tell the author once when all have the message', () => {
    const world = runGroups({ online: PHONES });
    assert.ok(world.driver('groupReceipts') > 150);
    assert.equal(world.driver('groupReceipts'), world.driver('groupMessagesAcknowledged'));
  });

  it('lose nothing while phones come and go', () => {
    for (const departure of ['logout', 'drop', 'vanish'] as const) {
      const world = runGroups({ seed: 3, lane: { sessionMicros: 200_000, departure } });
      const integrity = worldIntegrity(world);
      assert.equal(integrity.isSound, true, `${departure}: ${JSON.stringify(integrity)}`);
      assert.ok(world.driver('departures') > 100);
    }
  });

  it('balance what found no room in mailboxes, and what was refused by full queues', () => {
    const world = runGroups({
      mailboxBlocks: 1024,
      queueMax: 2,
      shard: { messagesPerAccount: 3, deliveryWindow: 1 },
    });
    const integrity = worldIntegrity(world);
    assert.equal(integrity.isSound, true, JSON.stringify(integrity));
    assert.ok((integrity.groups?.rejected ?? 0) > 50, 'mailboxes were full');
    assert.ok(world.driver('groupMessagesRejected') > world.driver('rejectedNotAMember'), 'queues were full');
  });

  it('refuse a member more than a group may have', () => {
    const world = runGroups({ sizes: { median: 30, sigma: 0, max: 30 } });
    assert.equal(worldIntegrity(world).isSound, true);
    assert.ok(world.driver('rejectedGroupFull') > 10);
    assert.equal(world.driver('rejectedGroupFull'), world.switch('rejectedGroupFull'));
  });

  it('go on when a shard has ended and started again', () => {
    const world = beginGroups();
    world.runFor(100_000);
    world.endShard(1, 50_000);
    world.runFor(1.2e6);
    const before = world.driver('groupMessagesAcknowledged');
    world.runFor(200_000);
    assert.ok(world.driver('groupMessagesAcknowledged') - before > 100, 'groups take messages again');
    world.stopTraffic();
    world.runFor(500_000);
    assert.equal(world.driver('held'), ONLINE, 'and all phones are back');
  });

  it('replay from their seed', () => {
    const [once, again] = [runGroups({ seed: 7 }), runGroups({ seed: 7 })];
    assert.deepEqual(driverCounters(again), driverCounters(once));
  });
});

describe('the driver finds out when a switch', () => {
  afterEach(() => mock.restoreAll());
  const verdict = (changes: GroupChanges = {}): Integrity => worldIntegrity(runGroups({ online: PHONES, ...changes }));

  it('leaves out one recipient in thousands', () => {
    const { takeShared } = AccountHome.prototype;
    let calls = 0;
    mock.method(
      AccountHome.prototype,
      'takeShared',
      function (this: AccountHome, ...entry: Parameters<typeof takeShared>) {
        calls++;
        return calls === 2000 ? true : takeShared.apply(this, entry);
      },
    );
    const integrity = verdict();
    assert.ok(calls > 2000);
    assert.equal(integrity.isSound, false);
    assert.equal(integrity.groups?.lost, 1, JSON.stringify(integrity.groups));
  });

  it('gives one member a message twice and another none', () => {
    const { row } = MemberLists.prototype;
    let calls = 0;
    mock.method(MemberLists.prototype, 'row', function (this: MemberLists, chunk: number, n: number) {
      calls++;
      return row.call(this, chunk, calls > 1000 && calls < 1010 ? 0 : n);
    });
    const integrity = verdict();
    assert.equal(integrity.isSound, false);
    assert.equal(integrity.groups?.lost, 0, 'the number is right');
    assert.ok(integrity.duplicated > 0, JSON.stringify(integrity));
  });

  it('gives a message to a phone that has left the group', () => {
    mock.method(MemberLists.prototype, 'remove', () => {});
    const integrity = verdict();
    assert.equal(integrity.isSound, false);
    assert.ok((integrity.groups?.strangers ?? 0) > 0, JSON.stringify(integrity.groups));
  });

  it('forgets a phone that has joined', () => {
    mock.method(MemberLists.prototype, 'add', () => {});
    assert.ok((verdict().groups?.lost ?? 0) > 0);
  });
});
