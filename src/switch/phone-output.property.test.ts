/** Frames to a phone through a ring, against a list of what was written and found room. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ByteSpan } from '../base/byte-span.ts';
import { SERIAL_MASK } from '../base/serial-distance.ts';
import { RingMemory } from '../ring/ring-layout.ts';
import { MemoryPhoneTransport } from '../transport/memory/memory-phone-transport.ts';
import { MemorySwitchTransport } from '../transport/memory/memory-switch-transport.ts';
import {
  accountNumber,
  FrameType,
  GROUP_PAYLOAD_BYTES_MAX,
  PAYLOAD_BYTES_MAX,
  payloadStart,
  readAccountHigh,
  readAccountLow,
  readErrorCode,
  readErrorSerial,
  readSerial,
} from '../wire/frames.ts';
import {
  groupPayloadStart,
  readAuthorHigh,
  readAuthorId,
  readAuthorLow,
  readGroupVersion,
} from '../wire/group-frames.ts';
import { readLoginCode, readLoginHighestId, readLoginWaiting, WAITING_MAX } from '../wire/login.ts';
import { NumberingPlan } from '../wire/numbering-plan.ts';
import { FrameFlow } from '../wire/parse-frames.ts';
import { CLAIM_FULL, CLAIM_GONE, CloseReason, type Transport } from '../wire/transport.ts';
import { FrameListener } from './frame-listener.test-suite.ts';
import { GROUP_HEAD_BYTES, writeGroupHead } from './homes/group-head.ts';
import { ID_UNTOLD, INPUT_ANSWER_BYTES_MAX, PhoneOutput } from './phone-output.ts';
import { SWITCH_COUNTERS, SwitchCounter } from './terms/switch-counters.ts';

const RING_BYTES = 2 ** 14;
const INPUTS_PER_TURN = 8;
const RESERVE_BYTES = INPUT_ANSWER_BYTES_MAX * INPUTS_PER_TURN;
/** Its halves carry at the second account: 2^32 lies between the two. */
const FIRST_NUMBER = 2 ** 32 - 1;
const ACCOUNTS = 3;

type Said = readonly [type: number, ...fields: (number | string)[]];

/** Reads frames back into what was said. */
class Listener extends FrameListener {
  readonly heard: Said[] = [];

  frame(type: number, view: DataView, body: number, end: number): FrameFlow {
    this.heard.push([type, ...fieldsOf(type, view, body, end)]);
    return FrameFlow.NEXT;
  }
}

function fieldsOf(type: number, view: DataView, body: number, end: number): (number | string)[] {
  switch (type) {
    case FrameType.LOGIN_RESULT:
      return [readLoginCode(view, body), readLoginWaiting(view, body), readLoginHighestId(view, body)];
    case FrameType.ERROR:
      return [readErrorCode(view, body), readErrorSerial(view, body)];
    case FrameType.PONG:
      return [];
    case FrameType.DELIVER: {
      const sender = accountNumber(readAccountHigh(view, body), readAccountLow(view, body));
      const payload = Array.from({ length: end - payloadStart(body) }, (_, n) => view.getUint8(payloadStart(body) + n));
      return [readSerial(view, body), sender, payload.join()];
    }
    case FrameType.DELIVER_GROUP: {
      const group = accountNumber(readAccountHigh(view, body), readAccountLow(view, body));
      const author = accountNumber(readAuthorHigh(view, body), readAuthorLow(view, body));
      const at = groupPayloadStart(body);
      const bytes = Array.from({ length: end - at }, (_, n) => view.getUint8(at + n));
      const [version, id] = [readGroupVersion(view, body), readAuthorId(view, body)];
      return [readSerial(view, body), group, author, version, id, bytes.join()];
    }
    case FrameType.READ:
      return [readSerial(view, body), accountNumber(readAccountHigh(view, body), readAccountLow(view, body))];
    default:
      return [readSerial(view, body)];
  }
}

/** A phone with a connection, and what a shard has to write to it. */
class Line {
  readonly listener = new Listener();
  readonly counters = new Float64Array(SWITCH_COUNTERS.length);
  readonly output: PhoneOutput;
  readonly transport: MemorySwitchTransport;
  readonly #phones: MemoryPhoneTransport;

  constructor(wrap: (transport: Transport) => Transport = (transport) => transport) {
    const shape = { lanes: 1, shards: 1, ringBytes: RING_BYTES };
    const rings = { shape, memory: RingMemory.ofBytes(MemorySwitchTransport.memoryBytes(shape)) };
    this.#phones = new MemoryPhoneTransport(rings, 0, () => {});
    this.transport = new MemorySwitchTransport(rings, 0, 1, () => {});
    const plan = new NumberingPlan([{ first: FIRST_NUMBER, count: ACCOUNTS }]);
    this.output = new PhoneOutput(wrap(this.transport), plan, this.counters, INPUTS_PER_TURN);
    this.#phones.connect(0, 5);
    this.listen();
  }

  /** The phone reads all that has been written. */
  listen(): void {
    this.#phones.flush();
    this.transport.poll({ opened: () => {}, refused: () => {}, bytes: () => 0, closed: () => {} }, 10);
    this.transport.flush();
    this.#phones.poll(this.listener, 10_000);
  }

  vanish(): void {
    this.#phones.vanish(this.listener.connection);
    this.listen();
  }

  count(name: 'framesOut' | 'deliveries' | 'groupDeliveries'): number {
    return this.counters[SwitchCounter[name]] ?? 0;
  }
}

const payloads = new DataView(Uint8Array.from({ length: PAYLOAD_BYTES_MAX + 1 }, (_, n) => (n * 7) & 0xff).buffer);
const payload = (bytes: number): ByteSpan => ({ view: payloads, at: 1, bytes });
const payloadText = (bytes: number): string => Array.from({ length: bytes }, (_, n) => payloads.getUint8(1 + n)).join();

/** A message to a group as a hop has it: its head, and then the payload. */
function groupMessage({ group, author, version, serial: id, bytes }: GroupStep): ByteSpan {
  const view = new DataView(new ArrayBuffer(3 + GROUP_HEAD_BYTES + bytes));
  const at = writeGroupHead(view, 3, group, author, version, id);
  for (let n = 0; n < bytes; n++) view.setUint8(at + n, payloads.getUint8(1 + n));
  return { view, at: 3, bytes: GROUP_HEAD_BYTES + bytes };
}

const serial = fc.integer({ min: 0, max: SERIAL_MASK });
const kind = <K extends string>(name: K): fc.Arbitrary<K> => fc.constant(name);
const step = fc.oneof(
  fc.record({ kind: kind('loginResult'), code: fc.nat(4), waiting: fc.nat(2 * WAITING_MAX), serial }),
  fc.record({ kind: kind('acknowledge'), serial }),
  fc.record({ kind: kind('pong') }),
  fc.record({ kind: kind('error'), code: fc.nat(39), serial }),
  fc.record({ kind: kind('receipt'), serial }),
  {
    weight: 8,
    arbitrary: fc.record({
      kind: kind('message'),
      serial,
      sender: fc.nat(ACCOUNTS - 1),
      bytes: fc.nat(PAYLOAD_BYTES_MAX),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: kind('group'),
      serial,
      group: fc.nat(ACCOUNTS - 1),
      author: fc.nat(ACCOUNTS - 1),
      version: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      bytes: fc.nat(GROUP_PAYLOAD_BYTES_MAX),
    }),
  },
  fc.record({ kind: kind('read'), serial, reader: fc.nat(ACCOUNTS - 1) }),
  fc.record({ kind: kind('listen') }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
type GroupStep = Extract<Step, { kind: 'group' }>;

/** Writes what a step says. @returns what the phone then hears, or null where there was no room. */
function say({ output }: Line, one: Step): Said | null {
  switch (one.kind) {
    case 'loginResult':
      output.loginResult(0, one.code, 1, one.waiting, 180_000, one.serial);
      return [FrameType.LOGIN_RESULT, one.code, Math.min(one.waiting, WAITING_MAX), one.serial];
    case 'acknowledge':
      output.acknowledge(0, one.serial);
      return [FrameType.ACKNOWLEDGED, one.serial];
    case 'error':
      output.error(0, one.code, one.serial);
      return [FrameType.ERROR, one.code, one.serial];
    case 'receipt':
      return output.receipt(0, one.serial) ? [FrameType.RECEIPT, one.serial] : null;
    case 'message': {
      const hadRoom = output.hasRoom(0);
      const isWritten = output.message(0, one.serial, one.sender, ID_UNTOLD, payload(one.bytes));
      if (hadRoom) assert.ok(isWritten, 'there is room for a message of any size');
      if (!isWritten) return null;
      return [FrameType.DELIVER, one.serial, FIRST_NUMBER + one.sender, payloadText(one.bytes)];
    }
    case 'group': {
      const sequence = one.serial ^ 1;
      if (!output.groupMessage(0, sequence, groupMessage(one))) return null;
      const numbers = [FIRST_NUMBER + one.group, FIRST_NUMBER + one.author];
      return [FrameType.DELIVER_GROUP, sequence, ...numbers, one.version >>> 0, one.serial, payloadText(one.bytes)];
    }
    case 'read':
      return output.read(0, one.serial, one.reader) ? [FrameType.READ, one.serial, FIRST_NUMBER + one.reader] : null;
    default:
      output.pong(0);
      return [FrameType.PONG];
  }
}

describe('output to a phone', () => {
  it('is what was written, in its order; messages and receipts wait where only answers have room', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const line = new Line();
        const said: Said[] = [];
        let answers = 0;
        for (const one of steps) {
          if (one.kind === 'listen') {
            line.listen();
            answers = 0;
            continue;
          }
          const isAnswer = !['message', 'group', 'receipt', 'read'].includes(one.kind);
          // So many answers have room between two flushes, however full of messages the ring is.
          if (isAnswer && answers++ >= INPUTS_PER_TURN) continue;
          const text = say(line, one);
          if (text === null) assert.ok(line.transport.claim(0, PAYLOAD_BYTES_MAX, RESERVE_BYTES) === CLAIM_FULL);
          else said.push(text);
        }
        line.listen();
        assert.deepEqual(line.listener.heard, said);
        assert.equal(line.count('framesOut'), said.length);
        const written = (wanted: number): number => said.filter(([type]) => type === wanted).length;
        assert.equal(line.count('deliveries'), written(FrameType.DELIVER));
        assert.equal(line.count('groupDeliveries'), written(FrameType.DELIVER_GROUP));
      }),
      { numRuns: 200 },
    );
  });

  it('keeps room for the answers of a turn when messages have taken all that they may', () => {
    const line = new Line();
    let messages = 0;
    while (line.output.message(0, messages, 0, ID_UNTOLD, payload(100))) messages++;
    while (line.output.receipt(0, 1)) messages++;
    for (let n = 0; n < INPUTS_PER_TURN; n++) line.output.loginResult(0, 0, 1, 0, 1000, n);
    line.listen();
    assert.equal(line.listener.heard.length, messages + INPUTS_PER_TURN);
    assert.ok(messages * 120 > RING_BYTES / 2, `${messages} messages have used most of the ring`);
  });

  it('to a phone that is gone is dropped, and never waits for room', () => {
    const line = new Line();
    line.vanish();
    for (let n = 0; n < 1000; n++) assert.equal(line.output.message(0, n, 0, ID_UNTOLD, payload(1000)), true);
    assert.equal(line.output.receipt(0, 1), true);
    line.listen();
    assert.deepEqual(line.listener.heard, []);
  });

  it('to a connection that the transport is closing is dropped as well', () => {
    const line = new Line(
      (transport) =>
        new Proxy(transport, {
          get: (target, name) => (name === 'claim' ? () => CLAIM_GONE : Reflect.get(target, name)),
        }),
    );
    line.output.acknowledge(0, 1);
    line.output.error(0, 1, 1);
    line.output.pong(0);
    line.output.loginResult(0, 0, 0, 0, 0, 0);
    assert.equal(
      line.output.message(0, 1, 0, ID_UNTOLD, payload(10)),
      true,
      'it does not wait for room that never comes',
    );
    assert.equal(line.output.receipt(0, 1), true);
    assert.equal(line.output.hasRoom(0), true);
    line.transport.close(0, CloseReason.PHONE_LEFT);
    assert.equal(line.count('framesOut'), 0);
  });
});
