/**
 * The phones of a lane that wait to log in again, each until a time of its own: a hashed timing wheel (Varghese and
 * Lauck, "Hashed and Hierarchical Timing Wheels", 1987) of one-millisecond buckets. A delay longer than one round of
 * the wheel stays in its bucket for several rounds. A phone acts at the next full millisecond: never early, late by
 * less than 1 ms.
 *
 * In a storm every phone may wait at once, but usually few do. Entries are in blocks that grow on demand up to the
 * number of phones; entries are reused, and no block is freed.
 */
import { assert } from '../../base/assert.ts';

const BUCKET_MICROS = 1000;
/** A power of two. One round takes 8.2 s, so delays of up to 30 s stay at most four rounds. */
const BUCKETS = 2 ** 13;
const BUCKET_MASK = BUCKETS - 1;
const BLOCK_BITS = 12;
const BLOCK = 2 ** BLOCK_BITS;
const PLACE_MASK = BLOCK - 1;
const NONE = -1;

class Block {
  readonly rows = new Int32Array(BLOCK);
  readonly attempts = new Int32Array(BLOCK);
  readonly series = new Int32Array(BLOCK);
  readonly links = new Int32Array(BLOCK);
  readonly endMicros = new Float64Array(BLOCK);
  readonly firstDueMicros = new Float64Array(BLOCK);
}

const BLOCK_BYTES = BLOCK * (4 * Int32Array.BYTES_PER_ELEMENT + 2 * Float64Array.BYTES_PER_ELEMENT);

export class LoginQueue {
  /**
   * Set by the caller before a push: until when the phone waits, and when its login was first due. In arrays, here and
   * below, since a double that is passed to a call may be allocated on the heap.
   */
  readonly next = new Float64Array(2);
  /** When {@link take} next has something to do; Infinity if nobody waits. */
  readonly dueMicros = Float64Array.of(Number.POSITIVE_INFINITY);
  /**
   * The phone that {@link take} has taken out: its row, its failed attempts, its series of delays, when it was first
   * due.
   */
  row = 0;
  attempts = 0;
  seriesMicros = 0;
  readonly firstDueMicros = new Float64Array(1);
  readonly #capacity: number;
  readonly #blocks: Block[] = [];
  readonly #heads = new Int32Array(BUCKETS).fill(NONE);
  readonly #tails = new Int32Array(BUCKETS).fill(NONE);
  /** The millisecond whose bucket is taken next, and the entries of the bucket before it that are still to be taken. */
  #tick = 0;
  #taking = NONE;
  #free = NONE;
  #used = 0;
  #length = 0;

  /** @param capacity number of phones, each of which may wait once. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get length(): number {
    return this.#length;
  }

  get bytes(): number {
    return this.#blocks.length * BLOCK_BYTES + this.#heads.byteLength + this.#tails.byteLength;
  }

  /**
   * Adds a phone that does not wait yet, with the times in {@link next}.
   * @param attempts number of failed attempts so far.
   * @param seriesMicros see LoginBackoff.
   */
  push(row: number, attempts: number, seriesMicros: number): void {
    assert(this.#length < this.#capacity, 'a phone waits once');
    const entry = this.#takeFree();
    const block = this.#block(entry);
    const place = entry & PLACE_MASK;
    block.rows[place] = row;
    block.attempts[place] = attempts;
    block.series[place] = seriesMicros;
    block.endMicros[place] = this.next[0] as number; // two places, here and below
    block.firstDueMicros[place] = this.next[1] as number;
    this.#length++;
    this.#enter(entry);
  }

  /** Takes out the next phone whose time has come, into the fields above. @returns false if there is none. */
  take(nowMicros: number): boolean {
    // Nobody waits: there is nothing to open before it.
    if (this.#length === 0) this.#tick = Math.max(this.#tick, Math.floor(nowMicros / BUCKET_MICROS));
    if (nowMicros < (this.dueMicros[0] as number)) return false;
    const now = Math.floor(nowMicros / BUCKET_MICROS);
    for (;;) {
      const entry = this.#taking;
      if (entry !== NONE) {
        this.#taking = this.#block(entry).links[entry & PLACE_MASK] as number;
        if (tickOf(this.#block(entry).endMicros[entry & PLACE_MASK] as number) < this.#tick) {
          this.#takeOut(entry);
          return true;
        }
        this.#enter(entry); // for a later round
      } else if (this.#tick <= now && this.#length > 0) {
        this.#openBucket(this.#tick & BUCKET_MASK);
        this.#tick++;
      } else {
        this.#findDue();
        return false;
      }
    }
  }

  /** Takes out a phone, however long it still has to wait. @returns false if nobody waits. */
  takeAny(): boolean {
    if (this.#length === 0) return false;
    for (let bucket = 0; this.#taking === NONE; bucket++) if (this.#heads[bucket] !== NONE) this.#openBucket(bucket);
    const entry = this.#taking;
    this.#taking = this.#block(entry).links[entry & PLACE_MASK] as number;
    this.#takeOut(entry);
    if (this.#length === 0) this.dueMicros[0] = Number.POSITIVE_INFINITY;
    return true;
  }

  /** The entries of a bucket are to be taken. */
  #openBucket(bucket: number): void {
    this.#taking = this.#heads[bucket] as number;
    this.#heads[bucket] = NONE;
    this.#tails[bucket] = NONE;
  }

  /** Appends an entry to the bucket of its time. */
  #enter(entry: number): void {
    const tick = Math.max(this.#tick, tickOf(this.#block(entry).endMicros[entry & PLACE_MASK] as number));
    const bucket = tick & BUCKET_MASK;
    const tail = this.#tails[bucket] as number;
    this.#block(entry).links[entry & PLACE_MASK] = NONE;
    if (tail === NONE) this.#heads[bucket] = entry;
    else this.#block(tail).links[tail & PLACE_MASK] = entry;
    this.#tails[bucket] = entry;
    if (tick * BUCKET_MICROS < (this.dueMicros[0] as number)) this.dueMicros[0] = tick * BUCKET_MICROS;
  }

  #takeOut(entry: number): void {
    const block = this.#block(entry);
    const place = entry & PLACE_MASK;
    this.row = block.rows[place] as number;
    this.attempts = block.attempts[place] as number;
    this.seriesMicros = block.series[place] as number;
    this.firstDueMicros[0] = block.firstDueMicros[place] as number;
    block.links[place] = this.#free;
    this.#free = entry;
    this.#length--;
  }

  /** Finds the next bucket that is not empty. */
  #findDue(): void {
    this.dueMicros[0] = Number.POSITIVE_INFINITY;
    if (this.#length === 0) return;
    let tick = this.#tick;
    while (this.#heads[tick & BUCKET_MASK] === NONE) tick++;
    this.dueMicros[0] = tick * BUCKET_MICROS;
  }

  #takeFree(): number {
    const entry = this.#free;
    if (entry === NONE) {
      if (this.#used === this.#blocks.length * BLOCK) this.#blocks.push(new Block());
      return this.#used++;
    }
    this.#free = this.#block(entry).links[entry & PLACE_MASK] as number;
    return entry;
  }

  #block(entry: number): Block {
    return this.#blocks[entry >> BLOCK_BITS] as Block; // entries are inside blocks
  }
}

/** The first millisecond that begins at this time or later. */
function tickOf(micros: number): number {
  return Math.ceil(micros / BUCKET_MICROS);
}
