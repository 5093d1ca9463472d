/** Logins of one account from many connections at once, against an account of who is told what. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ErrorFrameCode, FrameType, LoginCode, readErrorCode } from '../wire/frames.ts';
import { readLoginCode } from '../wire/login.ts';
import { SmallSwitch } from './small-switch.test-suite.ts';

const CLIENTS = 6;
const ACCOUNT = 3;

const step = fc.record({
  client: fc.nat(CLIENTS - 1),
  what: fc.constantFrom('log in', 'log in', 'log in', 'listen', 'work', 'work', 'hang up'),
  shard: fc.nat(1),
});

/** The code of the answer to a client's login; undefined before it has come. */
function loginCode(small: SmallSwitch, client: number): number | undefined {
  const results = small.frames(client, FrameType.LOGIN_RESULT);
  assert.ok(results.length <= 1, 'a login is answered once');
  return results[0] === undefined ? undefined : readLoginCode(results[0].body, 0);
}

function isReplaced(small: SmallSwitch, client: number): boolean {
  const codes = small.frames(client, FrameType.ERROR).map(({ body }) => readErrorCode(body, 0));
  assert.ok(codes.every((code) => code === ErrorFrameCode.SESSION_REPLACED));
  return codes.length > 0;
}

describe('logins of one account', () => {
  for (const shards of [1, 2])
    it(`leave one session, and tell each of the others what became of it, with ${shards} shards`, () => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 50, size: 'max' }), (steps) => {
          const small = new SmallSwitch({ shards, sessions: 32, inputsPerTurn: 64, ringBytes: 2 ** 15 });
          /** Clients that have said their login and did not hang up, in the order in which they did. */
          let asked: number[] = [];
          let last: number | undefined;
          for (const { client, what, shard } of steps) {
            const on = shard % shards;
            if (what === 'work') small.work(on);
            else if (what === 'listen') small.listen();
            else if (what === 'hang up' && small.isConnected(client)) {
              small.hangUp(client);
              asked = asked.filter((one) => one !== client);
              if (last === client) last = undefined;
            } else if (what === 'log in' && !small.isThere(client)) {
              asked = asked.filter((one) => one !== client);
              small.connect(client, on);
              for (let n = 0; n < 4 && !small.isConnected(client); n++) {
                small.work(on);
                small.listen();
              }
              small.say(client, small.login(ACCOUNT));
              asked.push(client);
              last = client;
            }
          }
          small.settle();
          const online = asked.filter((client) => small.isConnected(client));
          assert.ok(online.length <= 1, 'one session at most');
          for (const client of asked) {
            const code = loginCode(small, client);
            if (small.isConnected(client)) assert.equal(code, LoginCode.ACCEPTED);
            else if (code === LoginCode.ACCEPTED) assert.ok(isReplaced(small, client), 'it was replaced');
            else assert.equal(code, LoginCode.BUSY, 'a later login overtook it');
          }
          if (shards === 1)
            assert.deepEqual(online, last === undefined ? [] : [last], 'the last to ask has it, unless it left');
          assert.equal(small.count('sessions'), online.length);
          assert.equal(small.rowsUsed, online.length);
          small.online(CLIENTS, ACCOUNT);
          assert.equal(loginCode(small, CLIENTS), LoginCode.ACCEPTED, 'nothing is left that waits');
        }),
        { numRuns: 200 },
      );
    });
});
