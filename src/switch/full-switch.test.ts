/** Each table and queue of a switch that can be full: what a user sees then, and when there is room again. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ErrorFrameCode, FrameType, LoginCode, readErrorCode, readErrorSerial, readSerial } from '../wire/frames.ts';
import { readLoginCode, readLoginWaiting } from '../wire/login.ts';
import { SmallSwitch } from './small-switch.test-suite.ts';
import { PENDING_LOGINS_MAX } from './tables/pending-logins.ts';

const [SENDER, RECIPIENT, OTHER] = [1, 2, 3];

/** Errors about messages that a client has heard: the ids, and the one code that all have. */
function refusals(small: SmallSwitch, client: number): { readonly ids: number[]; readonly codes: Set<number> } {
  const frames = small.frames(client, FrameType.ERROR);
  return {
    ids: frames.map(({ body }) => readErrorSerial(body, 0)),
    codes: new Set(frames.map(({ body }) => readErrorCode(body, 0))),
  };
}

const serials = (small: SmallSwitch, client: number, type: number): number[] =>
  small.frames(client, type).map(({ body }) => readSerial(body, 0));

function send(small: SmallSwitch, from: number, ids: readonly number[], to: number, payloadBytes = 4): void {
  for (const id of ids) small.say(from, small.message(id, to, payloadBytes));
  small.settle();
}

function confirmLast(small: SmallSwitch, client: number): void {
  small.say(client, small.confirmation(serials(small, client, FrameType.DELIVER).at(-1) ?? 0));
  small.settle();
}

const bytesHeld = (small: SmallSwitch): number =>
  small.shards.flatMap((shard) => shard.ledger()).reduce((sum, { bytes }) => sum + bytes, 0);

describe('the window of ids of a session', () => {
  it('refuses an id that is 16 behind the newest, and one that would push an unanswered id out', () => {
    const small = new SmallSwitch({ shards: 2 });
    const far = [2, 4, 5].find((account) => small.homes.shardOf(account) === 1) ?? 0;
    small.online(SENDER, SENDER);
    send(small, SENDER, [20], far);
    send(small, SENDER, [5, 4], far);
    assert.deepEqual(serials(small, SENDER, FrameType.ACKNOWLEDGED), [20, 5]);
    assert.deepEqual(refusals(small, SENDER), { ids: [4], codes: new Set([ErrorFrameCode.ID_TOO_OLD]) });
    small.online(OTHER, OTHER);
    for (const id of [1, 17]) small.say(OTHER, small.message(id, far));
    small.settle(); // both are read in one turn, before the other shard answers the first
    assert.deepEqual(serials(small, OTHER, FrameType.ACKNOWLEDGED), [1]);
    assert.deepEqual(refusals(small, OTHER), { ids: [17], codes: new Set([ErrorFrameCode.TOO_MANY_UNANSWERED]) });
  });
});

describe('a full mailbox', () => {
  it('refuses messages to its account alone, and takes the same id once the phone has confirmed', () => {
    const small = new SmallSwitch({ messagesPerAccount: 3 });
    small.online(SENDER, SENDER);
    send(small, SENDER, [1, 2, 3, 4, 5], RECIPIENT);
    assert.deepEqual(serials(small, SENDER, FrameType.ACKNOWLEDGED), [1, 2, 3]);
    assert.deepEqual(refusals(small, SENDER), { ids: [4, 5], codes: new Set([ErrorFrameCode.MAILBOX_FULL]) });
    send(small, SENDER, [6], OTHER);
    assert.deepEqual(serials(small, SENDER, FrameType.ACKNOWLEDGED), [1, 2, 3, 6], 'another has room');
    small.online(RECIPIENT, RECIPIENT);
    confirmLast(small, RECIPIENT);
    send(small, SENDER, [4, 5], RECIPIENT);
    assert.deepEqual(serials(small, SENDER, FrameType.ACKNOWLEDGED), [1, 2, 3, 6, 4, 5]);
    assert.equal(small.count('rejectedMailboxFull'), 2);
  });

  it('refuses copies that wait for one answer once, and a copy after the answer again', () => {
    const small = new SmallSwitch({ shards: 2, messagesPerAccount: 1 });
    const isFar = (account: number): boolean => account !== SENDER && small.homes.shardOf(account) === 1;
    const [full = 0, empty = 0] = [0, 1, 2, 3, 4, 5].filter(isFar);
    small.online(SENDER, SENDER);
    send(small, SENDER, [1], full);
    for (const id of [2, 2, 2]) small.say(SENDER, small.message(id, full));
    for (const id of [3, 3]) small.say(SENDER, small.message(id, empty));
    small.work(0);
    assert.equal(small.count('messagesDuplicate'), 3, 'all have arrived, and the other shard has not answered');
    small.settle();
    assert.deepEqual(refusals(small, SENDER).ids, [2]);
    assert.deepEqual(serials(small, SENDER, FrameType.ACKNOWLEDGED), [1, 3]);
    send(small, SENDER, [2], full);
    send(small, SENDER, [3], empty);
    assert.deepEqual(refusals(small, SENDER).ids, [2, 2]);
    assert.deepEqual(serials(small, SENDER, FrameType.ACKNOWLEDGED), [1, 3, 3]);
  });

  it('is as large for messages as for receipts: a receipt that finds it full is lost, and counted', () => {
    const small = new SmallSwitch({ messagesPerAccount: 2 });
    for (const client of [SENDER, RECIPIENT, OTHER]) small.online(client, client);
    send(small, SENDER, [1], RECIPIENT);
    small.hangUp(SENDER);
    small.settle();
    send(small, OTHER, [1, 2], SENDER);
    confirmLast(small, RECIPIENT);
    assert.equal(small.count('receiptsDropped'), 1);
    small.online(SENDER, SENDER);
    assert.deepEqual(serials(small, SENDER, FrameType.RECEIPT), []);
    assert.equal(small.frames(SENDER, FrameType.DELIVER).length, 2, 'messages are not lost');
  });
});

describe('a full store', () => {
  it('refuses messages to everyone, loses none that was acknowledged, and takes others when some are confirmed', () => {
    const blocks = 4;
    const small = new SmallSwitch({ mailboxBlocks: blocks });
    for (const client of [SENDER, OTHER]) small.online(client, client);
    // A payload of 200 bytes takes three blocks of 96.
    send(small, SENDER, [1], RECIPIENT, 200);
    send(small, SENDER, [2], RECIPIENT);
    send(small, SENDER, [3, 4], RECIPIENT);
    send(small, OTHER, [1], SENDER);
    assert.deepEqual(serials(small, SENDER, FrameType.ACKNOWLEDGED), [1, 2]);
    assert.deepEqual(refusals(small, SENDER), { ids: [3, 4], codes: new Set([ErrorFrameCode.STORE_FULL]) });
    assert.deepEqual(refusals(small, OTHER), { ids: [1], codes: new Set([ErrorFrameCode.STORE_FULL]) });
    small.online(RECIPIENT, RECIPIENT);
    assert.equal(small.frames(RECIPIENT, FrameType.DELIVER).length, 2);
    confirmLast(small, RECIPIENT);
    assert.deepEqual(serials(small, SENDER, FrameType.RECEIPT), [1, 2]);
    send(small, SENDER, [5], RECIPIENT, 200);
    send(small, OTHER, [1], SENDER);
    assert.deepEqual(serials(small, SENDER, FrameType.ACKNOWLEDGED), [1, 2, 5]);
    assert.deepEqual(serials(small, OTHER, FrameType.ACKNOWLEDGED), [1]);
  });

  it('has room for a receipt in the place of the message that it is for', () => {
    const small = new SmallSwitch({ mailboxBlocks: 1 });
    for (const client of [SENDER, RECIPIENT]) small.online(client, client);
    send(small, SENDER, [1], RECIPIENT);
    small.hangUp(SENDER);
    small.settle();
    confirmLast(small, RECIPIENT);
    assert.equal(small.count('receiptsDropped'), 0);
    small.online(SENDER, SENDER);
    assert.deepEqual(serials(small, SENDER, FrameType.RECEIPT), [1]);
    assert.equal(small.count('messagesQueued'), 0);
  });
});

describe('a full table of connections', () => {
  it('refuses a phone, and lets it in when another has left', () => {
    const sessions = 3;
    const small = new SmallSwitch({ sessions });
    for (let client = 0; client < sessions; client++) small.online(client, client);
    small.connect(sessions, 0);
    small.settle();
    assert.equal(small.isThere(sessions), false, 'it was refused');
    assert.equal(small.count('sessions'), sessions);
    assert.deepEqual(small.frames(0, FrameType.ERROR), [], 'nobody has lost its place');
    small.hangUp(1);
    small.settle();
    small.online(sessions, sessions);
    assert.equal(small.count('sessions'), sessions);
    assert.equal(
      readLoginCode(small.frames(sessions, FrameType.LOGIN_RESULT)[0]?.body ?? new DataView(new ArrayBuffer(1)), 0),
      LoginCode.ACCEPTED,
    );
  });
});

describe('a full inbox of another shard', () => {
  /** A phone on shard 0 and recipients whose homes are on shard 1, which does not work. */
  function blocked(changes: { readonly inboxBytes?: number; readonly questionsMax?: number }) {
    const small = new SmallSwitch({ shards: 2, accounts: 40, messagesPerAccount: 64, mailboxBlocks: 256, ...changes });
    const far = Array.from({ length: 40 }, (_, n) => n).filter((n) => small.homes.shardOf(n) === 1);
    const near = Array.from({ length: 40 }, (_, n) => n).filter((n) => small.homes.shardOf(n) === 0);
    small.online(SENDER, near[0] ?? 0);
    small.online(OTHER, near[1] ?? 0);
    return { small, far: far[0] ?? 0, near: near[2] ?? 0 };
  }

  for (const [what, changes] of [
    ['its inbox', { inboxBytes: 2 ** 11, questionsMax: 16 }],
    ['the limit of open questions', { questionsMax: 3 }],
  ] as const) {
    it(`holds phones back by ${what}: no error, no message lost, no order changed, no memory taken`, () => {
      const { small, far } = blocked(changes);
      const before = bytesHeld(small);
      const ids = Array.from({ length: 15 }, (_, n) => n + 1);
      for (const id of ids) small.say(SENDER, small.message(id, far, 200));
      small.say(OTHER, small.empty(FrameType.PING));
      for (let n = 0; n < 100; n++) {
        small.work(0);
        small.listen();
      }
      assert.ok(small.count('stalls') > 0, 'it was full');
      assert.deepEqual(serials(small, SENDER, FrameType.ACKNOWLEDGED), []);
      assert.deepEqual(refusals(small, SENDER).ids, []);
      assert.equal(bytesHeld(small), before);
      small.settle();
      assert.deepEqual(serials(small, SENDER, FrameType.ACKNOWLEDGED), ids);
      assert.equal(small.frames(OTHER, FrameType.PONG).length, 1, 'whoever stood behind is served too');
      small.online(RECIPIENT, far, 1);
      for (let n = 0; n < ids.length; n++) confirmLast(small, RECIPIENT);
      assert.deepEqual(serials(small, RECIPIENT, FrameType.DELIVER), ids, 'in order, each once');
      assert.deepEqual(serials(small, SENDER, FrameType.RECEIPT), ids);
    });
  }
});

describe('a full table of logins that wait', () => {
  it('tells a further phone that the switch is busy, and lets it in when another has found its place', () => {
    const accounts = PENDING_LOGINS_MAX + 1;
    const small = new SmallSwitch({
      accounts,
      sessions: 2 * accounts + 1,
      ringBytes: 2 ** 21,
      inputsPerTurn: 2 ** 14,
      heartbeatTimeoutMicros: Number.POSITIVE_INFINITY,
      loginTimeoutMicros: 60e6,
    });
    const all = Array.from({ length: accounts }, (_, account) => account);
    const second = (account: number): number => accounts + account;
    for (const account of all) small.connect(account);
    small.settle();
    for (const account of all) small.say(account, small.login(account));
    small.settle();
    assert.equal(small.count('sessions'), accounts);
    // None of them reads that it is replaced, so that the end of none comes.
    small.isDeaf = (client) => client < accounts;
    for (const account of all) small.connect(second(account));
    small.settle();
    for (const account of all) small.say(second(account), small.login(account));
    small.settle();
    const answered = all.filter((account) => small.frames(second(account), FrameType.LOGIN_RESULT).length > 0);
    assert.deepEqual(answered, [accounts - 1], 'the last alone, all others wait');
    assert.equal(small.count('loginsRefusedBusy'), 1);
    small.isDeaf = () => false;
    small.hangUp(0);
    small.hangUp(accounts - 1);
    small.settle();
    small.online(2 * accounts, accounts - 1);
    const results = [second(0), 2 * accounts].map((client) => small.frames(client, FrameType.LOGIN_RESULT)[0]?.body);
    for (const body of results) assert.equal(body === undefined ? -1 : readLoginCode(body, 0), LoginCode.ACCEPTED);
    assert.equal(results[0] === undefined ? -1 : readLoginWaiting(results[0], 0), 0);
  });
});
