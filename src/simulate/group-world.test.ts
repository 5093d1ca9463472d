/** Groups and lists of a whole switch and driver, in virtual time: nothing is lost, doubled or given to a stranger. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Arrivals } from '../driver/arrivals.ts';
import type { DriverCounterName } from '../driver/driver-counters.ts';
import { GroupPlan } from '../wire/group-plan.ts';
import { PHONES, smallWorld } from './small-world.test-suite.ts';
import { World } from './world.ts';

function made(): World {
  const sizes = { median: 16, sigma: 0.8, max: 64 };
  const plan = new GroupPlan({ seed: 9, firstAccount: PHONES, groups: 150, lists: 20, phones: 1000, sizes });
  return new World(
    smallWorld({
      lane: {
        messages: Arrivals.constant(2000),
        groups: {
          plan,
          shares: { groups: 0.5, lists: 0.5 },
          joins: Arrivals.constant(200),
          leaves: Arrivals.constant(200),
        },
      },
      shard: { groups: { plan, queueMax: 1024, recentMax: 2 ** 14, changesMax: 2 ** 12 } },
    }),
  );
}

function begin(world: World): void {
  world.openLogins();
  world.runUntil(() => world.driver('held') === 1900, 5e6);
  world.startTraffic();
}

describe('a world with groups', () => {
  it('gives each message to the members of its version, while phones join and leave', () => {
    const world = made();
    begin(world);
    world.runFor(1e6);
    world.stopTraffic();
    world.runFor(1e6);
    const recipients = world.switch('groupRecipients');
    assert.ok(world.driver('groupMessagesAcknowledged') > 500, `${world.driver('groupMessagesAcknowledged')} sent`);
    assert.ok(world.driver('groupJoins') > 50 && world.driver('groupLeaves') > 50);
    assert.equal(world.driver('groupRecipients'), recipients);
    assert.equal(world.switch('groupAppended'), recipients);
    assert.equal(world.switch('groupRejected'), 0);
    let queued = 0;
    for (const store of world.stores) store.forEachGroupMessage(() => queued++);
    assert.equal(world.driver('groupDeliveries') + queued, recipients);
    const wrong: DriverCounterName[] = ['groupStrangers', 'groupRecipientsWrong', 'pairDuplicated', 'pairReordered'];
    for (const name of wrong) assert.equal(world.driver(name), 0, name);
    assert.equal(world.driver('groupReceipts'), world.switch('groupReceipts'));
  });

  it('goes on when a shard has ended and started again', () => {
    const world = made();
    begin(world);
    world.runFor(300_000);
    world.endShard(1, 100_000);
    world.runFor(3e6);
    const before = world.driver('groupMessagesAcknowledged');
    world.runFor(500_000);
    assert.ok(world.driver('groupMessagesAcknowledged') - before > 100, 'groups take messages again');
    world.stopTraffic();
    world.runFor(1e6);
    assert.equal(world.driver('held'), 1900, 'and all phones are back');
  });
});
