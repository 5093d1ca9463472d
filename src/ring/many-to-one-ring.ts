/**
 * A ring with many producer threads and one consumer thread: the inbox of a shard. There is one ring per shard, so
 * memory grows with the number of shards and not with the number of pairs.
 *
 * A producer claims space by advancing the tail (compare-and-exchange), writes its record, and commits by storing the
 * length last. The consumer stops at a record whose length is still 0, so it sees records in the order of their claims.
 * It zeroes records before it releases their space, since the space must be zero when it is claimed again (as in
 * Agrona's ManyToOneRingBuffer).
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

export class ManyToOneProducer {
  readonly #words: Int32Array;
  readonly #capacity: number;
  readonly #mask: number;
  readonly #base: number;
  readonly #data: number;
  #headSeen: number;
  #lengthWord = 0;
  #length = 0;

  constructor(memory: RingMemory, offsetBytes: number, capacityBytes: number) {
    assertRing(memory, offsetBytes, capacityBytes);
    this.#words = memory.words;
    this.#capacity = capacityBytes;
    this.#mask = capacityBytes - 1;
    this.#base = offsetBytes >> 2;
    this.#data = offsetBytes + RING_HEADER_BYTES;
    this.#headSeen = Atomics.load(this.#words, this.#base + HEAD_WORD);
  }

  /**
   * Claims space for one record. Each producer has at most one open claim. Commit it soon: the consumer
   * cannot read past it.
   * @param reserveBytes bytes that must stay free after the record.
   * @returns byte offset of the payload in the memory, or RING_NONE.
   */
  claim(payloadBytes: number, reserveBytes: number): number {
    assert(this.#length === 0, 'one claim at a time');
    const bytes = ringRecordBytes(payloadBytes);
    for (;;) {
      const tail = Atomics.load(this.#words, this.#base + TAIL_WORD);
      const place = tail & this.#mask;
      const toEnd = this.#capacity - place;
      const needed = bytes <= toEnd ? bytes : bytes + toEnd;
      if (!this.#fits(tail, needed + reserveBytes)) {
        Atomics.add(this.#words, this.#base + REFUSALS_WORD, 1);
        return RING_NONE;
      }
      const moved = (tail + needed) | 0;
      if (Atomics.compareExchange(this.#words, this.#base + TAIL_WORD, tail, moved) !== tail) continue;
      let at = this.#data + place;
      if (needed !== bytes) {
        Atomics.store(this.#words, at >> 2, -toEnd);
        at = this.#data;
      }
      this.#lengthWord = at >> 2;
      this.#length = payloadBytes;
      return at + RECORD_HEADER_BYTES;
    }
  }

  /** Completes the claimed record and makes it visible to the consumer. */
  commit(): void {
    assert(this.#length > 0, 'a commit follows a claim');
    Atomics.store(this.#words, this.#lengthWord, this.#length);
    this.#length = 0;
  }

  #fits(tail: number, bytes: number): boolean {
    if (((tail - this.#headSeen) | 0) + bytes <= this.#capacity) return true;
    this.#headSeen = Atomics.load(this.#words, this.#base + HEAD_WORD);
    return ((tail - this.#headSeen) | 0) + bytes <= this.#capacity;
  }
}

export class ManyToOneConsumer {
  /** Payload bytes of the record that {@link next} found. */
  length = 0;
  readonly #words: Int32Array;
  readonly #mask: number;
  readonly #base: number;
  readonly #data: number;
  #head: number;
  #released: number;
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
    this.#ahead = this.#head;
  }

  /** Byte offset of the oldest record's payload, its size in {@link length}; or RING_NONE. */
  next(): number {
    let at = this.#data + (this.#head & this.#mask);
    let length = Atomics.load(this.#words, at >> 2);
    if (length < 0) {
      this.#words[at >> 2] = 0;
      this.#head = (this.#head - length) | 0;
      at = this.#data + (this.#head & this.#mask);
      length = Atomics.load(this.#words, at >> 2);
    }
    if (length === 0) return RING_NONE;
    this.length = length;
    return at + RECORD_HEADER_BYTES;
  }

  /**
   * Byte offset of the payload of the first record that was neither taken nor looked at before, without taking it; or
   * RING_NONE if none is committed there.
   */
  lookAhead(): number {
    if (((this.#ahead - this.#head) | 0) < 0) this.#ahead = this.#head;
    let length = this.#lengthAhead();
    if (length < 0) {
      this.#ahead = (this.#ahead - length) | 0; // padding
      length = this.#lengthAhead();
    }
    if (length === 0) return RING_NONE;
    const at = this.#data + (this.#ahead & this.#mask);
    this.#ahead = (this.#ahead + ringRecordBytes(length)) | 0;
    return at + RECORD_HEADER_BYTES;
  }

  /** Length of what {@link lookAhead} finds next; 0 for nothing, as behind a lap of a full ring. */
  #lengthAhead(): number {
    if (((this.#ahead - this.#head) | 0) > this.#mask) return 0;
    return Atomics.load(this.#words, (this.#data + (this.#ahead & this.#mask)) >> 2);
  }

  /** Marks the record that {@link next} found as consumed. */
  take(): void {
    const bytes = ringRecordBytes(this.length);
    const first = (this.#data + (this.#head & this.#mask)) >> 2;
    const last = first + (bytes >> 2);
    for (let word = first; word < last; word++) this.#words[word] = 0;
    this.#head = (this.#head + bytes) | 0;
  }

  /** Returns the space of all taken records to the producers. */
  release(): void {
    if (this.#released === this.#head) return;
    Atomics.store(this.#words, this.#base + HEAD_WORD, this.#head);
    this.#released = this.#head;
  }

  /** Whether a committed record is waiting. */
  hasNext(): boolean {
    return this.next() !== RING_NONE;
  }
}
