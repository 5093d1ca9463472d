/**
 * Groups and lists of a small switch against lists of members. The version in each ✓ says which members are recipients:
 * the first ones, and the joins and leaves that were acknowledged with a version up to it. Whatever is on its way when
 * members come and go, exactly they must get the message: each once, and in order.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ErrorFrameCode, GROUP_PAYLOAD_BYTES_MAX } from '../../wire/frames.ts';
import { GroupPlan } from '../../wire/group-plan.ts';
import { SmallSwitch, type SmallSwitchSettings } from '../small-switch.test-suite.ts';
import type { GroupSettings } from '../terms/shard-settings.ts';
import { GroupPhone, type Received, type Request, TAG_BYTES } from './group-phone.test-suite.ts';

const [PHONES, GROUPS, LISTS] = [7, 2, 1];
const MEMBERS_MAX = 6;
/** This phone speaks minor version 0: it is not told versions, so it only receives. */
const OLD_PHONE = 6;
const REDELIVERY_MICROS = 5e6;

const phone = fc.nat(PHONES - 1);
const group = fc.nat(GROUPS + LISTS - 1);
const shard = fc.nat(2);
const step = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      phone,
      group,
      bytes: fc.constantFrom(TAG_BYTES, 60, 97, 300, GROUP_PAYLOAD_BYTES_MAX, GROUP_PAYLOAD_BYTES_MAX + 1),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('join' as const, 'leave' as const), phone, group }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('repeat' as const), phone, n: fc.nat(4) }) },
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('work' as const), shard }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('listen' as const), events: fc.nat(3) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('confirm' as const), phone }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('hangUp' as const), phone }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('logIn' as const), phone, shard }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'settle' as const }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

interface World {
  readonly small: SmallSwitch;
  readonly plan: GroupPlan;
  readonly phones: readonly GroupPhone[];
}

function made(settings: SmallSwitchSettings, changes: Partial<GroupSettings> = {}): World {
  const sizes = { median: 4, sigma: 0.3, max: MEMBERS_MAX };
  const plan = new GroupPlan({ seed: 5, firstAccount: PHONES, groups: GROUPS, lists: LISTS, phones: PHONES, sizes });
  const groups: GroupSettings = { plan, queueMax: 64, recentMax: 4096, changesMax: 64, ...changes };
  const small = new SmallSwitch({
    accounts: PHONES,
    mailboxBlocks: 1024,
    messagesPerAccount: 256,
    redeliveryMicros: REDELIVERY_MICROS,
    heartbeatTimeoutMicros: Number.POSITIVE_INFINITY,
    groups,
    ...settings,
  });
  const minor = (account: number): number => (account === OLD_PHONE ? 0 : 1);
  const phones = Array.from({ length: PHONES }, (_, one) => new GroupPhone(small, one, PHONES, minor(one)));
  return { small, plan, phones };
}

function act({ small, phones }: World, one: Step): void {
  const who = 'phone' in one ? phones[one.phone] : undefined;
  if (one.kind === 'work') small.work(one.shard % small.shards.length);
  else if (one.kind === 'listen') small.listen(one.events);
  else if (one.kind === 'settle') small.settle();
  else if (one.kind === 'send') {
    if (one.phone !== OLD_PHONE) who?.ask('send', one.group, one.bytes);
  } else if (one.kind === 'confirm') who?.confirm();
  else if (one.kind === 'hangUp') who?.hangUp();
  else if (one.kind === 'repeat') who?.repeat(one.n);
  else if (one.kind === 'logIn') who?.logIn(one.shard % small.shards.length);
  else if (who?.account !== OLD_PHONE) who?.ask(one.kind, one.group);
  for (const each of phones) each.take();
}

/** Lets all phones come back, send again what is unanswered, and confirm, until nothing is left to do. */
function bringToRest({ small, phones }: World): void {
  const isAtRest = (): boolean =>
    small.count('messagesQueued') === 0 && phones.every(({ isOnline, unanswered }) => isOnline && unanswered === 0);
  for (let round = 0; round < 200 && !isAtRest(); round++) {
    for (const who of phones) if (!who.isOnline) who.logIn(who.account % small.shards.length);
    small.settle();
    for (const who of phones) who.confirm();
    small.settle();
    if (round % 10 === 9) small.pass(REDELIVERY_MICROS / 4, 1);
    for (const who of phones) who.take();
  }
  assert.ok(isAtRest(), `${small.count('messagesQueued')} entries stay`);
}

interface Accepted extends Request {
  readonly author: number;
  readonly recipients: ReadonlySet<number>;
}

/** What was accepted, with its recipients by the acknowledged joins and leaves. */
function acceptedBy({ plan, phones }: World): Accepted[] {
  /** By group and phone: versions in which the phone became a member or ended it, in turn. */
  const turns = phones.map(({ account, requests }) =>
    Array.from({ length: plan.count }, (_, g) => {
      let isMember = plan.isMember(g, account);
      const versions: number[] = [];
      for (const { kind, group: its, version } of requests.toSorted(byVersion)) {
        if (its !== g || kind === 'send' || version === undefined || (kind === 'join') === isMember) continue;
        isMember = !isMember;
        versions.push(version);
      }
      return versions;
    }),
  );
  for (let g = 0; g < plan.count; g++) {
    const versions = turns.flatMap((byGroup) => byGroup[g] ?? []).sort((a, b) => a - b);
    assert.deepEqual(
      versions,
      versions.map((_, n) => n + 1),
      'every change has the next version',
    );
  }
  const isMemberIn = (g: number, account: number, version: number): boolean => {
    const changed = (turns[account]?.[g] ?? []).filter((turn) => turn <= version).length % 2 === 1;
    return plan.isMember(g, account) !== changed;
  };
  return phones.flatMap(({ account, requests }) =>
    requests
      .filter(({ kind, code }) => kind === 'send' && code === undefined)
      .map((request) => {
        const version = request.version ?? assert.fail('it is answered');
        const others = phones.map((other) => other.account).filter((other) => other !== account);
        const recipients = new Set(others.filter((other) => isMemberIn(request.group, other, version)));
        assert.equal(request.members, recipients.size, 'the ✓ says how many get it');
        return { ...request, author: account, recipients };
      }),
  );
}

/** The order in which they were accepted: one that was refused unheard is sent again after later ones. */
const byVersion = (a: Request, b: Request): number => (a.version ?? 0) - (b.version ?? 0);

const nameOf = ({ group: its, author, id }: { group: number; author: number; id: number }): string =>
  `${author}→${its} ${id}`;

/** @returns recipients that have not got their message. */
function check(world: World): number {
  const { small, plan, phones } = world;
  const accepted = acceptedBy(world);
  let missing = 0;
  const incomplete = new Set<string>();
  let withoutReceipt = 0;
  for (const { account, received } of phones) {
    const own = accepted.filter(({ recipients }) => recipients.has(account));
    const names = received.map(nameOf);
    assert.equal(new Set(names).size, names.length, `phone ${account} gets nothing twice`);
    for (const one of received) checkReceived(one, own, plan);
    for (const one of own) {
      if (names.includes(nameOf(one))) continue;
      missing++;
      incomplete.add(nameOf(one));
    }
    for (const author of phones.keys()) {
      if (phones[author]?.hasLeft !== false) continue; // a refusal may be lost, and the message sent again after later ones
      for (let g = 0; g < plan.count; g++) {
        const ids = received.filter((one) => one.author === author && one.group === g).map(({ id }) => id);
        assert.deepEqual(
          ids,
          ids.toSorted((a, b) => a - b),
          'those of one author to one group come in order',
        );
      }
    }
  }
  for (const { author, receipts, ...one } of accepted) {
    const isComplete = !incomplete.has(nameOf({ ...one, author }));
    if (!isComplete) assert.equal(receipts, 0, 'no ✓✓ while a recipient has not got it');
    else if (phones[author]?.hasLeft === false) withoutReceipt += receipts === 1 ? 0 : 1;
    assert.ok(receipts <= 1, 'one ✓✓ at most');
  }
  // Where a table or the store is full, a ✓✓ may be dropped, and is counted.
  const dropped = small.count('groupReceiptsDropped') + small.count('receiptsDropped');
  assert.ok(withoutReceipt <= dropped, `one ✓✓ when all have it: ${withoutReceipt} without, ${dropped} dropped`);
  const recipients = accepted.reduce((sum, one) => sum + one.recipients.size, 0);
  assert.equal(small.count('groupMessagesAccepted'), accepted.length);
  assert.equal(small.count('groupRecipients'), recipients);
  assert.equal(small.count('groupAppended') + small.count('groupRejected'), recipients);
  assert.equal(small.count('groupConfirmed'), small.count('groupAppended'));
  assert.equal(small.count('groupRejected'), missing);
  return missing;
}

function checkReceived(one: Received, own: readonly Accepted[], plan: GroupPlan): void {
  const message = own.find((other) => nameOf(other) === nameOf(one));
  assert.ok(message !== undefined, `${nameOf(one)} comes to one of its recipients`);
  if (one.version !== undefined) assert.equal(one.version, message.version);
  if (plan.isList(one.group)) assert.equal(one.version, undefined, 'a list is a sender like any');
}

const FULL: readonly number[] = [ErrorFrameCode.STORE_FULL];

function checkRefusals({ plan, phones }: World, allowed: readonly number[]): void {
  for (const { account, requests } of phones) {
    for (const { kind, group: its, code, bytes } of requests) {
      if (code === undefined || allowed.includes(code)) continue;
      const isTooLong = bytes.length - 12 > GROUP_PAYLOAD_BYTES_MAX;
      if (kind === 'join') assert.equal(code, ErrorFrameCode.GROUP_FULL);
      else if (isTooLong) assert.equal(code, ErrorFrameCode.PAYLOAD_TOO_LONG);
      else if (plan.isList(its)) assert.ok(account !== plan.ownerOf(its) && code === ErrorFrameCode.NOT_A_MEMBER);
      else assert.equal(code, ErrorFrameCode.NOT_A_MEMBER);
    }
  }
}

describe('groups and lists', () => {
  const steps = fc.array(step, { minLength: 20, maxLength: 200, size: 'max' });
  const run = (world: World, all: readonly Step[]): void => {
    for (const who of world.phones) who.logIn(who.account % world.small.shards.length);
    for (const one of all) act(world, one);
    bringToRest(world);
  };

  /** Sizes, the errors that they allow, and whether recipients may be rejected. */
  const sizes: readonly (readonly [string, SmallSwitchSettings, Partial<GroupSettings>, boolean])[] = [
    ['ample room', {}, {}, false],
    ['a queue of one', {}, { queueMax: 1 }, false],
    ['small inboxes', { inboxBytes: 2 ** 13, questionsMax: 4 }, {}, false],
    ['small mailboxes', { messagesPerAccount: 2, deliveryWindow: 1 }, {}, true],
    ['a small store', { mailboxBlocks: 30 }, {}, true],
    ['few changes', {}, { changesMax: 2 }, false],
  ];
  for (const shards of [1, 3]) {
    for (const [what, settings, changes, mayReject] of sizes) {
      it(`reach exactly the members of the version of each message, on ${shards} shards with ${what}`, () => {
        fc.assert(
          fc.property(steps, (all) => {
            const world = made({ shards, ...settings }, changes);
            run(world, all);
            const missing = check(world);
            checkRefusals(world, FULL);
            if (!mayReject) assert.equal(missing, 0);
          }),
          { numRuns: 12 },
        );
      });
    }
  }
});
