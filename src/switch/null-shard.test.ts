import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RingMemory } from '../ring/ring-layout.ts';
import { MemoryPhoneTransport } from '../transport/memory/memory-phone-transport.ts';
import { MemorySwitchTransport } from '../transport/memory/memory-switch-transport.ts';
import {
  FrameType,
  HEADER_BYTES,
  headerBodyBytes,
  headerType,
  messageFrameBytes,
  writeMessage,
} from '../wire/frames.ts';
import { loginFrameBytes, writeLogin } from '../wire/login.ts';
import { NumberingPlan } from '../wire/numbering-plan.ts';
import { CloseReason, type ConnectionEvents } from '../wire/transport.ts';
import { NullShard } from './null-shard.ts';
import { SWITCH_COUNTERS } from './terms/switch-counters.ts';

const FIRST_NUMBER = 1000;
const PARTIAL_FRAMES = 2;

/** A switch that only answers, and phones that send whatever they are told to. */
class Bench implements ConnectionEvents {
  readonly connections = new Map<number, number>();
  readonly heard = new Map<number, number[]>();
  readonly closedFor = new Map<number, number>();
  readonly #phones: MemoryPhoneTransport;
  readonly #shard: NullShard;

  constructor() {
    const shape = { lanes: 1, shards: 1, ringBytes: 2 ** 17 };
    const rings = { shape, memory: RingMemory.ofBytes(MemorySwitchTransport.memoryBytes(shape)) };
    this.#phones = new MemoryPhoneTransport(rings, 0, () => {});
    const transport = new MemorySwitchTransport(rings, 0, 8, () => {});
    const plan = new NumberingPlan([{ first: FIRST_NUMBER, count: 10 }]);
    const settings = { plan, inputsPerTurn: 64, partialFramesMax: PARTIAL_FRAMES };
    this.#shard = new NullShard(settings, transport, new Float64Array(SWITCH_COUNTERS.length));
  }

  turn(): void {
    for (let n = 0; n < 5; n++) {
      this.#phones.flush();
      this.#shard.doWork();
      this.#phones.poll(this, 64);
    }
  }

  connect(phone: number): void {
    this.#phones.connect(0, phone);
    this.turn();
  }

  send(phone: number, bytes: Uint8Array): void {
    const at = this.#phones.claim(this.connections.get(phone) ?? 0, bytes.length, 0);
    for (const [n, byte] of bytes.entries()) this.#phones.output.setUint8(at + n, byte);
    this.#phones.commit();
    this.turn();
  }

  opened(phone: number, connection: number): void {
    this.connections.set(phone, connection);
  }

  refused(): void {
    assert.fail('there is room');
  }

  bytes(phone: number, _connection: number, view: DataView, start: number, end: number): number {
    const types = this.heard.get(phone) ?? [];
    for (let at = start; at < end; ) {
      const header = view.getUint16(at, true);
      types.push(headerType(header));
      at += HEADER_BYTES + headerBodyBytes(header);
    }
    this.heard.set(phone, types);
    return end - start;
  }

  closed(phone: number, connection: number, reason: number): void {
    this.closedFor.set(phone, reason);
    this.#phones.release(connection);
  }
}

function login(phone: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(loginFrameBytes(0)));
  writeLogin(view, 0, FIRST_NUMBER + phone, 0, 0);
  return new Uint8Array(view.buffer);
}

function message(id: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(messageFrameBytes(4)));
  writeMessage(view, 0, FrameType.SEND, id, 0, FIRST_NUMBER, 4);
  return new Uint8Array(view.buffer);
}

describe('a switch that only answers', () => {
  it('answers all frames, wherever the kernel has cut what a phone sent', () => {
    const bytes = Uint8Array.from([...login(1), ...message(1), ...message(2)]);
    const echo = [FrameType.DELIVER, FrameType.ACKNOWLEDGED, FrameType.RECEIPT];
    for (let cut = 1; cut < bytes.length; cut++) {
      const bench = new Bench();
      bench.connect(1);
      bench.send(1, bytes.subarray(0, cut));
      bench.send(1, bytes.subarray(cut));
      assert.deepEqual(bench.heard.get(1), [FrameType.LOGIN_RESULT, ...echo, ...echo], `cut at ${cut}`);
    }
  });

  it('ends the phone whose half frame waits longest where there are too many, and others go on', () => {
    const bench = new Bench();
    for (const phone of [1, 2, 3]) {
      bench.connect(phone);
      bench.send(phone, login(phone).subarray(0, 5));
    }
    assert.deepEqual([...bench.closedFor], [[1, CloseReason.VIOLATION]]);
    bench.send(2, login(2).subarray(5));
    assert.deepEqual(bench.heard.get(2), [FrameType.LOGIN_RESULT]);
  });
});
