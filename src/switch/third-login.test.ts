/** A third login of an account while two others are on their way, in every order in which three shards can work. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ErrorFrameCode, FrameType, LoginCode, readErrorCode, readSerial } from '../wire/frames.ts';
import { readLoginCode } from '../wire/login.ts';
import { SmallSwitch } from './small-switch.test-suite.ts';

const SHARDS = 3;
const [FIRST, SECOND, THIRD, PEER] = [1, 2, 3, 4];
/** Turns of single shards before all go on together. */
const TURNS = 4;

/** Every order of so many turns of three shards. */
function orders(turns: number): number[][] {
  if (turns === 0) return [[]];
  return orders(turns - 1).flatMap((order) => Array.from({ length: SHARDS }, (_, shard) => [...order, shard]));
}

/** An account whose home is on this shard. */
function accountOf(small: SmallSwitch, shard: number): number {
  for (let account = 0; account < small.plan.size; account++)
    if (small.homes.shardOf(account) === shard) return account;
  return assert.fail('every shard is the home of some account');
}

function loginCodeOf(small: SmallSwitch, client: number): number | undefined {
  const [result] = small.frames(client, FrameType.LOGIN_RESULT);
  return result === undefined ? undefined : readLoginCode(result.body, 0);
}

const isReplaced = (small: SmallSwitch, client: number): boolean =>
  small.frames(client, FrameType.ERROR).some(({ body }) => readErrorCode(body, 0) === ErrorFrameCode.SESSION_REPLACED);

/** Connects a client to a shard, without a word. */
function connect(small: SmallSwitch, client: number, shard: number): void {
  small.connect(client, shard);
  small.settle();
}

/**
 * One client of the account is online on shard 0, and a message waits for its confirmation. Two more, on shards 1 and
 * 2, have said their login.
 */
function crowded(home: number): { small: SmallSwitch; account: number } {
  const small = new SmallSwitch({ shards: SHARDS, inputsPerTurn: 16, ringBytes: 2 ** 14 });
  const account = accountOf(small, home);
  small.online(PEER, (account + 1) % small.plan.size, 1);
  small.online(FIRST, account, 0);
  small.say(PEER, small.message(1, account));
  small.settle();
  connect(small, SECOND, 1);
  connect(small, THIRD, 2);
  small.say(SECOND, small.login(account));
  small.say(THIRD, small.login(account));
  return { small, account };
}

describe('a third login of an account', () => {
  for (let home = 0; home < SHARDS; home++) {
    it(`leaves one of the two later sessions, with the account's home on shard ${home}, whoever works when`, () => {
      const winners = new Set<number>();
      for (const order of orders(TURNS)) {
        const { small } = crowded(home);
        for (const shard of order) {
          small.work(shard);
          small.listen();
        }
        small.settle();
        const text = `after turns of ${order}`;
        assert.equal(isReplaced(small, FIRST) && !small.isConnected(FIRST), true, `the first was told ${text}`);
        const [winner, ...others] = [SECOND, THIRD].filter((client) => small.isConnected(client));
        assert.ok(winner !== undefined && others.length === 0, `one of the two stays ${text}`);
        winners.add(winner);
        assert.equal(loginCodeOf(small, winner), LoginCode.ACCEPTED);
        const loser = SECOND + THIRD - winner;
        // Either it came too late or too early to be let in, or it was in for a moment.
        if (loginCodeOf(small, loser) === LoginCode.ACCEPTED) assert.ok(isReplaced(small, loser), text);
        else assert.equal(loginCodeOf(small, loser), LoginCode.BUSY, text);
        assert.deepEqual(
          small.frames(winner, FrameType.DELIVER).map(({ body }) => readSerial(body, 0)),
          [1],
          `the message has come to the session that stays, once, ${text}`,
        );
        assert.equal(small.count('sessions'), 2);
      }
      assert.deepEqual(winners, new Set([SECOND, THIRD]), 'either can be the last to be heard');
    });
  }

  it('waits as long as the first session cannot be ended, and is let in if the first hangs up by itself', () => {
    const { small } = crowded(1);
    small.isDeaf = (client) => client === FIRST; // it does not read that it was replaced
    small.settle();
    const answered = [SECOND, THIRD].filter((client) => loginCodeOf(small, client) !== undefined);
    assert.equal(answered.length, 1, 'one of the two is told that it is busy, the other waits');
    assert.equal(loginCodeOf(small, answered[0] ?? 0), LoginCode.BUSY);
    const waiting = SECOND + THIRD - (answered[0] ?? 0);
    small.hangUp(FIRST);
    small.settle();
    assert.equal(loginCodeOf(small, waiting), LoginCode.ACCEPTED);
  });

  it('leaves the account free where all three hang up before any answer', () => {
    const { small, account } = crowded(1);
    small.isDeaf = (client) => client === FIRST;
    for (let n = 0; n < 4; n++) for (let shard = 0; shard < SHARDS; shard++) small.work(shard);
    for (const client of [FIRST, SECOND, THIRD]) small.hangUp(client);
    small.settle();
    assert.equal(small.count('sessions'), 1, 'the peer');
    small.isDeaf = () => false;
    small.online(FIRST, account, 2);
    assert.equal(loginCodeOf(small, FIRST), LoginCode.ACCEPTED);
    assert.equal(small.frames(FIRST, FrameType.DELIVER).length, 1, 'and what was sent to it has waited');
  });
});
