/** What phones notice when one of two shards ends and starts again, and what the other shard forgets and keeps. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ErrorFrameCode, FrameType, LoginCode, readErrorCode } from '../wire/frames.ts';
import { readLoginHighestId } from '../wire/login.ts';
import { PresenceState } from '../wire/presence-frames.ts';
import { CloseReason } from '../wire/transport.ts';
import { noticesOf, setPresenceFrame, watchFrame } from './presence/watching-phones.test-suite.ts';
import { ENDED, HERE, TwoShards } from './two-shards.test-suite.ts';

describe('a session whose home has ended', () => {
  it('is closed, and finds at its next login what waited for it', () => {
    const two = new TwoShards();
    const { small } = two;
    const [sleeper, writer] = [two.account(ENDED, 0), two.account(HERE, 0)];
    small.online(1, writer, HERE);
    for (const id of [1, 2, 3]) small.say(1, small.message(id, sleeper));
    small.settle();
    assert.deepEqual(two.ids(1, FrameType.ACKNOWLEDGED), [1, 2, 3]);
    small.online(0, sleeper, HERE);
    two.restart();
    assert.equal(small.closedFor.get(0), CloseReason.SHARD_ENDED);
    assert.ok(small.isConnected(1), 'a phone that has nothing to do with it stays');
    small.online(0, sleeper, HERE);
    assert.deepEqual(two.loginCodes(0), [LoginCode.ACCEPTED]);
    let got = two.confirmAll(0);
    for (let n = 0; n < 3; n++) got = two.confirmAll(0);
    assert.equal(got, 3);
    assert.deepEqual(two.ids(1, FrameType.RECEIPT), [1, 2, 3]);
  });

  it('is closed with as many others per turn as a turn has inputs', () => {
    const two = new TwoShards({ inputsPerTurn: 2 });
    const { small } = two;
    const clients = [0, 1, 2, 3, 4];
    for (const client of clients) small.online(client, two.account(ENDED, client), HERE);
    small.online(9, two.account(HERE, 0), HERE);
    two.end();
    small.start(ENDED);
    small.work(ENDED); // says that it has started again
    const closed: number[] = [];
    for (let turn = 0; turn < 40 && closed.at(-1) !== clients.length; turn++) {
      two.turn(HERE);
      closed.push(clients.filter((client) => small.closedFor.has(client)).length);
    }
    assert.equal(closed.at(-1), clients.length, 'all are told');
    closed.forEach((count, turn) => {
      assert.ok(count - (closed[turn - 1] ?? 0) <= 2, `${closed}`);
    });
    small.settle();
    assert.ok(small.isConnected(9));
    assert.equal(small.rowsUsed, 1);
  });
});

describe('a phone that was connected to a shard that has ended', () => {
  it('counts as away at its home: messages wait for it, and it may come back on any shard', () => {
    const two = new TwoShards();
    const { small } = two;
    const [reader, writer] = [two.account(HERE, 0), two.account(HERE, 1)];
    small.online(0, reader, ENDED);
    small.online(1, writer, HERE);
    two.restart();
    assert.equal(small.closedFor.get(0), CloseReason.BROKEN);
    small.say(1, small.message(1, reader));
    small.settle();
    assert.deepEqual(two.ids(1, FrameType.ACKNOWLEDGED), [1]);
    small.online(0, reader, HERE);
    assert.equal(two.confirmAll(0), 1);
    assert.deepEqual(two.ids(1, FrameType.RECEIPT), [1]);
    assert.equal(small.count('messagesQueued'), 0);
  });

  it('gets what it had not confirmed once more, and in order', () => {
    const two = new TwoShards();
    const { small } = two;
    const [reader, writer] = [two.account(HERE, 0), two.account(HERE, 1)];
    small.online(0, reader, ENDED);
    small.online(1, writer, HERE);
    for (const id of [1, 2, 3]) small.say(1, small.message(id, reader));
    small.settle();
    const before = two.ids(0, FrameType.DELIVER);
    assert.deepEqual(before, [1, 2], 'as many as the window has');
    two.restart();
    small.online(0, reader, ENDED);
    two.confirmAll(0);
    assert.deepEqual(two.ids(0, FrameType.DELIVER), [1, 2, 3]);
  });
});

describe('a question to a shard that ends', () => {
  it('of a login is refused as busy when the shard starts again, not only after its time', () => {
    const two = new TwoShards();
    const { small } = two;
    const account = two.account(ENDED, 0);
    small.connect(0, HERE);
    small.settle();
    small.say(0, small.login(account));
    for (let n = 0; n < 3; n++) two.turn(HERE);
    assert.deepEqual(two.loginCodes(0), []);
    two.restart();
    assert.deepEqual(two.loginCodes(0), [LoginCode.BUSY]);
    assert.equal(small.count('questionsTimedOut'), 0);
    small.online(0, account, HERE);
    assert.deepEqual(two.loginCodes(0), [LoginCode.ACCEPTED]);
    assert.equal(small.rowsUsed, 1);
  });

  it('of a message ends the session, so that its phone sends it again, and it arrives once', () => {
    const two = new TwoShards();
    const { small } = two;
    const [reader, writer] = [two.account(ENDED, 0), two.account(HERE, 0)];
    small.online(1, writer, HERE);
    small.say(1, small.message(1, reader));
    small.settle();
    small.say(1, small.message(2, reader));
    small.say(1, small.message(3, reader));
    for (let n = 0; n < 3; n++) two.turn(HERE);
    assert.deepEqual(two.ids(1, FrameType.ACKNOWLEDGED), [1]);
    two.restart();
    assert.ok(small.closedFor.has(1));
    small.online(1, writer, HERE);
    const [login] = small.frames(1, FrameType.LOGIN_RESULT);
    assert.equal(login === undefined ? 0 : readLoginHighestId(login.body, 0), 3, 'its home is another shard');
    for (const id of [1, 2, 3]) small.say(1, small.message(id, reader)); // also one that was accepted before
    small.settle();
    assert.deepEqual(two.ids(1, FrameType.ACKNOWLEDGED), [1, 2, 3]);
    small.online(0, reader, HERE);
    two.confirmAll(0);
    assert.equal(two.confirmAll(0), 3, 'each once');
  });

  it('that is asked while the shard is down is given up as well', () => {
    const two = new TwoShards();
    const { small } = two;
    small.online(1, two.account(HERE, 0), HERE);
    two.end();
    small.say(1, small.message(1, two.account(ENDED, 0)));
    for (let n = 0; n < 3; n++) two.turn(HERE);
    assert.ok(small.isConnected(1), 'it waits');
    small.start(ENDED);
    small.settle();
    assert.ok(small.closedFor.has(1));
    const refusals = small.frames(1, FrameType.ERROR).map(({ body }) => readErrorCode(body, 0));
    assert.ok(!refusals.includes(ErrorFrameCode.STORE_FULL), 'the message is not refused: it may have arrived');
  });
});

describe('presence after a shard has ended and started again', () => {
  it('is asked for again at the home that has lost its subscriptions', () => {
    const two = new TwoShards();
    const { small } = two;
    const [watcher, watched] = [two.account(HERE, 0), two.account(ENDED, 0)];
    small.online(0, watcher, HERE);
    small.say(0, watchFrame(FrameType.WATCH, small.number(watched)));
    small.settle();
    small.online(1, watched, HERE);
    const heard = (): (readonly [number, number])[] =>
      noticesOf(small, 0).map(({ account, state }) => [account, state] as const);
    assert.deepEqual(heard().at(-1), [watched, PresenceState.AVAILABLE]);
    two.restart();
    assert.deepEqual(heard().at(-1), [watched, PresenceState.UNAVAILABLE], 'its session has ended');
    small.online(1, watched, ENDED);
    assert.deepEqual(heard().at(-1), [watched, PresenceState.AVAILABLE]);
    small.say(1, setPresenceFrame(PresenceState.UNAVAILABLE));
    small.settle();
    assert.deepEqual(heard().at(-1), [watched, PresenceState.UNAVAILABLE]);
    assert.equal(small.count('subscriptions'), 1);
  });

  it('is told no more to watchers who were connected there', () => {
    const two = new TwoShards();
    const { small } = two;
    const [watcher, stays, watched] = [two.account(HERE, 0), two.account(HERE, 1), two.account(HERE, 2)];
    small.online(0, watcher, ENDED);
    small.online(1, stays, HERE);
    for (const client of [0, 1]) small.say(client, watchFrame(FrameType.WATCH, small.number(watched)));
    small.settle();
    two.restart();
    small.online(3, two.account(HERE, 3), ENDED); // perhaps in the row of the session that was lost
    small.online(2, watched, HERE);
    assert.deepEqual(noticesOf(small, 3), []);
    assert.equal(noticesOf(small, 1).at(-1)?.state, PresenceState.AVAILABLE, 'the others still hear');
    assert.equal(small.count('subscriptions'), 1);
  });
});
