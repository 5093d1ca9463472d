/** Single cases of groups: what a phone hears that asks for what it cannot have, and phones of minor version 0. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ErrorFrameCode, FrameType, LoginCode, readErrorCode, writeMessage } from '../../wire/frames.ts';
import { GroupPlan } from '../../wire/group-plan.ts';
import { readLoginCode } from '../../wire/login.ts';
import { SmallSwitch } from '../small-switch.test-suite.ts';

const PHONES = 4;
const [AUTHOR, MEMBER] = [0, 1];

/** A group of all phones, on a shard or two. */
function made(shards: number): SmallSwitch {
  const sizes = { median: PHONES, sigma: 0, max: PHONES };
  const plan = new GroupPlan({ seed: 1, firstAccount: PHONES, groups: 1, lists: 0, phones: PHONES, sizes });
  const groups = { plan, queueMax: 16, recentMax: 64, changesMax: 16 };
  return new SmallSwitch({ shards, accounts: PHONES, groups });
}

function change(small: SmallSwitch, type: number, id: number, account: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(12));
  writeMessage(view, 0, type, id, 0, small.number(account), 0);
  return new Uint8Array(view.buffer);
}

const errorsOf = (small: SmallSwitch, client: number): number[] =>
  small.frames(client, FrameType.ERROR).map(({ body }) => readErrorCode(body, 0));

for (const shards of [1, 2]) {
  describe(`a group on ${shards} shards`, () => {
    it('is a sender to a phone of minor version 0, whose own messages get the short ✓', () => {
      const small = made(shards);
      small.online(AUTHOR, AUTHOR, 0, 0);
      small.online(MEMBER, MEMBER, 0, 0);
      small.say(AUTHOR, small.message(1, PHONES));
      small.settle();
      assert.deepEqual(
        small.frames(AUTHOR, FrameType.ACKNOWLEDGED).map(({ body }) => body.byteLength),
        [4],
      );
      assert.equal(small.frames(MEMBER, FrameType.DELIVER).length, 1);
      assert.equal(small.frames(MEMBER, FrameType.DELIVER_GROUP).length, 0);
    });

    it('ends the connection of a phone of minor version 0 that wants to join', () => {
      const small = made(shards);
      small.online(AUTHOR, AUTHOR, 0, 0);
      small.say(AUTHOR, change(small, FrameType.JOIN, 1, PHONES));
      small.settle();
      assert.deepEqual(errorsOf(small, AUTHOR), [ErrorFrameCode.UNKNOWN_FRAME]);
      assert.ok(!small.isConnected(AUTHOR));
    });

    it('is none if it is a phone or not in the plan, and nobody logs in as a group', () => {
      const small = made(shards);
      small.online(AUTHOR, AUTHOR);
      small.say(AUTHOR, change(small, FrameType.JOIN, 1, MEMBER));
      small.say(AUTHOR, change(small, FrameType.LEAVE, 2, PHONES + 1));
      small.say(AUTHOR, small.message(3, PHONES + 1));
      small.settle();
      assert.deepEqual(errorsOf(small, AUTHOR), Array(3).fill(ErrorFrameCode.RECIPIENT_UNKNOWN));
      small.online(MEMBER, PHONES);
      const codes = small.frames(MEMBER, FrameType.LOGIN_RESULT).map(({ body }) => readLoginCode(body, 0));
      assert.deepEqual(codes, [LoginCode.ACCOUNT_UNKNOWN]);
    });

    it('gives its only member a ✓✓ at once, and a phone that writes to itself an error', () => {
      const small = made(shards);
      for (let client = 0; client < PHONES; client++) small.online(client, client);
      for (let client = 1; client < PHONES; client++) small.say(client, change(small, FrameType.LEAVE, 1, PHONES));
      small.settle();
      small.say(AUTHOR, small.message(1, PHONES));
      small.say(AUTHOR, small.message(2, AUTHOR));
      small.settle();
      assert.equal(small.frames(AUTHOR, FrameType.RECEIPT).length, 1);
      assert.deepEqual(errorsOf(small, AUTHOR), [ErrorFrameCode.RECIPIENT_IS_SENDER]);
      assert.equal(small.count('groupDeliveries'), 0);
    });
  });
}
