/** Phones that do not behave, in a whole switch and driver: nothing is lost, and the others are served as before. */
import assert from 'node:assert/strict';
import { describe, it, type MockTracker } from 'node:test';
import { GroupMessages } from '../driver/groups/group-messages.ts';
import { type MisfitSettings, Misfits } from '../driver/misfits/misfits.ts';
import { Arrivals } from '../driver/terms/arrivals.ts';
import { GroupPlan, NO_GROUP } from '../wire/group-plan.ts';
import { worldIntegrity } from './checks/world-integrity.ts';
import { type Changes, smallWorld } from './small-world.test-suite.ts';
import { World } from './world/world.ts';

const PHONES = 300;
const STALLED = 30;
/** Messages that the home of groups on a shard remembers. */
const REMEMBERED = 128;
const NONE: MisfitSettings = {
  stalledReaders: 0,
  hotAccountShare: 0,
  hotGroupShare: 0,
  duplicateConnectsPerSecond: 0,
  sentAgainShare: 0,
};

interface Outcome {
  readonly world: World;
  /** Latency of deliveries that 99 % do not exceed, in microseconds. */
  readonly p99Micros: number;
}

function runMisfits(misfits: Partial<MisfitSettings>, { lane, shard, ...rest }: Changes = {}): Outcome {
  const latencies: number[] = [];
  const nothing = { record: () => {} };
  const world = new World(
    smallWorld({
      phones: PHONES,
      online: PHONES,
      latencies: {
        login: nothing,
        acknowledgement: nothing,
        delivery: { record: (micros) => latencies.push(micros) },
        storedDelivery: nothing,
        groupDelivery: nothing,
        presence: nothing,
        receipt: nothing,
        sendDelay: nothing,
      },
      ...rest,
      lane: { activePhones: PHONES, messages: Arrivals.constant(10_000), misfits: { ...NONE, ...misfits }, ...lane },
      shard: { sessions: 2 * PHONES, messagesPerAccount: 20, ...shard },
    }),
  );
  world.openLogins();
  assert.ok(world.runUntil(() => world.driver('held') === PHONES, 5e6));
  world.startTraffic();
  world.runFor(1e6);
  world.stopTraffic();
  assert.ok(
    world.runUntil(() => worldIntegrity(world).isSound === true, 60e6),
    JSON.stringify(worldIntegrity(world)),
  );
  world.runFor(100_000); // what waits for a phone that reads arrives
  latencies.sort((a, b) => a - b);
  return { world, p99Micros: latencies[Math.floor(latencies.length * 0.99)] ?? 0 };
}

/** Forty groups of ten, whose homes remember few messages. */
function tenInEachGroup(seed = 5, shares = { groups: 1, lists: 0 }) {
  const sizes = { median: 10, sigma: 0, max: 20 };
  const plan = new GroupPlan({ seed, firstAccount: PHONES, groups: 40, lists: 0, phones: PHONES, sizes });
  const none = Arrivals.constant(0);
  const groups = { plan, shares, joins: none, leaves: none };
  const lane = { groups, messages: Arrivals.constant(2000) };
  const shard = { groups: { plan, queueMax: 4096, recentMax: REMEMBERED, changesMax: 64 } };
  return { plan, changes: { seed, lane, shard } };
}

interface Accepted {
  readonly author: number;
  readonly number: number;
  readonly group: number;
}

const messageOf = ({ author, number }: Omit<Accepted, 'group'>): string => `${author} ${number}`;
const deliveryOf = (message: Omit<Accepted, 'group'>, member: number): string => `${messageOf(message)} to ${member}`;

interface Heard {
  readonly accepted: readonly Accepted[];
  /** At each member for the first time. */
  readonly delivered: readonly string[];
  /** Those of which the author was told that all members have them. */
  readonly received: readonly string[];
}

/** Notes from now on what phones hear of messages to groups. */
function hearGroups(mock: MockTracker): Heard {
  const seen = { accepted: [] as Accepted[], delivered: [] as string[], received: [] as string[] };
  const { acknowledged, delivered, received } = GroupMessages.prototype;
  mock.method(
    GroupMessages.prototype,
    'acknowledged',
    function (this: GroupMessages, ...all: Parameters<typeof acknowledged>) {
      const [author, number] = all;
      const group = this.choice.groupOf(author, number);
      if (group !== NO_GROUP) seen.accepted.push({ author, number, group });
      acknowledged.apply(this, all);
    },
  );
  mock.method(
    GroupMessages.prototype,
    'delivered',
    function (this: GroupMessages, ...all: Parameters<typeof delivered>) {
      const [, member, , author, , number] = all;
      seen.delivered.push(deliveryOf({ author, number }, member));
      return delivered.apply(this, all);
    },
  );
  mock.method(GroupMessages.prototype, 'received', function (this: GroupMessages, ...all: Parameters<typeof received>) {
    const [author, number] = all;
    if (this.choice.groupOf(author, number) !== NO_GROUP) seen.received.push(messageOf({ author, number }));
    received.apply(this, all);
  });
  return seen;
}

/** Messages from groups that wait: which, and how many for each account that has any. */
function queuedInGroups({ stores, homes }: World): { messages: Set<string>; ofAccounts: Map<number, number> } {
  const queued = { messages: new Set<string>(), ofAccounts: new Map<number, number>() };
  for (const [shard, store] of stores.entries()) {
    store.forEachGroupMessage((author, number, row) => {
      const account = homes.accountAt(shard, row);
      queued.messages.add(messageOf({ author, number }));
      queued.ofAccounts.set(account, (queued.ofAccounts.get(account) ?? 0) + 1);
    });
  }
  return queued;
}

describe('phones that do not behave', () => {
  const quiet = runMisfits({});

  it('stalled readers: their mailboxes fill up and refuse, and the others notice nothing', () => {
    const { world, p99Micros } = runMisfits({ stalledReaders: 30 });
    const { queued, rejected } = worldIntegrity(world);
    assert.equal(queued, 30 * 20, 'each of their mailboxes is full');
    assert.ok(rejected > 100 && world.driver('rejectedMailboxFull') === rejected, `${rejected} senders were told`);
    assert.ok(world.driver('deliveriesIgnored') >= 30);
    assert.equal(world.driver('held'), PHONES);
    assert.ok(p99Micros <= 2 * quiet.p99Micros, `${p99Micros} µs, without them ${quiet.p99Micros}`);
  });

  it('a hot account: it takes what it can, more is refused, and the others notice nothing', () => {
    const { world, p99Micros } = runMisfits(
      { hotAccountShare: 0.3 },
      { shard: { deliveryWindow: 1, messagesPerAccount: 3 } },
    );
    const sent = world.driver('hotMessagesSent');
    assert.ok(Math.abs(sent - 0.3 * world.driver('messagesSent')) < 300, `${sent} messages went to it`);
    assert.ok(world.driver('hotMessagesDelivered') > 500);
    const answered = world.driver('hotMessagesDelivered') + world.driver('rejectedMailboxFull');
    // Its contacts write to it as well, and other mailboxes are as small.
    assert.ok(answered >= sent && answered < sent + 50, `${answered} of ${sent}: delivered, or the sender was told`);
    assert.ok(world.driver('rejectedMailboxFull') > 0);
    assert.ok(p99Micros <= 2 * quiet.p99Micros, `${p99Micros} µs, without it ${quiet.p99Micros}`);
  });

  it('a hot group: its share of all messages comes from its members, everyone has them, and others notice nothing', () => {
    const seed = 4;
    const sizes = { median: 12, sigma: 0, max: 20 };
    const plan = new GroupPlan({ seed, firstAccount: PHONES, groups: 30, lists: 0, phones: PHONES, sizes });
    const groups = {
      plan,
      shares: { groups: 0.1, lists: 0 },
      joins: Arrivals.constant(0),
      leaves: Arrivals.constant(0),
    };
    const ofShard = { groups: { plan, queueMax: 4096, recentMax: 4096, changesMax: 64 }, messagesPerAccount: 1000 };
    const changes = { seed, lanes: 3, lane: { groups, messages: Arrivals.constant(2000) }, shard: ofShard };
    const calm = runMisfits({}, changes);
    const { world, p99Micros } = runMisfits({ hotGroupShare: 0.2 }, changes);
    const [sent, all] = [world.driver('hotGroupMessagesSent'), world.driver('messagesSent')];
    assert.ok(Math.abs(sent - 0.2 * all) < 90, `${sent} of ${all} messages went to it`);
    assert.equal(world.driver('hotGroupDeliveries'), 11 * sent, 'each reached the eleven other members');
    assert.ok(world.driver('hotGroupDeliveryMicros') > 0);
    assert.ok(world.driver('groupMessagesSent') > sent + 100, 'other groups go on');
    assert.equal(world.driver('rejectedNotAMember'), 0, 'only members send there');
    assert.equal(calm.world.driver('hotGroupMessagesSent'), 0);
    assert.ok(p99Micros <= 2 * calm.p99Micros, `${p99Micros} µs, without it ${calm.p99Micros}`);
  });

  it('stalled readers in groups: only their mailboxes fill up, the rest has every message, and authors hear of all that all have', (t) => {
    const { plan, changes } = tenInEachGroup();
    const misfits = new Misfits({ ...NONE, stalledReaders: STALLED }, changes.seed, PHONES);
    const heard = hearGroups(t.mock);
    const { world } = runMisfits({ stalledReaders: STALLED }, changes);
    const { accepted, delivered, received } = heard;
    assert.ok(accepted.length > 1000);
    assert.equal(world.driver('messagesRejected'), 0, 'groups take messages as before');

    const recipients = ({ author, group }: Accepted): number[] =>
      Array.from({ length: plan.sizeOf(group) }, (_, place) => plan.memberAt(group, place)).filter(
        (member) => member !== author,
      );
    const reads = (phone: number): boolean => !misfits.isStalled(phone);
    const expected = accepted.flatMap((one) =>
      recipients(one)
        .filter(reads)
        .map((member) => deliveryOf(one, member)),
    );
    assert.deepEqual(delivered.toSorted(), expected.toSorted(), 'each message at each member who reads, once');

    const phones = Array.from({ length: PHONES }, (_, phone) => phone);
    const full = phones.filter((phone) => misfits.isStalled(phone)).map((phone) => [phone, 20] as const);
    const { ofAccounts, messages } = queuedInGroups(world);
    assert.deepEqual(new Map([...ofAccounts].sort(([a], [b]) => a - b)), new Map(full), 'theirs are full, no others');
    assert.ok(world.switch('groupRejected') > 500, 'more found no room there');

    assert.ok(messages.size > 2 * REMEMBERED, `${messages.size} messages wait, more than the two homes remember`);
    const done = accepted.filter((one) => recipients(one).every(reads)).map(messageOf);
    assert.ok(done.length > 100);
    assert.deepEqual(received.toSorted(), done.toSorted(), 'one ✓✓ for each message that all have, and for no other');
  });

  it('duplicate connects: the earlier session is replaced, and nothing is lost or delivered twice', () => {
    const { world } = runMisfits({ duplicateConnectsPerSecond: 500 });
    assert.ok(world.driver('duplicateConnects') > 300);
    assert.ok(world.switch('sessionsReplaced') > 0.9 * world.driver('duplicateConnects'));
    assert.ok(
      world.runUntil(() => world.driver('held') === PHONES, 5e6),
      'all are back',
    );
  });

  it('messages that are sent again after their ✓: the switch recognizes each, and delivers it once', () => {
    const { world } = runMisfits({ sentAgainShare: 0.25 });
    const again = world.driver('messagesSentAgain');
    assert.ok(again > 2000, `${again}`);
    assert.equal(world.switch('messagesDuplicate'), again);
    assert.equal(world.driver('messagesDelivered'), world.driver('messagesSent'));
  });

  it('messages to groups that are sent again after their ✓: the group recognizes each, and no member has it twice', () => {
    const { world } = runMisfits({ sentAgainShare: 0.25 }, tenInEachGroup().changes);
    const { groups } = worldIntegrity(world);
    const again = world.driver('messagesSentAgain');
    assert.ok(again > 400, `${again}`);
    assert.equal(world.switch('groupDuplicates'), again);
    assert.ok(groups !== null && groups.recipients > 10_000);
    assert.equal(groups.delivered, groups.recipients);
  });

  it('all of them at once, with groups and input that is shed, from any seed', () => {
    for (const seed of [1, 2, 3]) {
      const all = { stalledReaders: 20, hotAccountShare: 0.1, duplicateConnectsPerSecond: 200, sentAgainShare: 0.1 };
      const { lane, shard } = tenInEachGroup(seed, { groups: 0.3, lists: 0 }).changes;
      const { world } = runMisfits(all, {
        seed,
        workMicrosPerMessage: 400,
        lane: { groups: lane.groups },
        shard: { groups: { ...shard.groups, recentMax: 4096 }, admissionDelayMicros: 20_000, messagesPerAccount: 5 },
      });
      assert.ok(world.driver('rejectedOverloaded') > 1000, `seed ${seed}: messages were refused for their wait`);
      assert.ok(world.driver('rejectedMailboxFull') > 0, `seed ${seed}: mailboxes were full`);
      const { isSound, groups } = worldIntegrity(world);
      assert.equal(isSound, true, `seed ${seed}`);
      assert.ok(groups !== null && groups.recipients > 10_000, `seed ${seed}: groups take part`);
      assert.deepEqual(
        [groups.untold, groups.lost],
        [0, 0],
        `seed ${seed}: resends are answered with their recipients`,
      );
    }
  });
});
