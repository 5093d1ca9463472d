/**
 * Questions to a shard that stops answering: two real shards, one of which is not turned, and comes back late or never.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FrameType, LoginCode, readSerial } from '../wire/frames.ts';
import { readLoginCode } from '../wire/login.ts';
import { CloseReason } from '../wire/transport.ts';
import { SmallSwitch } from './small-switch.test-suite.ts';

/** For a login, and for a message; a question ends late by up to an eighth of the shorter time, and a tick. */
const LOGIN_MICROS = 8e6;
const MESSAGE_MICROS = 32e6;
const LATE_MICROS = 1.5e6;
const NEVER = Number.POSITIVE_INFINITY;
const HERE = 0;
const STOPPED = 1;

/** A switch whose phones are all on shard 0, and the accounts that have their home on either shard. */
function made(questionsMax = 16, inputsPerTurn = 512) {
  const small = new SmallSwitch({
    shards: 2,
    accounts: 40,
    heartbeatTimeoutMicros: NEVER,
    loginTimeoutMicros: 100e6,
    redeliveryMicros: 100e6,
    tickMicros: 100_000,
    questionsMax,
    inputsPerTurn,
  });
  const accounts = Array.from({ length: 40 }, (_, n) => n);
  const near = accounts.filter((n) => small.homes.shardOf(n) === HERE);
  const far = accounts.filter((n) => small.homes.shardOf(n) === STOPPED);
  /** Time goes on for shard 0 and the phones only. */
  const pass = (micros: number, steps = 100): void => {
    for (let n = 0; n < steps; n++) {
      small.nowMicros += micros / steps;
      small.work(HERE);
      small.listen();
    }
  };
  return { small, near, far, pass };
}

function loginCodes(small: SmallSwitch, client: number): number[] {
  return small.frames(client, FrameType.LOGIN_RESULT).map(({ body }) => readLoginCode(body, 0));
}

/** Connects, and says its login. */
function asksToLogIn(small: SmallSwitch, client: number, account: number, pass: (micros: number) => void): void {
  small.connect(client, HERE);
  pass(1000);
  small.say(client, small.login(account));
  pass(1000);
}

describe('a login at the home on another shard', () => {
  it('is refused as busy where no answer comes in time, and leaves nothing', () => {
    const { small, far, pass } = made();
    const [account = 0] = far;
    asksToLogIn(small, 0, account, pass);
    pass(LOGIN_MICROS - 1e6);
    assert.deepEqual(loginCodes(small, 0), [], 'it waits for its time');
    pass(LATE_MICROS + 1e6);
    assert.deepEqual(loginCodes(small, 0), [LoginCode.BUSY]);
    assert.equal(small.closedFor.get(0), CloseReason.LOGIN_REFUSED);
    assert.equal(small.rowsUsed, 0);
    assert.equal(small.count('questionsTimedOut'), 1);
    small.settle();
    assert.equal(small.count('questionsExpired'), 1, 'the home comes back, and does not answer what it reads too late');
    small.online(1, account, HERE);
    assert.deepEqual(loginCodes(small, 1), [LoginCode.ACCEPTED]);
  });

  it('is accepted where the answer came in time, however late the asking shard reads it', () => {
    const { small, far, pass } = made(16, 2);
    const clients = [0, 1, 2, 3, 4, 5];
    for (const client of clients) asksToLogIn(small, client, far[client] ?? 0, pass);
    for (let n = 0; n < 3; n++) small.work(STOPPED); // it answers all; then the asking shard stops for a long time
    small.nowMicros += 20e6;
    pass(1000, 10); // and reads two answers per turn
    for (const client of clients) assert.deepEqual(loginCodes(small, client), [LoginCode.ACCEPTED], `client ${client}`);
  });

  it('that is accepted after it was given up: the answer is dropped, and the account can log in again', () => {
    const { small, far, pass } = made();
    const [account = 0] = far;
    asksToLogIn(small, 0, account, pass);
    const inTime = small.nowMicros;
    pass(LOGIN_MICROS + LATE_MICROS);
    const now = small.nowMicros;
    small.nowMicros = inTime; // a turn that began in time, and was stopped before it answered
    small.work(STOPPED);
    small.nowMicros = now;
    small.settle();
    assert.deepEqual(loginCodes(small, 0), [LoginCode.BUSY]);
    assert.equal(small.count('answersLate'), 1);
    assert.equal(small.rowsUsed, 0);
    small.online(1, account, HERE);
    assert.deepEqual(loginCodes(small, 1), [LoginCode.ACCEPTED], 'its home has learned that the first is not there');
  });

  it('keeps nobody else waiting for room: questions that are given up make room for others', () => {
    const { small, far, pass } = made(4);
    for (const client of far.slice(0, 8).keys()) small.connect(client, HERE);
    pass(1000, 4);
    for (const [client, account] of far.slice(0, 8).entries()) small.say(client, small.login(account));
    pass(2 * (LOGIN_MICROS + LATE_MICROS) + 1e6, 400);
    for (let client = 0; client < 8; client++)
      assert.deepEqual(loginCodes(small, client), [LoginCode.BUSY], `${client}`);
    assert.equal(small.rowsUsed, 0);
  });
});

describe('a login that waits for an earlier session of its account', () => {
  it('is refused as busy where that session is on a shard that has stopped, and accepted when it is back', () => {
    const { small, near, pass } = made();
    const [account = 0] = near;
    small.online(0, account, STOPPED);
    for (let client = 1; client <= 3; client++) {
      asksToLogIn(small, client, account, pass);
      pass(LOGIN_MICROS);
      assert.deepEqual(loginCodes(small, client), [LoginCode.BUSY]);
    }
    assert.equal(small.rowsUsed, 1, 'the earlier session');
    small.settle();
    small.online(4, account, HERE);
    assert.deepEqual(loginCodes(small, 4), [LoginCode.ACCEPTED]);
    assert.equal(small.rowsUsed, 1);
  });
});

describe('logins that use all open questions', () => {
  it('are given up where the sessions that they wait for end behind a frame that waits for a question', () => {
    const { small, far } = made(2);
    const [first = 0, second = 0, third = 0, recipient = 0] = far;
    for (const [client, account] of [first, second, third].entries()) small.online(client, account, HERE);
    for (const client of [3, 4]) small.connect(client, HERE);
    small.settle();
    small.say(3, small.login(first));
    small.say(4, small.login(second));
    small.say(2, small.message(1, recipient));
    small.settle();
    small.pass(LOGIN_MICROS / 4, 20);
    assert.deepEqual(small.frames(2, FrameType.ACKNOWLEDGED), [], 'the message waits for a question');
    assert.ok(small.count('stalls') > 0);
    small.pass(LOGIN_MICROS / 4 + LATE_MICROS, 60);
    for (const client of [3, 4]) assert.deepEqual(loginCodes(small, client), [LoginCode.BUSY], `client ${client}`);
    assert.deepEqual(
      small.frames(2, FrameType.ACKNOWLEDGED).map(({ body }) => readSerial(body, 0)),
      [1],
      'the message is taken at last',
    );
    for (const [at, account] of [first, second].entries()) {
      small.online(5 + at, account, HERE);
      assert.deepEqual(loginCodes(small, 5 + at), [LoginCode.ACCEPTED], 'the earlier sessions are gone');
    }
    assert.equal(small.rowsUsed, 3);
  });
});

describe('a message to a home that does not answer', () => {
  it('ends the session after its time, and is taken once when the phone sends it again', () => {
    const { small, near, far, pass } = made();
    const [sender = 0] = near;
    const [recipient = 0] = far;
    small.online(0, sender, HERE);
    small.say(0, small.message(1, recipient));
    pass(MESSAGE_MICROS - 1e6);
    assert.ok(small.isConnected(0), 'it waits for its time');
    pass(LATE_MICROS + 1e6);
    assert.equal(small.closedFor.get(0), CloseReason.SHARD_ENDED);
    assert.equal(small.rowsUsed, 0);
    small.online(0, sender, HERE); // the home of the recipient is back, too
    small.say(0, small.message(1, recipient));
    small.settle();
    const acknowledged = small.frames(0, FrameType.ACKNOWLEDGED).map(({ body }) => readSerial(body, 0));
    assert.deepEqual(acknowledged, [1]);
    small.online(1, recipient, STOPPED);
    assert.equal(small.frames(1, FrameType.DELIVER).length, 1, 'the first one came too late');
  });
});

it('shards that stop for any time leave no row, no question, and no account that cannot log in', () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ what: fc.constant('log in' as const), client: fc.nat(5), shard: fc.nat(1) }) },
    { weight: 4, arbitrary: fc.record({ what: fc.constant('send' as const), client: fc.nat(5), to: fc.nat(5) }) },
    { weight: 2, arbitrary: fc.record({ what: fc.constant('hang up' as const), client: fc.nat(5) }) },
    { weight: 6, arbitrary: fc.record({ what: fc.constant('work' as const), shard: fc.nat(1), turns: fc.nat(4) }) },
    {
      weight: 3,
      arbitrary: fc.record({ what: fc.constant('pass' as const), micros: fc.constantFrom(1e5, 3e6, 9e6, 40e6) }),
    },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
      const { small } = made(1024);
      const ids = new Map<number, number>();
      for (const one of steps) {
        if (one.what === 'log in' && !small.isThere(one.client)) {
          small.connect(one.client, one.shard);
          small.work(one.shard);
          small.listen();
          if (small.isConnected(one.client)) small.say(one.client, small.login(one.client));
        } else if (one.what === 'send' && small.isConnected(one.client)) {
          const id = (ids.get(one.client) ?? 0) + 1;
          ids.set(one.client, id);
          if (loginCodes(small, one.client)[0] === LoginCode.ACCEPTED) small.say(one.client, small.message(id, one.to));
        } else if (one.what === 'hang up' && small.isConnected(one.client)) {
          small.hangUp(one.client);
        } else if (one.what === 'work') {
          for (let n = 0; n < one.turns; n++) small.work(one.shard);
          small.listen();
        } else if (one.what === 'pass') {
          small.nowMicros += one.micros;
        }
      }
      small.settle();
      small.pass(MESSAGE_MICROS + LATE_MICROS, 100);
      for (let client = 0; client < 6; client++) if (small.isConnected(client)) small.hangUp(client);
      small.pass(MESSAGE_MICROS + LATE_MICROS, 100);
      for (let client = 10; client < 16; client++) {
        for (let attempt = 0; attempt < 3 && loginCodes(small, client).at(-1) !== LoginCode.ACCEPTED; attempt++) {
          small.online(client, client - 10, client % 2);
          small.pass(LOGIN_MICROS, 20);
        }
        assert.equal(loginCodes(small, client).at(-1), LoginCode.ACCEPTED, `account ${client - 10}`);
      }
      assert.equal(small.rowsUsed, 6);
      const open = small.shards.flatMap((shard) => shard.ledger()).filter(({ name }) => name === 'open questions');
      assert.ok(open.every(({ rowsUsed }) => rowsUsed === 0));
    }),
    { numRuns: 60 },
  );
});
