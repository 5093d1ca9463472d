/** The one-to-one ring against a queue in an array, from any position that 32 bits can hold. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { OneToOneConsumer, OneToOneProducer } from './one-to-one-ring.ts';
import { capacities, claims, starts } from './ring-arbitraries.test-suite.ts';
import { HEAD_WORD, RING_NONE, RingMemory, ringBytes, ringDepthBytes, ringRefusals, TAIL_WORD } from './ring-layout.ts';

const OFFSET_BYTES = 128;

interface Step {
  readonly kind: 'send' | 'publish' | 'look' | 'take' | 'release';
  readonly payloadBytes: number;
  readonly reserveBytes: number;
  readonly times: number;
}

interface ModelRecord {
  readonly serial: number;
  readonly payloadBytes: number;
  readonly padding: number;
}

function octet(serial: number, index: number): number {
  return (serial * 37 + index * 11 + 1) & 0xff;
}

/** The ring in whole numbers that never wrap, with the records in an array. */
class Model {
  readonly capacity: number;
  readonly records: ModelRecord[] = [];
  tail: number;
  published: number;
  publishedRecords = 0;
  /** Published records that the consumer knows of, and how many of them were looked at ahead. */
  knownRecords = 0;
  lookedRecords = 0;
  head: number;
  released: number;
  refusals = 0;
  serial = 0;

  constructor(capacity: number, start: number) {
    this.capacity = capacity;
    this.tail = start;
    this.published = start;
    this.head = start;
    this.released = start;
  }

  /** Bytes of padding before the record, or -1 where it must be refused. */
  padding(payloadBytes: number, reserveBytes: number): number {
    const bytes = Math.ceil((payloadBytes + 4) / 8) * 8;
    const toEnd = this.capacity - (this.tail % this.capacity);
    const padding = bytes <= toEnd ? 0 : toEnd;
    const used = this.tail - this.released;
    return used + padding + bytes + reserveBytes <= this.capacity ? padding : -1;
  }
}

class Rig {
  readonly memory: RingMemory;
  readonly model: Model;
  readonly producer: OneToOneProducer;
  readonly consumer: OneToOneConsumer;

  constructor(capacity: number, start: number) {
    this.memory = RingMemory.ofBytes(OFFSET_BYTES + ringBytes(capacity) + 64);
    this.memory.words[(OFFSET_BYTES >> 2) + TAIL_WORD] = start | 0;
    this.memory.words[(OFFSET_BYTES >> 2) + HEAD_WORD] = start | 0;
    this.model = new Model(capacity, start);
    this.producer = new OneToOneProducer(this.memory, OFFSET_BYTES, capacity);
    this.consumer = new OneToOneConsumer(this.memory, OFFSET_BYTES, capacity);
  }

  send(payloadBytes: number, reserveBytes: number): void {
    const { model } = this;
    const padding = model.padding(payloadBytes, reserveBytes);
    const at = this.producer.claim(payloadBytes, reserveBytes);
    if (padding < 0) {
      model.refusals++;
      assert.equal(at, RING_NONE, 'a record without room is refused');
      return;
    }
    assert.notEqual(at, RING_NONE, 'a record with room is taken');
    assert.equal(at % 8, 4);
    const end = OFFSET_BYTES + ringBytes(model.capacity);
    assert.ok(at >= OFFSET_BYTES + 192 && at + payloadBytes <= end, 'inside the ring');
    for (let i = 0; i < payloadBytes; i++) {
      this.memory.view.setUint8(at + i, octet(model.serial, i));
    }
    this.producer.commit();
    model.records.push({ serial: model.serial, payloadBytes, padding });
    model.tail += padding + Math.ceil((payloadBytes + 4) / 8) * 8;
    model.serial++;
  }

  publish(): void {
    const { model } = this;
    assert.equal(this.producer.publish(), model.published !== model.tail);
    model.published = model.tail;
    model.publishedRecords = model.records.length;
  }

  look(): void {
    const { model } = this;
    const record = model.lookedRecords < model.knownRecords ? model.records[model.lookedRecords] : undefined;
    const at = this.consumer.lookAhead();
    if (record === undefined) {
      assert.equal(at, RING_NONE, 'nothing is seen ahead of what is known');
      return;
    }
    for (let i = 0; i < record.payloadBytes; i++) {
      assert.equal(this.memory.view.getUint8(at + i), octet(record.serial, i));
    }
    model.lookedRecords++;
  }

  take(): void {
    const { model } = this;
    assert.equal(this.consumer.hasNext(), model.publishedRecords > 0);
    model.knownRecords = model.publishedRecords;
    const at = this.consumer.next();
    const record = model.publishedRecords > 0 ? model.records.shift() : undefined;
    if (record === undefined) {
      assert.equal(at, RING_NONE, 'only published records are seen');
      return;
    }
    assert.equal(this.consumer.next(), at, 'looking twice shows the same record');
    assert.equal(this.consumer.length, record.payloadBytes);
    for (let i = 0; i < record.payloadBytes; i++) {
      assert.equal(this.memory.view.getUint8(at + i), octet(record.serial, i));
    }
    this.consumer.take();
    model.publishedRecords--;
    model.knownRecords--;
    model.lookedRecords = Math.max(0, model.lookedRecords - 1);
    model.head += record.padding + Math.ceil((record.payloadBytes + 4) / 8) * 8;
  }

  release(): void {
    this.consumer.release();
    this.model.released = this.model.head;
  }

  check(): void {
    const { model } = this;
    assert.equal(ringDepthBytes(this.memory, OFFSET_BYTES), model.published - model.released);
    assert.equal(this.producer.freeBytes(), model.capacity - (model.tail - model.released));
    assert.equal(ringRefusals(this.memory, OFFSET_BYTES), model.refusals);
  }

  /** Nothing before or behind the ring was written to. */
  checkSurroundings(): void {
    const end = OFFSET_BYTES + ringBytes(this.model.capacity);
    for (let at = 0; at < OFFSET_BYTES; at++) assert.equal(this.memory.view.getUint8(at), 0);
    for (let at = end; at < end + 64; at++) assert.equal(this.memory.view.getUint8(at), 0);
  }
}

function apply(rig: Rig, step: Step): void {
  const once = step.kind === 'publish' || step.kind === 'release';
  for (let i = 0; i < (once ? 1 : step.times); i++) {
    if (step.kind === 'send') rig.send(step.payloadBytes, step.reserveBytes);
    else if (step.kind === 'publish') rig.publish();
    else if (step.kind === 'look') rig.look();
    else if (step.kind === 'take') rig.take();
    else rig.release();
  }
  rig.check();
}

const steps = fc.array(
  fc.record<Step>({
    kind: fc.constantFrom('send', 'send', 'publish', 'look', 'take', 'take', 'release'),
    ...claims,
  }),
  { maxLength: 80, size: 'max' },
);

test('any mix of claims, publishes, takes and releases behaves as a queue', () => {
  fc.assert(
    fc.property(capacities, starts, steps, (capacity, start, sequence) => {
      const rig = new Rig(capacity, start);
      for (const step of sequence) apply(rig, step);
      rig.publish();
      while (rig.model.records.length > 0) rig.take();
      rig.take();
      rig.release();
      rig.check();
      rig.checkSurroundings();
      assert.equal(ringDepthBytes(rig.memory, OFFSET_BYTES), 0);
    }),
    { numRuns: 1500 },
  );
});

test('positions wrap 32 bits while a ring stays nearly full', () => {
  for (const start of [2 ** 31 - 1024, 2 ** 32 - 1024]) {
    const rig = new Rig(256, start);
    for (let i = 0; i < 400; i++) {
      rig.send(1 + ((i * 13) % 61), 0);
      rig.publish();
      if (rig.model.records.length > 2) rig.take();
      rig.release();
      rig.check();
    }
    assert.ok(rig.model.head > start + 1024, 'the position went past the wrap');
  }
});

test('a new producer and a new consumer go on where the ring stands', () => {
  const rig = new Rig(128, 2 ** 32 - 64);
  rig.send(20, 0);
  rig.send(20, 0);
  rig.publish();
  rig.take();
  rig.release();
  const consumer = new OneToOneConsumer(rig.memory, OFFSET_BYTES, 128);
  const producer = new OneToOneProducer(rig.memory, OFFSET_BYTES, 128);
  assert.equal(producer.freeBytes(), 128 - 24);
  const at = consumer.next();
  assert.equal(rig.memory.view.getUint8(at), octet(1, 0));
});

test('a commit without a claim, and a second commit, are refused', () => {
  const rig = new Rig(64, 0);
  assert.throws(() => rig.producer.commit(), /a commit follows a claim/);
  rig.send(8, 0);
  assert.throws(() => rig.producer.commit(), /a commit follows a claim/);
});

test('a ring is only made where it can lie', () => {
  const memory = RingMemory.ofBytes(ringBytes(64));
  for (const [offset, capacity] of [
    [0, 32],
    [0, 96],
    [0, 128],
    [64, 64],
    [4, 64],
    [0, 0],
  ] as const) {
    assert.throws(() => new OneToOneProducer(memory, offset, capacity), `${offset} ${capacity}`);
    assert.throws(() => new OneToOneConsumer(memory, offset, capacity), `${offset} ${capacity}`);
  }
});
