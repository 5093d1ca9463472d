/**
 * The shared memory of the memory transport: for each pair of lane and shard one ring up (lane to shard) and one ring
 * down, all in one buffer, so that an offset alone locates a record.
 *
 *     record up     | slot << 3 + kind |  bytes or close reason …
 *     record down   | token << 3 + kind |  slot or refusal reason  |  bytes or close reason …
 *
 * `slot` is the shard's row for the connection, `token` the lane's row for the phone. There are few lanes and shards
 * over memory, so a ring per pair is cheap. A full ring is back-pressure for all phones of the lane.
 */
import { type RingMemory, ringBytes } from '../../ring/ring-layout.ts';

export const UpKind = { OPEN: 1, BYTES: 2, CLOSE: 3, VANISH: 4 } as const;
export const DownKind = { ACCEPTED: 1, REFUSED: 2, BYTES: 3, CLOSED: 4 } as const;

export const KIND_BITS = 3;
export const KIND_MASK = 7;
/** Rows that fit beside the kind in one positive word. */
export const ROWS_MAX = 2 ** 28;

export interface MemoryRingsShape {
  readonly lanes: number;
  readonly shards: number;
  /** Capacity of each ring, a power of two. */
  readonly ringBytes: number;
}

/** Bytes of shared memory for all rings of such a shape. */
export function memoryRingsBytes(shape: MemoryRingsShape): number {
  return 2 * shape.lanes * shape.shards * ringBytes(shape.ringBytes);
}

/** Where the ring from a lane to a shard starts. */
export function upRingOffset(shape: MemoryRingsShape, lane: number, shard: number): number {
  return (lane * shape.shards + shard) * 2 * ringBytes(shape.ringBytes);
}

/** Where the ring from a shard to a lane starts. */
export function downRingOffset(shape: MemoryRingsShape, lane: number, shard: number): number {
  return upRingOffset(shape, lane, shard) + ringBytes(shape.ringBytes);
}

/** Both ends of the transport are made from this. */
export interface MemoryRings {
  readonly shape: MemoryRingsShape;
  readonly memory: RingMemory;
}

/** Bits that a shard's number takes in a lane's name for a connection. */
export function shardBits(shards: number): number {
  return 32 - Math.clz32(shards - 1);
}
