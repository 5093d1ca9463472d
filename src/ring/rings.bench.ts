/** How many records per second go through each kind of ring, producer and consumer in turn in one thread. */
import { ManyToOneConsumer, ManyToOneProducer } from './many-to-one-ring.ts';
import { OneToOneConsumer, OneToOneProducer } from './one-to-one-ring.ts';
import { RING_NONE, RingMemory, ringBytes } from './ring-layout.ts';

const CAPACITY_BYTES = 2 ** 20;
const BATCH = 256;
const ROUNDS = 40_000;
const PAYLOAD_BYTES = 76;

interface Ends {
  readonly produce: (value: number) => void;
  readonly publish: () => void;
  /** Takes all there is and gives how much that was. */
  readonly consume: () => number;
}

function oneToOne(): Ends {
  const memory = RingMemory.ofBytes(ringBytes(CAPACITY_BYTES));
  const producer = new OneToOneProducer(memory, 0, CAPACITY_BYTES);
  const consumer = new OneToOneConsumer(memory, 0, CAPACITY_BYTES);
  return {
    produce: (value) => {
      memory.view.setInt32(producer.claim(PAYLOAD_BYTES, 0), value, true);
      producer.commit();
    },
    publish: () => void producer.publish(),
    consume: () => drain(consumer),
  };
}

function manyToOne(): Ends {
  const memory = RingMemory.ofBytes(ringBytes(CAPACITY_BYTES));
  const producer = new ManyToOneProducer(memory, 0, CAPACITY_BYTES);
  const consumer = new ManyToOneConsumer(memory, 0, CAPACITY_BYTES);
  return {
    produce: (value) => {
      memory.view.setInt32(producer.claim(PAYLOAD_BYTES, 0), value, true);
      producer.commit();
    },
    publish: () => {},
    consume: () => drain(consumer),
  };
}

function drain(consumer: OneToOneConsumer | ManyToOneConsumer): number {
  let taken = 0;
  while (consumer.next() !== RING_NONE) {
    consumer.take();
    taken++;
  }
  consumer.release();
  return taken;
}

function recordsPerSecond({ produce, publish, consume }: Ends): number {
  let taken = 0;
  const start = performance.now();
  for (let round = 0; round < ROUNDS; round++) {
    for (let n = 0; n < BATCH; n++) produce(n);
    publish();
    taken += consume();
  }
  return (taken * 1000) / (performance.now() - start);
}

const figures = {
  oneToOneRecordsPerSecond: recordsPerSecond(oneToOne()),
  manyToOneRecordsPerSecond: recordsPerSecond(manyToOne()),
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
