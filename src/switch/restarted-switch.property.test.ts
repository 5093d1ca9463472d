/**
 * Phones that keep to the protocol, under random events, on switches that end at any time and start again from their
 * logs: what was acknowledged arrives once and in order, however much of the logs survives beyond what was complete.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DelayedLog } from '../store/delayed-log.test-suite.ts';
import { ErrorFrameCode } from '../wire/frames.ts';
import { HonestPhone } from './honest-phone.test-suite.ts';
import { SmallSwitch, type SmallSwitchSettings } from './small-switch.test-suite.ts';

const PHONES = 4;
const REDELIVERY_MICROS = 20_000;

const ascending = (a: number, b: number): number => a - b;
const phone = fc.nat(PHONES - 1);
const shard = fc.nat(1);
const kind = <K extends string>(name: K): fc.Arbitrary<K> => fc.constant(name);
const step = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: kind('send'), phone, to: phone }) },
  { weight: 5, arbitrary: fc.record({ kind: kind('confirm'), phone }) },
  { weight: 10, arbitrary: fc.record({ kind: kind('work'), shard }) },
  { weight: 5, arbitrary: fc.record({ kind: kind('listen'), events: fc.nat(8) }) },
  { weight: 3, arbitrary: fc.record({ kind: kind('settle') }) },
  { weight: 4, arbitrary: fc.record({ kind: kind('logIn'), phone, shard }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('hangUp'), phone }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('delay'), shard, turns: fc.constantFrom(0, 1, 3, 40) }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('full'), shard, isFull: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('crash'), survivors: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('time'), micros: fc.nat(REDELIVERY_MICROS) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Phone 1 changes its shard while the log of phone 0 is full, and does not hear that its first message was refused. */
const REFUSED_UNHEARD: Step[] = [
  { kind: 'settle' },
  { kind: 'full', shard: 0, isFull: true },
  { kind: 'send', phone: 1, to: 0 },
  { kind: 'work', shard: 1 },
  { kind: 'send', phone: 1, to: 0 },
  { kind: 'logIn', phone: 1, shard: 0 },
  { kind: 'send', phone: 0, to: 0 },
  { kind: 'work', shard: 0 },
  { kind: 'logIn', phone: 0, shard: 0 },
];

class RestartedSwitch {
  readonly phones: HonestPhone[];
  /** Whether a log has refused entries. */
  wasFull = false;
  #small: SmallSwitch;
  readonly #logs: DelayedLog[];
  readonly #settings: SmallSwitchSettings;

  constructor(shards: number, inputsPerTurn: number) {
    this.#logs = Array.from({ length: shards }, () => new DelayedLog());
    this.#settings = {
      ...{
        shards,
        accounts: PHONES,
        messagesPerAccount: 20,
        inputsPerTurn,
        tickMicros: 1000,
        redeliveryMicros: REDELIVERY_MICROS,
      },
      heartbeatTimeoutMicros: Number.POSITIVE_INFINITY,
      durability: { acknowledgementsMax: 6, idWindowsMax: 64 },
      makeLog: (one) => this.#logs[one] ?? new DelayedLog(),
    };
    this.#small = new SmallSwitch(this.#settings);
    this.phones = Array.from({ length: PHONES }, (_, account) => new HonestPhone(this.#small, account, PHONES));
    for (const who of this.phones) who.logIn(who.account % shards);
    this.act({ kind: 'settle' });
  }

  act(one: Step): void {
    if (one.kind === 'work') this.#small.work(one.shard % this.#logs.length);
    else if (one.kind === 'listen') this.#small.listen(one.events);
    else if (one.kind === 'settle') this.#small.settle();
    else if (one.kind === 'time') this.#small.nowMicros += one.micros;
    else if (one.kind === 'crash') this.#restart(one.survivors);
    else if (one.kind === 'send') this.phones[one.phone]?.send(one.to);
    else if (one.kind === 'confirm') this.phones[one.phone]?.confirm();
    else if (one.kind === 'hangUp') this.phones[one.phone]?.hangUp();
    else if (one.kind === 'logIn') this.phones[one.phone]?.logIn(one.shard % this.#logs.length);
    else {
      const log = this.#logs[one.shard];
      if (log !== undefined && one.kind === 'delay') log.delayTurns = one.turns;
      if (log !== undefined && one.kind === 'full') log.isFull = one.isFull;
      if (one.kind === 'full') this.wasFull ||= one.isFull;
    }
    for (const who of this.phones) who.take();
  }

  /** Logs take what comes; phones come back, send again and confirm until nothing is left to do. */
  bringToRest(): void {
    for (const log of this.#logs) Object.assign(log, { delayTurns: 0, isFull: false });
    const isAtRest = (): boolean =>
      this.#small.count('messagesQueued') === 0 &&
      this.phones.every(({ isOnline, unanswered }) => isOnline && unanswered === 0);
    for (let round = 0; round < 60 && !isAtRest(); round++) {
      for (const who of this.phones) if (!who.isOnline) who.logIn(who.account % this.#logs.length);
      for (let n = 0; n < 3; n++) this.act({ kind: 'settle' });
      for (const who of this.phones) who.confirm();
      this.#small.pass(REDELIVERY_MICROS / 4, 1);
      for (const who of this.phones) who.take();
    }
    assert.ok(isAtRest(), `${this.#small.count('messagesQueued')} entries stay in the mailboxes`);
  }

  /** All shards end, and with them all connections. */
  #restart(survivors: number): void {
    for (const log of this.#logs) log.crash(survivors);
    const { nowMicros } = this.#small;
    this.#small = new SmallSwitch(this.#settings);
    this.#small.nowMicros = nowMicros;
    for (const who of this.phones) who.moveTo(this.#small);
  }
}

/**
 * Messages arrive in the order in which they were accepted, which is that of their ✓. There is an exception: where a log
 * was full, a message may have been refused and a later one accepted, and the phone has heard neither, since it logged in
 * anew. It sends both again, and the first is accepted behind the second, whose ✓ comes last all the same.
 */
function check({ phones, wasFull }: RestartedSwitch): void {
  for (const to of phones) {
    for (const from of phones) {
      const serials = (messages: HonestPhone['received']): number[] =>
        messages.filter((one) => one.from === from.account && one.to === to.account).map(({ serial }) => serial);
      const [received, acknowledged] = [serials(to.received), serials(from.acknowledged)];
      const pair = `from ${from.account} to ${to.account}`;
      const inOrder = (all: number[]): number[] =>
        wasFull ? all.filter((serial) => !from.sentAgain.has(serial)) : all;
      assert.deepEqual(inOrder(received), inOrder(acknowledged), pair);
      assert.deepEqual(received.toSorted(ascending), acknowledged.toSorted(ascending), `${pair}, in any order`);
    }
    const full: readonly number[] = [ErrorFrameCode.MAILBOX_FULL, ErrorFrameCode.STORE_FULL];
    for (const { code, message } of to.refused) {
      const codes = message.to === message.from ? [ErrorFrameCode.RECIPIENT_IS_SENDER] : full;
      assert.ok(codes.includes(code), `refused with ${code}`);
    }
  }
}

describe('a switch that ends and starts again from its logs', () => {
  for (const [shards, inputsPerTurn] of [
    [1, 512],
    [2, 512],
    [2, 2],
  ] as const) {
    it(`delivers what it has acknowledged once and in order, on ${shards} shards, ${inputsPerTurn} inputs per turn`, () => {
      fc.assert(
        fc.property(fc.array(step, { minLength: 10, maxLength: 150, size: 'max' }), (steps) => {
          const restarted = new RestartedSwitch(shards, inputsPerTurn);
          for (const one of steps) restarted.act(one);
          restarted.bringToRest();
          check(restarted);
        }),
        { numRuns: 50, examples: [[REFUSED_UNHEARD]] },
      );
    });
  }
});
