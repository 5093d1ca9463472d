/** The many-to-one ring against a queue in an array: claims in order, commits in any order. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ManyToOneConsumer, ManyToOneProducer } from './many-to-one-ring.ts';
import { capacities, claims, starts } from './ring-arbitraries.test-suite.ts';
import { HEAD_WORD, RING_NONE, RingMemory, ringBytes, ringDepthBytes, ringRefusals, TAIL_WORD } from './ring-layout.ts';

const OFFSET_BYTES = 64;
const PRODUCERS = 3;

interface Step {
  readonly kind: 'claim' | 'commit' | 'send' | 'look' | 'take' | 'release';
  readonly producer: number;
  readonly payloadBytes: number;
  readonly reserveBytes: number;
  readonly times: number;
}

interface ModelRecord {
  readonly serial: number;
  readonly payloadBytes: number;
  readonly bytes: number;
  padding: number;
  committed: boolean;
}

function octet(serial: number, index: number): number {
  return (serial * 37 + index * 11 + 1) & 0xff;
}

class Rig {
  readonly memory: RingMemory;
  readonly capacity: number;
  readonly producers: ManyToOneProducer[] = [];
  readonly consumer: ManyToOneConsumer;
  /** The model: the records in the order of their claims, and positions that never wrap. */
  readonly records: ModelRecord[] = [];
  /** The claim that each producer has yet to commit. */
  readonly claimed: (ModelRecord | undefined)[] = new Array(PRODUCERS).fill(undefined);
  tail: number;
  head: number;
  released: number;
  /** Records that were looked at ahead. */
  looked = 0;
  refusals = 0;
  serial = 0;

  constructor(capacity: number, start: number) {
    this.capacity = capacity;
    this.memory = RingMemory.ofBytes(OFFSET_BYTES + ringBytes(capacity) + 64);
    this.memory.words[(OFFSET_BYTES >> 2) + TAIL_WORD] = start | 0;
    this.memory.words[(OFFSET_BYTES >> 2) + HEAD_WORD] = start | 0;
    for (let i = 0; i < PRODUCERS; i++) {
      this.producers.push(new ManyToOneProducer(this.memory, OFFSET_BYTES, capacity));
    }
    this.consumer = new ManyToOneConsumer(this.memory, OFFSET_BYTES, capacity);
    this.tail = start;
    this.head = start;
    this.released = start;
  }

  producer(index: number): ManyToOneProducer {
    const producer = this.producers[index];
    assert.ok(producer !== undefined);
    return producer;
  }

  claim(index: number, payloadBytes: number, reserveBytes: number): void {
    if (this.claimed[index] !== undefined) return;
    const bytes = Math.ceil((payloadBytes + 4) / 8) * 8;
    const toEnd = this.capacity - (this.tail % this.capacity);
    const padding = bytes <= toEnd ? 0 : toEnd;
    const fits = this.tail - this.released + padding + bytes + reserveBytes <= this.capacity;
    const at = this.producer(index).claim(payloadBytes, reserveBytes);
    if (!fits) {
      this.refusals++;
      assert.equal(at, RING_NONE, 'a record without room is refused');
      return;
    }
    const place = (this.tail + padding) % this.capacity;
    assert.equal(at, OFFSET_BYTES + ringBytes(0) + place + 4);
    const record = { serial: this.serial++, payloadBytes, bytes, padding, committed: false };
    for (let i = 0; i < payloadBytes; i++) {
      this.memory.view.setUint8(at + i, octet(record.serial, i));
    }
    this.records.push(record);
    this.claimed[index] = record;
    this.tail += padding + bytes;
  }

  commit(index: number): void {
    const record = this.claimed[index];
    if (record === undefined) return;
    this.producer(index).commit();
    record.committed = true;
    this.claimed[index] = undefined;
  }

  look(): void {
    const at = this.consumer.lookAhead();
    const record = this.records[this.looked];
    if (record === undefined || !record.committed) {
      assert.equal(at, RING_NONE, 'nothing is seen ahead before it is committed');
      return;
    }
    for (let i = 0; i < record.payloadBytes; i++) {
      assert.equal(this.memory.view.getUint8(at + i), octet(record.serial, i));
    }
    this.looked++;
  }

  take(): void {
    const at = this.consumer.next();
    const record = this.records[0];
    if (record !== undefined) {
      this.head += record.padding; // looking goes past padding, whether its record is committed
      record.padding = 0;
    }
    if (record === undefined || !record.committed) {
      assert.equal(at, RING_NONE, 'nothing is seen before it is committed');
      assert.equal(this.consumer.hasNext(), false);
      return;
    }
    assert.equal(this.consumer.hasNext(), true);
    assert.equal(this.consumer.next(), at, 'looking twice shows the same record');
    assert.equal(this.consumer.length, record.payloadBytes);
    for (let i = 0; i < record.payloadBytes; i++) {
      assert.equal(this.memory.view.getUint8(at + i), octet(record.serial, i));
    }
    this.consumer.take();
    this.records.shift();
    this.looked = Math.max(0, this.looked - 1);
    this.head += record.bytes;
  }

  release(): void {
    this.consumer.release();
    this.released = this.head;
  }

  check(): void {
    assert.equal(ringDepthBytes(this.memory, OFFSET_BYTES), this.tail - this.released);
    assert.equal(ringRefusals(this.memory, OFFSET_BYTES), this.refusals);
  }

  /** An emptied ring holds zeros only, which the next lap starts from. */
  checkEmptied(): void {
    assert.equal(ringDepthBytes(this.memory, OFFSET_BYTES), 0);
    const data = OFFSET_BYTES + ringBytes(0);
    for (let at = data; at < this.memory.buffer.byteLength; at++) {
      assert.equal(this.memory.view.getUint8(at), 0, `byte ${at} is zero`);
    }
  }
}

function apply(rig: Rig, step: Step): void {
  for (let i = 0; i < step.times; i++) {
    const producer = (step.producer + i) % PRODUCERS;
    if (step.kind === 'claim' || step.kind === 'send') {
      rig.claim(producer, step.payloadBytes, step.reserveBytes);
    }
    if (step.kind === 'commit' || step.kind === 'send') rig.commit(producer);
    if (step.kind === 'look') rig.look();
    if (step.kind === 'take') rig.take();
    if (step.kind === 'release') rig.release();
  }
  rig.check();
}

const steps = fc.array(
  fc.record<Step>({
    kind: fc.constantFrom('claim', 'commit', 'send', 'look', 'take', 'take', 'release'),
    producer: fc.nat({ max: PRODUCERS - 1 }),
    ...claims,
  }),
  { maxLength: 80, size: 'max' },
);

test('claims by several producers, commits in any order: a queue in the order of claims', () => {
  fc.assert(
    fc.property(capacities, starts, steps, (capacity, start, sequence) => {
      const rig = new Rig(capacity, start);
      for (const step of sequence) apply(rig, step);
      for (let i = 0; i < PRODUCERS; i++) rig.commit(i);
      while (rig.records.length > 0) rig.take();
      rig.take();
      rig.release();
      rig.check();
      rig.checkEmptied();
    }),
    { numRuns: 1500 },
  );
});

test('positions wrap 32 bits while a ring stays nearly full', () => {
  for (const start of [2 ** 31 - 1024, 2 ** 32 - 1024]) {
    const rig = new Rig(256, start);
    for (let i = 0; i < 400; i++) {
      rig.claim(i % PRODUCERS, 1 + ((i * 13) % 61), 0);
      rig.commit(i % PRODUCERS);
      if (rig.records.length > 2) rig.take();
      rig.release();
      rig.check();
    }
    assert.ok(rig.head > start + 1024, 'the position went past the wrap');
  }
});

test('a record behind one that is not committed waits for it', () => {
  const rig = new Rig(256, 0);
  rig.claim(0, 10, 0);
  rig.claim(1, 20, 0);
  rig.commit(1);
  assert.equal(rig.consumer.next(), RING_NONE);
  rig.commit(0);
  rig.take();
  rig.take();
  assert.equal(rig.records.length, 0);
});

test('a producer has one claim at a time, and commits only what it claimed', () => {
  const { producers, memory } = new Rig(256, 0);
  const [first, second] = producers;
  assert.ok(first !== undefined && second !== undefined);
  assert.throws(() => first.commit(), /a commit follows a claim/);
  first.claim(8, 0);
  assert.throws(() => first.claim(8, 0), /one claim at a time/);
  assert.throws(() => second.commit(), /a commit follows a claim/);
  first.commit();
  assert.throws(() => first.commit(), /a commit follows a claim/);
  assert.equal(second.claim(1000, 0), RING_NONE);
  assert.throws(() => second.commit(), /a commit follows a claim/, 'a refused claim is none');
  assert.equal(ringDepthBytes(memory, OFFSET_BYTES), 16);
});
