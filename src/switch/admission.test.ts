/** Admission by delay, as phones see it: what is refused once input has waited too long, and what never is. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  Capability,
  ErrorFrameCode,
  FrameType,
  LoginCode,
  readErrorCode,
  readErrorSerial,
  readSerial,
} from '../wire/frames.ts';
import { hasGroupFields, readAcknowledgedMembers, readAcknowledgedVersion } from '../wire/group-frames.ts';
import { GroupPlan } from '../wire/group-plan.ts';
import { readLoginCode, readLoginPauseMillis } from '../wire/login.ts';
import { SmallSwitch, type SmallSwitchSettings } from './small-switch.test-suite.ts';

const PHONES = 6;
const [SENDER, RECIPIENT, NEWCOMER, READER] = [1, 2, 3, 4];
const READS = Capability.RECEIPTS | Capability.READS;
const BOUND_MICROS = 50_000;

/** A switch that takes one input per turn, so that a test can let the rest wait. */
function slowSwitch(settings: SmallSwitchSettings = {}, capabilities?: number): SmallSwitch {
  const small = new SmallSwitch({ inputsPerTurn: 1, admissionDelayMicros: BOUND_MICROS, ...settings });
  small.online(SENDER, SENDER, 0, 1);
  small.online(RECIPIENT, RECIPIENT, 0, 1, capabilities);
  return small;
}

/** Lets the next input wait: one is taken now, and the rest is still there after this time. */
function wait(small: SmallSwitch, micros: number): void {
  small.work(0);
  small.nowMicros += micros;
}

const serials = (small: SmallSwitch, client: number, type: number): number[] =>
  small.frames(client, type).map(({ body }) => readSerial(body, 0));

const errors = (small: SmallSwitch, client: number): [code: number, id: number][] =>
  small.frames(client, FrameType.ERROR).map(({ body }) => [readErrorCode(body, 0), readErrorSerial(body, 0)]);

describe('a shard whose input has waited too long', () => {
  it('refuses messages with ERROR 6, and takes the same ids once it is in time again', () => {
    const small = slowSwitch();
    for (const id of [1, 2, 3]) small.say(SENDER, small.message(id, RECIPIENT));
    wait(small, BOUND_MICROS);
    small.settle();
    assert.deepEqual(serials(small, SENDER, FrameType.ACKNOWLEDGED), [1]);
    assert.deepEqual(errors(small, SENDER), [
      [ErrorFrameCode.OVERLOADED, 2],
      [ErrorFrameCode.OVERLOADED, 3],
    ]);
    assert.equal(small.count('rejectedOverloaded'), 2);
    assert.equal(small.count('messagesAccepted'), 1, 'no work was done for them');
    for (const id of [2, 3]) small.say(SENDER, small.message(id, RECIPIENT));
    small.settle();
    assert.deepEqual(serials(small, SENDER, FrameType.ACKNOWLEDGED), [1, 2, 3]);
  });

  it('takes messages that have waited less', () => {
    const small = slowSwitch();
    for (const id of [1, 2]) small.say(SENDER, small.message(id, RECIPIENT));
    wait(small, BOUND_MICROS - 1);
    small.settle();
    assert.deepEqual(serials(small, SENDER, FrameType.ACKNOWLEDGED), [1, 2]);
    assert.deepEqual(errors(small, SENDER), []);
  });

  it('acknowledges a message again that it has accepted, and takes confirmations', () => {
    const small = slowSwitch();
    small.say(SENDER, small.message(1, RECIPIENT));
    small.settle();
    for (const id of [2, 1]) small.say(SENDER, small.message(id, RECIPIENT));
    const [first = 0] = serials(small, RECIPIENT, FrameType.DELIVER);
    small.say(RECIPIENT, small.confirmation(first));
    small.say(RECIPIENT, small.empty(FrameType.PING));
    wait(small, BOUND_MICROS);
    small.settle();
    assert.deepEqual(serials(small, SENDER, FrameType.ACKNOWLEDGED), [1, 2, 1], 'a resend is not a new message');
    assert.deepEqual(serials(small, SENDER, FrameType.RECEIPT), [1]);
    assert.equal(small.frames(RECIPIENT, FrameType.PONG).length, 1);
    assert.deepEqual(errors(small, SENDER), []);
  });

  for (const home of [0, 1])
    it(`says again with which version a group on ${home === 0 ? 'the same' : 'another'} shard accepted a message`, () => {
      const sizes = { median: PHONES, sigma: 0, max: PHONES };
      const plan = new GroupPlan({ seed: 1, firstAccount: PHONES, groups: 8, lists: 0, phones: PHONES, sizes });
      const groups = { plan, queueMax: 16, recentMax: 64, changesMax: 16 };
      const small = slowSwitch({ shards: 2, accounts: PHONES, groups, questionsMax: 1 });
      const all = Array.from({ length: plan.count }, (_, n) => plan.accountOf(n));
      const group = all.find((account) => small.homes.shardOf(account) === home) ?? assert.fail('there is one');
      small.say(SENDER, small.message(1, group));
      small.settle();
      for (const id of [2, 1, 3]) small.say(SENDER, small.message(id, group));
      wait(small, BOUND_MICROS);
      small.work(0); // the question about 2 is still open if the group is on another shard
      assert.equal(small.count('stalls'), home);
      small.settle();
      assert.deepEqual(errors(small, SENDER), [[ErrorFrameCode.OVERLOADED, 3]]);
      const answers = small.frames(SENDER, FrameType.ACKNOWLEDGED).map(({ body }) => body);
      assert.deepEqual(answers.map((body) => readSerial(body, 0)).sort(), [1, 1, 2]);
      for (const body of answers) {
        assert.ok(hasGroupFields(0, body.byteLength), 'not the short answer');
        assert.deepEqual([readAcknowledgedVersion(body, 0), readAcknowledgedMembers(body, 0)], [0, PHONES - 1]);
      }
      assert.equal(small.count('groupMessagesAccepted'), 2);
    });

  it('puts off presence before typing, and both before it refuses anything', () => {
    const small = slowSwitch();
    const shed = [0.2, 0.25, 0.5, 0.75].map((share) => {
      for (const id of [1, 2]) small.say(SENDER, small.message(small.count('messagesAccepted') + id, RECIPIENT));
      wait(small, BOUND_MICROS * share);
      small.work(0);
      const { shedPresence, shedTyping } = small.shards[0]?.presence ?? {};
      small.settle();
      const [first = 0] = serials(small, RECIPIENT, FrameType.DELIVER).slice(-1);
      small.say(RECIPIENT, small.confirmation(first));
      small.settle();
      return [shedPresence, shedTyping];
    });
    assert.deepEqual(shed, [
      [false, false],
      [true, false],
      [true, true],
      [true, true],
    ]);
    assert.equal(small.count('messagesAccepted'), 8);
    assert.equal(small.shards[0]?.presence.shedPresence, false, 'and presence goes on when input is in time again');
  });

  it('drops read receipts after typing and before it refuses logins, and counts them', () => {
    const heard = [0.5, 0.625, 0.75].map((share) => {
      const small = slowSwitch({}, READS);
      small.online(READER, READER, 0, 1, READS);
      small.say(SENDER, small.message(1, READER));
      small.say(READER, small.read(7, RECIPIENT));
      small.connect(NEWCOMER);
      small.settle();
      const before = small.frames(RECIPIENT, FrameType.READ).length;
      small.say(SENDER, small.message(2, READER));
      small.say(READER, small.read(8, RECIPIENT));
      small.say(NEWCOMER, small.login(NEWCOMER));
      wait(small, BOUND_MICROS * share);
      small.settle();
      const read = small.frames(RECIPIENT, FrameType.READ).length - before;
      return [before, read, small.count('readReceiptsShed'), small.count('loginsRefusedOverloaded')];
    });
    assert.deepEqual(heard, [
      [1, 1, 0, 0],
      [1, 0, 1, 0],
      [1, 0, 1, 1],
    ]);
  });

  it('refuses logins before messages', () => {
    const small = slowSwitch();
    small.connect(NEWCOMER);
    small.settle();
    small.say(SENDER, small.message(1, RECIPIENT));
    small.say(NEWCOMER, small.login(NEWCOMER));
    small.say(SENDER, small.message(2, RECIPIENT));
    wait(small, BOUND_MICROS * 0.75);
    small.settle();
    const answers = small.frames(NEWCOMER, FrameType.LOGIN_RESULT).map(({ body }) => readLoginCode(body, 0));
    assert.deepEqual(answers, [LoginCode.BUSY]);
    const pauses = small.frames(NEWCOMER, FrameType.LOGIN_RESULT).map(({ body }) => readLoginPauseMillis(body, 0));
    assert.deepEqual(pauses, [BOUND_MICROS / 1000], 'it is told when to come again');
    assert.deepEqual(serials(small, SENDER, FrameType.ACKNOWLEDGED), [1, 2]);
    assert.equal(small.count('loginsRefusedOverloaded'), 1);
    small.online(NEWCOMER, NEWCOMER);
    assert.equal(small.count('loginsAccepted'), 3, 'later it is accepted');
  });
});
