/**
 * A consumer that is ended between take and release gives its room back never. Its producers do not wait for it: a full
 * ring is a return value. That the thread is gone, and the run with it, is the pool's to say
 * (threads/worker-threads-pool).
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { ManyToOneProducer } from './many-to-one-ring.ts';
import { OneToOneProducer } from './one-to-one-ring.ts';
import { RING_NONE, RingMemory, ringBytes, ringDepthBytes, ringRefusals } from './ring-layout.ts';

const CAPACITY = 1024;
const PAYLOAD_BYTES = 60;
const RECORDS = CAPACITY / 64;

/** A thread that takes one record, says so, and never gets to release it. */
function consumer(memory: RingMemory, module: string, kind: string): Worker {
  const script = `
    const { workerData, parentPort } = require('node:worker_threads');
    (async () => {
      const { RingMemory } = await import(workerData.layout);
      const made = await import(workerData.module);
      const ring = new made[workerData.kind](new RingMemory(workerData.buffer), 0, ${CAPACITY});
      while (ring.next() < 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
      ring.take();
      parentPort.postMessage('taken');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    })();`;
  const href = (name: string): string => new URL(name, import.meta.url).href;
  const workerData = { buffer: memory.buffer, layout: href('./ring-layout.js'), module: href(module), kind };
  return new Worker(script, { eval: true, workerData });
}

interface Producer {
  claim(payloadBytes: number, reserveBytes: number): number;
  commit(): void;
  publish?(): boolean;
}

const RINGS = [
  { name: 'one to one', kind: 'OneToOneConsumer', module: './one-to-one-ring.js', Producer: OneToOneProducer },
  { name: 'many to one', kind: 'ManyToOneConsumer', module: './many-to-one-ring.js', Producer: ManyToOneProducer },
] as const;

describe('a ring whose consumer was ended between take and release', () => {
  for (const { name, kind, module, Producer } of RINGS)
    it(`is full for its producers, who do not wait: ${name}`, async () => {
      const memory = RingMemory.ofBytes(ringBytes(CAPACITY));
      const producer: Producer = new Producer(memory, 0, CAPACITY);
      const say = (): boolean => {
        if (producer.claim(PAYLOAD_BYTES, 0) === RING_NONE) return false;
        producer.commit();
        producer.publish?.();
        return true;
      };
      assert.ok(say());
      const worker = consumer(memory, module, kind);
      const failed = once(worker, 'error').then(([error]) => Promise.reject(error));
      await Promise.race([once(worker, 'message'), failed]);
      failed.catch(() => {});
      await worker.terminate();
      let said = 1;
      while (say()) assert.ok(++said <= RECORDS, 'bounded');
      assert.equal(said, RECORDS, 'what was taken and not given back counts as well');
      assert.equal(ringDepthBytes(memory, 0), CAPACITY);
      for (let n = 0; n < 100; n++) assert.equal(say(), false);
      assert.equal(ringRefusals(memory, 0), 101, 'every one of them is counted');
    });
});
