/**
 * The memory layout of a ring. Both kinds of ring use it; they differ only in how space is claimed.
 *
 *     byte 0        64        128        192                              192 + capacity
 *      +---------+----------+----------+--------------------------------------+
 *      |  tail   |   head   | refusals |  data                                |
 *      +---------+----------+----------+--------------------------------------+
 *       producers  consumer   producers
 *
 * Head and tail are byte positions that only increase (modulo 2^32), each on its own cache line to avoid false sharing
 * between producer and consumer. The capacity is a power of two, so `position & (capacity - 1)` is the offset in the
 * data. A record is contiguous: if it does not fit before the end, a padding record fills the end and the record starts
 * at offset 0.
 *
 *      +----------------+---------------------------+---------+
 *      | length, 4 byte |  payload                  | to 8 n  |
 *      +----------------+---------------------------+---------+
 *
 * length > 0: a record with this many payload bytes. length < 0: padding of -length bytes in total.
 * length = 0 (many-to-one only): claimed, not yet committed.
 */
import { assert } from '../base/assert.ts';

const LINE_BYTES = 64;
export const TAIL_WORD = 0;
export const HEAD_WORD = LINE_BYTES / 4;
export const REFUSALS_WORD = (2 * LINE_BYTES) / 4;
export const RING_HEADER_BYTES = 3 * LINE_BYTES;
export const RECORD_HEADER_BYTES = 4;
const RECORD_ALIGNMENT_BYTES = 8;

/** Returned by `claim` if there is no room, and by `next` if there is no record. */
export const RING_NONE = -1;

/**
 * Largest shared memory for rings, in bytes. Offsets in it are signed 32-bit integers: `at >> 2` of a larger
 * one would be negative, and V8 may allocate numbers that are not small integers.
 */
export const RING_MEMORY_BYTES_MAX = 2 ** 31;

/** Bytes of memory that a ring of this capacity needs, header included. */
export function ringBytes(capacityBytes: number): number {
  return RING_HEADER_BYTES + capacityBytes;
}

/** Bytes of the ring that a record with this payload needs. */
export function ringRecordBytes(payloadBytes: number): number {
  return (payloadBytes + RECORD_HEADER_BYTES + RECORD_ALIGNMENT_BYTES - 1) & -RECORD_ALIGNMENT_BYTES;
}

/** Shared memory that contains rings, with the two views that their users need. */
export class RingMemory {
  readonly buffer: SharedArrayBuffer;
  readonly words: Int32Array;
  readonly view: DataView;

  constructor(buffer: SharedArrayBuffer) {
    assert(
      buffer.byteLength <= RING_MEMORY_BYTES_MAX,
      `the memory of rings has at most 2^31 bytes, not ${buffer.byteLength}`,
    );
    this.buffer = buffer;
    this.words = new Int32Array(buffer);
    this.view = new DataView(buffer);
  }

  static ofBytes(bytes: number): RingMemory {
    return new RingMemory(new SharedArrayBuffer(bytes));
  }
}

/** Throws an AssertionError if a ring of this capacity does not fit there or is not aligned. */
export function assertRing(memory: RingMemory, offsetBytes: number, capacityBytes: number): void {
  assert(offsetBytes % LINE_BYTES === 0, 'a ring starts on a cache line');
  assert(
    capacityBytes >= 64 && (capacityBytes & (capacityBytes - 1)) === 0 && capacityBytes <= 2 ** 30,
    `the capacity of a ring is a power of two from 64 to 2^30 bytes, not ${capacityBytes}`,
  );
  assert(offsetBytes + ringBytes(capacityBytes) <= memory.buffer.byteLength, 'a ring fits inside its memory');
}

/** Bytes between head and tail: records not yet released, padding included. */
export function ringDepthBytes(memory: RingMemory, offsetBytes: number): number {
  const base = offsetBytes >> 2;
  return (Atomics.load(memory.words, base + TAIL_WORD) - Atomics.load(memory.words, base + HEAD_WORD)) | 0;
}

/** Number of claims that found the ring full, modulo 2^32. */
export function ringRefusals(memory: RingMemory, offsetBytes: number): number {
  return Atomics.load(memory.words, (offsetBytes >> 2) + REFUSALS_WORD) >>> 0;
}
