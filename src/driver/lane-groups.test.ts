/**
 * A lane whose phones write to groups, join and leave them, under a switch that keeps to the protocol or breaks it in
 * one way: what the lane counts, and which faults it finds.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  accountHigh,
  accountLow,
  accountNumber,
  ErrorFrameCode,
  FrameType,
  headerType,
  messageFrameBytes,
  payloadStart,
  readAccountHigh,
  readAccountLow,
  readSerial,
  writeErrorFrame,
  writeMessage,
} from '../wire/frames.ts';
import {
  GROUP_ACKNOWLEDGED_FRAME_BYTES,
  groupMessageFrameBytes,
  writeGroupAcknowledged,
  writeGroupAuthor,
  writeGroupMessage,
} from '../wire/group-frames.ts';
import { GroupPlan } from '../wire/group-plan.ts';
import { CloseReason } from '../wire/transport.ts';
import { FIRST_NUMBER, LaneUnderTest, type SentFrame } from './made-switch.test-suite.ts';
import type { LaneSettings } from './state/lane-settings.ts';
import { Arrivals } from './terms/arrivals.ts';

const PHONES = 60;
const SECOND = 1e6;
const plan = new GroupPlan({
  seed: 3,
  firstAccount: PHONES,
  groups: 6,
  lists: 4,
  phones: PHONES,
  sizes: { median: 9, sigma: 0.3, max: 30 },
});
const outsider = (group: number): number => everyone.find((phone) => !plan.isMember(group, phone)) ?? -1;
const everyone = Array.from({ length: PHONES }, (_, phone) => phone);

/** How the switch treats a message to a group. The default is right. */
interface Treatment {
  /** What is added to the number of recipients in ✓; undefined: ✓ does not say how many there are. */
  readonly members?: number | undefined;
  /** Recipients beside the right ones. */
  readonly more?: (group: number, author: number) => readonly number[];
  /** Recipients that are left out. */
  readonly without?: number;
  /** The group, the author and the payload that a delivery has. */
  readonly named?: (group: number) => number;
  readonly author?: (author: number) => number;
  readonly damages?: boolean;
  /** Delivers each message so often, under new sequence numbers or the same. */
  readonly times?: number;
  readonly isSameSequence?: boolean;
  readonly refuses?: number;
}

/** A lane with groups, and the switch behind it. */
class GroupSwitch {
  readonly under: LaneUnderTest;
  treatment: Treatment = {};
  /** What becomes of a JOIN or LEAVE: ✓, an error code, or nothing. */
  onChange: 'accept' | 'ignore' | number = 'accept';
  readonly changes: { row: number; type: number; id: number; group: number }[] = [];
  deliveries = 0;
  /** Members of each group now, and how often they have changed. */
  readonly members = Array.from({ length: plan.count }, (_, g) => new Set(everyone.filter((p) => plan.isMember(g, p))));
  readonly versions = new Array<number>(plan.count).fill(0);
  readonly #sequences = new Array<number>(PHONES).fill(0);

  /** @param rates changes of members per second. */
  constructor(changes: Partial<LaneSettings> = {}, rates: { readonly joins?: number; readonly leaves?: number } = {}) {
    const { joins = 0, leaves = 0 } = rates;
    const groups = {
      plan,
      shares: { groups: 0.7, lists: 0.6 },
      joins: Arrivals.constant(joins),
      leaves: Arrivals.constant(leaves),
    };
    this.under = new LaneUnderTest(PHONES, { messages: Arrivals.constant(1000), groups, ...changes });
    this.under.logAllIn(PHONES);
    this.under.switch.onFrame = (frame) => this.#take(frame);
  }

  run(micros = 250_000): this {
    this.under.lane.startTraffic(this.under.nowMicros);
    this.under.runFor(micros);
    this.under.lane.stopTraffic();
    this.under.runFor(10_000);
    return this;
  }

  get findings(): string[] {
    return [...new Set(this.under.lane.findings.map(({ kind }) => kind))];
  }

  /** Whether what arrived is what was promised, message by message. */
  get isBalanced(): boolean {
    const { under } = this;
    return (
      under.count('groupRecipients') === under.count('groupDeliveries') &&
      under.count('digestGroupRecipientsLow') === under.count('digestGroupDeliveredLow') &&
      under.count('digestGroupRecipientsHigh') === under.count('digestGroupDeliveredHigh')
    );
  }

  #take({ row, type, body }: SentFrame): void {
    const { SEND, JOIN, LEAVE, LOGIN } = FrameType;
    if (type === LOGIN) this.under.switch.accept(row);
    if (type === SEND) this.#message(row, body);
    if (type === JOIN || type === LEAVE) this.#change(row, type, body);
  }

  #message(row: number, body: DataView): void {
    const id = readSerial(body, 0);
    const to = accountNumber(readAccountHigh(body, 0), readAccountLow(body, 0)) - FIRST_NUMBER;
    const group = plan.groupAt(to);
    const payload = new Uint8Array(body.buffer, payloadStart(0));
    if (group < 0) {
      this.under.switch.saySerial(row, FrameType.ACKNOWLEDGED, id);
      this.#deliver(to, row, payload);
      return;
    }
    const { refuses, members = 0, more = () => [], without = 0, times = 1 } = this.treatment;
    const isMember = (this.members[group]?.has(row) ?? false) || plan.ownerOf(group) === row;
    const refusal = refuses ?? (isMember ? undefined : ErrorFrameCode.NOT_A_MEMBER);
    if (refusal !== undefined) {
      this.under.switch.say(row, 8, (view) => writeErrorFrame(view, 0, refusal, id));
      return;
    }
    const right = [...(this.members[group] ?? [])].filter((member) => member !== row);
    const told = 'members' in this.treatment && this.treatment.members === undefined ? -1 : right.length + members;
    this.#acknowledge(row, id, group, told);
    const recipients = [...right.slice(without), ...more(group, row)];
    for (const member of recipients) {
      const sequence = (this.#sequences[member] ?? 0) + 1;
      for (let n = 0; n < times; n++) {
        const isRepeated = this.treatment.isSameSequence === true && n > 0;
        this.#deliverToGroup(member, group, row, id, isRepeated ? sequence : undefined, payload);
      }
    }
    this.under.switch.saySerial(row, FrameType.RECEIPT, id);
  }

  #acknowledge(row: number, id: number, group: number, members: number): void {
    const version = this.versions[group] ?? 0;
    this.under.switch.say(row, GROUP_ACKNOWLEDGED_FRAME_BYTES, (view) =>
      writeGroupAcknowledged(view, 0, id, version, members),
    );
  }

  #change(row: number, type: number, body: DataView): void {
    const id = readSerial(body, 0);
    const account = accountNumber(readAccountHigh(body, 0), readAccountLow(body, 0)) - FIRST_NUMBER;
    const group = plan.groupAt(account);
    this.changes.push({ row, type, id, group });
    const outcome = this.onChange;
    if (outcome === 'ignore') return;
    if (typeof outcome === 'number') {
      this.under.switch.say(row, 8, (view) => writeErrorFrame(view, 0, outcome, id));
      return;
    }
    const members = this.members[group] ?? new Set();
    if (type === FrameType.JOIN) members.add(row);
    else members.delete(row);
    this.versions[group] = (this.versions[group] ?? 0) + 1;
    this.#acknowledge(row, id, group, members.size);
  }

  #deliver(row: number, sender: number, payload: Uint8Array): void {
    const sequence = this.#next(row);
    this.under.switch.say(row, messageFrameBytes(payload.length), (view) => {
      const number = FIRST_NUMBER + sender;
      const [high, low] = [accountHigh(number), accountLow(number)];
      const at = writeMessage(view, 0, FrameType.DELIVER, sequence, high, low, payload.length);
      new Uint8Array(view.buffer).set(payload, at);
    });
  }

  /** Members of a list see a message of its owner. */
  #deliverToGroup(
    row: number,
    group: number,
    sender: number,
    id: number,
    again: number | undefined,
    payload: Uint8Array,
  ): void {
    const { named = (g) => g, author = (a) => a, damages = false } = this.treatment;
    this.deliveries++;
    const bytes = Uint8Array.from(payload);
    if (damages) bytes[bytes.length - 1] = ~(bytes.at(-1) ?? 0);
    if (plan.isList(group)) {
      this.#deliver(row, author(sender), bytes);
      return;
    }
    const sequence = again ?? this.#next(row);
    this.under.switch.say(row, groupMessageFrameBytes(bytes.length), (view) => {
      const groupNumber = FIRST_NUMBER + plan.accountOf(named(group));
      const authorNumber = FIRST_NUMBER + author(sender);
      const halves = [groupNumber, authorNumber].flatMap((number) => [accountHigh(number), accountLow(number)]);
      const [groupHigh, groupLow, authorHigh, authorLow] = halves as [number, number, number, number];
      const version = this.versions[group] ?? 0;
      const rest = writeGroupMessage(view, 0, sequence, groupHigh, groupLow, bytes.length);
      const at = writeGroupAuthor(view, rest, authorHigh, authorLow, version, id);
      new Uint8Array(view.buffer).set(bytes, at);
      assert.equal(headerType(view.getUint16(0, true)), FrameType.DELIVER_GROUP);
    });
  }

  #next(row: number): number {
    const sequence = (this.#sequences[row] ?? 0) + 1;
    this.#sequences[row] = sequence;
    return sequence;
  }
}

/** A switch with one fault from the start. */
function treated(treatment: Treatment): GroupSwitch {
  const group = new GroupSwitch();
  group.treatment = treatment;
  return group.run();
}

describe('messages of phones to groups', () => {
  it('balance under a correct switch: each recipient that was promised has got the message', () => {
    const { under, deliveries, findings, isBalanced } = treated({});
    const sent = under.count('groupMessagesSent');
    assert.ok(sent > 100 && sent < under.count('messagesSent'), `${sent} to groups, others to phones`);
    assert.equal(under.count('groupMessagesAcknowledged'), sent);
    assert.equal(under.count('groupReceipts'), sent);
    assert.ok(deliveries > 1000);
    assert.equal(under.count('groupDeliveries'), deliveries);
    assert.deepEqual([isBalanced, findings], [true, []]);
    for (const name of ['groupRecipientsWrong', 'groupMessagesUntold', 'groupMembersUnknown'] as const)
      assert.equal(under.count(name), 0, name);
    assert.equal(under.stored.length, deliveries, 'with a latency each');
    assert.equal(under.count('messagesAcknowledged'), under.count('messagesSent'));
  });

  it('are promised to the number of recipients that the plan has', () => {
    const { under } = treated({ members: 1 });
    assert.equal(under.count('groupRecipientsWrong'), under.count('groupMessagesSent'));
  });

  it('are counted apart where ✓ does not say to how many they went', () => {
    const { under } = treated({ members: undefined });
    assert.equal(under.count('groupMessagesUntold'), under.count('groupMessagesSent'));
    assert.equal(under.count('groupMessagesAcknowledged'), under.count('groupMessagesSent'));
    assert.equal(under.count('groupRecipients'), 0);
  });

  it('that a member does not get are missed', () => {
    const { isBalanced, findings } = treated({ without: 1 });
    assert.deepEqual([isBalanced, findings], [false, []]);
  });

  it('that reach a phone that is no member are found, and so are those of another group or to their author', () => {
    const toOutsider = treated({ more: (group) => [outsider(group)] });
    const toAuthor = treated({ more: (_, author) => [author] });
    for (const { under, isBalanced, findings } of [toOutsider, toAuthor]) {
      assert.deepEqual([isBalanced, findings], [false, ['stranger']]);
      assert.equal(under.count('groupStrangers'), under.count('groupMessagesSent'), 'each is counted once');
    }
    const named = treated({ named: (group) => (group + 1) % 6 });
    assert.deepEqual([named.isBalanced, named.findings], [true, ['stranger']]);
  });

  it('that arrive twice are found, but not where the mailbox only sends one again', () => {
    const twice = treated({ times: 2 });
    assert.deepEqual([twice.isBalanced, twice.findings], [false, ['duplicated']]);
    assert.equal(twice.under.count('pairDuplicated'), twice.under.count('groupRecipients'));
  });

  it('are checked byte by byte, and so is their author', () => {
    const cases: Treatment[] = [
      { damages: true },
      { author: (author) => (author + 1) % PHONES },
      { author: () => PHONES }, // a group
      { author: () => PHONES + plan.count }, // no account
    ];
    for (const treatment of cases) {
      const { under, isBalanced, findings, deliveries } = treated(treatment);
      assert.deepEqual([isBalanced, findings], [false, ['corrupted']]);
      assert.equal(under.count('corrupted'), deliveries);
      assert.equal(under.count('groupDeliveries'), 0);
    }
  });

  it('that are refused are balanced without recipients', () => {
    const cases = [
      [ErrorFrameCode.NOT_A_MEMBER, 'rejectedNotAMember'],
      [ErrorFrameCode.STORE_FULL, 'rejectedStoreFull'],
      [ErrorFrameCode.OVERLOADED, 'rejectedOverloaded'],
      [ErrorFrameCode.RECIPIENT_UNKNOWN, 'rejectedRecipientUnknown'],
      [ErrorFrameCode.ID_TOO_OLD, 'rejectedIdTooOld'],
      [ErrorFrameCode.TOO_MANY_UNANSWERED, 'rejectedTooManyUnanswered'],
      [ErrorFrameCode.GROUP_FULL, 'rejectedGroupFull'],
      [ErrorFrameCode.PAYLOAD_TOO_LONG, 'rejectedPayloadTooLong'],
      [ErrorFrameCode.RECIPIENT_IS_SENDER, 'rejectedRecipientIsSender'],
      [ErrorFrameCode.MALFORMED_FRAME - 1, 'rejectedOther'],
    ] as const;
    for (const [code, counter] of cases) {
      const { under, isBalanced } = treated({ refuses: code });
      const sent = under.count('groupMessagesSent');
      assert.ok(sent > 100);
      assert.deepEqual([under.count('groupMessagesRejected'), under.count(counter)], [sent, sent]);
      assert.equal(under.count('groupMessagesAcknowledged'), 0);
      assert.ok(isBalanced);
    }
  });

  it('of an earlier run are known by their tag, and judged no further', () => {
    const other = new GroupSwitch({ runTag: 2 });
    const payloads: Uint8Array[] = [];
    const { onFrame } = other.under.switch;
    other.under.switch.onFrame = (frame) => {
      if (frame.type === FrameType.SEND) payloads.push(new Uint8Array(frame.body.buffer));
      onFrame(frame);
    };
    other.run();
    const group = new GroupSwitch({ runTag: 1 });
    group.under.switch.onFrame = () => {};
    const toGroups = payloads.flatMap((bytes) => {
      const body = new DataView(bytes.buffer);
      const g = plan.groupAt(accountNumber(readAccountHigh(body, 0), readAccountLow(body, 0)) - FIRST_NUMBER);
      return g >= 0 && !plan.isList(g) ? [{ g, payload: bytes.subarray(payloadStart(0)) }] : [];
    });
    const [one] = toGroups;
    assert.ok(one !== undefined);
    const author = everyone.find((phone) => {
      const before = group.under.count('messagesEarlier');
      const [groupNumber, authorNumber] = [FIRST_NUMBER + plan.accountOf(one.g), FIRST_NUMBER + phone];
      group.under.switch.say(0, groupMessageFrameBytes(one.payload.length), (view) => {
        const halves = [groupNumber, authorNumber].map((number) => [accountHigh(number), accountLow(number)] as const);
        const [[gh, gl], [ah, al]] = halves as [readonly [number, number], readonly [number, number]];
        const rest = writeGroupMessage(view, 0, phone + 1, gh, gl, one.payload.length);
        const at = writeGroupAuthor(view, rest, ah, al, 0, 1);
        new Uint8Array(view.buffer).set(one.payload, at);
      });
      group.under.runFor(1000);
      return group.under.count('messagesEarlier') > before;
    });
    assert.ok(author !== undefined, 'its author wrote it');
    assert.equal(group.under.count('groupDeliveries'), 0);
    assert.equal(group.under.count('corrupted'), author, 'under the names of those before it was corrupted');
  });
});

describe('phones that join and leave groups', () => {
  const rates = { joins: 400, leaves: 400 };

  it('are strangers to no message that a correct switch gives to the members of its version', () => {
    const group = new GroupSwitch({}, rates).run(SECOND);
    const { under } = group;
    const [joins, leaves] = [FrameType.JOIN, FrameType.LEAVE].map(
      (t) => group.changes.filter((c) => c.type === t).length,
    );
    assert.ok((joins ?? 0) > 30 && (leaves ?? 0) > 30, `${joins} joins, ${leaves} leaves`);
    assert.deepEqual([under.count('groupJoins'), under.count('groupLeaves')], [joins, leaves]);
    assert.ok(under.count('groupChangesSkipped') > 0, 'a phone that is in all its groups can join none');
    assert.ok(group.changes.length + under.count('groupChangesSkipped') > 500);
    assert.deepEqual([group.isBalanced, group.findings], [true, []]);
    assert.equal(under.count('groupStrangers'), 0);
    const refused = under.count('rejectedNotAMember');
    assert.ok(refused > 0, 'some write to a group that they have left');
    assert.equal(under.count('rejectedAfterLeaving'), refused, 'and each knows that it has');
  });

  it('do not take a refusal for right that has another reason, or comes to a member', () => {
    const full = new GroupSwitch({}, rates);
    full.treatment = { refuses: ErrorFrameCode.STORE_FULL };
    full.run(SECOND);
    assert.ok(full.under.count('groupLeaves') > 0 && full.under.count('rejectedStoreFull') > 0);
    assert.equal(full.under.count('rejectedAfterLeaving'), 0);
    const { under } = treated({ refuses: ErrorFrameCode.NOT_A_MEMBER });
    assert.ok(under.count('rejectedNotAMember') > 100);
    assert.equal(under.count('rejectedAfterLeaving'), 0, 'nobody has left');
  });

  it('stay what they were when they are refused, and can try again', () => {
    const group = new GroupSwitch({}, { joins: 1000, leaves: 0 });
    group.onChange = ErrorFrameCode.GROUP_FULL;
    group.run();
    const { under, changes } = group;
    assert.ok(changes.length > 100);
    assert.deepEqual(
      [under.count('groupChangesRejected'), under.count('rejectedGroupFull')],
      [changes.length, changes.length],
    );
    assert.equal(under.count('groupJoins'), 0);
    const keys = changes.map(({ row, group: g }) => `${row} ${g}`);
    assert.ok(new Set(keys).size < keys.length, 'somebody has asked again for the same group');
    assert.equal(under.count('messagesRejected'), 0, 'a change is no message');
  });

  it('ask for a group once until they are answered, and again, under the same id, after a new login', () => {
    const group = new GroupSwitch({}, rates);
    group.onChange = 'ignore';
    group.run();
    const { under, changes } = group;
    const asked = changes.map(({ row, group: g }) => `${row} ${g}`);
    assert.equal(new Set(asked).size, asked.length);
    const mine = changes.filter(({ row }) => row === changes[0]?.row);
    const { row } = mine[0] ?? { row: 0 };
    const before = changes.length;
    group.onChange = 'accept';
    under.switch.cut(row, CloseReason.BROKEN);
    under.runFor(2 * SECOND);
    assert.deepEqual(changes.slice(before), mine, 'the same change, and no other');
    assert.equal(under.count('groupJoins') + under.count('groupLeaves'), mine.length);
  });
});
