/** What a member makes of a message to its group, by what the switch tells it and what the payload says. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { GroupPlan, NO_GROUP } from '../../wire/group-plan.ts';
import { NO_ACCOUNT } from '../../wire/numbering-plan.ts';
import { BareLane } from '../bare-lane.test-suite.ts';
import { writePayload } from '../content/payload.test-suite.ts';
import { PAYLOAD_BYTES_MIN, PayloadReader } from '../content/payload.ts';
import { Arrivals } from '../terms/arrivals.ts';
import { GroupDeliveries } from './group-deliveries.ts';
import { MessageOrder } from './message-order.ts';

const PHONES = 60;
const RUN = 3;
const BYTES = PAYLOAD_BYTES_MIN + 9;
/** Where payloads begin in what was received. */
const AT = 6;
const GROUPS = 8;
const plan = new GroupPlan({
  seed: 3,
  firstAccount: PHONES,
  groups: GROUPS,
  lists: 3,
  phones: PHONES,
  sizes: { median: 9, sigma: 0.3, max: 30 },
});

class Member {
  readonly lane: BareLane;
  readonly deliveries: GroupDeliveries;
  readonly latencies: number[] = [];
  readonly view = new DataView(new ArrayBuffer(AT + BYTES));
  readonly #order: MessageOrder;
  #sequence = 0;

  constructor() {
    const shares = { groups: 0.8, lists: 0.8 };
    const none = Arrivals.constant(0);
    this.lane = new BareLane(PHONES, { runTag: RUN, groups: { plan, shares, joins: none, leaves: none } });
    const { groupDelivery } = this.lane.state.parts.latencies;
    groupDelivery.record = (micros: number) => void this.latencies.push(micros);
    this.#order = new MessageOrder(this.lane.state);
    this.deliveries = new GroupDeliveries(this.lane.state, this.#order, new PayloadReader(RUN));
  }

  groupOf(author: number, number: number): number {
    return this.lane.state.groups?.choice.groupOf(author, number) ?? NO_GROUP;
  }

  write(author: number, number: number, isDamaged = false, runTag = RUN, isSentAgain = false): void {
    writePayload(this.view, AT, BYTES, { sender: author, number, runTag, dueWord: 1000, isSentAgain });
    if (isDamaged) this.view.setUint8(AT + BYTES - 1, 1);
  }

  arrive(phone: number, account: number, author: number, version = 0): void {
    const row = this.lane.state.settings.population.rowOf(phone);
    const delivery = { group: account, author, version, sequence: ++this.#sequence };
    this.deliveries.check(row, delivery, this.view, AT, AT + BYTES);
    this.#order.checkWaiting();
  }

  /** The same for a phone that is told the group in place of the author. */
  arriveFromGroup(phone: number, account: number): boolean {
    const row = this.lane.state.settings.population.rowOf(phone);
    return this.deliveries.checkFromGroup(row, account, ++this.#sequence, this.view, AT, AT + BYTES);
  }

  get finding(): string | undefined {
    return this.lane.state.findings.list.at(-1)?.kind;
  }
}

/** A message to a group or list that an author has sent, and its number. */
function sentTo(
  member: Member,
  isWanted: (group: number, author: number) => boolean,
): [author: number, number: number] {
  for (let author = 0; author < PHONES; author++)
    for (let number = 1; number < 60; number++) {
      const group = member.groupOf(author, number);
      if (group !== NO_GROUP && isWanted(group, author)) return [author, number];
    }
  return assert.fail('there is such a message');
}

const arrival = fc.record({
  phone: fc.nat(PHONES - 1),
  author: fc.nat(PHONES - 1),
  number: fc.integer({ min: 1, max: 30 }),
  named: fc.constantFrom('right', 'right', 'right', 'other', 'none'),
  isDamaged: fc.oneof({ weight: 6, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  isEarlier: fc.oneof({ weight: 6, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
});

describe('a message to a group', () => {
  it('is a fault if it is changed, at a phone that is no member, its author, or under another name', () => {
    const seen = { right: 0, strangers: 0 };
    fc.assert(
      fc.property(
        fc.uniqueArray(arrival, {
          selector: ({ author, number, phone }) => `${author} ${number} ${phone}`,
          maxLength: 40,
        }),
        (arrivals) => {
          const member = new Member();
          const { lane } = member;
          lane.at(5000);
          const expected = { corrupted: 0, messagesEarlier: 0, groupDeliveries: 0, groupStrangers: 0 };
          for (const { phone, author, number, named, isDamaged, isEarlier } of arrivals) {
            const group = member.groupOf(author, number);
            const told = named === 'right' ? group : named === 'other' ? (group + 1) % plan.count : NO_GROUP;
            member.write(author, number, isDamaged, isEarlier ? RUN + 1 : RUN);
            member.arrive(phone, told === NO_GROUP ? NO_ACCOUNT : plan.accountOf(told), author);
            if (isDamaged) expected.corrupted++;
            else if (isEarlier) expected.messagesEarlier++;
            else {
              expected.groupDeliveries++;
              // Members of a list are told nothing but the owner.
              const isNamed = group !== NO_GROUP && told === (plan.isList(group) ? NO_GROUP : group);
              const isRight = isNamed && phone !== author && plan.isMember(group, phone);
              if (!isRight) expected.groupStrangers++;
              seen[isRight ? 'right' : 'strangers']++;
            }
          }
          for (const [name, count] of Object.entries(expected))
            assert.equal(lane.count(name as keyof typeof expected), count, name); // its own keys
          assert.deepEqual(member.latencies, new Array(expected.groupDeliveries).fill(4000));
        },
      ),
      { numRuns: 150 },
    );
    assert.ok(seen.right > 20 && seen.strangers > 100, JSON.stringify(seen));
  });

  it('from an author that is no phone is changed, and so is one that is too short for a payload', () => {
    const member = new Member();
    const [author, number] = sentTo(member, (group) => !plan.isList(group));
    const account = plan.accountOf(member.groupOf(author, number));
    member.write(author, number);
    for (const wrong of [NO_ACCOUNT, PHONES, PHONES + 2]) {
      member.write(wrong, number); // as one of its own would be
      member.arrive(0, account, wrong);
    }
    assert.equal(member.lane.count('corrupted'), 3);
    const delivery = { group: account, author, version: 0, sequence: 100 };
    member.deliveries.check(0, delivery, member.view, AT, AT + PAYLOAD_BYTES_MIN - 1);
    assert.equal(member.lane.count('corrupted'), 4);
    assert.equal(member.lane.state.findings.list.at(-1)?.number, 0, 'it has no number');
    member.write(author, number, true);
    member.deliveries.check(0, delivery, member.view, AT, AT + PAYLOAD_BYTES_MIN);
    assert.equal(member.lane.state.findings.list.at(-1)?.number, number, 'one of the shortest has');
  });

  it('is judged by the members of its version', () => {
    const member = new Member();
    const { state } = member.lane;
    const [author, number] = sentTo(member, (group) => !plan.isList(group) && plan.sizeOf(group) > 3);
    const group = member.groupOf(author, number);
    const phone =
      Array.from({ length: PHONES }, (_, p) => p).find((p) => p !== author && plan.isMember(group, p)) ?? -1;
    const row = state.settings.population.rowOf(phone);
    const { groups } = state;
    assert.ok(groups !== undefined);
    let change = groups.changes.begin(row, phone, 1, false);
    for (let n = 2; groups.changes.groupAt(change) !== group && n < 30; n++) {
      groups.changes.cancel(change);
      change = groups.changes.begin(row, phone, n, false);
    }
    if (groups.changes.groupAt(change) !== group) return; // it is not one of the two that it may leave
    groups.changed(change, 5);
    member.write(author, number);
    member.arrive(phone, plan.accountOf(group), author, 4);
    assert.equal(member.finding, undefined, 'it was a member at version 4');
    member.write(author, number);
    member.arrive(phone, plan.accountOf(group), author, 5);
    assert.equal(member.finding, 'stranger');
  });
});

describe('messages to a group', () => {
  /** A message to a group, and one of its recipients. */
  function made(member: Member): { author: number; number: number; account: number; phone: number } {
    const [author, number] = sentTo(member, (group) => !plan.isList(group) && plan.sizeOf(group) > 3);
    const group = member.groupOf(author, number);
    const phone =
      Array.from({ length: PHONES }, (_, p) => p).find((p) => p !== author && plan.isMember(group, p)) ?? -1;
    return { author, number, account: plan.accountOf(group), phone };
  }

  /** At 5 ms, one message waits for the phone that has logged in, due before its login at 3 ms. */
  function withStored() {
    const member = new Member();
    const one = made(member);
    const { state } = member.lane;
    const stored: number[] = [];
    state.parts.latencies.storedDelivery.record = (micros) => void stored.push(micros);
    member.lane.at(5000);
    state.storedMail.loggedIn(state.settings.population.rowOf(one.phone), 1, 0, 3000, 0);
    return { member, ...one, stored };
  }

  it('that come twice are found, where their recipient is a member', () => {
    const member = new Member();
    const { author, number, account, phone } = made(member);
    const outsider =
      Array.from({ length: PHONES }, (_, p) => p).find((p) => !plan.isMember(plan.groupAt(account), p)) ?? -1;
    member.write(author, number);
    for (let n = 0; n < 2; n++) member.arrive(outsider, account, author);
    assert.deepEqual([member.lane.count('pairDuplicated'), member.lane.count('groupStrangers')], [0, 2]);
    for (let n = 0; n < 2; n++) member.arrive(phone, account, author);
    assert.deepEqual([member.lane.count('pairDuplicated'), member.finding], [1, 'duplicated']);
  });

  it('that waited for their recipient have latencies of their own', () => {
    const { member, author, number, account, phone, stored } = withStored();
    member.write(author, number);
    member.arrive(phone, account, author);
    assert.deepEqual([stored, member.latencies], [[4000], []]);
    member.arrive(phone, account, author);
    assert.deepEqual([stored, member.latencies], [[4000], [4000]], 'no other waited');
  });

  it('of an earlier run that waited are taken off what waits', () => {
    const { member, author, number, account, phone, stored } = withStored();
    member.write(author, number, false, RUN + 1);
    member.arrive(phone, account, author);
    member.write(author, number);
    member.arrive(phone, account, author);
    assert.deepEqual([stored, member.latencies], [[], [4000]], 'nothing waited any more');
  });
});

describe('a message to a group that arrives after a later one', () => {
  it('is a fault, but for a copy that was sent again', () => {
    const member = new Member();
    const isGroup = (group: number): boolean => !plan.isList(group);
    const [author, number] = sentTo(member, isGroup);
    const group = member.groupOf(author, number);
    const later = Array.from({ length: 200 }, (_, n) => number + n + 1).filter(
      (n) => member.groupOf(author, n) === group,
    );
    const [middle, last] = [later[0] ?? 0, later[1] ?? 0];
    const phone =
      Array.from({ length: PHONES }, (_, p) => p).find((p) => p !== author && plan.isMember(group, p)) ?? -1;
    member.write(author, last);
    member.arrive(phone, plan.accountOf(group), author);
    member.write(author, middle, false, RUN, true);
    member.arrive(phone, plan.accountOf(group), author);
    assert.deepEqual([member.lane.count('pairOvertaken'), member.lane.count('pairReordered')], [1, 0]);
    member.write(author, number);
    member.arrive(phone, plan.accountOf(group), author);
    assert.deepEqual([member.lane.count('pairOvertaken'), member.lane.count('pairReordered')], [1, 1]);
  });
});

describe('a message that names no group', () => {
  it('is one from a list, if its author has written to one, or one from phone to phone', () => {
    const member = new Member();
    const [owner, number] = sentTo(member, (group) => plan.isList(group));
    const list = member.groupOf(owner, number);
    const phones = Array.from({ length: PHONES }, (_, phone) => phone);
    const recipient = phones.find((phone) => phone !== owner && plan.isMember(list, phone)) ?? -1;
    assert.equal(member.deliveries.checkUnnamed(recipient, owner, number, 1, 0, 0, false), true);
    assert.deepEqual([member.lane.count('groupDeliveries'), member.finding], [1, undefined]);
    const outsider = phones.find((phone) => phone !== owner && !plan.isMember(list, phone)) ?? -1;
    assert.equal(member.deliveries.checkUnnamed(outsider, owner, number, 2, 0, 0, false), true);
    assert.deepEqual([member.lane.count('groupStrangers'), member.finding], [1, 'stranger']);
    const other = Array.from({ length: 60 }, (_, n) => n + 1).find((n) => member.groupOf(1, n) === NO_GROUP) ?? 0;
    assert.equal(member.deliveries.checkUnnamed(0, 1, other, 3, 0, 0, false), false);
    assert.equal(member.lane.count('groupDeliveries'), 2);
  });

  it('of an author to a group is one without the name that it should have', () => {
    const member = new Member();
    const [author, number] = sentTo(member, (group) => !plan.isList(group));
    const group = member.groupOf(author, number);
    const phone =
      Array.from({ length: PHONES }, (_, p) => p).find((p) => p !== author && plan.isMember(group, p)) ?? -1;
    assert.equal(member.deliveries.checkUnnamed(phone, author, number, 1, 0, 0, false), true);
    assert.equal(member.finding, 'stranger');
  });
});

describe('a message from a group, to a phone that is told no author', () => {
  it('is that of the member whose payload it is', () => {
    const member = new Member();
    const [author, number] = sentTo(member, (group) => !plan.isList(group) && plan.sizeOf(group) > 3);
    const group = member.groupOf(author, number);
    const phones = Array.from({ length: PHONES }, (_, phone) => phone);
    const recipient = phones.find((phone) => phone !== author && plan.isMember(group, phone)) ?? -1;
    member.write(author, number);
    assert.equal(member.arriveFromGroup(recipient, plan.accountOf(group)), true);
    assert.deepEqual([member.lane.count('groupDeliveries'), member.finding], [1, undefined]);
    member.write(author, number, true);
    assert.equal(member.arriveFromGroup(recipient, plan.accountOf(group)), true);
    assert.deepEqual([member.lane.count('corrupted'), member.finding], [1, 'corrupted']);
    const outsider = phones.find((phone) => !plan.isMember(group, phone)) ?? -1;
    member.write(outsider, 1);
    assert.equal(member.arriveFromGroup(recipient, plan.accountOf(group)), true);
    assert.deepEqual(
      [member.lane.count('corrupted'), member.lane.state.findings.list.at(-1)?.sender],
      [2, NO_ACCOUNT],
      'nobody in the group wrote it',
    );
  });

  it('is none if its sender is a phone', () => {
    const member = new Member();
    member.write(1, 1);
    assert.equal(member.arriveFromGroup(0, 1), false);
    assert.equal(member.arriveFromGroup(0, NO_ACCOUNT), false);
    assert.equal(member.lane.count('groupDeliveries') + member.lane.count('corrupted'), 0);
  });
});
