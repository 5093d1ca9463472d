/**
 * Phones that keep to the protocol, under random events, on a switch whose shards end one at a time and start again
 * from their logs while the others go on: what was acknowledged arrives once and in order, and nothing stays behind.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DelayedLog } from '../store/delayed-log.test-suite.ts';
import { ErrorFrameCode } from '../wire/frames.ts';
import { HonestPhone } from './honest-phone.test-suite.ts';
import { SmallSwitch, type SmallSwitchSettings } from './small-switch.test-suite.ts';

const PHONES = 5;
const REDELIVERY_MICROS = 20_000;
const LOGIN_MICROS = 50_000;
/** Rounds in which phones come to rest, unless questions have to be given up, which takes seconds. */
const QUICK_ROUNDS = 60;
const SLOW_ROUNDS = 80;
const SLOW_ROUND_MICROS = 500_000;

const phone = fc.nat(PHONES - 1);
const shard = fc.nat(2);
const kind = <K extends string>(name: K): fc.Arbitrary<K> => fc.constant(name);
const step = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: kind('send'), phone, to: phone }) },
  { weight: 4, arbitrary: fc.record({ kind: kind('confirm'), phone }) },
  { weight: 10, arbitrary: fc.record({ kind: kind('work'), shard }) },
  { weight: 5, arbitrary: fc.record({ kind: kind('listen'), events: fc.nat(8) }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('settle') }) },
  { weight: 4, arbitrary: fc.record({ kind: kind('logIn'), phone, shard }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('hangUp'), phone }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('delay'), shard, turns: fc.constantFrom(0, 1, 3, 40) }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('time'), micros: fc.nat(REDELIVERY_MICROS) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: kind('restart'), shard, survivors: fc.nat(5), others: fc.array(shard), n: fc.nat(3) }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A switch, its phones, and logs that outlast its shards. */
class RestartedShards {
  readonly phones: readonly HonestPhone[];
  readonly small: SmallSwitch;
  readonly #logs: readonly DelayedLog[];

  constructor(shards: number, changes: SmallSwitchSettings) {
    this.#logs = Array.from({ length: shards }, () => new DelayedLog());
    this.small = new SmallSwitch({
      shards,
      accounts: PHONES,
      messagesPerAccount: 20,
      tickMicros: 1000,
      redeliveryMicros: REDELIVERY_MICROS,
      heartbeatTimeoutMicros: Number.POSITIVE_INFINITY,
      loginTimeoutMicros: LOGIN_MICROS,
      durability: { acknowledgementsMax: 6, idWindowsMax: 64 },
      makeLog: (one) => this.#logs[one] ?? new DelayedLog(),
      ...changes,
    });
    this.phones = Array.from({ length: PHONES }, (_, account) => new HonestPhone(this.small, account, PHONES));
    for (const who of this.phones) who.logIn(who.account % shards);
    this.act({ kind: 'settle' });
  }

  act(one: Step): void {
    const shards = this.#logs.length;
    if (one.kind === 'work') this.small.work(one.shard % shards);
    else if (one.kind === 'listen') this.small.listen(one.events);
    else if (one.kind === 'settle') this.small.settle();
    else if (one.kind === 'time') this.small.nowMicros += one.micros;
    else if (one.kind === 'restart') this.#restart(one.shard % shards, one.survivors, one.others, one.n);
    else if (one.kind === 'send') this.phones[one.phone]?.send(one.to);
    else if (one.kind === 'confirm') this.phones[one.phone]?.confirm();
    else if (one.kind === 'hangUp') this.phones[one.phone]?.hangUp();
    else if (one.kind === 'logIn') this.phones[one.phone]?.logIn(one.shard % shards);
    else Object.assign(this.#logs[one.shard % shards] ?? {}, { delayTurns: one.turns });
    for (const who of this.phones) who.take();
  }

  /** Logs take what comes; phones come back, send again and confirm until nothing is left to do. */
  bringToRest(): void {
    for (const log of this.#logs) log.delayTurns = 0;
    const isAtRest = (): boolean =>
      this.small.count('messagesQueued') === 0 &&
      this.phones.every(({ isOnline, unanswered }) => isOnline && unanswered === 0);
    for (let round = 0; round < QUICK_ROUNDS + SLOW_ROUNDS && !isAtRest(); round++) {
      for (const who of this.phones) if (!who.isOnline) who.logIn(who.account % this.#logs.length);
      for (let n = 0; n < 3; n++) this.act({ kind: 'settle' });
      for (const who of this.phones) who.confirm();
      this.small.pass(round < QUICK_ROUNDS ? REDELIVERY_MICROS / 4 : SLOW_ROUND_MICROS, 1);
      for (const who of this.phones) who.take();
    }
    assert.ok(isAtRest(), `${this.small.count('messagesQueued')} entries stay in the mailboxes`);
  }

  /** A shard ends. The others work for some turns, as does the new one after it has started. */
  #restart(ended: number, survivors: number, others: readonly number[], turns: number): void {
    this.small.end(ended);
    this.#logs[ended]?.crash(survivors);
    for (const other of others) {
      if (other % this.#logs.length !== ended) this.small.work(other % this.#logs.length);
      this.small.listen(2);
    }
    this.small.start(ended);
    for (let n = 0; n < turns; n++) this.small.work(ended);
  }
}

function check({ phones, small }: RestartedShards): void {
  for (const to of phones) {
    for (const from of phones) {
      const serials = (messages: HonestPhone['received']): number[] =>
        messages.filter((one) => one.from === from.account && one.to === to.account).map(({ serial }) => serial);
      assert.deepEqual(serials(to.received), serials(from.acknowledged), `from ${from.account} to ${to.account}`);
    }
    const full: readonly number[] = [ErrorFrameCode.MAILBOX_FULL, ErrorFrameCode.STORE_FULL];
    for (const { code, message } of to.refused) {
      const codes = message.to === message.from ? [ErrorFrameCode.RECIPIENT_IS_SENDER] : full;
      assert.ok(codes.includes(code), `refused with ${code}`);
    }
  }
  for (const who of phones) who.hangUp();
  for (let n = 0; n < 3; n++) small.pass(SLOW_ROUND_MICROS, 1);
  assert.equal(small.rowsUsed, 0, 'no session stays');
  assert.equal(small.count('sessions'), 0, 'and none is counted');
  const open = small.shards.flatMap((one) => one.ledger()).filter(({ name }) => name === 'open questions');
  assert.ok(
    open.every(({ rowsUsed }) => rowsUsed === 0),
    'no question stays',
  );
}

describe('a switch of which single shards end and start again from their logs', () => {
  const cases: readonly (readonly [what: string, shards: number, changes: SmallSwitchSettings])[] = [
    ['two shards', 2, {}],
    ['three shards', 3, {}],
    ['two shards with two inputs per turn', 2, { inputsPerTurn: 2 }],
    ['three shards with four open questions', 3, { questionsMax: 4 }],
  ];
  for (const [what, shards, changes] of cases) {
    it(`delivers what it has acknowledged once and in order, with ${what}`, () => {
      fc.assert(
        fc.property(fc.array(step, { minLength: 10, maxLength: 120, size: 'max' }), (steps) => {
          const restarted = new RestartedShards(shards, changes);
          for (const one of steps) restarted.act(one);
          restarted.bringToRest();
          check(restarted);
        }),
        { numRuns: 30 },
      );
    });
  }
});
