/** What the driver is told about frames in any pieces, and which frames its calls become. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MadeSwitch, type SentFrame } from '../../driver/made-switch.test-suite.ts';
import {
  accountNumber,
  ErrorFrameCode,
  FrameType,
  HEADER_BYTES,
  LoginCode,
  messageFrameBytes,
  readAccountHigh,
  readAccountLow,
  readSerial,
  writeErrorFrame,
  writeHeader,
  writeMessage,
  writeSerialFrame,
} from '../../wire/frames.ts';
import {
  GROUP_ACKNOWLEDGED_FRAME_BYTES,
  groupMessageFrameBytes,
  writeGroupAcknowledged,
  writeGroupAuthor,
  writeGroupMessage,
} from '../../wire/group-frames.ts';
import { LOGIN_RESULT_FRAME_BYTES, WAITING_MAX, writeLoginResult } from '../../wire/login.ts';
import { NO_ACCOUNT, NumberingPlan } from '../../wire/numbering-plan.ts';
import {
  type GroupDelivery,
  ID_UNKNOWN,
  LoginRefusal,
  type PhoneListener,
  type PhoneProtocol,
  Rejection,
  WAITING_UNKNOWN,
} from '../../wire/phone-protocol.ts';
import {
  PRESENCE_FRAME_BYTES,
  PresenceState,
  readOwnState,
  readWatchedHigh,
  readWatchedLow,
  readWatchedState,
  TYPING_FRAME_BYTES,
  TypingState,
  writePresence,
  writeTyping,
} from '../../wire/presence-frames.ts';
import { messageWithIdFrameBytes, READ_FRAME_BYTES, writeMessageWithId, writeRead } from '../../wire/read-frames.ts';
import { CloseReason } from '../../wire/transport.ts';
import { trunklineProtocol } from './trunkline-protocol.ts';

const ROWS = 4;
const FIRST_NUMBER = 447_700_000_000;
const PHONES = 100;

/** Writes down what it is told. */
class Notes implements PhoneListener {
  readonly told: unknown[][] = [];
  framesIn = 0;
  framesOut = 0;
  last = 0;

  frameIn(): void {
    this.framesIn++;
  }

  frameOut(): void {
    this.framesOut++;
  }

  lastNumber(): number {
    return this.last;
  }

  owesAnswer(): void {}

  loggedIn = this.#note('loggedIn');
  acknowledged = this.#note('acknowledged');
  acknowledgedByGroup = this.#note('acknowledgedByGroup');
  rejected = this.#note('rejected');
  receipt = this.#note('receipt');
  pong = this.#note('pong');
  presence = this.#note('presence');
  typing = this.#note('typing');
  read = this.#note('read');
  watchRefused = this.#note('watchRefused');
  loginRefused = this.#note('loginRefused');
  ended = this.#note('ended');
  foreign = this.#note('foreign');
  malformed = this.#note('malformed');
  evicted = this.#note('evicted');

  delivered(row: number, sender: number, sequence: number, view: DataView, start: number, end: number): void {
    const payload = Array.from({ length: end - start }, (_, n) => view.getUint8(start + n));
    this.told.push(['delivered', row, sender, sequence, payload]);
  }

  deliveredToGroup(row: number, delivery: GroupDelivery, view: DataView, start: number, end: number): void {
    const { group, author, version, sequence } = delivery;
    const payload = Array.from({ length: end - start }, (_, n) => view.getUint8(start + n));
    this.told.push(['deliveredToGroup', row, group, author, version, sequence, payload]);
  }

  #note(name: string): (...values: (number | boolean)[]) => void {
    return (...values) => void this.told.push([name, ...values]);
  }
}

interface Under {
  readonly protocol: PhoneProtocol;
  readonly notes: Notes;
  readonly transport: MadeSwitch;
  readonly sent: SentFrame[];
}

function underTest(rows = ROWS): Under {
  const transport = new MadeSwitch();
  const sent: SentFrame[] = [];
  transport.onFrame = (frame) => void sent.push(frame);
  for (let row = 0; row < rows; row++) transport.open(row);
  const notes = new Notes();
  const plan = new NumberingPlan([{ first: FIRST_NUMBER, count: PHONES }]);
  const signer = { tokenBytes: 2, sign: (_: number, view: DataView, at: number) => view.setUint16(at, 0xabcd) };
  return { protocol: trunklineProtocol(plan, signer)(rows, transport, notes), notes, transport, sent };
}

function frame(bytes: number, write: (view: DataView) => void): Uint8Array {
  const made = new Uint8Array(bytes);
  write(new DataView(made.buffer));
  return made;
}

const loginResult = (code: number, waiting = 0, highest = 0, millis = 0): Uint8Array =>
  frame(LOGIN_RESULT_FRAME_BYTES, (view) => writeLoginResult(view, 0, code, 1, waiting, millis, highest));

/** Passes bytes to a phone, in pieces of these lengths and then the rest. */
function feed({ protocol }: Under, row: number, isLoggingIn: boolean, bytes: Uint8Array, pieces: number[] = []): void {
  let from = 0;
  for (const length of [...pieces, bytes.length]) {
    const end = Math.min(from + length, bytes.length);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    assert.equal(protocol.feed(row, row, isLoggingIn, view, from, end), end - from);
    from = end;
  }
}

/** A frame and what the driver must be told about it. */
const id = fc.nat(2 ** 30 - 1);
const said: fc.Arbitrary<{ readonly bytes: Uint8Array; readonly told: readonly unknown[] }> = fc.oneof(
  id.map((n) => ({
    bytes: frame(6, (view) => writeSerialFrame(view, 0, FrameType.ACKNOWLEDGED, n)),
    told: ['acknowledged', 1, n < 2 ** 29 ? n : n - 2 ** 30],
  })),
  id.map((n) => ({
    bytes: frame(6, (view) => writeSerialFrame(view, 0, FrameType.RECEIPT, n)),
    told: ['receipt', 1, n < 2 ** 29 ? n : n - 2 ** 30],
  })),
  fc.nat(2 ** 20).map((n) => ({
    bytes: frame(8, (view) => writeErrorFrame(view, 0, ErrorFrameCode.STORE_FULL, n)),
    told: ['rejected', 1, n, Rejection.STORE_FULL],
  })),
  fc.constant({ bytes: frame(HEADER_BYTES, (view) => writeHeader(view, 0, FrameType.PONG, 0)), told: ['pong', 1] }),
  fc.tuple(id, fc.nat(PHONES + 20), fc.uint8Array({ maxLength: 50 })).map(([sequence, sender, payload]) => ({
    bytes: frame(messageFrameBytes(payload.length), (view) => {
      const account = FIRST_NUMBER + sender;
      const [high, low] = [Math.floor(account / 2 ** 32), (account % 2 ** 32) | 0];
      const at = writeMessage(view, 0, FrameType.DELIVER, sequence, high, low, payload.length);
      for (const [n, byte] of payload.entries()) view.setUint8(at + n, byte);
    }),
    told: ['delivered', 1, sender < PHONES ? sender : NO_ACCOUNT, sequence, [...payload]],
  })),
  fc
    .record({
      sequence: id,
      group: fc.nat(PHONES + 20),
      author: fc.nat(PHONES + 20),
      version: fc.nat(2 ** 32 - 1),
      payload: fc.uint8Array({ maxLength: 50 }),
    })
    .map(({ sequence, group, author, version, payload }) => ({
      bytes: frame(groupMessageFrameBytes(payload.length), (view) => {
        const [groupHigh, groupLow] = halves(FIRST_NUMBER + group);
        const [authorHigh, authorLow] = halves(FIRST_NUMBER + author);
        const rest = writeGroupMessage(view, 0, sequence, groupHigh, groupLow, payload.length);
        const at = writeGroupAuthor(view, rest, authorHigh, authorLow, version, 7);
        for (const [n, byte] of payload.entries()) view.setUint8(at + n, byte);
      }),
      told: ['deliveredToGroup', 1, known(group), known(author), version, sequence, [...payload]],
    })),
  fc.tuple(fc.nat(2 ** 20), fc.nat(2 ** 32 - 1), fc.nat(70_000)).map(([n, version, members]) => ({
    bytes: frame(GROUP_ACKNOWLEDGED_FRAME_BYTES, (view) => writeGroupAcknowledged(view, 0, n, version, members)),
    told: ['acknowledgedByGroup', 1, n, version, members],
  })),
  fc.nat(2 ** 20).map((n) => ({
    bytes: frame(GROUP_ACKNOWLEDGED_FRAME_BYTES, (view) => writeGroupAcknowledged(view, 0, n, 0, -1)),
    told: ['acknowledged', 1, n], // the home of the group knows no more how many members got it
  })),
  fc.tuple(fc.nat(PHONES + 20), fc.boolean(), fc.nat(2 ** 32 - 1)).map(([account, isAvailable, seconds]) => ({
    bytes: frame(PRESENCE_FRAME_BYTES, (view) => {
      const state = isAvailable ? PresenceState.AVAILABLE : PresenceState.UNAVAILABLE;
      writePresence(view, 0, ...halves(FIRST_NUMBER + account), state, seconds);
    }),
    told: ['presence', 1, known(account), isAvailable, seconds],
  })),
  fc.nat(PHONES + 20).map((sender) => ({
    bytes: frame(TYPING_FRAME_BYTES, (view) => {
      writeTyping(view, 0, ...halves(FIRST_NUMBER + sender), TypingState.TYPING);
    }),
    told: ['typing', 1, known(sender)],
  })),
  fc.tuple(fc.nat(2 ** 20), fc.nat(PHONES + 20)).map(([n, reader]) => ({
    bytes: frame(READ_FRAME_BYTES, (view) => writeRead(view, 0, n, ...halves(FIRST_NUMBER + reader))),
    told: ['read', 1, n, known(reader)],
  })),
  fc.constant({
    bytes: frame(8, (view) => writeErrorFrame(view, 0, ErrorFrameCode.TOO_MANY_WATCHED, 0)),
    told: ['watchRefused', 1], // of no message, whatever id the frame has
  }),
);

function halves(account: number): readonly [high: number, low: number] {
  return [Math.floor(account / 2 ** 32), (account % 2 ** 32) | 0];
}

/** The account index of a number as a phone is told it. */
function known(account: number): number {
  return account < PHONES ? account : NO_ACCOUNT;
}

describe('what a switch says', () => {
  it('is reported frame by frame, in whatever pieces it comes', () => {
    fc.assert(
      fc.property(fc.array(said, { maxLength: 20 }), fc.array(fc.nat(70), { maxLength: 30 }), (list, pieces) => {
        const under = underTest();
        const bytes = Uint8Array.from(list.flatMap((one) => [...one.bytes]));
        feed(under, 1, false, bytes, pieces);
        assert.deepEqual(
          under.notes.told,
          list.map(({ told }) => told),
        );
        assert.equal(under.notes.framesIn, list.length);
      }),
    );
  });

  it('about a login is its result, with how many entries wait as far as it can say', () => {
    const under = underTest();
    for (const waiting of [3, WAITING_MAX]) feed(under, 1, true, loginResult(LoginCode.ACCEPTED, waiting));
    feed(under, 1, true, loginResult(LoginCode.BUSY, 0, 0, 2500));
    feed(under, 1, true, loginResult(LoginCode.TOKEN_WRONG));
    feed(under, 1, true, loginResult(99));
    feed(under, 1, false, loginResult(LoginCode.ACCEPTED)); // nobody asked
    assert.deepEqual(under.notes.told, [
      ['loggedIn', 1, 3],
      ['loggedIn', 1, WAITING_UNKNOWN],
      ['loginRefused', 1, LoginRefusal.BUSY, 2500],
      ['loginRefused', 1, LoginRefusal.CREDENTIALS_WRONG, 0],
      ['foreign', 1],
    ]);
  });

  it('of a later minor version is passed over, frame by frame', () => {
    const under = underTest();
    const unknown = frame(HEADER_BYTES + 40, (view) => writeHeader(view, 0, 27, 40));
    const pong = frame(HEADER_BYTES, (view) => writeHeader(view, 0, FrameType.PONG, 0));
    for (const pieces of [[], [1], [2, 1, 38], [41]]) {
      feed(under, 1, false, Uint8Array.of(...unknown, ...pong, ...unknown, ...unknown, ...pong), pieces);
    }
    assert.deepEqual(under.notes.told, new Array(8).fill(['pong', 1]));
  });

  it('about one message is a rejection with its reason, and about the connection its end', () => {
    const rejections: [code: number, rejection: number][] = [
      [ErrorFrameCode.MAILBOX_FULL, Rejection.MAILBOX_FULL],
      [ErrorFrameCode.STORE_FULL, Rejection.STORE_FULL],
      [ErrorFrameCode.RECIPIENT_UNKNOWN, Rejection.RECIPIENT_UNKNOWN],
      [ErrorFrameCode.ID_TOO_OLD, Rejection.ID_TOO_OLD],
      [ErrorFrameCode.TOO_MANY_UNANSWERED, Rejection.TOO_MANY_UNANSWERED],
      [ErrorFrameCode.OVERLOADED, Rejection.OVERLOADED],
      [ErrorFrameCode.NOT_A_MEMBER, Rejection.NOT_A_MEMBER],
      [ErrorFrameCode.GROUP_FULL, Rejection.GROUP_FULL],
      [ErrorFrameCode.PAYLOAD_TOO_LONG, Rejection.PAYLOAD_TOO_LONG],
      [ErrorFrameCode.RECIPIENT_IS_SENDER, Rejection.RECIPIENT_IS_SENDER],
      [ErrorFrameCode.MALFORMED_FRAME - 1, Rejection.OTHER],
    ];
    const ends: [code: number, reason: number][] = [
      [ErrorFrameCode.SESSION_REPLACED, CloseReason.SESSION_REPLACED],
      [ErrorFrameCode.HEARTBEAT_MISSED, CloseReason.HEARTBEAT_MISSED],
      [ErrorFrameCode.SWITCH_STOPPING, CloseReason.SWITCH_STOPPING],
      [ErrorFrameCode.MALFORMED_FRAME, CloseReason.VIOLATION],
      [ErrorFrameCode.UNKNOWN_FRAME, CloseReason.VIOLATION],
    ];
    const told = (code: number): unknown => {
      const under = underTest();
      feed(
        under,
        1,
        false,
        frame(8, (view) => writeErrorFrame(view, 0, code, 3)),
      );
      return under.notes.told;
    };
    for (const [code, rejection] of rejections) assert.deepEqual(told(code), [['rejected', 1, 3, rejection]]);
    for (const [code, reason] of ends) assert.deepEqual(told(code), [['ended', 1, reason]]);
  });

  it('about a login that is refused has its reason', () => {
    const refusals: [code: number, refusal: number][] = [
      [LoginCode.VERSION_UNSUPPORTED, LoginRefusal.VERSION_UNSUPPORTED],
      [LoginCode.TOKEN_WRONG, LoginRefusal.CREDENTIALS_WRONG],
      [LoginCode.ACCOUNT_UNKNOWN, LoginRefusal.ACCOUNT_UNKNOWN],
      [LoginCode.BUSY, LoginRefusal.BUSY],
    ];
    for (const [code, refusal] of refusals) {
      const under = underTest();
      feed(under, 1, true, loginResult(code, 0, 0, 70));
      assert.deepEqual(under.notes.told, [['loginRefused', 1, refusal, 70]]);
    }
    const under = underTest();
    feed(under, 1, true, loginResult(LoginCode.BUSY + 1));
    assert.deepEqual(under.notes.told, [['foreign', 1]], 'no code of this version');
  });

  it('reaches whom it is for while other phones have frames in pieces, and too many of those end the oldest', () => {
    const phones = 257;
    const under = underTest(phones);
    const ack = (n: number): Uint8Array => frame(6, (view) => writeSerialFrame(view, 0, FrameType.RECEIPT, n + 1));
    for (let row = 0; row < phones; row++) feed(under, row, false, ack(row).subarray(0, 1 + (row % 5)));
    assert.deepEqual(under.notes.told, [['evicted', 0]], 'there are buffers for 256');
    for (let row = 1; row < phones; row++) feed(under, row, false, ack(row).subarray(1 + (row % 5)));
    const receipts = Array.from({ length: phones - 1 }, (_, n) => ['receipt', n + 1, n + 2]);
    assert.deepEqual(under.notes.told.slice(1), receipts);
  });

  it('behind the end of a connection is for nobody', () => {
    const pong = frame(HEADER_BYTES, (view) => writeHeader(view, 0, FrameType.PONG, 0));
    const bye = frame(8, (view) => writeErrorFrame(view, 0, ErrorFrameCode.SWITCH_STOPPING, 0));
    const cases = [
      { isLoggingIn: true, bytes: loginResult(LoginCode.BUSY), told: ['loginRefused', 1, LoginRefusal.BUSY, 0] },
      { isLoggingIn: true, bytes: pong, told: ['foreign', 1] },
      { isLoggingIn: false, bytes: bye, told: ['ended', 1, CloseReason.SWITCH_STOPPING] },
      { isLoggingIn: false, bytes: Uint8Array.of(0xe9, 0xff), told: ['malformed', 1] }, // a PONG with a body
    ];
    for (const { isLoggingIn, bytes, told } of cases) {
      const under = underTest();
      feed(under, 1, isLoggingIn, Uint8Array.of(...bytes, ...pong, ...pong));
      assert.deepEqual(under.notes.told, [told]);
    }
  });

  it('in half before a connection ended does not belong to the next', () => {
    const under = underTest();
    feed(under, 1, false, Uint8Array.of(0xe9));
    under.protocol.forget(1);
    feed(under, 1, true, loginResult(LoginCode.ACCEPTED));
    assert.deepEqual(under.notes.told, [['loggedIn', 1, 0]]);
  });
});

describe('what a phone says', () => {
  it('about a group that it joins or leaves has an id like a message, and waits for room', () => {
    const { protocol, transport, sent } = underTest();
    for (const joins of [true, false]) assert.equal(protocol.changeGroup(1, 1, joins ? 5 : 6, 42, joins), true);
    assert.deepEqual(
      sent.map(({ type, body }) => [
        type,
        readSerial(body, 0),
        accountNumber(readAccountHigh(body, 0), readAccountLow(body, 0)),
      ]),
      [
        [FrameType.JOIN, 5, FIRST_NUMBER + 42],
        [FrameType.LEAVE, 6, FIRST_NUMBER + 42],
      ],
    );
    transport.hasRoom = false;
    assert.equal(protocol.changeGroup(1, 1, 7, 42, true), false);
    assert.equal(sent.length, 2);
  });

  it('is one frame for each call, with ids that go on from the highest that the switch knew', () => {
    const under = underTest();
    const { protocol, sent, notes } = under;
    assert.ok(protocol.logIn(1, 1, 7));
    feed(under, 1, true, loginResult(LoginCode.ACCEPTED, 0, 500));
    assert.ok(protocol.claimMessage(1, 1, 3, 42, 16) >= 0);
    protocol.commitMessage();
    assert.ok(protocol.confirm(1, 1, 77) && protocol.answer(1, 1, 78) && protocol.ping(1, 1));
    protocol.logOut(1, 1);
    const { LOGIN, SEND, DELIVERED, PING, LOGOUT } = FrameType;
    assert.deepEqual(
      sent.map(({ type }) => type),
      [LOGIN, SEND, DELIVERED, DELIVERED, PING, LOGOUT],
    );
    assert.equal(notes.framesOut, sent.length);
    const [login, message, one, other] = sent.map(({ body }) => body) as [DataView, DataView, DataView, DataView];
    assert.equal(login.getUint32(8, true) + login.getUint32(12, true) * 2 ** 32, FIRST_NUMBER + 7);
    assert.equal(login.getUint16(16), 0xabcd, 'the token');
    assert.equal(readSerial(message, 0), 519, 'after the 16 that an earlier driver may still have on their way');
    assert.equal(readAccountHigh(message, 0) * 2 ** 32 + (readAccountLow(message, 0) >>> 0), FIRST_NUMBER + 42);
    assert.deepEqual([readSerial(one, 0), readSerial(other, 0)], [77, 78]);
    feed(
      under,
      1,
      false,
      frame(6, (view) => writeSerialFrame(view, 0, FrameType.ACKNOWLEDGED, 519)),
    );
    feed(
      under,
      1,
      false,
      frame(6, (view) => writeSerialFrame(view, 0, FrameType.ACKNOWLEDGED, 515)),
    );
    assert.deepEqual(
      notes.told.slice(-2),
      [
        ['acknowledged', 1, 3],
        ['acknowledged', 1, -1],
      ],
      'and one of an earlier run',
    );
  });

  it('about presence and typing names the phone that it means, and waits for room', () => {
    const { protocol, transport, sent, notes } = underTest();
    const { presence } = protocol;
    assert.ok(presence !== undefined);
    const sayAll = (): boolean[] => [
      presence.watch(1, 1, 42),
      presence.setAvailable(2, 2, true),
      presence.setAvailable(2, 2, false),
      presence.typing(3, 3, 43),
    ];
    assert.deepEqual(sayAll(), [true, true, true, true]);
    const { WATCH, SET_PRESENCE, TYPING } = FrameType;
    assert.deepEqual(
      sent.map(({ row, type }) => [row, type]),
      [
        [1, WATCH],
        [2, SET_PRESENCE],
        [2, SET_PRESENCE],
        [3, TYPING],
      ],
    );
    const [watch, available, unavailable, typing] = sent.map(({ body }) => body) as [
      DataView,
      DataView,
      DataView,
      DataView,
    ];
    const named = (body: DataView): number => accountNumber(readWatchedHigh(body, 0), readWatchedLow(body, 0));
    assert.deepEqual([named(watch), named(typing)], [FIRST_NUMBER + 42, FIRST_NUMBER + 43]);
    assert.deepEqual([readOwnState(available, 0), readOwnState(unavailable, 0)], [1, 0]);
    assert.equal(readWatchedState(typing, 0), TypingState.TYPING);
    assert.equal(notes.framesOut, 4);
    transport.hasRoom = false;
    assert.deepEqual(sayAll(), [false, false, false, false]);
    assert.deepEqual([sent.length, notes.framesOut], [4, 4]);
  });

  it('about reading names author and id, and tells the id of a message only while that is delivered', () => {
    const { protocol, transport, sent, notes } = underTest();
    const { reads } = protocol;
    assert.ok(reads !== undefined);
    assert.deepEqual([reads.read(1, 1, 42, 7), sent[0]?.type], [true, FrameType.READ]);
    const body = sent[0]?.body as DataView;
    assert.deepEqual(
      [readSerial(body, 0), accountNumber(readAccountHigh(body, 0), readAccountLow(body, 0))],
      [7, FIRST_NUMBER + 42],
    );
    transport.hasRoom = false;
    assert.equal(reads.read(1, 1, 42, 7), false);
    const told: number[] = [];
    notes.delivered = () => void told.push(reads.deliveredId);
    const withId = frame(messageWithIdFrameBytes(0), (view) => {
      writeMessageWithId(view, 0, 3, ...halves(FIRST_NUMBER + 5), 99, 0);
    });
    const plain = frame(messageFrameBytes(0), (view) => {
      writeMessage(view, 0, FrameType.DELIVER, 4, ...halves(FIRST_NUMBER + 5), 0);
    });
    notes.deliveredToGroup = () => void told.push(reads.deliveredId);
    const ofGroup = frame(groupMessageFrameBytes(0), (view) => {
      const rest = writeGroupMessage(view, 0, 5, ...halves(FIRST_NUMBER + 6), 0);
      writeGroupAuthor(view, rest, ...halves(FIRST_NUMBER + 5), 0, 98);
    });
    for (const bytes of [withId, plain, ofGroup]) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      protocol.feed(1, 1, false, view, 0, bytes.length);
      assert.equal(reads.deliveredId, ID_UNKNOWN);
    }
    assert.deepEqual(told, [99, ID_UNKNOWN, 98]);
  });

  it('about presence and reading leaves room for messages, and messages leave room for confirmations', () => {
    const { protocol, transport } = underTest();
    const { presence, reads } = protocol;
    const findsRoom = (freeBytes: number): boolean[] => {
      transport.freeBytes = freeBytes;
      const isWritten = protocol.claimMessage(1, 1, 1, 2, 16) >= 0;
      return [
        protocol.confirm(1, 1, 1) && protocol.ping(1, 1),
        isWritten && protocol.changeGroup(1, 1, 1, 2, true),
        (presence?.watch(1, 1, 2) && presence.typing(1, 1, 2) && presence.setAvailable(1, 1, true)) === true,
        reads?.read(1, 1, 2, 7) === true,
      ];
    };
    assert.deepEqual(findsRoom(6), [true, false, false, false]);
    assert.deepEqual(findsRoom(16 * 1024), [true, false, false, false]);
    assert.deepEqual(findsRoom(16 * 1024 + messageFrameBytes(16)), [true, true, false, false]);
    assert.deepEqual(findsRoom(20 * 1024), [true, true, false, false]);
    assert.deepEqual(findsRoom(20 * 1024 + TYPING_FRAME_BYTES), [true, true, true, false]);
    assert.deepEqual(findsRoom(20 * 1024 + READ_FRAME_BYTES), [true, true, true, true]);
  });

  it('waits for room, and is not half said', () => {
    const { protocol, transport, sent, notes } = underTest();
    transport.hasRoom = false;
    assert.ok(protocol.claimMessage(1, 1, 1, 2, 16) < 0);
    const done = [protocol.logIn(1, 1, 1), protocol.confirm(1, 1, 1), protocol.answer(1, 1, 1), protocol.ping(1, 1)];
    protocol.logOut(1, 1);
    assert.deepEqual(done, [false, false, false, false]);
    assert.deepEqual([sent.length, notes.framesOut], [0, 0]);
  });

  it('keeps its ids when a later login tells of a higher one', () => {
    const under = underTest();
    feed(under, 1, true, loginResult(LoginCode.ACCEPTED, 0, 500));
    under.notes.last = 4;
    feed(under, 1, true, loginResult(LoginCode.ACCEPTED, 0, 520));
    under.protocol.claimMessage(1, 1, 5, 2, 16);
    under.protocol.commitMessage();
    const body = under.sent.at(-1)?.body;
    assert.equal(body === undefined ? 0 : readSerial(body, 0), 521);
  });
});
