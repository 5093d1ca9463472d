/** What the home of a group, or of a list, sends to other shards for each message. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { FrameType, GROUP_PAYLOAD_BYTES_MAX } from '../../wire/frames.ts';
import { GroupPlan } from '../../wire/group-plan.ts';
import { SmallSwitch } from '../small-switch.test-suite.ts';
import { SwitchCounter } from '../terms/switch-counters.ts';

const [PHONES, GROUPS, SHARDS, SIZE] = [24, 12, 4, 6];

interface OnShard {
  readonly isHome: boolean;
  readonly members: number;
  readonly recipients: number;
  /** Calls that came from other shards. */
  readonly hops: number;
  /** Memory in use beside an entry for each recipient. */
  readonly payloadBlocks: number;
}

/**
 * What each shard has after a message to a group whose members are away, but for its author at the home of the group.
 */
function afterMessage(group: number): OnShard[] {
  const sizes = { median: SIZE, sigma: 0, max: SIZE };
  const plan = new GroupPlan({ seed: 2, firstAccount: PHONES, groups: GROUPS, lists: 0, phones: PHONES, sizes });
  const groups = { plan, queueMax: 16, recentMax: 64, changesMax: 16 };
  const small = new SmallSwitch({ shards: SHARDS, accounts: PHONES, mailboxBlocks: 256, groups });
  const home = small.homes.shardOf(plan.accountOf(group));
  const members = Array.from({ length: SIZE }, (_, place) => plan.memberAt(group, place));
  const [author = 0, ...recipients] = members;
  small.online(author, author, home);
  const hopsIn = (): number[] => small.shards.map(({ counters }) => counters[SwitchCounter.hopsIn] ?? 0);
  const before = hopsIn();
  small.say(author, small.message(1, plan.accountOf(group), GROUP_PAYLOAD_BYTES_MAX));
  small.settle();
  assert.equal(small.count('messagesQueued'), recipients.length);
  return small.stores.map((store, shard) => {
    const isHere = (account: number): boolean => small.homes.shardOf(account) === shard;
    const here = recipients.filter(isHere).length;
    return {
      isHome: shard === home,
      members: members.filter(isHere).length,
      recipients: here,
      hops: (hopsIn()[shard] ?? 0) - (before[shard] ?? 0),
      payloadBlocks: store.usedBlocks - here,
    };
  });
}

it('a message goes once to each shard that is home of members, and there one copy of it is for all of them', () => {
  const shards = Array.from({ length: GROUPS }, (_, group) => afterMessage(group)).flat();
  const others = shards.filter(({ isHome }) => !isHome);
  assert.ok(others.some(({ members }) => members === 0) && others.some(({ recipients }) => recipients > 1));
  for (const { members, hops } of others) assert.equal(hops, members > 0 ? 1 : 0, `${members} members`);
  const copy = shards.find(({ recipients }) => recipients === 1)?.payloadBlocks ?? 0;
  assert.ok(copy > 1, 'a payload takes some blocks');
  for (const { recipients, payloadBlocks } of shards)
    assert.equal(payloadBlocks, recipients > 0 ? copy : 0, `${recipients} recipients`);
});

it('a message to a list is accepted and expanded at the home of its owner, while no other shard works', () => {
  const sizes = { median: SIZE, sigma: 0, max: SIZE };
  const settings = { seed: 2, firstAccount: PHONES, groups: 1, lists: GROUPS, phones: PHONES, sizes };
  const plan = new GroupPlan(settings);
  const groups = { plan, queueMax: 16, recentMax: 64, changesMax: 16 };
  for (let list = 1; list < plan.count; list++) {
    const small = new SmallSwitch({ shards: SHARDS, accounts: PHONES, groups });
    const owner = plan.ownerOf(list);
    const home = small.homes.shardOf(owner);
    small.online(owner, owner, home);
    const others = small.shards.filter((_, shard) => shard !== home);
    const hopsIn = (): number[] => others.map(({ counters }) => counters[SwitchCounter.hopsIn] ?? 0);
    const before = hopsIn();
    small.say(owner, small.message(1, plan.accountOf(list)));
    for (let turn = 0; turn < 4; turn++) small.work(home);
    small.listen();
    assert.equal(small.frames(owner, FrameType.ACKNOWLEDGED).length, 1, `the ✓ of list ${list}`);
    const members = Array.from({ length: SIZE }, (_, k) => plan.memberAt(list, k)).filter((phone) => phone !== owner);
    const near = members.filter((phone) => small.homes.shardOf(phone) === home);
    assert.equal(small.count('messagesQueued'), near.length, `members of list ${list} at its home`);
    small.settle();
    assert.equal(small.count('messagesQueued'), members.length, `members of list ${list}`);
    const calls = hopsIn().map((now, n) => now - (before[n] ?? 0));
    assert.ok(Math.max(...calls) <= 1, 'another shard gets no more than the message, for its members');
  }
});
