/**
 * What a shard does with what it knows of the sessions of another shard that has ended: nothing that was meant for such
 * a session may reach the one that has its place in the new incarnation, which has the same slot and the same
 * generation.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ErrorFrameCode, FrameType, LoginCode, readErrorCode } from '../wire/frames.ts';
import { PresenceState } from '../wire/presence-frames.ts';
import { noticesOf, watchFrame } from './presence/watching-phones.test-suite.ts';
import { ENDED, HERE, TwoShards } from './two-shards.test-suite.ts';

const THIRD = 2;
const [WRITER, READER, NEXT] = [0, 1, 2];

const errorsOf = ({ small }: TwoShards, client: number): number[] =>
  small.frames(client, FrameType.ERROR).map(({ body }) => readErrorCode(body, 0));

/** A message of a phone on the ended shard is with its recipient's home, and its record stays incomplete. */
function withIncomplete(): TwoShards {
  const two = new TwoShards();
  const { small } = two;
  small.online(READER, two.account(HERE, 1), HERE);
  small.online(WRITER, two.account(HERE, 0), ENDED);
  Object.assign(two.logs[HERE] ?? {}, { delayTurns: Number.POSITIVE_INFINITY });
  small.say(WRITER, small.message(1, two.account(HERE, 1)));
  small.settle();
  assert.deepEqual(two.ids(WRITER, FrameType.ACKNOWLEDGED), []);
  return two;
}

describe('a message whose record is incomplete when the shard of its sender ends', () => {
  it('is not acknowledged to the session that has the place of its sender then', () => {
    const two = withIncomplete();
    const { small } = two;
    two.restart();
    small.online(NEXT, two.account(HERE, 2), ENDED);
    small.say(NEXT, small.message(1, two.account(HERE, 3)));
    small.settle();
    two.logs[HERE]?.completeBatch();
    small.settle();
    assert.equal(small.frames(READER, FrameType.DELIVER).length, 1, 'the first record is complete');
    assert.deepEqual(two.ids(NEXT, FrameType.ACKNOWLEDGED), [], 'the second is not');
    two.logs[HERE]?.completeBatch();
    small.settle();
    assert.deepEqual(two.ids(NEXT, FrameType.ACKNOWLEDGED), [1]);
  });

  it('is acknowledged to its sender, who sends it again, and refused to nobody', () => {
    const two = withIncomplete();
    const { small } = two;
    two.restart();
    small.online(NEXT, two.account(HERE, 2), ENDED);
    small.say(NEXT, small.message(1, two.account(HERE, 3)));
    small.work(ENDED); // the question is open, and not heard yet
    small.online(WRITER, two.account(HERE, 0), HERE);
    small.say(WRITER, small.message(1, two.account(HERE, 1)));
    small.settle();
    assert.deepEqual(two.ids(WRITER, FrameType.ACKNOWLEDGED), [], 'its record is still incomplete');
    assert.deepEqual(errorsOf(two, NEXT), []);
    for (let n = 0; n < 2; n++) two.logs[HERE]?.completeBatch();
    small.settle();
    assert.deepEqual(two.ids(WRITER, FrameType.ACKNOWLEDGED), [1]);
    assert.deepEqual(two.ids(NEXT, FrameType.ACKNOWLEDGED), [1]);
    assert.equal(small.frames(READER, FrameType.DELIVER).length, 1, 'it is stored once');
  });

  it('frees the row of a session whose home has ended, when its phone has sent it again', () => {
    const two = new TwoShards();
    const { small } = two;
    small.online(READER, two.account(HERE, 0), HERE);
    small.online(WRITER, two.account(ENDED, 0), HERE);
    Object.assign(two.logs[HERE] ?? {}, { delayTurns: Number.POSITIVE_INFINITY });
    small.say(WRITER, small.message(1, two.account(HERE, 0)));
    small.settle();
    two.restart();
    assert.equal(small.rowsUsed, 2, 'the session is closed, and waits for its answer');
    small.online(WRITER, two.account(ENDED, 0), HERE);
    small.say(WRITER, small.message(1, two.account(HERE, 0)));
    small.settle();
    two.logs[HERE]?.completeBatch();
    small.settle();
    assert.deepEqual(two.ids(WRITER, FrameType.ACKNOWLEDGED), [1]);
    assert.deepEqual(errorsOf(two, WRITER), []);
    assert.equal(small.rowsUsed, 2, 'the two sessions that are there');
  });
});

describe('a login that waits for an earlier session when its own shard ends', () => {
  it('is forgotten: its account is away once the earlier session is over', () => {
    const two = new TwoShards({ shards: 3 });
    const { small } = two;
    const account = two.account(HERE, 0);
    const elsewhere = Array.from({ length: 40 }, (_, n) => n).find((n) => small.homes.shardOf(n) === THIRD) ?? 0;
    small.online(READER, two.account(HERE, 1), HERE);
    small.say(READER, watchFrame(FrameType.WATCH, small.number(account)));
    small.online(WRITER, account, HERE);
    small.connect(NEXT, ENDED);
    small.settle();
    small.say(WRITER, small.message(1, elsewhere)); // while it is unanswered, the session is not over
    two.turn(HERE);
    small.say(NEXT, small.login(account));
    two.turn(ENDED);
    for (let n = 0; n < 3; n++) two.turn(HERE);
    assert.ok(!small.isConnected(WRITER), 'it is replaced');
    two.end();
    small.start(ENDED);
    two.turn(ENDED);
    for (let n = 0; n < 3; n++) two.turn(HERE);
    small.settle();
    assert.equal(noticesOf(small, READER).at(-1)?.state, PresenceState.UNAVAILABLE);
    assert.equal(small.rowsUsed, 1);
    small.online(NEXT, account, ENDED);
    assert.deepEqual(two.loginCodes(NEXT), [LoginCode.ACCEPTED]);
  });
});

describe('a shard that ends again', () => {
  it('is forgotten again, with the sessions and homes that it had in the meantime', () => {
    const two = new TwoShards();
    const { small } = two;
    small.online(READER, two.account(HERE, 0), HERE);
    small.say(READER, watchFrame(FrameType.WATCH, small.number(two.account(HERE, 1))));
    small.settle();
    for (let n = 0; n < 3; n++) {
      small.online(WRITER, two.account(HERE, 1), ENDED);
      small.online(NEXT, two.account(ENDED, 0), HERE);
      assert.equal(noticesOf(small, READER).at(-1)?.state, PresenceState.AVAILABLE, `${n}: it is back`);
      two.restart();
      assert.equal(noticesOf(small, READER).at(-1)?.state, PresenceState.UNAVAILABLE, `${n}: it is away`);
      assert.ok(!small.isConnected(NEXT), `${n}: its home has ended`);
      assert.equal(small.rowsUsed, 1);
    }
  });

  it('lets in as many logins that waited for its sessions per turn as a turn has inputs, and all in the end', () => {
    const two = new TwoShards({ inputsPerTurn: 2 });
    const { small } = two;
    const clients = [0, 1, 2, 3, 4, 5];
    for (const n of clients) small.online(10 + n, two.account(HERE, n), ENDED);
    for (const n of clients) small.connect(n, HERE);
    small.settle();
    for (const n of clients) {
      small.say(n, small.login(two.account(HERE, n)));
      for (let turn = 0; turn < 2; turn++) two.turn(HERE);
    }
    assert.ok(clients.every((n) => two.loginCodes(n).length === 0));
    two.end();
    small.start(ENDED);
    small.work(ENDED);
    let before = 0;
    for (let turn = 0; turn < 40 && before < clients.length; turn++) {
      two.turn(HERE);
      const accepted = clients.filter((n) => two.loginCodes(n)[0] === LoginCode.ACCEPTED).length;
      assert.ok(accepted - before <= 2, `${accepted - before} in one turn`);
      before = accepted;
    }
    assert.equal(before, clients.length);
    assert.equal(small.rowsUsed, clients.length);
  });
});

describe('questions to a shard that ends', () => {
  it('are given up, as many per turn as a turn has inputs, and all before anything new is asked', () => {
    const two = new TwoShards({ inputsPerTurn: 2 });
    const { small } = two;
    const clients = [0, 1, 2, 3, 4];
    for (const client of clients) small.connect(client, HERE);
    small.settle();
    for (const client of clients) {
      small.say(client, small.login(two.account(ENDED, client)));
      for (let n = 0; n < 2; n++) two.turn(HERE);
    }
    two.end();
    small.start(ENDED);
    small.work(ENDED);
    let before = 0;
    for (let turn = 0; turn < 40 && before < clients.length; turn++) {
      two.turn(HERE);
      const refused = clients.filter((client) => two.loginCodes(client).length > 0);
      for (const client of refused) assert.deepEqual(two.loginCodes(client), [LoginCode.BUSY]);
      assert.ok(refused.length - before <= 2, `${refused.length - before} in one turn`);
      before = refused.length;
    }
    assert.equal(before, clients.length);
    small.settle();
    assert.equal(small.rowsUsed, 0);
    assert.ok(!clients.some((client) => errorsOf(two, client).includes(ErrorFrameCode.LOGIN_TIMED_OUT)));
  });
});
