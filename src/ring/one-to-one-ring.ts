/**
 * A ring with exactly one producer thread and one consumer thread, e.g. a lane and a shard.
 *
 * The producer commits records locally and then publishes them together; the consumer releases the space of the records
 * it has taken in the same way. That costs one atomic store per batch instead of one per record. If the ring is full,
 * the claim fails and is counted; nothing blocks.
 */
import { assert } from '../base/assert.ts';
import {
  assertRing,
  HEAD_WORD,
  RECORD_HEADER_BYTES,
  REFUSALS_WORD,
  RING_HEADER_BYTES,
  RING_NONE,
  type RingMemory,
  ringRecordBytes,
  TAIL_WORD,
} from './ring-layout.ts';

export class OneToOneProducer {
  readonly #words: Int32Array;
  readonly #capacity: number;
  readonly #mask: number;
  readonly #base: number;
  readonly #data: number;
  #tail: number;
  #published: number;
  #headSeen: number;
  #claimed = 0;

  constructor(memory: RingMemory, offsetBytes: number, capacityBytes: number) {
    assertRing(memory, offsetBytes, capacityBytes);
    this.#words = memory.words;
    this.#capacity = capacityBytes;
    this.#mask = capacityBytes - 1;
    this.#base = offsetBytes >> 2;
    this.#data = offsetBytes + RING_HEADER_BYTES;
    this.#tail = Atomics.load(this.#words, this.#base + TAIL_WORD);
    this.#published = this.#tail;
    this.#headSeen = Atomics.load(this.#words, this.#base + HEAD_WORD);
  }

  /**
   * Claims space in the ring for one record. At most one claim is open at a time.
   * @param reserveBytes bytes that must stay free after the record.
   * @returns byte offset of the payload in the memory (4 modulo 8), or RING_NONE if it does not fit.
   */
  claim(payloadBytes: number, reserveBytes: number): number {
    const bytes = ringRecordBytes(payloadBytes);
    const place = this.#tail & this.#mask;
    const toEnd = this.#capacity - place;
    const needed = bytes <= toEnd ? bytes : bytes + toEnd;
    if (!this.#fits(needed + reserveBytes)) {
      this.#words[this.#base + REFUSALS_WORD] = ((this.#words[this.#base + REFUSALS_WORD] as number) + 1) | 0; // the header is inside the memory
      return RING_NONE;
    }
    let at = this.#data + place;
    if (needed !== bytes) {
      this.#words[at >> 2] = -toEnd;
      at = this.#data;
    }
    this.#words[at >> 2] = payloadBytes;
    this.#claimed = needed;
    return at + RECORD_HEADER_BYTES;
  }

  /** Completes the claimed record. The consumer sees it after {@link publish}. */
  commit(): void {
    assert(this.#claimed > 0, 'a commit follows a claim');
    this.#tail = (this.#tail + this.#claimed) | 0;
    this.#claimed = 0;
  }

  /** Makes all committed records visible to the consumer. @returns whether there were any. */
  publish(): boolean {
    if (this.#published === this.#tail) return false;
    Atomics.store(this.#words, this.#base + TAIL_WORD, this.#tail);
    this.#published = this.#tail;
    return true;
  }

  /**
   * Unused bytes of the ring, as seen from the last read position of the consumer. Padding is not deducted: a record
   * that does not fit before the end of the ring also uses the bytes left there, so a record of this size may not fit.
   */
  freeBytes(): number {
    this.#headSeen = Atomics.load(this.#words, this.#base + HEAD_WORD);
    return this.#capacity - ((this.#tail - this.#headSeen) | 0);
  }

  #fits(bytes: number): boolean {
    if (((this.#tail - this.#headSeen) | 0) + bytes <= this.#capacity) return true;
    return this.freeBytes() >= bytes;
  }
}

export class OneToOneConsumer {
  /** Payload bytes of the record that {@link next} found. */
  length = 0;
  /** Payload bytes of the record that {@link lookAhead} found. */
  aheadLength = 0;
  readonly #words: Int32Array;
  readonly #mask: number;
  readonly #base: number;
  readonly #data: number;
  #head: number;
  #released: number;
  #tailSeen: number;
  /** Where {@link lookAhead} continues, unless the head has passed it. */
  #ahead: number;

  constructor(memory: RingMemory, offsetBytes: number, capacityBytes: number) {
    assertRing(memory, offsetBytes, capacityBytes);
    this.#words = memory.words;
    this.#mask = capacityBytes - 1;
    this.#base = offsetBytes >> 2;
    this.#data = offsetBytes + RING_HEADER_BYTES;
    this.#head = Atomics.load(this.#words, this.#base + HEAD_WORD);
    this.#released = this.#head;
    this.#tailSeen = this.#head;
    this.#ahead = this.#head;
  }

  /** Byte offset of the oldest record's payload, its size in {@link length}; or RING_NONE. */
  next(): number {
    if (this.#head === this.#tailSeen && !this.hasNext()) return RING_NONE;
    let at = this.#data + (this.#head & this.#mask);
    let length = this.#words[at >> 2] as number; // inside the ring
    if (length < 0) {
      this.#head = (this.#head - length) | 0;
      at = this.#data + (this.#head & this.#mask);
      length = this.#words[at >> 2] as number; // padding is always followed by a record
    }
    this.length = length;
    return at + RECORD_HEADER_BYTES;
  }

  /**
   * Byte offset of the payload of the first record that was neither taken nor looked at before, without taking it; or
   * RING_NONE if it is not known that there is one.
   */
  lookAhead(): number {
    if (((this.#ahead - this.#head) | 0) < 0) this.#ahead = this.#head;
    if (this.#ahead === this.#tailSeen) return RING_NONE;
    let at = this.#data + (this.#ahead & this.#mask);
    let length = this.#words[at >> 2] as number; // inside the ring
    if (length < 0) {
      this.#ahead = (this.#ahead - length) | 0;
      at = this.#data + (this.#ahead & this.#mask);
      length = this.#words[at >> 2] as number; // padding is always followed by a record
    }
    this.#ahead = (this.#ahead + ringRecordBytes(length)) | 0;
    this.aheadLength = length;
    return at + RECORD_HEADER_BYTES;
  }

  /** Marks the record that {@link next} found as consumed. */
  take(): void {
    this.#head = (this.#head + ringRecordBytes(this.length)) | 0;
  }

  /** Returns the space of all taken records to the producer. */
  release(): void {
    if (this.#released === this.#head) return;
    Atomics.store(this.#words, this.#base + HEAD_WORD, this.#head);
    this.#released = this.#head;
  }

  /** The end of what the producer has published: see {@link hasTaken}. */
  publishedEnd(): number {
    return Atomics.load(this.#words, this.#base + TAIL_WORD);
  }

  /** Whether everything before this end was taken. @param end an earlier {@link publishedEnd}. */
  hasTaken(end: number): boolean {
    return ((this.#head - end) | 0) >= 0;
  }

  /** Whether the producer has published a record that has not been taken yet. */
  hasNext(): boolean {
    this.#tailSeen = Atomics.load(this.#words, this.#base + TAIL_WORD);
    return this.#head !== this.#tailSeen;
  }
}
