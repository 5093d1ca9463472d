/** Sizes of the memory that the threads of a run share: rings, inboxes, counters, gauges, latencies and doorbells. */

import { pushRingsBytes } from '../../driver/people/push-link.ts';
import { DRIVER_COUNTERS } from '../../driver/terms/driver-counters.ts';
import { ringBytes } from '../../ring/ring-layout.ts';
import { histogramLength } from '../../stats/histogram.ts';
import { logBufferBytes } from '../../store/durable/log-buffer.ts';
import { UsedIds } from '../../store/used-ids.ts';
import { GATEWAY_COUNTERS } from '../../switch/gateway-counters.ts';
import { SWITCH_COUNTERS } from '../../switch/terms/switch-counters.ts';
import { MemorySwitchTransport } from '../../transport/memory/memory-switch-transport.ts';
import { SOCKET_COUNTERS } from '../../transport/socket-counters.ts';
import { LATENCIES, PLATFORM_LATENCIES } from '../../verdict/record/latencies.ts';

export interface RunShape {
  readonly lanes: number;
  readonly shards: number;
  /** Gateways, through which programs reach the switch: one if the scenario has an HTTP side, else none. */
  readonly gateways: number;
  /** Size of each ring between a lane and a shard; 0 if they are connected by sockets. */
  readonly connectionRingBytes: number;
  readonly inboxBytes: number;
  /** Latencies below 2^bits microseconds are distinguished. */
  readonly latencyRangeBits: number;
  /** Kinds of phones that have latencies of their own; 0 without `platforms`. */
  readonly platforms: number;
  /** Whether lanes tell each other of messages that wake phones. */
  readonly hasPushes: boolean;
  /** Threads that write the logs of shards; 0 if messages are kept in memory only. */
  readonly stores: number;
  /** Size of the ring from each shard to its store thread; 0 likewise. */
  readonly logRingBytes: number;
  /**
   * Accounts whose newest ids shards share when they have read their logs: of a switch with a store whose phones are
   * elsewhere.
   */
  readonly recalledAccounts: number;
}

/** Buffers that the threads share. */
export type BufferName =
  | 'rings'
  | 'inboxes'
  | 'counters'
  | 'latencies'
  | 'bells'
  | 'sockets'
  | 'gauges'
  | 'pushes'
  | 'logs'
  | 'usedIds';

export const DOUBLE_BYTES = 8;
/** Doorbells are one cache line apart, to avoid false sharing. */
export const BELL_WORDS = 16;
/** Rows of counters are padded to whole cache lines, for the same reason. */
const rowLength = (names: number): number => Math.ceil(names / 8) * 8;
export const SWITCH_ROW = rowLength(SWITCH_COUNTERS.length);
export const DRIVER_ROW = rowLength(DRIVER_COUNTERS.length);
export const GATEWAY_ROW = rowLength(GATEWAY_COUNTERS.length);
export const SOCKET_ROW = rowLength(SOCKET_COUNTERS.length);
/** Figures of a log, two cache lines; see LogFigures. */
export const LOG_ROW = 16;
/** Commits below 2^27 µs, two minutes, are distinguished. */
export const LOG_RANGE_BITS = 27;
/** Gauges of a thread, one cache line. */
export const GAUGE_ROW = 8;

/** Shared memory that a run of this shape takes, in bytes. */
export function runMemoryBytes(shape: RunShape): number {
  return Object.values(bufferBytes(shape)).reduce((sum, bytes) => sum + bytes, 0);
}

/** The same for each buffer. */
export function bufferBytes(shape: RunShape): Record<BufferName, number> {
  const { lanes, shards, gateways, stores } = shape;
  const rings = { lanes, shards, ringBytes: shape.connectionRingBytes };
  return {
    rings: shape.connectionRingBytes === 0 ? 0 : MemorySwitchTransport.memoryBytes(rings),
    inboxes: (shards + gateways) * ringBytes(shape.inboxBytes),
    counters: (shards * SWITCH_ROW + lanes * DRIVER_ROW + gateways * GATEWAY_ROW) * DOUBLE_BYTES,
    latencies: lanes * latenciesPerLane(shape.platforms) * histogramBytes(shape.latencyRangeBits),
    bells: (lanes + shards + gateways + stores) * BELL_WORDS * 4,
    sockets: shape.connectionRingBytes === 0 ? (lanes + shards) * SOCKET_ROW * DOUBLE_BYTES : 0,
    pushes: shape.hasPushes && lanes > 1 ? pushRingsBytes(lanes) : 0,
    gauges: (lanes + shards + gateways + stores) * GAUGE_ROW * DOUBLE_BYTES,
    logs: stores === 0 ? 0 : shards * logMemoryBytes(shape.logRingBytes),
    usedIds: stores === 0 ? 0 : UsedIds.bytes(shape.recalledAccounts),
  };
}

/** Memory of the log of a shard: the ring, and the figures of its store thread. */
export function logMemoryBytes(ringBytes: number): number {
  return logBufferBytes(ringBytes) + LOG_ROW * DOUBLE_BYTES + histogramBytes(LOG_RANGE_BITS);
}

/** Histograms of each lane, those of platforms behind the others. */
export function latenciesPerLane(platforms: number): number {
  return LATENCIES.length + platforms * PLATFORM_LATENCIES.length;
}

/** Bytes of a histogram of latencies below 2^rangeBits. */
export function histogramBytes(rangeBits: number): number {
  return histogramLength(rangeBits) * Uint32Array.BYTES_PER_ELEMENT;
}
