/** Rings and the doorbell between real threads, in a ring so small that it is often full. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { Doorbell } from './doorbell.ts';
import { ManyToOneConsumer } from './many-to-one-ring.ts';
import { OneToOneConsumer } from './one-to-one-ring.ts';
import { RING_NONE, RingMemory, ringBytes, ringDepthBytes, ringRefusals } from './ring-layout.ts';
import { bodyByte, bodyBytes, type ProducerOrder, RECORD_FIELDS_BYTES } from './ring-threads.test-worker.ts';

const CAPACITY_BYTES = 4096;
/** Behind the ring: the bell, and on other cache lines a word to pause on for each producer. */
const BELL_WORD = ringBytes(CAPACITY_BYTES) >> 2;
const PAUSE_WORD = BELL_WORD + 16;
const MEMORY_BYTES = ringBytes(CAPACITY_BYTES) + 256;
/** Looks at an empty ring between two turns of the event loop, where a worker's end is heard. */
const LOOKS_PER_TURN = 20_000;
/** A wait that nobody ends; far above any pause of a producer, so a lost wake-up is seen. */
const PARK_LIMIT_MILLIS = 5_000;

const started: Worker[] = [];
after(() => Promise.all(started.map((worker) => worker.terminate())));

type Consumer = OneToOneConsumer | ManyToOneConsumer;

interface Producers {
  /** Producers that ended. */
  ended: number;
  failure: unknown;
}

function startProducers(order: Omit<ProducerOrder, 'producer'>, count: number): Producers {
  const producers: Producers = { ended: 0, failure: undefined };
  for (let producer = 0; producer < count; producer++) {
    const workerData: ProducerOrder = { ...order, producer, pauseWord: order.pauseWord + producer };
    const worker = new Worker(new URL('./ring-threads.test-worker.js', import.meta.url), {
      workerData,
    });
    worker.on('error', (error) => {
      producers.failure = error;
    });
    worker.on('exit', () => {
      producers.ended++;
    });
    started.push(worker);
  }
  return producers;
}

/** Checks the next record against what its producer must have sent next. */
function checkRecord(memory: RingMemory, consumer: Consumer, at: number, next: number[]): void {
  const { view } = memory;
  const producer = view.getInt32(at, true);
  const serial = view.getInt32(at + 4, true);
  const expected = next[producer];
  if (serial !== expected) assert.fail(`producer ${producer}: ${serial} came, not ${expected}`);
  const bytes = bodyBytes(producer, serial);
  if (consumer.length !== RECORD_FIELDS_BYTES + bytes) assert.equal(consumer.length, bytes + 8);
  if (bytes > 0) {
    const byte = bodyByte(producer, serial);
    if (view.getUint8(at + 8) !== byte) assert.fail(`first byte of ${producer}/${serial}`);
    if (view.getUint8(at + 7 + bytes) !== byte) assert.fail(`last byte of ${producer}/${serial}`);
  }
  next[producer] = serial + 1;
}

/** Takes all there is. @returns how many records. */
function takeAll(memory: RingMemory, consumer: Consumer, next: number[]): number {
  let taken = 0;
  for (let at = consumer.next(); at !== RING_NONE; at = consumer.next()) {
    checkRecord(memory, consumer, at, next);
    consumer.take();
    taken++;
    if (taken % 8 === 0) consumer.release();
  }
  consumer.release();
  return taken;
}

/** Takes records until every producer has ended and the ring is empty. */
async function consume(memory: RingMemory, consumer: Consumer, producers: Producers, next: number[]) {
  for (;;) {
    const ended = producers.ended === next.length;
    for (let look = 0; look < LOOKS_PER_TURN; look++) takeAll(memory, consumer, next);
    if (ended) break;
    await nextTurn();
  }
  assert.equal(producers.failure, undefined);
  assert.equal(ringDepthBytes(memory, 0), 0);
  assert.ok(ringRefusals(memory, 0) > 0, 'the ring was full at times');
}

test('one producer thread: 300,000 records, each once, in order and whole', async () => {
  const memory = RingMemory.ofBytes(MEMORY_BYTES);
  const records = 300_000;
  const order = { buffer: memory.buffer, capacityBytes: CAPACITY_BYTES, records, bellWord: -1 };
  const producers = startProducers({ ...order, kind: 'one-to-one', pauseWord: PAUSE_WORD }, 1);
  const next = [0];
  await consume(memory, new OneToOneConsumer(memory, 0, CAPACITY_BYTES), producers, next);
  assert.deepEqual(next, [records]);
});

test('three producer threads: 100,000 records each, in order for each of them', async () => {
  const memory = RingMemory.ofBytes(MEMORY_BYTES);
  const records = 100_000;
  const order = { buffer: memory.buffer, capacityBytes: CAPACITY_BYTES, records, bellWord: -1 };
  const producers = startProducers({ ...order, kind: 'many-to-one', pauseWord: PAUSE_WORD }, 3);
  const next = [0, 0, 0];
  await consume(memory, new ManyToOneConsumer(memory, 0, CAPACITY_BYTES), producers, next);
  assert.deepEqual(next, [records, records, records]);
});

for (const kind of ['one-to-one', 'many-to-one'] as const) {
  const count = kind === 'one-to-one' ? 1 : 2;
  test(`a parked thread wakes for every record of ${count} pausing threads (${kind})`, () => {
    const memory = RingMemory.ofBytes(MEMORY_BYTES);
    const records = 4_000;
    const order = { buffer: memory.buffer, capacityBytes: CAPACITY_BYTES, records };
    const words = { bellWord: BELL_WORD, pauseWord: PAUSE_WORD };
    startProducers({ ...order, ...words, kind }, count);
    const Consumer = kind === 'one-to-one' ? OneToOneConsumer : ManyToOneConsumer;
    const consumer = new Consumer(memory, 0, CAPACITY_BYTES);
    const bell = new Doorbell(memory.words, BELL_WORD);
    const next = count === 1 ? [0] : [0, 0];
    let parks = 0;
    for (let left = records * count; left > 0; left -= takeAll(memory, consumer, next)) {
      parks++;
      bell.park(() => consumer.hasNext(), PARK_LIMIT_MILLIS);
      assert.equal(memory.words[BELL_WORD], 0, 'whoever is awake says so');
    }
    assert.deepEqual(next, count === 1 ? [records] : [records, records]);
    assert.ok(parks > 50, 'it slept many times');
  });
}

test('a thread does not sleep where there is work, or where nobody rings for longer', () => {
  const { words } = RingMemory.ofBytes(MEMORY_BYTES);
  const bell = new Doorbell(words, BELL_WORD);
  let looks = 0;
  bell.park(() => ++looks > 0, 2 ** 31);
  bell.park(() => ++looks < 0, 1);
  assert.equal(looks, 2, 'each looked once, and came back');
  assert.equal(words[BELL_WORD], 0);
  bell.ring();
  assert.equal(words[BELL_WORD], 0, 'a bell rung at an awake owner leaves it awake');
});
