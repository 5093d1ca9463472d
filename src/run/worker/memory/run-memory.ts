/**
 * All memory that the threads of a run share, allocated once by the controller: rings, inboxes, counters, gauges,
 * latencies and doorbells. Each thread creates its own views of it.
 */
import { at } from '../../../base/assert.ts';
import { PLAIN_MEMORY, type SharedTableMemory } from '../../../base/table-memory.ts';
import { PushLink } from '../../../driver/people/push-link.ts';
import {
  BELL_WORDS,
  bufferBytes,
  DOUBLE_BYTES,
  DRIVER_ROW,
  GATEWAY_ROW,
  histogramBytes,
  latenciesPerLane,
  logMemoryBytes,
  type RunShape,
  runMemoryBytes,
  SOCKET_ROW,
  SWITCH_ROW,
} from '../../../plan/sizes/run-shape.ts';
import { Doorbell } from '../../../ring/doorbell.ts';
import { ManyToOneConsumer, ManyToOneProducer } from '../../../ring/many-to-one-ring.ts';
import { RingMemory, ringBytes, ringDepthBytes, ringRefusals } from '../../../ring/ring-layout.ts';
import { Histogram } from '../../../stats/histogram.ts';
import { type LogBuffer, logBuffer, logBufferBytes } from '../../../store/durable/log-buffer.ts';
import { UsedIds } from '../../../store/used-ids.ts';
import type { MemoryRings } from '../../../transport/memory/memory-rings.ts';
import { SOCKET_COUNTERS } from '../../../transport/socket-counters.ts';
import { EventDoorbell } from '../../../transport/tcp/system/event-doorbell.ts';
import { loadSystemCalls } from '../../../transport/tcp/system/system-calls.ts';
import {
  LATENCIES,
  type LatencyName,
  PLATFORM_LATENCIES,
  type PlatformLatencyName,
} from '../../../verdict/record/latencies.ts';
import { LogFigures } from './log-figures.ts';
import { ThreadGauges } from './thread-gauges.ts';

/** Wakes another thread of the run. The thread that sleeps has its own class for the other side of the bell. */
export interface Bell {
  ring(): void;
}

/** The part of this memory that is sent to a worker: the shape and the buffers. */
export interface RunBuffers {
  readonly shape: RunShape;
  readonly rings: SharedArrayBuffer;
  readonly inboxes: SharedArrayBuffer;
  readonly counters: SharedArrayBuffer;
  readonly latencies: SharedArrayBuffer;
  readonly bells: SharedArrayBuffer;
  readonly sockets: SharedArrayBuffer;
  readonly gauges: SharedArrayBuffer;
  /** Rings between lanes; empty if no message wakes a phone of another lane. */
  readonly pushes: SharedArrayBuffer;
  /** Rings from shards to their store threads, and the figures of logs; empty without a store. */
  readonly logs: SharedArrayBuffer;
  /** The newest ids of accounts; empty where phones are not told. */
  readonly usedIds: SharedArrayBuffer;
  /** An eventfd per shard, then per lane, if threads sleep in epoll; otherwise null. */
  readonly bellDescriptors: readonly number[] | null;
}

export class RunMemory {
  readonly buffers: RunBuffers;
  readonly #bells: Int32Array;
  readonly #inboxes: RingMemory;
  readonly #shardCounters: readonly Float64Array[];
  readonly #laneCounters: readonly Float64Array[];
  readonly #gatewayCounters: readonly Float64Array[];

  constructor(buffers: RunBuffers) {
    const { shards, lanes, gateways } = buffers.shape;
    const counters = new Float64Array(buffers.counters);
    const rows = (count: number, first: number, length: number): Float64Array[] =>
      Array.from({ length: count }, (_, i) => counters.subarray(first + i * length, first + (i + 1) * length));
    this.buffers = buffers;
    this.#shardCounters = rows(shards, 0, SWITCH_ROW);
    this.#laneCounters = rows(lanes, shards * SWITCH_ROW, DRIVER_ROW);
    this.#gatewayCounters = rows(gateways, shards * SWITCH_ROW + lanes * DRIVER_ROW, GATEWAY_ROW);
    this.#bells = new Int32Array(buffers.bells);
    this.#inboxes = new RingMemory(buffers.inboxes);
  }

  /**
   * @param bellDescriptors an eventfd per shard, then per lane; null for doorbells without eventfd.
   * @param tables memory of what grows with the number of accounts.
   */
  static allocate(
    shape: RunShape,
    bellDescriptors: readonly number[] | null,
    tables: SharedTableMemory = PLAIN_MEMORY,
  ): RunMemory {
    const bytes = bufferBytes(shape);
    // The kernel allocates all pages now, so they do not count as growth per connection.
    const resident = (length: number): SharedArrayBuffer => {
      const buffer = new SharedArrayBuffer(length);
      new Uint8Array(buffer).fill(0);
      return buffer;
    };
    const usedIds = tables.sharedWords(bytes.usedIds / Int32Array.BYTES_PER_ELEMENT).fill(0);
    return new RunMemory({
      shape,
      rings: resident(bytes.rings),
      inboxes: resident(bytes.inboxes),
      counters: resident(bytes.counters),
      latencies: resident(bytes.latencies),
      bells: resident(bytes.bells),
      sockets: resident(bytes.sockets),
      gauges: resident(bytes.gauges),
      pushes: resident(bytes.pushes),
      logs: resident(bytes.logs),
      usedIds: usedIds.buffer,
      bellDescriptors,
    });
  }

  get bytes(): number {
    return runMemoryBytes(this.buffers.shape);
  }

  /** What the logs of all shards know of the ids of phones; undefined where phones are not told. */
  get usedIds(): UsedIds | undefined {
    return this.buffers.usedIds.byteLength === 0 ? undefined : new UsedIds(this.buffers.usedIds);
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

  /** A producer for every shard's inbox, then one for that of each gateway. */
  inboxProducers(): ManyToOneProducer[] {
    const { shards, gateways, inboxBytes } = this.buffers.shape;
    return Array.from(
      { length: shards + gateways },
      (_, peer) => new ManyToOneProducer(this.#inboxes, peer * ringBytes(inboxBytes), inboxBytes),
    );
  }

  /** The inbox of a shard or, after the shards, of a gateway. */
  inbox(peer: number): ManyToOneConsumer {
    const { inboxBytes } = this.buffers.shape;
    return new ManyToOneConsumer(this.#inboxes, peer * ringBytes(inboxBytes), inboxBytes);
  }

  inboxDepthBytes(shard: number): number {
    return ringDepthBytes(this.#inboxes, shard * ringBytes(this.buffers.shape.inboxBytes));
  }

  inboxRefusals(shard: number): number {
    return ringRefusals(this.#inboxes, shard * ringBytes(this.buffers.shape.inboxBytes));
  }

  shardCounters(shard: number): Float64Array {
    return at(this.#shardCounters, shard);
  }

  laneCounters(lane: number): Float64Array {
    return at(this.#laneCounters, lane);
  }

  gatewayCounters(gateway: number): Float64Array {
    return at(this.#gatewayCounters, gateway);
  }

  /** The counters of a shard's or a lane's sockets; empty if there are no sockets. */
  shardSockets(shard: number): Float64Array {
    return this.#socketRow(shard);
  }

  laneSockets(lane: number): Float64Array {
    return this.#socketRow(this.buffers.shape.shards + lane);
  }

  /** What a lane tells the other lanes; undefined if there is nothing to tell. */
  pushLink(lane: number): PushLink | undefined {
    const { pushes, shape } = this.buffers;
    return pushes.byteLength === 0 ? undefined : new PushLink(new RingMemory(pushes), lane, shape.lanes);
  }

  /** The gauges of a thread: shards first, then lanes, then gateways. */
  gauges(thread: number): ThreadGauges {
    return new ThreadGauges(this.buffers.gauges, thread);
  }

  latency(lane: number, name: LatencyName): Histogram {
    return this.#histogram(lane, LATENCIES.indexOf(name));
  }

  /** The same of messages to phones of one platform. */
  platformLatency(lane: number, platform: number, name: PlatformLatencyName): Histogram {
    const place = platform * PLATFORM_LATENCIES.length + PLATFORM_LATENCIES.indexOf(name);
    return this.#histogram(lane, LATENCIES.length + place);
  }

  /** Wakes a shard. */
  shardBell(shard: number): Bell {
    return this.#bell(shard);
  }

  /** The doorbell of a gateway. Its thread waits in Node's event loop, whatever the transport. */
  gatewayBell(gateway: number): Doorbell {
    const { shards, lanes } = this.buffers.shape;
    return this.doorbell(shards + lanes + gateway);
  }

  /** The ring from a shard to its store thread. */
  logBuffer(shard: number): LogBuffer {
    const { logRingBytes } = this.buffers.shape;
    return logBuffer(this.buffers.logs, logRingBytes, shard * logMemoryBytes(logRingBytes));
  }

  /** What is counted of the log of a shard. */
  logFigures(shard: number): LogFigures {
    const { logRingBytes } = this.buffers.shape;
    const at = shard * logMemoryBytes(logRingBytes) + logBufferBytes(logRingBytes);
    return new LogFigures(this.buffers.logs, at);
  }

  /** The doorbell of a store thread, which sleeps on a word, whatever the transport. */
  storeBell(store: number): Doorbell {
    const { shards, lanes, gateways } = this.buffers.shape;
    return this.doorbell(shards + lanes + gateways + store);
  }

  /** Wakes a lane. */
  laneBell(lane: number): Bell {
    return this.#bell(this.buffers.shape.shards + lane);
  }

  /** The doorbell of a thread that sleeps on a word in shared memory. */
  doorbell(thread: number): Doorbell {
    return new Doorbell(this.#bells, thread * BELL_WORDS);
  }

  /** The doorbell of a thread that sleeps in epoll, and its descriptor. */
  eventDoorbell(thread: number): { bell: EventDoorbell; descriptor: number } {
    const descriptor = at(this.buffers.bellDescriptors ?? [], thread);
    return { bell: new EventDoorbell(loadSystemCalls(), this.#bells, thread * BELL_WORDS, descriptor), descriptor };
  }

  #histogram(lane: number, place: number): Histogram {
    const { latencyRangeBits, platforms } = this.buffers.shape;
    const bytes = histogramBytes(latencyRangeBits);
    const at = (lane * latenciesPerLane(platforms) + place) * bytes;
    return new Histogram(new Uint32Array(this.buffers.latencies, at, bytes / Uint32Array.BYTES_PER_ELEMENT));
  }

  #bell(thread: number): Bell {
    return this.buffers.bellDescriptors === null ? this.doorbell(thread) : this.eventDoorbell(thread).bell;
  }

  #socketRow(thread: number): Float64Array {
    const { sockets } = this.buffers;
    if (sockets.byteLength === 0) return new Float64Array(0);
    return new Float64Array(sockets, thread * SOCKET_ROW * DOUBLE_BYTES, SOCKET_COUNTERS.length);
  }
}
