/**
 * Where everything in a ring lies. Both kinds of ring share this layout; they differ only in
 * how room is claimed.
 *
 *     byte 0        64        128        192                              192 + capacity
 *      +---------+----------+----------+--------------------------------------+
 *      |  tail   |   head   | refusals |  data                                |
 *      +---------+----------+----------+--------------------------------------+
 *       producers  consumer   producers
 *
 * Head and tail are byte positions that only grow (32 bits, they wrap), each on a cache line of
 * its own so that producer and consumer do not fight over one. The capacity is a power of two,
 * so `position & (capacity - 1)` is the place. A record never wraps: where it does not fit
 * before the end, a padding record fills the end and the record starts at the front.
 *
 *      +----------------+---------------------------+---------+
 *      | length, 4 byte |  payload                  | to 8 n  |
 *      +----------------+---------------------------+---------+
 *
 * length > 0: a record of so many payload bytes. length < 0: padding of so many bytes in all.
 * length = 0 (many-to-one only): claimed, not yet committed.
 */
import { assert } from '../base/assert.ts';

export const LINE_BYTES = 64;
export const TAIL_WORD = 0;
export const HEAD_WORD = LINE_BYTES / 4;
export const REFUSALS_WORD = (2 * LINE_BYTES) / 4;
export const RING_HEADER_BYTES = 3 * LINE_BYTES;
export const RECORD_HEADER_BYTES = 4;
const RECORD_ALIGNMENT_BYTES = 8;

/** What `claim` and `next` give when there is no room, or no record. */
export const RING_NONE = -1;

/**
 * The most that a memory of rings may have: places in it are signed 32-bit integers, since `at >> 2`
 * of anything larger is negative, and a number that is no such integer is an object in a hot path.
 */
export const RING_MEMORY_BYTES_MAX = 2 ** 31;

/** Bytes that a ring of such a capacity takes in its memory. */
export function ringBytes(capacityBytes: number): number {
  return RING_HEADER_BYTES + capacityBytes;
}

/** Bytes that a record with such a payload takes in the ring. */
export function recordBytes(payloadBytes: number): number {
  return (payloadBytes + RECORD_HEADER_BYTES + RECORD_ALIGNMENT_BYTES - 1) & -RECORD_ALIGNMENT_BYTES;
}

/** Shared memory that rings lie in, under both views that their users need. */
export class RingMemory {
  readonly buffer: SharedArrayBuffer;
  readonly words: Int32Array;
  readonly view: DataView;

  constructor(buffer: SharedArrayBuffer) {
    assert(
      buffer.byteLength <= RING_MEMORY_BYTES_MAX,
      `a memory of rings has at most 2^31 bytes, not ${buffer.byteLength}`,
    );
    this.buffer = buffer;
    this.words = new Int32Array(buffer);
    this.view = new DataView(buffer);
  }

  static ofBytes(bytes: number): RingMemory {
    return new RingMemory(new SharedArrayBuffer(bytes));
  }
}

/** Throws unless a ring of this capacity can lie there. */
export function assertRing(memory: RingMemory, offsetBytes: number, capacityBytes: number): void {
  assert(offsetBytes % LINE_BYTES === 0, 'a ring starts on a cache line');
  assert(
    capacityBytes >= 64 && (capacityBytes & (capacityBytes - 1)) === 0 && capacityBytes <= 2 ** 30,
    `a ring's capacity is a power of two from 64 to 2^30 bytes, not ${capacityBytes}`,
  );
  assert(offsetBytes + ringBytes(capacityBytes) <= memory.buffer.byteLength, 'a ring lies inside its memory');
}

/** Bytes between head and tail: what is waiting, padding included. */
export function ringDepthBytes(memory: RingMemory, offsetBytes: number): number {
  const base = offsetBytes >> 2;
  return (Atomics.load(memory.words, base + TAIL_WORD) - Atomics.load(memory.words, base + HEAD_WORD)) | 0;
}

/** How many claims found the ring full, wrapped to 32 bits. */
export function ringRefusals(memory: RingMemory, offsetBytes: number): number {
  return Atomics.load(memory.words, (offsetBytes >> 2) + REFUSALS_WORD) >>> 0;
}
