/** Read receipts through a switch: who gets them, when, and what becomes of those that cannot be sent. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  accountNumber,
  Capability,
  ErrorFrameCode,
  FrameType,
  readAccountHigh,
  readAccountLow,
  readErrorCode,
  readSerial,
} from '../wire/frames.ts';
import { readAuthorHigh, readAuthorId, readAuthorLow } from '../wire/group-frames.ts';
import { GroupPlan } from '../wire/group-plan.ts';
import { PAYLOAD_WITH_ID_BYTES_MAX, readMessageId } from '../wire/read-frames.ts';
import { SmallSwitch, type SmallSwitchSettings } from './small-switch.test-suite.ts';

const [AUTHOR, READER, OTHER] = [0, 1, 2];
const READS = Capability.RECEIPTS | Capability.READS;
/** Where LOGIN_RESULT has its capabilities; the layout is that of LOGIN less the magic. */
const CAPABILITIES_AT = 4;

/** A switch of two shards where each phone is on a shard of its own. */
function reading(settings: SmallSwitchSettings = {}): SmallSwitch {
  const small = new SmallSwitch({ shards: 2, heartbeatTimeoutMicros: Number.POSITIVE_INFINITY, ...settings });
  small.online(AUTHOR, AUTHOR, 0, 1, READS);
  small.online(READER, READER, small.shards.length - 1, 1, READS);
  return small;
}

/** What a client has heard of readers: the id, and who read it. */
function readsOf(small: SmallSwitch, client: number): [id: number, reader: number][] {
  return small.frames(client, FrameType.READ).map(({ body }) => {
    const number = accountNumber(readAccountHigh(body, 0), readAccountLow(body, 0));
    return [readSerial(body, 0), number - small.number(0)];
  });
}

function errorsOf(small: SmallSwitch, client: number): number[] {
  return small.frames(client, FrameType.ERROR).map(({ body }) => readErrorCode(body, 0));
}

function say(small: SmallSwitch, client: number, ...frames: Uint8Array[]): void {
  for (const frame of frames) small.say(client, frame);
  small.settle();
}

describe('a read receipt', () => {
  it('reaches the author with the id that came with the message, wherever the two are', () => {
    const small = reading();
    const ids = [7, 8, 12];
    say(small, AUTHOR, ...ids.map((id) => small.message(id, READER)));
    small.settle();
    for (let n = 0; n < ids.length; n++) {
      const last = small.frames(READER, FrameType.DELIVER_WITH_ID).at(-1);
      assert.ok(last !== undefined);
      say(small, READER, small.confirmation(readSerial(last.body, 0)));
    }
    const told = small.frames(READER, FrameType.DELIVER_WITH_ID).map(({ body }) => readMessageId(body, 0));
    assert.deepEqual(told, ids);
    say(small, READER, ...told.map((id) => small.read(id, AUTHOR)));
    assert.deepEqual(
      readsOf(small, AUTHOR),
      ids.map((id) => [id, READER]),
    );
    assert.deepEqual([small.count('reads'), small.count('readReceipts'), small.count('messagesQueued')], [3, 3, 0]);
  });

  it('is not for phones that did not ask: they get DELIVER, and no READ', () => {
    const small = reading();
    small.online(OTHER, OTHER);
    say(small, AUTHOR, small.message(1, OTHER));
    say(small, OTHER, small.message(1, READER));
    assert.equal(small.frames(OTHER, FrameType.DELIVER).length, 1);
    assert.equal(small.frames(OTHER, FrameType.DELIVER_WITH_ID).length, 0);
    say(small, READER, small.read(1, OTHER));
    assert.deepEqual(readsOf(small, OTHER), []);
    assert.deepEqual([small.count('readReceiptsUnwanted'), small.count('readReceiptsStored')], [1, 0]);
  });

  it('is agreed on in LOGIN_RESULT, from minor version 1 on, and only with receipts', () => {
    const small = new SmallSwitch();
    const cases: readonly [minor: number, asked: number, agreed: number][] = [
      [0, READS, Capability.RECEIPTS],
      [1, READS, READS],
      [1, Capability.READS, 0],
      [1, Capability.RECEIPTS, Capability.RECEIPTS],
      [2, READS, READS],
    ];
    for (const [n, [minor, asked, agreed]] of cases.entries()) {
      small.online(n, n, 0, minor, asked);
      const [result] = small.frames(n, FrameType.LOGIN_RESULT);
      assert.equal(result?.body.getUint16(CAPABILITIES_AT, true), agreed, `minor ${minor}, asked for ${asked}`);
    }
  });

  it('ends a phone of minor version 0 that says READ', () => {
    const small = reading();
    small.online(OTHER, OTHER, 0, 0);
    say(small, OTHER, small.read(1, AUTHOR));
    assert.deepEqual(errorsOf(small, OTHER), [ErrorFrameCode.UNKNOWN_FRAME]);
    assert.equal(small.isConnected(OTHER), false);
    assert.deepEqual(readsOf(small, AUTHOR), []);
  });

  it('about nobody, about a message of the reader, or about too long a message is refused or impossible', () => {
    const small = reading();
    say(small, READER, small.read(1, 9999), small.read(1, READER));
    assert.deepEqual(errorsOf(small, READER), [ErrorFrameCode.RECIPIENT_UNKNOWN, ErrorFrameCode.RECIPIENT_IS_SENDER]);
    assert.equal(small.count('readsRefused'), 2);
    assert.equal(small.isConnected(READER), true);
    for (const [n, bytes] of [PAYLOAD_WITH_ID_BYTES_MAX, PAYLOAD_WITH_ID_BYTES_MAX + 1].entries())
      say(small, AUTHOR, small.message(n + 1, READER, bytes));
    const types = (small.heard.get(READER) ?? []).map(({ type }) => type).filter((type) => type !== FrameType.ERROR);
    assert.deepEqual(types, [FrameType.LOGIN_RESULT, FrameType.DELIVER_WITH_ID, FrameType.DELIVER]);
    assert.equal(small.count('reads'), 0);
  });
});

describe('a read receipt of a message to many', () => {
  const phones = 6;
  const sizes = { median: phones, sigma: 0, max: phones };
  const plan = new GroupPlan({ seed: 1, firstAccount: phones, groups: 1, lists: 1, phones, sizes });
  const list = 1;

  for (const [what, to, author] of [
    ['a group', plan.accountOf(0), 2],
    ['a list', plan.accountOf(list), plan.ownerOf(list)],
  ] as const)
    it(`reaches the author from each member of ${what}, with what came with the message, and not the group`, () => {
      const groups = { plan, queueMax: 64, recentMax: 256, changesMax: 16 };
      const small = new SmallSwitch({
        ...{ shards: 2, accounts: phones, groups, messagesPerAccount: 64, mailboxBlocks: 1024 },
        heartbeatTimeoutMicros: Number.POSITIVE_INFINITY,
      });
      for (let phone = 0; phone < phones; phone++) small.online(phone, phone, phone % 2, 1, READS);
      say(small, author, small.message(9, to));
      const readers = Array.from({ length: phones }, (_, phone) => phone).filter((phone) => phone !== author);
      for (const reader of readers) {
        const [toMember] = small.frames(reader, FrameType.DELIVER_GROUP);
        const [fromOwner] = small.frames(reader, FrameType.DELIVER_WITH_ID);
        const { body } = toMember ?? fromOwner ?? assert.fail(`${reader} has the message`);
        const id = toMember === undefined ? readMessageId(body, 0) : readAuthorId(body, 0);
        const number =
          toMember === undefined
            ? accountNumber(readAccountHigh(body, 0), readAccountLow(body, 0))
            : accountNumber(readAuthorHigh(body, 0), readAuthorLow(body, 0));
        assert.deepEqual([id, number], [9, small.number(author)]);
        say(small, reader, small.confirmation(readSerial(body, 0)), small.read(id, author));
      }
      assert.deepEqual(
        readsOf(small, author),
        readers.map((reader) => [9, reader]),
      );
      const [reader = 0] = readers;
      say(small, reader, small.read(9, to));
      assert.deepEqual(errorsOf(small, reader), [ErrorFrameCode.RECIPIENT_UNKNOWN], 'a group has no phone to tell');
      assert.deepEqual([small.count('reads'), small.count('readReceipts')], [phones - 1, phones - 1]);
    });
});

describe('a read receipt whose author is away', () => {
  it('waits for the next login, on any shard, and comes once', () => {
    const small = reading();
    small.hangUp(AUTHOR);
    small.settle();
    say(small, READER, small.read(1, AUTHOR), small.read(2, AUTHOR));
    assert.deepEqual([small.count('readReceiptsStored'), small.count('readReceiptsQueued')], [2, 2]);
    small.online(AUTHOR, AUTHOR, 1, 1, READS);
    assert.deepEqual(readsOf(small, AUTHOR), [
      [1, READER],
      [2, READER],
    ]);
    assert.deepEqual([small.count('readReceiptsQueued'), small.count('messagesQueued')], [0, 0]);
    small.hangUp(AUTHOR);
    small.settle();
    small.online(AUTHOR, AUTHOR, 0, 1, READS);
    assert.deepEqual(readsOf(small, AUTHOR), []);
  });

  it('is lost and counted when the mailbox is full, and what was there before is not', () => {
    const small = reading({ messagesPerAccount: 3 });
    small.hangUp(AUTHOR);
    small.settle();
    say(small, READER, small.message(1, AUTHOR), ...[1, 2, 3, 4].map((id) => small.read(id, AUTHOR)));
    assert.deepEqual([small.count('readReceiptsStored'), small.count('readReceiptsDropped')], [2, 2]);
    small.online(AUTHOR, AUTHOR, 0, 1, READS);
    const [message] = small.frames(AUTHOR, FrameType.DELIVER_WITH_ID);
    assert.ok(message !== undefined);
    say(small, AUTHOR, small.confirmation(readSerial(message.body, 0)));
    assert.deepEqual(
      readsOf(small, AUTHOR).map(([id]) => id),
      [1, 2],
    );
  });

  it('goes back to the mailbox when the session that it was sent to has ended meanwhile', () => {
    const small = reading();
    small.say(AUTHOR, small.empty(FrameType.PONG)); // the switch ends it, and it does not listen
    small.isDeaf = (client) => client === AUTHOR;
    small.work(0);
    say(small, READER, small.read(5, AUTHOR));
    assert.equal(small.count('readReceipts'), 0);
    small.isDeaf = () => false;
    small.hangUp(AUTHOR);
    small.settle();
    small.online(AUTHOR, AUTHOR, 0, 1, READS);
    assert.deepEqual(readsOf(small, AUTHOR), [[5, READER]]);
  });
});

it('counts each READ that it took once: sent, unwanted, dropped or still queued', () => {
  const small = reading({ messagesPerAccount: 2 });
  small.online(OTHER, OTHER);
  say(small, READER, small.read(1, AUTHOR), small.read(1, OTHER));
  small.hangUp(AUTHOR);
  small.settle();
  say(small, READER, ...[2, 3, 4].map((id) => small.read(id, AUTHOR)));
  const parts = ['readReceipts', 'readReceiptsUnwanted', 'readReceiptsDropped', 'readReceiptsQueued'] as const;
  assert.deepEqual(
    parts.map((name) => small.count(name)),
    [1, 1, 1, 2],
  );
  assert.equal(small.count('reads'), 5);
});
