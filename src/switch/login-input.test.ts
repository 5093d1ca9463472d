/** What a LOGIN is refused for, which of several faults is told, and what a login waits for. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Capability, FrameType, LoginCode, PROTOCOL_MAJOR } from '../wire/frames.ts';
import { loginFrameBytes, readLoginCode, writeLogin } from '../wire/login.ts';
import { CloseReason } from '../wire/transport.ts';
import { SmallSwitch, type SmallSwitchSettings } from './small-switch.test-suite.ts';

/** Where a LOGIN has its major version: behind the header and the magic. */
const MAJOR_AT = 6;
const NOBODY = 9999;

/** A LOGIN, right but for what is given. */
function login(small: SmallSwitch, account: number, major = PROTOCOL_MAJOR): Uint8Array {
  const view = new DataView(new ArrayBuffer(loginFrameBytes(0)));
  writeLogin(view, 0, small.number(account), Capability.RECEIPTS, 0);
  view.setUint8(MAJOR_AT, major);
  return new Uint8Array(view.buffer);
}

function codesOf(small: SmallSwitch, client: number): number[] {
  return small.frames(client, FrameType.LOGIN_RESULT).map(({ body }) => readLoginCode(body, 0));
}

/** Says a login on a new connection. */
function tries(small: SmallSwitch, client: number, frame: Uint8Array, shard = 0): number[] {
  small.connect(client, shard);
  small.settle();
  small.say(client, frame);
  small.settle();
  return codesOf(small, client);
}

describe('a login', () => {
  it('is refused for its version before its account, and ends its connection', () => {
    const small = new SmallSwitch();
    assert.equal(login(small, 0)[MAJOR_AT], PROTOCOL_MAJOR);
    const cases: readonly (readonly [account: number, major: number, code: number])[] = [
      [0, PROTOCOL_MAJOR + 1, LoginCode.VERSION_UNSUPPORTED],
      [NOBODY, PROTOCOL_MAJOR + 1, LoginCode.VERSION_UNSUPPORTED],
      [NOBODY, PROTOCOL_MAJOR, LoginCode.ACCOUNT_UNKNOWN],
      [-1, PROTOCOL_MAJOR, LoginCode.ACCOUNT_UNKNOWN],
    ];
    for (const [client, [account, major, code]] of cases.entries()) {
      assert.deepEqual(tries(small, client, login(small, account, major)), [code]);
      assert.equal(small.closedFor.get(client), CloseReason.LOGIN_REFUSED);
    }
    assert.deepEqual([small.count('loginsRefusedVersion'), small.count('loginsRefusedAccount')], [2, 2]);
    assert.equal(small.rowsUsed, 0);
    assert.deepEqual(tries(small, 9, login(small, 0)), [LoginCode.ACCEPTED]);
  });

  const waiting: readonly (readonly [what: string, settings: SmallSwitchSettings])[] = [
    ['a place among the open questions', { questionsMax: 2 }],
    ['room in the inbox of its home', { inboxBytes: 2 ** 13, questionsMax: 150 }],
  ];
  for (const [what, settings] of waiting) {
    it(`waits for ${what}, however many others wait`, () => {
      const small = new SmallSwitch({ shards: 2, accounts: 400, sessions: 400, ringBytes: 2 ** 17, ...settings });
      const far = Array.from({ length: 400 }, (_, n) => n).filter((n) => small.homes.shardOf(n) === 1);
      const clients = far.slice(0, 190);
      for (const client of clients) small.connect(client, 0);
      small.settle();
      for (const client of clients) small.say(client, login(small, client));
      for (let n = 0; n < 5; n++) {
        small.work(0);
        small.listen();
      }
      const isStalled = small.count('stalls') > 0;
      assert.equal(clients.filter((client) => codesOf(small, client).length > 0).length, 0, 'the home does not work');
      small.settle();
      for (const client of clients) {
        assert.deepEqual(codesOf(small, client), [LoginCode.ACCEPTED], `client ${client}`);
      }
      assert.ok(isStalled, 'some are asked, the others wait');
      assert.equal(small.count('sessions'), clients.length);
    });
  }
});
