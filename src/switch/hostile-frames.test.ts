import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManyToOneConsumer, ManyToOneProducer } from '../ring/many-to-one-ring.ts';
import { RingMemory, ringBytes } from '../ring/ring-layout.ts';
import { MailboxIndex } from '../store/mailbox-index.ts';
import { VOLATILE } from '../store/mailbox-store.ts';
import { VolatileLog } from '../store/volatile-log.ts';
import { MemoryPhoneTransport } from '../transport/memory/memory-phone-transport.ts';
import { MemorySwitchTransport } from '../transport/memory/memory-switch-transport.ts';
import {
  Capability,
  ErrorFrameCode,
  FrameType,
  headerType,
  LOGIN_MAGIC,
  LoginCode,
  readErrorCode,
  readErrorSerial,
  readSerial,
  writeHeader,
  writeMessage,
} from '../wire/frames.ts';
import { loginFrameBytes, readLoginCode, writeLogin } from '../wire/login.ts';
import { NumberingPlan } from '../wire/numbering-plan.ts';
import { HOME_SALT, Placement } from '../wire/placement.ts';
import { CloseReason, type ConnectionEvents } from '../wire/transport.ts';
import { Shard } from './shard.ts';
import type { ShardSettings } from './terms/shard-settings.ts';
import { SWITCH_COUNTERS, SwitchCounter, type SwitchCounterName } from './terms/switch-counters.ts';

const FIRST_NUMBER = 1000;
const INBOX_BYTES = 2 ** 16;

interface Frame {
  readonly type: number;
  readonly view: DataView;
}

/** One shard, and hand-made clients that may send whatever they like. */
class Bench implements ConnectionEvents {
  readonly counters = new Float64Array(SWITCH_COUNTERS.length);
  readonly connections = new Map<number, number>();
  readonly frames = new Map<number, Frame[]>();
  readonly closedFor = new Map<number, number>();
  readonly #phones: MemoryPhoneTransport;
  readonly #shard: Shard;
  nowMicros = 0;

  constructor(change: Partial<ShardSettings> = {}) {
    const shape = { lanes: 1, shards: 1, ringBytes: 2 ** 17 };
    const rings = { shape, memory: RingMemory.ofBytes(MemorySwitchTransport.memoryBytes(shape)) };
    const memory = RingMemory.ofBytes(ringBytes(INBOX_BYTES));
    this.#phones = new MemoryPhoneTransport(rings, 0, () => {});
    this.#shard = new Shard(
      {
        shard: 0,
        sessions: 16,
        plan: new NumberingPlan([{ first: FIRST_NUMBER, count: 10 }]),
        homes: new Placement(1, HOME_SALT),
        peers: 1,
        heartbeatTimeoutMicros: 10e6,
        loginTimeoutMicros: 2e6,
        redeliveryMicros: 5e6,
        messagesPerAccount: 3,
        durability: VOLATILE,
        deliveryWindow: 2,
        questionsMax: 16,
        partialFramesMax: 64,
        watchMax: 4,
        watchesMax: 64,
        keepsWatches: false,
        inputsPerTurn: 512,
        tickMicros: 78_125,
        ...change,
      },
      {
        transport: new MemorySwitchTransport(rings, 0, 16, () => {}),
        mailboxes: new MailboxIndex(5),
        log: new VolatileLog(),
        authenticate: (_high, _low, view, at, bytes) => bytes === 1 && view.getUint8(at) === 7,
        memory,
        inboxes: [new ManyToOneProducer(memory, 0, INBOX_BYTES)],
        inbox: new ManyToOneConsumer(memory, 0, INBOX_BYTES),
        incarnations: [0],
        counters: this.counters,
        wakeShard: () => {},
      },
    );
  }

  count(name: SwitchCounterName): number {
    return this.counters[SwitchCounter[name]] ?? 0;
  }

  pass(micros = 100): void {
    for (let n = 0; n < 20; n++) {
      this.nowMicros += micros / 20;
      this.turn();
    }
  }

  turn(): void {
    this.#phones.flush();
    this.#shard.doWork(this.nowMicros);
    this.#phones.poll(this, 64);
  }

  connect(client: number): void {
    this.#phones.connect(0, client);
    this.pass();
  }

  send(client: number, bytes: Uint8Array): void {
    this.say(client, bytes);
    this.pass();
  }

  say(client: number, bytes: Uint8Array): void {
    const at = this.#phones.claim(this.connections.get(client) ?? 0, bytes.length, 0);
    for (const [i, byte] of bytes.entries()) this.#phones.output.setUint8(at + i, byte);
    this.#phones.commit();
  }

  /** A client that is logged in as the n-th account. */
  online(client: number): void {
    this.connect(client);
    this.send(client, login({ account: FIRST_NUMBER + client }));
    assert.equal(this.last(client)?.type, FrameType.LOGIN_RESULT);
  }

  last(client: number): Frame | undefined {
    return this.frames.get(client)?.at(-1);
  }

  /** The code of the last frame, which must be an ERROR. */
  errorOf(client: number): number {
    const frame = this.last(client);
    assert.equal(frame?.type, FrameType.ERROR);
    return readErrorCode(frame.view, 2);
  }

  opened(client: number, connection: number): void {
    this.connections.set(client, connection);
  }

  refused(): void {
    assert.fail('there is room');
  }

  bytes(client: number, _connection: number, view: DataView, start: number, end: number): number {
    const copy = new DataView(view.buffer.slice(start, end) as unknown as ArrayBuffer);
    const list = this.frames.get(client) ?? [];
    list.push({ type: headerType(copy.getUint16(0, true)), view: copy });
    this.frames.set(client, list);
    return end - start;
  }

  closed(client: number, connection: number, reason: number): void {
    this.closedFor.set(client, reason);
    this.#phones.release(connection);
  }
}

interface LoginFields {
  readonly account: number;
  readonly token?: number;
  readonly major?: number;
  readonly minor?: number;
  readonly magic?: number;
}

function login({ account, token = 7, major = 1, minor = 0, magic = LOGIN_MAGIC }: LoginFields): Uint8Array {
  const view = new DataView(new ArrayBuffer(loginFrameBytes(1)));
  view.setUint8(writeLogin(view, 0, account, Capability.RECEIPTS, 1), token);
  view.setUint32(2, magic, true);
  view.setUint8(6, major);
  view.setUint8(7, minor);
  return new Uint8Array(view.buffer);
}

function message(id: number, to: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(12 + 4));
  writeMessage(view, 0, FrameType.SEND, id, 0, to, 4);
  return new Uint8Array(view.buffer);
}

function header(type: number, bodyBytes: number, sent = bodyBytes): Uint8Array {
  const view = new DataView(new ArrayBuffer(2 + sent));
  writeHeader(view, 0, type, bodyBytes);
  return new Uint8Array(view.buffer);
}

describe('a switch under bad frames', () => {
  const violations: [what: string, bytes: Uint8Array, code: number, counter: SwitchCounterName][] = [
    ['a frame of the wrong length', header(FrameType.PING, 3), ErrorFrameCode.MALFORMED_FRAME, 'violationsMalformed'],
    [
      'a message too short for its fields',
      header(FrameType.SEND, 9),
      ErrorFrameCode.MALFORMED_FRAME,
      'violationsMalformed',
    ],
    ['a frame type nobody knows', header(31, 0), ErrorFrameCode.UNKNOWN_FRAME, 'violationsUnknownFrame'],
    [
      'a frame that only a switch sends',
      header(FrameType.PONG, 0),
      ErrorFrameCode.UNKNOWN_FRAME,
      'violationsUnknownFrame',
    ],
    ['a second login', login({ account: FIRST_NUMBER }), ErrorFrameCode.LOGIN_REPEATED, 'violationsLoginRepeated'],
  ];
  for (const [what, bytes, code, counter] of violations) {
    it(`answers ${what}, counts it, closes that connection and no other`, () => {
      const bench = new Bench();
      bench.online(1);
      bench.online(2);
      bench.send(1, bytes);
      assert.equal(bench.errorOf(1), code);
      assert.equal(bench.count(counter), 1);
      assert.equal(bench.closedFor.get(1), CloseReason.VIOLATION);
      bench.send(2, header(FrameType.PING, 0));
      assert.equal(bench.last(2)?.type, FrameType.PONG, 'the other goes on');
      assert.equal(bench.count('sessions'), 1);
    });
  }

  it('outlives a phone that breaks the protocol twice in one chunk while its account is asked for', () => {
    const bench = new Bench();
    bench.online(1);
    bench.connect(9);
    const ping = header(FrameType.PING, 0);
    // The login waits for the end of client 1's session; the last of three pings begins in the login's chunk.
    bench.say(9, Uint8Array.from([...login({ account: FIRST_NUMBER + 1 }), ...ping.subarray(0, 1)]));
    bench.say(9, Uint8Array.from([...ping.subarray(1), ...ping, ...ping]));
    bench.pass();
    assert.equal(bench.errorOf(9), ErrorFrameCode.LOGIN_EXPECTED);
    assert.equal(bench.count('violationsLoginExpected'), 1, 'nothing is heard of it after the first');
    assert.equal(bench.errorOf(1), ErrorFrameCode.SESSION_REPLACED);
    assert.deepEqual([bench.closedFor.has(1), bench.closedFor.get(9)], [true, CloseReason.VIOLATION]);
    bench.online(2);
    assert.equal(bench.count('connectionsOpened') - bench.count('connectionsClosed'), 1);
    assert.equal(bench.count('sessions'), 1);
  });

  it('refuses frames before login', () => {
    const bench = new Bench();
    bench.connect(1);
    bench.send(1, message(1, FIRST_NUMBER));
    assert.equal(bench.errorOf(1), ErrorFrameCode.LOGIN_EXPECTED);
    assert.equal(bench.count('violationsLoginExpected'), 1);
    assert.ok(bench.closedFor.has(1));
  });

  const refusals: [what: string, fields: LoginFields, code: number, counter: SwitchCounterName][] = [
    ['a wrong token', { account: FIRST_NUMBER, token: 8 }, LoginCode.TOKEN_WRONG, 'loginsRefusedToken'],
    ['an account outside the plan', { account: 999_999 }, LoginCode.ACCOUNT_UNKNOWN, 'loginsRefusedAccount'],
    [
      'another major version',
      { account: FIRST_NUMBER, major: 2 },
      LoginCode.VERSION_UNSUPPORTED,
      'loginsRefusedVersion',
    ],
  ];
  for (const [what, fields, code, counter] of refusals) {
    it(`refuses ${what} with its reason`, () => {
      const bench = new Bench();
      bench.connect(1);
      bench.send(1, login(fields));
      const result = bench.last(1);
      assert.equal(result?.type, FrameType.LOGIN_RESULT);
      assert.equal(readLoginCode(result.view, 2), code);
      assert.equal(bench.count(counter), 1);
      assert.equal(bench.closedFor.get(1), CloseReason.LOGIN_REFUSED);
    });
  }

  it('takes a stray client without the magic for what it is', () => {
    const bench = new Bench();
    bench.connect(1);
    bench.send(1, login({ account: FIRST_NUMBER, magic: 0x20544547 })); // "GET "
    assert.equal(bench.errorOf(1), ErrorFrameCode.MALFORMED_FRAME);
  });

  it('skips unknown frames of a later minor version', () => {
    const bench = new Bench();
    bench.connect(1);
    bench.send(1, login({ account: FIRST_NUMBER + 1, minor: 9 }));
    bench.send(1, header(31, 200));
    bench.send(1, header(FrameType.PING, 0));
    assert.equal(bench.last(1)?.type, FrameType.PONG);
    assert.equal(bench.count('framesSkipped'), 1);
  });

  it('ends a connection that does not log in, and one that falls silent with half a frame', () => {
    const bench = new Bench();
    bench.connect(1);
    bench.online(2);
    bench.send(2, header(FrameType.SEND, 20, 5));
    for (let n = 0; n < 400; n++) bench.pass(50_000);
    assert.equal(bench.closedFor.get(1), CloseReason.LOGIN_TIMED_OUT);
    assert.equal(bench.closedFor.get(2), CloseReason.HEARTBEAT_MISSED);
  });

  it('closes the one whose half frame waits longest where another needs its place', () => {
    const places = 2;
    const bench = new Bench({ partialFramesMax: places });
    for (const client of [1, 2, 3]) bench.online(client);
    for (const client of [1, 2, 3]) bench.send(client, header(FrameType.SEND, 20, 5));
    assert.equal(bench.closedFor.get(1), CloseReason.VIOLATION);
    assert.equal(bench.errorOf(1), ErrorFrameCode.MALFORMED_FRAME);
    assert.equal(bench.count('violationsPartialFrames'), 1);
    assert.deepEqual([bench.closedFor.has(2), bench.closedFor.has(3)], [false, false]);
  });

  it('lets no crowd of half frames push out a phone whose frames arrive in two pieces', () => {
    const places = 4;
    const crowd = 14;
    const bench = new Bench({ partialFramesMax: places });
    bench.online(1);
    const frame = message(1, FIRST_NUMBER + 1);
    const serial = new DataView(frame.buffer);
    for (let n = 0, attacker = 2; attacker < 2 + crowd; n++) {
      serial.setUint32(2, n + 1, true);
      bench.send(1, frame.subarray(0, 5));
      for (const end = Math.min(attacker + places - 1, 2 + crowd); attacker < end; attacker++) {
        bench.connect(attacker);
        bench.send(attacker, login({ account: FIRST_NUMBER + 2 }).subarray(0, 9));
      }
      bench.send(1, frame.subarray(5));
      bench.send(1, header(FrameType.PING, 0));
      assert.equal(bench.last(1)?.type, FrameType.PONG, `after ${attacker} attackers`);
    }
    assert.equal(bench.closedFor.has(1), false);
    assert.equal(bench.count('violationsMalformed'), 0);
    // Each of them but the last that still have a place, whose number the phone's own half frames make one less.
    assert.ok(bench.count('violationsPartialFrames') >= crowd - places);
    assert.equal(bench.closedFor.size, bench.count('violationsPartialFrames'));
  });

  for (const tickMicros of [1000, 78_125, 1e6]) {
    it(`ends silent phones and sends messages again when it is time, in grains of ${tickMicros} µs`, () => {
      const stepMicros = 20_000;
      const bench = new Bench({ tickMicros });
      bench.online(1);
      bench.online(2);
      const silentFrom = bench.nowMicros;
      bench.send(1, message(1, FIRST_NUMBER + 2));
      const deliveries = (): number =>
        (bench.frames.get(2) ?? []).filter(({ type }) => type === FrameType.DELIVER).length;
      const until = (holds: () => boolean): number => {
        while (!holds()) bench.pass(stepMicros);
        return bench.nowMicros - silentFrom;
      };
      const again = until(() => deliveries() === 2);
      const roundMicros = 16 * Math.max(tickMicros, 5e6 / 128);
      assert.ok(again >= 5e6 - tickMicros && again <= 5e6 + 2 * roundMicros, `sent again after ${again} µs`);
      const ended = until(() => bench.closedFor.has(2));
      assert.equal(bench.closedFor.get(2), CloseReason.HEARTBEAT_MISSED);
      assert.ok(ended >= 10e6 && ended <= 10e6 + 2 * tickMicros + stepMicros, `ended after ${ended} µs`);
    });
  }

  it('takes no more in one turn than it is told to', () => {
    const bench = new Bench({ inputsPerTurn: 16 });
    bench.online(1);
    const pings = 40;
    for (let n = 0; n < pings; n++) bench.say(1, header(FrameType.PING, 0));
    const before = bench.count('framesIn');
    const perTurn = Array.from({ length: 3 }, () => {
      const from = bench.count('framesIn');
      bench.turn();
      return bench.count('framesIn') - from;
    });
    assert.deepEqual(perTurn, [16, 16, 8]);
    assert.equal(bench.count('framesIn') - before, pings);
  });

  it('accepts an id once: sent again it is acknowledged again and not delivered again', () => {
    const bench = new Bench();
    bench.online(1);
    bench.online(2);
    bench.send(1, message(1, FIRST_NUMBER + 2));
    bench.send(1, message(1, FIRST_NUMBER + 2));
    const acknowledgements = (bench.frames.get(1) ?? []).filter((frame) => frame.type === FrameType.ACKNOWLEDGED);
    assert.deepEqual(
      acknowledgements.map((frame) => readSerial(frame.view, 2)),
      [1, 1],
    );
    assert.equal((bench.frames.get(2) ?? []).filter((frame) => frame.type === FrameType.DELIVER).length, 1);
    assert.equal(bench.count('messagesDuplicate'), 1);
  });

  it('tells the sender of a full mailbox, a full store, an unknown recipient, and an id too old', () => {
    const bench = new Bench();
    bench.online(1);
    const errorFor = (id: number, to: number): number | undefined => {
      bench.send(1, message(id, to));
      const frame = bench.last(1);
      if (frame?.type !== FrameType.ERROR) return undefined;
      assert.equal(readErrorSerial(frame.view, 2), id);
      return readErrorCode(frame.view, 2);
    };
    const away = FIRST_NUMBER + 5;
    assert.deepEqual(
      [1, 2, 3, 4].map((id) => errorFor(id, away)),
      [undefined, undefined, undefined, ErrorFrameCode.MAILBOX_FULL],
    );
    assert.deepEqual(
      [5, 6, 7].map((id) => errorFor(id, away + 1)),
      [undefined, undefined, ErrorFrameCode.STORE_FULL],
    );
    assert.equal(errorFor(8, 5), ErrorFrameCode.RECIPIENT_UNKNOWN);
    bench.send(1, message(40, 5));
    assert.equal(bench.closedFor.has(1), false, 'none of these closes the connection');
  });

  it('replaces a session by the same account’s next one, and tells it', () => {
    const bench = new Bench();
    bench.online(1);
    bench.connect(9);
    bench.send(9, login({ account: FIRST_NUMBER + 1 }));
    assert.equal(bench.errorOf(1), ErrorFrameCode.SESSION_REPLACED);
    assert.equal(bench.closedFor.get(1), CloseReason.SESSION_REPLACED);
    assert.equal(bench.last(9)?.type, FrameType.LOGIN_RESULT);
    assert.equal(bench.count('sessions'), 1);
  });
});
