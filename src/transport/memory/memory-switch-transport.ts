/**
 * The shard's end of the memory transport: the table of connections, one word per connection. It may lie behind words
 * of the owner in the same row, since whoever needs one needs the other.
 *
 *     peer >= 0    token << lane bits | lane: both ends are there
 *     HALF_OPEN    the phone vanished; output to it is discarded, as by a dead network
 *     CLOSING      the switch closed it and waits for the lane's answer
 *     CLOSED       reported, waits for release
 *     <= FREE      free (see FreeRows), or, while a close is being reported, queued: LINK - next slot
 *
 * A slot is reused only after its lane has confirmed the end of the connection, so no record of an old
 * connection can be taken for one of a new connection.
 */
import { assert } from '../../base/assert.ts';
import { type FreeLinks, FreeRows } from '../../base/free-rows.ts';
import type { LedgerEntry } from '../../base/ledger-entry.ts';
import { PLAIN_MEMORY, type SharedRows, type TableMemory } from '../../base/table-memory.ts';
import { OneToOneConsumer, OneToOneProducer } from '../../ring/one-to-one-ring.ts';
import { RING_NONE } from '../../ring/ring-layout.ts';
import {
  CLAIM_FULL,
  CloseReason,
  type ConnectionEvents,
  INPUT_MARKS,
  type InputMarks,
  PREFETCHED_MAX,
  type Transport,
} from '../../wire/transport.ts';
import {
  DownKind,
  downRingOffset,
  KIND_BITS,
  KIND_MASK,
  type MemoryRings,
  memoryRingsBytes,
  ROWS_MAX,
  shardBits,
  UpKind,
  upRingOffset,
} from './memory-rings.ts';

const HALF_OPEN = -1;
const CLOSING = -2;
const CLOSED = -3;
const LINK = -5;
const NONE = -1;
/** A slot that is free, or the last one of a list. */
const FREE = LINK - NONE;
const WORD_BYTES = 4;
const DOWN_HEADER_BYTES = 8;
/** Size of the scratch area that {@link MemorySwitchTransport.claim} returns for output to be discarded. */
const SCRATCH_BYTES = 4096;
/** Room kept for padding at the end of a ring. */
const PADDING_BYTES = 4096;

export class MemorySwitchTransport implements Transport, FreeLinks {
  readonly output: DataView;
  readonly inputMarks: InputMarks;
  readonly ownerRows: SharedRows | undefined;
  readonly #words: Int32Array;
  readonly #up: OneToOneConsumer[] = [];
  readonly #down: OneToOneProducer[] = [];
  readonly #skips: Int32Array;
  /** Rows of `#stride` words, the last of which is the connection's own. */
  readonly #rows: Int32Array;
  readonly #stride: number;
  readonly #at: number;
  readonly #slots: number;
  readonly #laneBits: number;
  readonly #laneMask: number;
  readonly #scratch: number;
  readonly #ringsBytes: number;
  readonly #wake: (lane: number) => void;
  #claimedLane = NONE;
  #freshSlot = 0;
  readonly #free = new FreeRows(this);
  /** Slots that the next connections get. */
  readonly #soon = new Int32Array(PREFETCHED_MAX);
  #prefetched = 0;
  #used = 0;
  #reportSlot = NONE;

  /**
   * @param slots connections that this shard can hold at the same time.
   * @param wake called after something was published for a lane.
   * @param ownerWords words that the owner keeps in the row of each connection.
   */
  constructor(
    rings: MemoryRings,
    shard: number,
    slots: number,
    wake: (lane: number) => void,
    tables: TableMemory = PLAIN_MEMORY,
    ownerWords = 0,
  ) {
    const { shape, memory } = rings;
    assert(slots < ROWS_MAX, 'a slot fits a record');
    this.output = memory.view;
    this.#words = memory.words;
    this.#wake = wake;
    for (let lane = 0; lane < shape.lanes; lane++) {
      const up = upRingOffset(shape, lane, shard);
      const down = downRingOffset(shape, lane, shard);
      this.#up.push(new OneToOneConsumer(memory, up, shape.ringBytes));
      this.#down.push(new OneToOneProducer(memory, down, shape.ringBytes));
    }
    this.inputMarks = new RingMarks(this.#up);
    this.#skips = new Int32Array(shape.lanes);
    this.#slots = slots;
    this.#stride = ownerWords + 1;
    this.#at = ownerWords;
    this.#rows = tables.words(slots * this.#stride);
    if (ownerWords > 0) this.ownerRows = { words: this.#rows, stride: this.#stride, count: ownerWords };
    this.#laneBits = shardBits(shape.lanes);
    this.#laneMask = 2 ** this.#laneBits - 1;
    this.#ringsBytes = memoryRingsBytes(shape) / shape.shards;
    this.#scratch = memoryRingsBytes(shape) + shard * SCRATCH_BYTES;
  }

  /** Bytes of shared memory: the rings and one scratch frame for each shard. */
  static memoryBytes(shape: MemoryRings['shape']): number {
    return memoryRingsBytes(shape) + shape.shards * SCRATCH_BYTES;
  }

  ledger(): LedgerEntry[] {
    const rows = { rowBytes: WORD_BYTES, rowsUsed: this.#used };
    return [
      { owner: 'switch', name: 'connection peers', bytes: this.#slots * WORD_BYTES, ...rows },
      { owner: 'transport', name: 'rings', bytes: this.#ringsBytes, rowBytes: 0, rowsUsed: 0 },
    ];
  }

  poll(events: ConnectionEvents, limit: number): number {
    let done = this.#reportClosed(events);
    const share = Math.ceil(limit / this.#up.length);
    const readsAhead = events.readsAhead === true;
    for (let lane = 0; lane < this.#up.length; lane++) {
      const ring = this.#up[lane] as OneToOneConsumer; // lane < length
      let left = share;
      let known = 0;
      while (left > 0) {
        if (readsAhead && known-- === 0) known = this.#prefetch(events, ring);
        const at = ring.next();
        if (at === RING_NONE || !this.#dispatch(events, lane, at, ring.length)) break;
        ring.take();
        left--;
      }
      ring.release();
      done += share - left;
    }
    return done;
  }

  hasInput(): boolean {
    if (this.#reportSlot !== NONE) return true;
    for (const ring of this.#up) if (ring.hasNext()) return true;
    return false;
  }

  claim(connection: number, bytes: number, reserveBytes: number): number {
    const peer = this.#peer(connection);
    if (peer < 0) {
      this.#claimedLane = NONE;
      return this.#scratch;
    }
    const lane = peer & this.#laneMask;
    const ring = this.#down[lane] as OneToOneProducer; // peers name a lane that exists
    const at = ring.claim(DOWN_HEADER_BYTES + bytes, reserveBytes);
    if (at === RING_NONE) return CLAIM_FULL;
    this.#words[at >> 2] = ((peer >>> this.#laneBits) << KIND_BITS) | DownKind.BYTES;
    this.#words[(at >> 2) + 1] = connection;
    this.#claimedLane = lane;
    return at + DOWN_HEADER_BYTES;
  }

  commit(): void {
    if (this.#claimedLane !== NONE) (this.#down[this.#claimedLane] as OneToOneProducer).commit();
  }

  roomBytes(): number {
    let freeBytes = Number.MAX_SAFE_INTEGER;
    for (const ring of this.#down) freeBytes = Math.min(freeBytes, ring.freeBytes());
    return Math.max(0, freeBytes - PADDING_BYTES);
  }

  flush(): void {
    for (let lane = 0; lane < this.#down.length; lane++) {
      if ((this.#down[lane] as OneToOneProducer).publish()) this.#wake(lane); // lane < length
    }
  }

  close(connection: number, reason: number): boolean {
    const peer = this.#peer(connection);
    if (peer >= 0) {
      if (!this.#say(peer, DownKind.CLOSED, connection, reason)) return false;
      this.#setPeer(connection, CLOSING);
    } else if (peer === HALF_OPEN) {
      this.#setPeer(connection, LINK - this.#reportSlot);
      this.#reportSlot = connection;
    }
    return true;
  }

  /**
   * Closes all connections, as a kernel does for a process that has ended. Poll and call again until none is left.
   * @returns whether none is left.
   */
  closeAll(reason: number): boolean {
    for (let slot = 0; slot < this.#freshSlot; slot++) {
      const peer = this.#peer(slot);
      if (peer === CLOSED) this.release(slot);
      else if ((peer >= 0 || peer === HALF_OPEN) && !this.close(slot, reason)) return false;
    }
    return this.#used === 0;
  }

  release(connection: number): boolean {
    assert(this.#peer(connection) === CLOSED, 'a connection is released once, after it closed');
    this.#setPeer(connection, FREE);
    this.#free.give(connection);
    this.#used--;
    return true;
  }

  /** The free slot that a free slot names. */
  nextFree(slot: number): number {
    return LINK - this.#peer(slot);
  }

  setNextFree(slot: number, next: number): void {
    this.#setPeer(slot, LINK - next);
  }

  /** The word of a connection; the owner names connections that it was given, here and below. */
  #peer(connection: number): number {
    return this.#rows[connection * this.#stride + this.#at] as number;
  }

  #setPeer(connection: number, peer: number): void {
    this.#rows[connection * this.#stride + this.#at] = peer;
  }

  /** Lets the owner prefetch what the next records need. @returns how many there are. */
  #prefetch(events: ConnectionEvents, ring: OneToOneConsumer): number {
    let known = 0;
    let opens = 0;
    for (; known < PREFETCHED_MAX; known++) {
      const at = ring.lookAhead();
      if (at === RING_NONE) break;
      const word = this.#words[at >> 2] as number; // a record has at least one word
      const kind = word & KIND_MASK;
      if (kind === UpKind.OPEN) this.#soon[opens] = this.#free.soon(opens++);
      if (kind !== UpKind.BYTES && kind !== UpKind.CLOSE) continue;
      const start = at + WORD_BYTES;
      events.prefetch?.(word >>> KIND_BITS, this.output, start, kind === UpKind.BYTES ? at + ring.aheadLength : start);
    }
    this.#readSoon(opens);
    events.prefetched?.();
    return known;
  }

  /** Reads the rows of slots that are taken soon, in a loop that does nothing else: they arrive together then. */
  #readSoon(count: number): void {
    const rows = this.#rows;
    const last = this.#stride - 1;
    let sum = 0;
    for (let n = 0; n < count; n++) {
      const first = Math.max(0, this.#soon[n] as number) * this.#stride; // slots are inside the table
      sum ^= (rows[first] as number) ^ (rows[first + last] as number); // a row may lie in two lines of the cache
    }
    this.#prefetched ^= sum;
  }

  #dispatch(events: ConnectionEvents, lane: number, at: number, length: number): boolean {
    const word = this.#words[at >> 2] as number; // a record has at least one word
    const row = word >>> KIND_BITS;
    switch (word & KIND_MASK) {
      case UpKind.BYTES:
        return this.#bytes(events, lane, row, at, length);
      case UpKind.OPEN:
        this.#open(events, (row << this.#laneBits) | lane);
        return true;
      case UpKind.CLOSE:
        this.#setPeer(row, CLOSED);
        events.closed(row, row, this.#words[(at >> 2) + 1] as number); // second word
        return true;
      default:
        assert((word & KIND_MASK) === UpKind.VANISH, 'the ring holds records of known kinds');
        this.#vanished(events, row);
        return true;
    }
  }

  #bytes(events: ConnectionEvents, lane: number, slot: number, at: number, length: number): boolean {
    if (this.#peer(slot) < 0) {
      this.#skips[lane] = 0;
      return true; // on its way when the switch closed it
    }
    const start = at + WORD_BYTES + (this.#skips[lane] as number);
    const end = at + length;
    const taken = events.bytes(slot, slot, this.output, start, end);
    const whole = taken === end - start;
    this.#skips[lane] = whole ? 0 : (this.#skips[lane] as number) + taken;
    return whole;
  }

  #open(events: ConnectionEvents, peer: number): void {
    let slot = NONE;
    if (this.#free.length > 0) {
      slot = this.#free.take();
    } else if (this.#freshSlot < this.#slots) {
      slot = this.#freshSlot++;
    } else {
      const refused = this.#say(peer, DownKind.REFUSED, CloseReason.TABLE_FULL, 0);
      assert(refused, 'the owner polls only with room for an answer');
      return;
    }
    this.#setPeer(slot, peer);
    this.#used++;
    const accepted = this.#say(peer, DownKind.ACCEPTED, slot, 0);
    assert(accepted, 'the owner polls only with room for an answer');
    events.opened(slot, slot);
  }

  #vanished(events: ConnectionEvents, slot: number): void {
    if (this.#peer(slot) === CLOSING) {
      this.#setPeer(slot, CLOSED);
      events.closed(slot, slot, 0);
      return;
    }
    this.#setPeer(slot, HALF_OPEN);
  }

  /** Tells of half-open connections that the switch gave up. */
  #reportClosed(events: ConnectionEvents): number {
    let done = 0;
    while (this.#reportSlot !== NONE) {
      const slot = this.#reportSlot;
      this.#reportSlot = LINK - this.#peer(slot); // a queued slot holds the next one
      this.#setPeer(slot, CLOSED);
      events.closed(slot, slot, 0);
      done++;
    }
    return done;
  }

  #say(peer: number, kind: number, second: number, third: number): boolean {
    const ring = this.#down[peer & this.#laneMask] as OneToOneProducer; // peers name a lane
    const at = ring.claim(DOWN_HEADER_BYTES + WORD_BYTES, 0);
    if (at === RING_NONE) return false;
    const word = at >> 2;
    this.#words[word] = ((peer >>> this.#laneBits) << KIND_BITS) | kind;
    this.#words[word + 1] = second;
    this.#words[word + 2] = third;
    ring.commit();
    return true;
  }
}

/** Marks in all rings from the lanes: a mark is a position in each of them. */
class RingMarks implements InputMarks {
  readonly #rings: readonly OneToOneConsumer[];
  readonly #ends: Int32Array;

  constructor(rings: readonly OneToOneConsumer[]) {
    this.#rings = rings;
    this.#ends = new Int32Array(rings.length * INPUT_MARKS);
  }

  set(mark: number): void {
    const rings = this.#rings;
    for (let ring = 0; ring < rings.length; ring++) {
      this.#ends[ring * INPUT_MARKS + mark] = (rings[ring] as OneToOneConsumer).publishedEnd(); // ring < length
    }
  }

  isTaken(mark: number): boolean {
    const rings = this.#rings;
    for (let ring = 0; ring < rings.length; ring++) {
      const end = this.#ends[ring * INPUT_MARKS + mark] as number; // ring < length, here and below
      if (!(rings[ring] as OneToOneConsumer).hasTaken(end)) return false;
    }
    return true;
  }
}
