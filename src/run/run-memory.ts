/**
 * All memory that the threads of a run share, allocated once by the controller: rings, inboxes,
 * counters, latencies and doorbells. Each thread makes its own views of it.
 */
import { DRIVER_COUNTERS } from '../driver/driver-counters.ts';
import { Doorbell } from '../ring/doorbell.ts';
import { ManyToOneConsumer, ManyToOneProducer } from '../ring/many-to-one-ring.ts';
import { RingMemory, ringBytes, ringDepthBytes, ringRefusals } from '../ring/ring-layout.ts';
import { HISTOGRAM_LENGTH, Histogram } from '../stats/histogram.ts';
import { SWITCH_COUNTERS } from '../switch/switch-counters.ts';
import type { MemoryRings } from '../transport/memory/memory-rings.ts';
import { MemorySwitchTransport } from '../transport/memory/memory-switch-transport.ts';

/** What each lane records, in this order. */
export const LATENCIES = ['login', 'acknowledgement', 'delivery', 'receipt', 'lateness'] as const;
export type LatencyName = (typeof LATENCIES)[number];

export interface RunShape {
  readonly lanes: number;
  readonly shards: number;
  readonly connectionRingBytes: number;
  readonly inboxBytes: number;
}

/** What is sent to a worker: the shape and the buffers. */
export interface RunBuffers {
  readonly shape: RunShape;
  readonly rings: SharedArrayBuffer;
  readonly inboxes: SharedArrayBuffer;
  readonly counters: SharedArrayBuffer;
  readonly latencies: SharedArrayBuffer;
  readonly bells: SharedArrayBuffer;
}

const DOUBLE_BYTES = 8;
/** Bells lie a cache line apart, so that ringing one does not slow another's owner. */
const BELL_WORDS = 16;
/** Rows of counters are padded to whole cache lines, for the same reason. */
const rowLength = (names: number): number => Math.ceil(names / 8) * 8;
const SWITCH_ROW = rowLength(SWITCH_COUNTERS.length);
const DRIVER_ROW = rowLength(DRIVER_COUNTERS.length);

/** Shared memory that a run of this shape takes, in bytes. */
export function runMemoryBytes(shape: RunShape): number {
  return Object.values(bufferBytes(shape)).reduce((sum, bytes) => sum + bytes, 0);
}

function bufferBytes(shape: RunShape): Record<keyof Omit<RunBuffers, 'shape'>, number> {
  const { lanes, shards } = shape;
  const rings = { lanes, shards, ringBytes: shape.connectionRingBytes };
  return {
    rings: MemorySwitchTransport.memoryBytes(rings),
    inboxes: shards * ringBytes(shape.inboxBytes),
    counters: (shards * SWITCH_ROW + lanes * DRIVER_ROW) * DOUBLE_BYTES,
    latencies: lanes * LATENCIES.length * HISTOGRAM_LENGTH * Uint32Array.BYTES_PER_ELEMENT,
    bells: (lanes + shards) * BELL_WORDS * 4,
  };
}

export class RunMemory {
  readonly buffers: RunBuffers;
  readonly #counters: Float64Array;
  readonly #bells: Int32Array;
  readonly #inboxes: RingMemory;

  constructor(buffers: RunBuffers) {
    this.buffers = buffers;
    this.#counters = new Float64Array(buffers.counters);
    this.#bells = new Int32Array(buffers.bells);
    this.#inboxes = new RingMemory(buffers.inboxes);
  }

  static allocate(shape: RunShape): RunMemory {
    const bytes = bufferBytes(shape);
    const resident = (length: number): SharedArrayBuffer => {
      const buffer = new SharedArrayBuffer(length);
      new Uint8Array(buffer).fill(0); // the kernel gives all of it now: base, not slope
      return buffer;
    };
    return new RunMemory({
      shape,
      rings: resident(bytes.rings),
      inboxes: resident(bytes.inboxes),
      counters: resident(bytes.counters),
      latencies: resident(bytes.latencies),
      bells: resident(bytes.bells),
    });
  }

  get bytes(): number {
    return runMemoryBytes(this.buffers.shape);
  }

  /** The rings between lanes and shards. */
  rings(): MemoryRings {
    const { lanes, shards, connectionRingBytes } = this.buffers.shape;
    return {
      shape: { lanes, shards, ringBytes: connectionRingBytes },
      memory: new RingMemory(this.buffers.rings),
    };
  }

  inboxMemory(): RingMemory {
    return this.#inboxes;
  }

  /** A way into every shard's inbox. */
  inboxProducers(): ManyToOneProducer[] {
    const { shards, inboxBytes } = this.buffers.shape;
    return Array.from(
      { length: shards },
      (_, shard) => new ManyToOneProducer(this.#inboxes, shard * ringBytes(inboxBytes), inboxBytes),
    );
  }

  inbox(shard: number): ManyToOneConsumer {
    const { inboxBytes } = this.buffers.shape;
    return new ManyToOneConsumer(this.#inboxes, shard * ringBytes(inboxBytes), inboxBytes);
  }

  inboxDepthBytes(shard: number): number {
    return ringDepthBytes(this.#inboxes, shard * ringBytes(this.buffers.shape.inboxBytes));
  }

  inboxRefusals(shard: number): number {
    return ringRefusals(this.#inboxes, shard * ringBytes(this.buffers.shape.inboxBytes));
  }

  shardCounters(shard: number): Float64Array {
    return this.#counters.subarray(shard * SWITCH_ROW, (shard + 1) * SWITCH_ROW);
  }

  laneCounters(lane: number): Float64Array {
    const first = this.buffers.shape.shards * SWITCH_ROW + lane * DRIVER_ROW;
    return this.#counters.subarray(first, first + DRIVER_ROW);
  }

  latency(lane: number, name: LatencyName): Histogram {
    const index = lane * LATENCIES.length + LATENCIES.indexOf(name);
    const at = index * HISTOGRAM_LENGTH * Uint32Array.BYTES_PER_ELEMENT;
    return new Histogram(new Uint32Array(this.buffers.latencies, at, HISTOGRAM_LENGTH));
  }

  shardBell(shard: number): Doorbell {
    return new Doorbell(this.#bells, shard * BELL_WORDS);
  }

  laneBell(lane: number): Doorbell {
    return new Doorbell(this.#bells, (this.buffers.shape.shards + lane) * BELL_WORDS);
  }
}
