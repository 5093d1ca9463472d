/**
 * The producers of the thread tests: a worker sends numbered records of varying length into a
 * ring, with or without pauses and a doorbell, and ends.
 */
import { workerData } from 'node:worker_threads';
import { Doorbell } from './doorbell.ts';
import { ManyToOneProducer } from './many-to-one-ring.ts';
import { OneToOneProducer } from './one-to-one-ring.ts';
import { RING_NONE, RingMemory } from './ring-layout.ts';

/** What a test tells its worker. */
export interface ProducerOrder {
  readonly buffer: SharedArrayBuffer;
  readonly capacityBytes: number;
  readonly kind: 'one-to-one' | 'many-to-one';
  readonly producer: number;
  readonly records: number;
  /** Word of the bell to ring after each record, or -1. */
  readonly bellWord: number;
  /** Word to pause on (nobody rings it). */
  readonly pauseWord: number;
}

export const RECORD_FIELDS_BYTES = 8;

/** Bytes that follow a record's two fields: 0 to 120, now and then a large one. */
export function bodyBytes(producer: number, serial: number): number {
  const mixed = Math.imul(serial * 4 + producer + 1, 0x9e3779b1) >>> 16;
  return mixed % 64 === 0 ? 900 + (mixed % 7) : mixed % 121;
}

/** The first and the last byte of the body, which tell whether it is whole. */
export function bodyByte(producer: number, serial: number): number {
  return (serial * 5 + producer + 1) & 0xff;
}

/** How long to pause after a record: mostly not at all, now and then a millisecond or three. */
function pauseMillis(serial: number): number {
  const mixed = Math.imul(serial + 1, 0x85ebca6b) >>> 24;
  return mixed < 12 ? 1 + (mixed % 3) : 0;
}

function write(memory: RingMemory, at: number, order: ProducerOrder, serial: number): void {
  memory.view.setInt32(at, order.producer, true);
  memory.view.setInt32(at + 4, serial, true);
  const bytes = bodyBytes(order.producer, serial);
  if (bytes === 0) return;
  const byte = bodyByte(order.producer, serial);
  memory.view.setUint8(at + RECORD_FIELDS_BYTES, byte);
  memory.view.setUint8(at + RECORD_FIELDS_BYTES + bytes - 1, byte);
}

function produce(order: ProducerOrder): void {
  const memory = new RingMemory(order.buffer);
  const oneToOne = order.kind === 'one-to-one';
  const Producer = oneToOne ? OneToOneProducer : ManyToOneProducer;
  const ring = new Producer(memory, 0, order.capacityBytes);
  const bell = order.bellWord < 0 ? undefined : new Doorbell(memory.words, order.bellWord);
  const publish = (): void => {
    if (ring instanceof OneToOneProducer) ring.publish();
    bell?.ring();
  };
  for (let serial = 0; serial < order.records; serial++) {
    const bytes = RECORD_FIELDS_BYTES + bodyBytes(order.producer, serial);
    let at = ring.claim(bytes, 0);
    while (at === RING_NONE) {
      publish();
      at = ring.claim(bytes, 0);
    }
    write(memory, at, order, serial);
    ring.commit();
    if (bell !== undefined || serial % 5 === 0) publish();
    const pause = bell === undefined ? 0 : pauseMillis(serial);
    if (pause > 0) Atomics.wait(memory.words, order.pauseWord, 0, pause);
  }
  publish();
}

const order: ProducerOrder | null = workerData;
if (order !== null) produce(order);
