/**
 * The lane's end of the memory transport. It has no state per connection: a connection's number is the shard's slot and
 * the shard's number in one integer, and the phone's row stores it. Records for a connection that the phone has closed
 * still arrive with the old number; the lane ignores them, because the numbers differ.
 */
import { assert } from '../../base/assert.ts';
import { OneToOneConsumer, OneToOneProducer } from '../../ring/one-to-one-ring.ts';
import { RING_NONE } from '../../ring/ring-layout.ts';
import { CLAIM_FULL, type ConnectionEvents, type PhoneTransport, PREFETCHED_MAX } from '../../wire/transport.ts';
import {
  DownKind,
  downRingOffset,
  KIND_BITS,
  KIND_MASK,
  type MemoryRings,
  ROWS_MAX,
  shardBits,
  UpKind,
  upRingOffset,
} from './memory-rings.ts';

const WORD_BYTES = 4;
const DOWN_HEADER_BYTES = 8;

export class MemoryPhoneTransport implements PhoneTransport {
  readonly output: DataView;
  readonly #words: Int32Array;
  readonly #up: OneToOneProducer[] = [];
  readonly #down: OneToOneConsumer[] = [];
  readonly #skips: Int32Array;
  readonly #shardBits: number;
  readonly #shardMask: number;
  readonly #wake: (shard: number) => void;
  #claimedShard = 0;

  /** @param wake called after something was published for a shard. */
  constructor(rings: MemoryRings, lane: number, wake: (shard: number) => void) {
    const { shape, memory } = rings;
    this.output = memory.view;
    this.#words = memory.words;
    this.#wake = wake;
    for (let shard = 0; shard < shape.shards; shard++) {
      const up = upRingOffset(shape, lane, shard);
      const down = downRingOffset(shape, lane, shard);
      this.#up.push(new OneToOneProducer(memory, up, shape.ringBytes));
      this.#down.push(new OneToOneConsumer(memory, down, shape.ringBytes));
    }
    this.#skips = new Int32Array(shape.shards);
    this.#shardBits = shardBits(shape.shards);
    this.#shardMask = 2 ** this.#shardBits - 1;
  }

  poll(events: ConnectionEvents, limit: number): number {
    let done = 0;
    const readsAhead = events.readsAhead === true;
    for (let shard = 0; shard < this.#down.length; shard++) {
      const ring = this.#down[shard] as OneToOneConsumer; // shard < length
      let left = limit;
      let known = 0;
      while (left > 0) {
        if (readsAhead && known-- === 0) known = this.#prefetch(events, ring);
        const at = ring.next();
        if (at === RING_NONE || !this.#dispatch(events, shard, at, ring.length)) break;
        ring.take();
        left--;
      }
      ring.release();
      done += limit - left;
    }
    return done;
  }

  hasInput(): boolean {
    for (const ring of this.#down) if (ring.hasNext()) return true;
    return false;
  }

  connect(shard: number, token: number): boolean {
    assert(token < ROWS_MAX, 'a phone row fits a record');
    return this.#say(shard, (token << KIND_BITS) | UpKind.OPEN, 0, WORD_BYTES);
  }

  claim(connection: number, bytes: number, reserveBytes: number): number {
    const shard = connection & this.#shardMask;
    const ring = this.#up[shard] as OneToOneProducer; // connections name their shard
    const at = ring.claim(WORD_BYTES + bytes, reserveBytes);
    if (at === RING_NONE) return CLAIM_FULL;
    this.#words[at >> 2] = ((connection >>> this.#shardBits) << KIND_BITS) | UpKind.BYTES;
    this.#claimedShard = shard;
    return at + WORD_BYTES;
  }

  commit(): void {
    (this.#up[this.#claimedShard] as OneToOneProducer).commit(); // set by claim
  }

  roomBytes(): number {
    let freeBytes = Number.MAX_SAFE_INTEGER;
    for (const ring of this.#up) freeBytes = Math.min(freeBytes, ring.freeBytes());
    return freeBytes;
  }

  flush(): void {
    for (let shard = 0; shard < this.#up.length; shard++) {
      if ((this.#up[shard] as OneToOneProducer).publish()) this.#wake(shard); // shard < length
    }
  }

  close(connection: number, reason: number): boolean {
    return this.#end(connection, UpKind.CLOSE, reason);
  }

  vanish(connection: number): boolean {
    return this.#end(connection, UpKind.VANISH, 0);
  }

  /** Answers the switch's close, which frees the shard's row. False: no room, call again. */
  release(connection: number): boolean {
    return this.#end(connection, UpKind.CLOSE, 0);
  }

  #end(connection: number, kind: number, reason: number): boolean {
    const word = ((connection >>> this.#shardBits) << KIND_BITS) | kind;
    return this.#say(connection & this.#shardMask, word, reason, 2 * WORD_BYTES);
  }

  #say(shard: number, word: number, second: number, bytes: number): boolean {
    const ring = this.#up[shard] as OneToOneProducer; // callers name a shard that exists
    const at = ring.claim(bytes, 0);
    if (at === RING_NONE) return false;
    this.#words[at >> 2] = word;
    if (bytes > WORD_BYTES) this.#words[(at >> 2) + 1] = second;
    ring.commit();
    return true;
  }

  /** Lets the owner prefetch what the next records need. @returns how many there are. */
  #prefetch(events: ConnectionEvents, ring: OneToOneConsumer): number {
    let known = 0;
    for (; known < PREFETCHED_MAX; known++) {
      const at = ring.lookAhead();
      if (at === RING_NONE) break;
      const word = this.#words[at >> 2] as number; // a record has two words
      const start = at + DOWN_HEADER_BYTES;
      const hasInput = (word & KIND_MASK) === DownKind.BYTES;
      events.prefetch?.(word >>> KIND_BITS, this.output, start, hasInput ? at + ring.aheadLength : start);
    }
    events.prefetched?.();
    return known;
  }

  /** @returns false if the owner did not take all of it. */
  #dispatch(events: ConnectionEvents, shard: number, at: number, length: number): boolean {
    const word = this.#words[at >> 2] as number; // a record has two words
    const second = this.#words[(at >> 2) + 1] as number;
    const token = word >>> KIND_BITS;
    const connection = (second << this.#shardBits) | shard;
    switch (word & KIND_MASK) {
      case DownKind.BYTES: {
        const start = at + DOWN_HEADER_BYTES + (this.#skips[shard] as number);
        const end = at + length;
        const taken = events.bytes(token, connection, this.output, start, end);
        const whole = taken === end - start;
        this.#skips[shard] = whole ? 0 : (this.#skips[shard] as number) + taken;
        return whole;
      }
      case DownKind.ACCEPTED:
        events.opened(token, connection);
        return true;
      case DownKind.REFUSED:
        events.refused(token, second);
        return true;
      default:
        assert((word & KIND_MASK) === DownKind.CLOSED, 'the ring holds records of known kinds');
        events.closed(token, connection, this.#words[(at >> 2) + 2] as number); // third word
        return true;
    }
  }
}
