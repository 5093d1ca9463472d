/** Each reason for which a message is refused: the code that the phone gets, and the one counter that counts it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  ErrorFrameCode,
  FrameType,
  GROUP_PAYLOAD_BYTES_MAX,
  messageFrameBytes,
  readErrorCode,
  readErrorSerial,
  writeMessage,
} from '../wire/frames.ts';
import { GroupPlan } from '../wire/group-plan.ts';
import { SmallSwitch, type SmallSwitchSettings } from './small-switch.test-suite.ts';
import { SWITCH_COUNTERS, type SwitchCounterName } from './terms/switch-counters.ts';

const PHONES = 6;
const [SENDER, RECIPIENT] = [0, 1];
const REJECTIONS = SWITCH_COUNTERS.filter((name) => name.startsWith('rejected'));

/** A switch with a group of three of its phones and a list, and the sender online. */
function made(settings: SmallSwitchSettings = {}): { small: SmallSwitch; plan: GroupPlan } {
  const sizes = { median: 3, sigma: 0, max: 3 };
  const plan = new GroupPlan({ seed: 3, firstAccount: PHONES, groups: 1, lists: 1, phones: PHONES, sizes });
  const groups = { plan, queueMax: 16, recentMax: 64, changesMax: 16 };
  const small = new SmallSwitch({ accounts: PHONES, groups, mailboxBlocks: 256, ...settings });
  small.online(SENDER, SENDER);
  return { small, plan };
}

/** Checks that exactly these messages were refused, with this code, and that only this counter says so. */
function refusedAs(small: SmallSwitch, client: number, code: number, ids: number[], counter: SwitchCounterName): void {
  const errors = small
    .frames(client, FrameType.ERROR)
    .map(({ body }) => [readErrorCode(body, 0), readErrorSerial(body, 0)]);
  assert.deepEqual(
    errors,
    ids.map((id) => [code, id]),
  );
  const counted = REJECTIONS.filter((name) => small.count(name) > 0);
  assert.deepEqual(counted, [counter]);
  assert.equal(small.count(counter), ids.length);
  assert.ok(small.isConnected(client), 'a refusal ends no connection');
}

function say(small: SmallSwitch, client: number, ...frames: Uint8Array[]): void {
  for (const frame of frames) small.say(client, frame);
  small.settle();
}

function join(small: SmallSwitch, id: number, group: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(messageFrameBytes(0)));
  writeMessage(view, 0, FrameType.JOIN, id, 0, small.number(group), 0);
  return new Uint8Array(view.buffer);
}

for (const shards of [1, 3]) {
  describe(`a message that is refused, on ${shards} shards`, () => {
    it('for a number that is in no plan', () => {
      const { small } = made({ shards });
      say(small, SENDER, small.message(1, 5000), small.message(2, 6000));
      refusedAs(small, SENDER, ErrorFrameCode.RECIPIENT_UNKNOWN, [1, 2], 'rejectedRecipientUnknown');
    });

    it('for its own number', () => {
      const { small } = made({ shards });
      say(small, SENDER, small.message(1, SENDER));
      refusedAs(small, SENDER, ErrorFrameCode.RECIPIENT_IS_SENDER, [1], 'rejectedRecipientIsSender');
    });

    it('for a full mailbox', () => {
      const { small } = made({ shards, messagesPerAccount: 2 });
      say(small, SENDER, ...[1, 2, 3, 4].map((id) => small.message(id, RECIPIENT)));
      refusedAs(small, SENDER, ErrorFrameCode.MAILBOX_FULL, [3, 4], 'rejectedMailboxFull');
    });

    it('for a full store', () => {
      const { small } = made({ shards, mailboxBlocks: 2 });
      say(small, SENDER, ...[1, 2, 3].map((id) => small.message(id, RECIPIENT)));
      refusedAs(small, SENDER, ErrorFrameCode.STORE_FULL, [3], 'rejectedStoreFull');
    });

    it('for an id that is too old, or too far ahead of one without an answer', () => {
      const old = made({ shards }).small;
      say(old, SENDER, old.message(40, RECIPIENT));
      say(old, SENDER, old.message(24, RECIPIENT));
      refusedAs(old, SENDER, ErrorFrameCode.ID_TOO_OLD, [24], 'rejectedIdTooOld');
      if (shards === 1) return; // a home on the same shard answers at once
      const ahead = made({ shards }).small;
      const far = [1, 2, 3, 4, 5].find((n) => ahead.homes.shardOf(n) !== 0) ?? assert.fail('one is on another shard');
      for (const id of [1, 17]) ahead.say(SENDER, ahead.message(id, far));
      ahead.work(0);
      ahead.settle();
      refusedAs(ahead, SENDER, ErrorFrameCode.TOO_MANY_UNANSWERED, [17], 'rejectedTooManyUnanswered');
    });

    it('for a group or a list that the sender may not write to, or that is full, or a text that is too long for it', () => {
      const { plan } = made();
      const all = Array.from({ length: PHONES }, (_, n) => n);
      const stranger = all.find((n) => !plan.isMember(0, n)) ?? assert.fail('not all are members');
      const member = all.find((n) => plan.isMember(0, n)) ?? assert.fail('some are members');
      const reader = all.find((n) => n !== plan.ownerOf(1) && n !== SENDER) ?? assert.fail('not all own it');
      const cases: readonly (readonly [
        client: number,
        group: number,
        bytes: number,
        code: number,
        counter: SwitchCounterName,
      ])[] = [
        [stranger, 0, 4, ErrorFrameCode.NOT_A_MEMBER, 'rejectedNotMember'],
        [reader, 1, 4, ErrorFrameCode.NOT_A_MEMBER, 'rejectedNotMember'],
        [member, 0, GROUP_PAYLOAD_BYTES_MAX + 1, ErrorFrameCode.PAYLOAD_TOO_LONG, 'rejectedPayloadTooLong'],
      ];
      for (const [client, group, bytes, code, counter] of cases) {
        const { small } = made({ shards });
        if (client !== SENDER) small.online(client, client);
        say(small, client, small.message(1, plan.accountOf(group), bytes));
        refusedAs(small, client, code, [1], counter);
      }
      const { small } = made({ shards });
      if (stranger !== SENDER) small.online(stranger, stranger);
      say(small, stranger, join(small, 1, plan.accountOf(0)));
      refusedAs(small, stranger, ErrorFrameCode.GROUP_FULL, [1], 'rejectedGroupFull');
    });
  });
}
