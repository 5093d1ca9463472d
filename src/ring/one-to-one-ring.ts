/**
 * The ring between exactly one producer thread and one consumer thread, e.g. a lane and a shard.
 *
 * The producer commits records privately and publishes them in one step, the consumer likewise
 * gives room back in one step: one atomic store for a batch instead of one for each record. A
 * full ring is a return value and a count, never a wait.
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
  recordBytes,
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
   * Room for one record, in the ring's own memory. At most one claim at a time.
   * @param reserveBytes bytes that must stay free afterwards.
   * @returns byte offset of the payload in the memory, 8-byte aligned plus 4, or RING_NONE.
   */
  claim(payloadBytes: number, reserveBytes: number): number {
    const bytes = recordBytes(payloadBytes);
    const place = this.#tail & this.#mask;
    const toEnd = this.#capacity - place;
    const needed = bytes <= toEnd ? bytes : bytes + toEnd;
    if (!this.#fits(needed + reserveBytes)) {
      this.#words[this.#base + REFUSALS_WORD] = ((this.#words[this.#base + REFUSALS_WORD] as number) + 1) | 0; // header word, always there
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

  /** Ends the claimed record. It is seen by the consumer after {@link publish}. */
  commit(): void {
    assert(this.#claimed > 0, 'a commit follows a claim');
    this.#tail = (this.#tail + this.#claimed) | 0;
    this.#claimed = 0;
  }

  /** Shows the consumer all that was committed. @returns whether there was anything. */
  publish(): boolean {
    if (this.#published === this.#tail) return false;
    Atomics.store(this.#words, this.#base + TAIL_WORD, this.#tail);
    this.#published = this.#tail;
    return true;
  }

  /** Bytes that records can surely still take, padding at the end of the ring allowed for. */
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
  readonly #words: Int32Array;
  readonly #mask: number;
  readonly #base: number;
  readonly #data: number;
  #head: number;
  #released: number;
  #tailSeen: number;

  constructor(memory: RingMemory, offsetBytes: number, capacityBytes: number) {
    assertRing(memory, offsetBytes, capacityBytes);
    this.#words = memory.words;
    this.#mask = capacityBytes - 1;
    this.#base = offsetBytes >> 2;
    this.#data = offsetBytes + RING_HEADER_BYTES;
    this.#head = Atomics.load(this.#words, this.#base + HEAD_WORD);
    this.#released = this.#head;
    this.#tailSeen = this.#head;
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

  /** Done with the record that {@link next} found. */
  take(): void {
    this.#head = (this.#head + recordBytes(this.length)) | 0;
  }

  /** Gives the room of all taken records back to the producer. */
  release(): void {
    if (this.#released === this.#head) return;
    Atomics.store(this.#words, this.#base + HEAD_WORD, this.#head);
    this.#released = this.#head;
  }

  /** Whether the producer has published anything that was not taken. */
  hasNext(): boolean {
    this.#tailSeen = Atomics.load(this.#words, this.#base + TAIL_WORD);
    return this.#head !== this.#tailSeen;
  }
}
