/**
 * Whole switches with phones that keep to the protocol, under random events in any order, against lists of what was
 * written: what was acknowledged arrives, once, in order and whole; what was refused does not.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { triedCases } from '../base/tried-cases.test-suite.ts';
import type { MailboxEntry } from '../store/mailbox-entry.ts';
import { VolatileLog } from '../store/volatile-log.ts';
import { ErrorFrameCode } from '../wire/frames.ts';
import { HonestPhone, TAG_BYTES, type WrittenMessage } from './honest-phone.test-suite.ts';
import { SmallSwitch, type SmallSwitchSettings } from './small-switch.test-suite.ts';

const PHONES = 4;
const TICK_MICROS = 1000;
const REDELIVERY_MICROS = 20_000;
const LOGIN_MICROS = 50_000;
/** Rounds in which phones come to rest, unless logins have to be given up, which takes seconds. */
const QUICK_ROUNDS = 60;
const SLOW_ROUNDS = 30;
const SLOW_ROUND_MICROS = 500_000;
const DRAWN_PAYLOAD_BYTES_MAX = 200;

const phone = fc.nat(PHONES - 1);
const shard = fc.nat(3);
const bytes = fc.oneof(
  { weight: 3, arbitrary: fc.constant(TAG_BYTES) },
  // Around 96 bytes a payload needs a second block of the store.
  { weight: 2, arbitrary: fc.integer({ min: 94, max: 98 }) },
  { weight: 1, arbitrary: fc.integer({ min: TAG_BYTES, max: DRAWN_PAYLOAD_BYTES_MAX }) },
);
const kind = <K extends string>(name: K): fc.Arbitrary<K> => fc.constant(name);
const step = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: kind('send'), phone, to: phone, bytes }) },
  { weight: 6, arbitrary: fc.record({ kind: kind('confirm'), phone }) },
  { weight: 4, arbitrary: fc.record({ kind: kind('read'), phone }) },
  { weight: 10, arbitrary: fc.record({ kind: kind('work'), shard }) },
  { weight: 6, arbitrary: fc.record({ kind: kind('listen'), events: fc.nat(8) }) },
  { weight: 3, arbitrary: fc.record({ kind: kind('settle') }) },
  { weight: 5, arbitrary: fc.record({ kind: kind('logIn'), phone, shard }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('hangUp'), phone }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('vanish'), phone }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('logOut'), phone }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('time'), micros: fc.nat(REDELIVERY_MICROS) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface World {
  readonly small: SmallSwitch;
  readonly phones: readonly HonestPhone[];
  /** Messages in the order in which the homes accepted them; a phone may hear the acknowledgements in another. */
  readonly accepted: readonly WrittenMessage[];
}

function made(settings: SmallSwitchSettings): World {
  const accepted: WrittenMessage[] = [];
  const small: SmallSwitch = new SmallSwitch({
    accounts: PHONES,
    tickMicros: TICK_MICROS,
    redeliveryMicros: REDELIVERY_MICROS,
    heartbeatTimeoutMicros: Number.POSITIVE_INFINITY,
    loginTimeoutMicros: LOGIN_MICROS,
    inputsPerTurn: 64,
    ringBytes: 2 ** 15,
    makeLog: (shard) => Object.assign(new VolatileLog(), { append: (entry: MailboxEntry) => note(shard, entry) }),
    ...settings,
  });
  /** The n-th message of a phone has the id n. */
  function note(shard: number, { isReceipt, sender, accountRow, id }: MailboxEntry): boolean {
    if (!isReceipt) accepted.push({ from: sender, to: small.homes.accountAt(shard, accountRow), serial: id });
    return true;
  }
  const phones = Array.from({ length: PHONES }, (_, account) => new HonestPhone(small, account, PHONES, account > 0));
  return { small, phones, accepted };
}

function act({ small, phones }: World, one: Step): void {
  if (one.kind === 'work') small.work(one.shard % small.shards.length);
  else if (one.kind === 'listen') small.listen(one.events);
  else if (one.kind === 'settle') small.settle();
  else if (one.kind === 'time') small.nowMicros += one.micros;
  else {
    const who = phones[one.phone];
    if (one.kind === 'send') who?.send(one.to, one.bytes);
    else if (one.kind === 'confirm') who?.confirm();
    else if (one.kind === 'read') who?.readAll();
    else if (one.kind === 'logIn') who?.logIn(one.shard % small.shards.length);
    else if (one.kind === 'hangUp') who?.hangUp();
    else if (one.kind === 'vanish') who?.vanish();
    else who?.logOut();
  }
  for (const who of phones) who.take();
}

/**
 * Lets all phones come back, send again what is unanswered, and confirm, until nothing is left to do. With few open
 * questions, all of them may be logins that wait for earlier sessions whose end is behind a frame that waits for a
 * question. Those logins are given up after seconds.
 */
function bringToRest(world: World): void {
  const { small, phones } = world;
  const isAtRest = (): boolean =>
    small.count('messagesQueued') === 0 && phones.every(({ isOnline, unanswered }) => isOnline && unanswered === 0);
  act(world, { kind: 'settle' });
  for (let round = 0; round < QUICK_ROUNDS + SLOW_ROUNDS && !isAtRest(); round++) {
    for (const who of phones) if (!who.isOnline) who.logIn(who.account % small.shards.length);
    for (let n = 0; n < 3; n++) act(world, { kind: 'settle' });
    for (const who of phones) who.confirm();
    for (const who of phones) who.readAll();
    small.pass(round < QUICK_ROUNDS ? REDELIVERY_MICROS / 4 : SLOW_ROUND_MICROS, 1);
    for (const who of phones) who.take();
  }
  const left = phones.map(({ account, isOnline, unanswered }) => ({ account, isOnline, unanswered }));
  assert.ok(isAtRest(), `something stays: ${small.count('messagesQueued')} entries, ${JSON.stringify(left)}`);
}

const FULL: readonly number[] = [ErrorFrameCode.MAILBOX_FULL, ErrorFrameCode.STORE_FULL];
const textOf = ({ from, to, serial }: WrittenMessage): string => `${from}→${to} ${serial}`;

/** What must hold at rest, whatever happened before. */
function check(world: World): void {
  const { small, phones, accepted } = world;
  for (const to of phones) {
    for (const from of phones) {
      const isBetween = (message: WrittenMessage): boolean =>
        message.from === from.account && message.to === to.account;
      const received = to.received.filter(isBetween).map(textOf);
      assert.deepEqual(received, accepted.filter(isBetween).map(textOf), 'what was accepted has come, in that order');
      const acknowledged = from.acknowledged.filter(isBetween).map(textOf);
      assert.deepEqual(received.sort(), acknowledged.sort(), 'what was acknowledged has come: all of it, once');
    }
  }
  for (const who of phones) {
    const receipts = who.receipts.map(textOf);
    assert.equal(new Set(receipts).size, receipts.length, 'no receipt comes twice');
    const acknowledged = new Set(who.acknowledged.map(textOf));
    for (const receipt of receipts) assert.ok(acknowledged.has(receipt), `${receipt} was acknowledged`);
    if (!who.hasLeft && small.count('receiptsDropped') === 0)
      assert.equal(receipts.length, acknowledged.size, 'a phone that stays gets all its receipts');
    checkReads(world, who);
    for (const { code, message } of who.refused) {
      const isToItself = message.to === message.from;
      const codes: readonly number[] = isToItself ? [ErrorFrameCode.RECIPIENT_IS_SENDER] : FULL;
      assert.ok(codes.includes(code), `refused with ${code}`);
    }
  }
  const expected: readonly number[] = [ErrorFrameCode.SESSION_REPLACED, ErrorFrameCode.LOGIN_TIMED_OUT];
  for (const { errors } of phones) for (const code of errors) assert.ok(expected.includes(code), `ended with ${code}`);
  assert.equal(small.count('sessions'), PHONES);
}

/** What an author has heard of readers is true, and all of it if nothing was lost on the way. Phone 0 wants none. */
function checkReads({ small, phones }: World, author: HonestPhone): void {
  const heard = author.readBy.map(({ message, reader }) => `${textOf(message)} by ${reader}`);
  const said = phones
    .flatMap(({ read, account }) => read.map((message) => ({ message, account })))
    .filter(({ message }) => message.from === author.account)
    .map(({ message, account }) => `${textOf(message)} by ${account}`);
  assert.equal(new Set(heard).size, heard.length, 'no read receipt comes twice');
  for (const one of heard) assert.ok(said.includes(one), `${one} was said`);
  const isWhole =
    author.account > 0 && !phones.some(({ hasLeft }) => hasLeft) && small.count('readReceiptsDropped') === 0;
  if (isWhole) assert.deepEqual(heard.sort(), said.sort(), 'a phone that stays hears of all its readers');
}

describe('phones that keep to the protocol', () => {
  /** For each size, what then happens often: ample for all; an inbox, open questions, mailboxes, a store for a few. */
  const sizes: readonly (readonly [what: string, settings: SmallSwitchSettings])[] = [
    ['ample room', {}],
    ['a small inbox', { inboxBytes: 2 ** 10, questionsMax: 8 }],
    ['two open questions', { questionsMax: 2 }],
    ['small mailboxes', { messagesPerAccount: 3, deliveryWindow: 1 }],
    ['a small store', { mailboxBlocks: 5 }],
    ['two inputs per turn', { inputsPerTurn: 2 }],
  ];
  it('come to rest where all open questions are logins that wait for sessions behind a frame that waits', () => {
    const world = made({ shards: 3, questionsMax: 2 });
    for (const who of world.phones) who.logIn(who.account % 3);
    for (let n = 0; n < 2; n++) act(world, { kind: 'settle' });
    const steps: Step[] = [
      { kind: 'logIn', phone: 1, shard: 0 },
      { kind: 'settle' },
      { kind: 'logIn', phone: 3, shard: 0 },
      { kind: 'logIn', phone: 0, shard: 0 },
      { kind: 'settle' },
      { kind: 'send', phone: 1, to: 0, bytes: TAG_BYTES },
      { kind: 'logIn', phone: 0, shard: 0 },
    ];
    for (const one of steps) act(world, one);
    bringToRest(world);
    check(world);
  });
  for (const shards of [1, 2, 3]) {
    for (const [what, settings] of sizes) {
      if (shards === 1 && settings.questionsMax !== undefined) continue; // one shard asks no other
      it(`get what was acknowledged once and in order, on ${shards} shards with ${what}`, () => {
        fc.assert(
          fc.property(fc.array(step, { minLength: 10, maxLength: 150, size: 'max' }), (steps) => {
            const world = made({ shards, ...settings });
            for (const who of world.phones) who.logIn(who.account % shards);
            for (let n = 0; n < 2; n++) act(world, { kind: 'settle' });
            for (const one of steps) act(world, one);
            bringToRest(world);
            check(world);
          }),
          { numRuns: triedCases(25, 8) },
        );
      });
    }
  }
});
