/**
 * The memory through which a shard hands its records to its store thread: a ring of bytes with one writer and one
 * reader, and the numbers of the batches that were submitted and completed.
 *
 *     word 0    tail: bytes submitted, modulo 2^32       written by the shard
 *     word 1    newest batch that was submitted
 *     word 16   head: bytes taken                        written by the store thread
 *     word 17   newest batch that is complete
 *     word 18   1 while the disk is full
 *     word 20   bytes of records in the first half of the ring while a shard starts (restored-records.ts); 0 at other times
 *     word 21   the same for the second half
 *     word 32   records (log-records.ts), as many bytes as the ring has
 *
 * A record does not wrap around: where it does not fit before the end of the ring, a PADDING record fills the rest.
 */
import { assert } from '../../base/assert.ts';
import { SERIAL_MASK } from '../../base/serial-distance.ts';
import { RECORD_BYTES_MAX } from './log-records.ts';

export const LOG_TAIL_WORD = 0;
export const SUBMITTED_WORD = 1;
export const LOG_HEAD_WORD = 16;
export const COMPLETED_WORD = 17;
export const DISK_FULL_WORD = 18;
export const RESTORED_WORD = 20;
const HEADER_WORDS = 32;
const HEADER_BYTES = HEADER_WORDS * Int32Array.BYTES_PER_ELEMENT;

/** The number of the first batch of a log. */
export const FIRST_BATCH = 1;

/** The smallest ring: two of the longest records, as a power of two. */
export const BUFFER_BYTES_MIN = 2 ** Math.ceil(Math.log2(2 * RECORD_BYTES_MAX));

/** Bytes of memory for a ring of so many bytes. */
export function logBufferBytes(ringBytes: number): number {
  assert(ringBytes >= BUFFER_BYTES_MIN && (ringBytes & (ringBytes - 1)) === 0, 'a ring is a power of two bytes');
  return HEADER_BYTES + ringBytes;
}

export interface LogBuffer {
  readonly words: Int32Array;
  readonly view: DataView;
  readonly bytes: Uint8Array;
  readonly ringBytes: number;
}

/** The views of the buffer that begins at `at`: of one that is new (zeros) or that the other thread has too. */
export function logBuffer(memory: ArrayBufferLike, ringBytes: number, at = 0): LogBuffer {
  assert(memory.byteLength >= at + logBufferBytes(ringBytes), 'the memory has room for the ring');
  return {
    words: new Int32Array(memory, at, HEADER_WORDS),
    view: new DataView(memory, at + HEADER_BYTES, ringBytes),
    bytes: new Uint8Array(memory, at + HEADER_BYTES, ringBytes),
    ringBytes,
  };
}

/** Bytes of records that were submitted and not yet taken. */
export function logFill({ words }: LogBuffer): number {
  return (Atomics.load(words, LOG_TAIL_WORD) - Atomics.load(words, LOG_HEAD_WORD)) | 0;
}

/** The batch before the first one, which counts as complete. */
export const NO_BATCH = (FIRST_BATCH - 1) & SERIAL_MASK;
