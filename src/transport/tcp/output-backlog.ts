/**
 * Output that the kernel did not take yet: blocks from one pool, lent to a connection only while
 * its peer is slow. Bounded three times: bytes of one connection, time of one connection, bytes of
 * all. What is beyond a bound ends that connection; the others go on.
 *
 * The time is the same for all transports (see stream/watched-links): what waits at a mark must be
 * gone within it, and then what waits by then is marked. So a peer that reads slowly stays, however
 * long something waits for it, and one that reads nothing goes.
 */
import { CloseReason } from '../../wire/transport.ts';

const BLOCK_BYTES = 4096;
const NONE = -1;

export interface BacklogLimits {
  /** Bytes that may wait for one connection. */
  readonly limitBytes: number;
  /** How long what waited at the last mark may go on waiting. */
  readonly timeoutMicros: number;
  /** Bytes of all connections of the thread. */
  readonly poolBytes: number;
}

export class OutputBacklog {
  /** Bytes that wait now. */
  waitingBytes = 0;
  readonly #limits: BacklogLimits;
  readonly #blocks: number;
  readonly #bytes: Uint8Array;
  readonly #next: Int32Array;
  /** One entry for each waiting connection, numbered by its first block ever. */
  readonly #entries = new Map<number, Entry>();
  #free = NONE;
  #fresh = 0;

  constructor(limits: BacklogLimits) {
    this.#limits = limits;
    this.#blocks = Math.ceil(limits.poolBytes / BLOCK_BYTES);
    this.#bytes = new Uint8Array(this.#blocks * BLOCK_BYTES);
    this.#next = new Int32Array(this.#blocks);
  }

  /** Bytes reserved for good. */
  get bytes(): number {
    return this.#bytes.byteLength + this.#next.byteLength;
  }

  has(descriptor: number): boolean {
    return this.#entries.size > 0 && this.#entries.has(descriptor);
  }

  /**
   * Keeps `from[start, end)` behind what waits already.
   * @returns 0, or the reason for which the connection must end.
   */
  keep(descriptor: number, from: Uint8Array, start: number, end: number, nowMicros: number): number {
    let entry = this.#entries.get(descriptor);
    if (entry === undefined) {
      entry = new Entry(nowMicros, end - start);
      this.#entries.set(descriptor, entry);
    }
    if (entry.bytes + end - start > this.#limits.limitBytes) return CloseReason.SLOW_READER;
    for (let at = start; at < end; ) {
      if (entry.last === NONE || entry.writeAt === BLOCK_BYTES) {
        const block = this.#take();
        if (block === NONE) return CloseReason.OUTPUT_FULL;
        if (entry.last === NONE) entry.first = block;
        else this.#next[entry.last] = block;
        entry.last = block;
        entry.writeAt = 0;
      }
      const part = Math.min(end - at, BLOCK_BYTES - entry.writeAt);
      const to = entry.last * BLOCK_BYTES + entry.writeAt;
      for (let i = 0; i < part; i++) this.#bytes[to + i] = from[at + i] as number; // inside both
      entry.writeAt += part;
      entry.bytes += part;
      this.waitingBytes += part;
      at += part;
    }
    return 0;
  }

  /** Copies the oldest waiting bytes into `to`. @returns how many. */
  peek(descriptor: number, to: Uint8Array): number {
    const entry = this.#entries.get(descriptor);
    if (entry === undefined || entry.first === NONE) return 0;
    const end = entry.first === entry.last ? entry.writeAt : BLOCK_BYTES;
    const part = Math.min(end - entry.readAt, to.length);
    const at = entry.first * BLOCK_BYTES + entry.readAt;
    for (let i = 0; i < part; i++) to[i] = this.#bytes[at + i] as number; // inside both
    return part;
  }

  /** The kernel has taken so many of the bytes that {@link peek} gave. @returns whether any wait still. */
  taken(descriptor: number, bytes: number): boolean {
    const entry = this.#entries.get(descriptor);
    if (entry === undefined) return false;
    entry.readAt += bytes;
    entry.bytes -= bytes;
    entry.markedBytes -= bytes;
    this.waitingBytes -= bytes;
    if (entry.bytes === 0) {
      this.drop(descriptor);
      return false;
    }
    if (entry.readAt === BLOCK_BYTES) {
      const done = entry.first;
      entry.first = this.#next[done] as number; // more bytes wait, so another block follows
      entry.readAt = 0;
      this.#give(done);
    }
    return true;
  }

  /** Forgets what waits for a connection. */
  drop(descriptor: number): void {
    const entry = this.#entries.get(descriptor);
    if (entry === undefined) return;
    this.#entries.delete(descriptor);
    this.waitingBytes -= entry.bytes;
    for (let block = entry.first; block !== NONE; ) {
      const next = block === entry.last ? NONE : (this.#next[block] as number);
      this.#give(block);
      block = next;
    }
  }

  /** Calls back for each connection that has been slow for too long. To be called now and then: marks are set here. */
  forEachOverdue(nowMicros: number, visit: (descriptor: number) => void): void {
    for (const [descriptor, entry] of this.#entries) {
      if (entry.markedBytes <= 0) {
        entry.sinceMicros = nowMicros;
        entry.markedBytes = entry.bytes;
      } else if (nowMicros - entry.sinceMicros > this.#limits.timeoutMicros) {
        visit(descriptor);
      }
    }
  }

  /** Calls back for each connection that has something waiting; it may be dropped there. */
  forEachWaiting(visit: (descriptor: number) => void): void {
    for (const descriptor of this.#entries.keys()) visit(descriptor);
  }

  #take(): number {
    if (this.#free !== NONE) {
      const block = this.#free;
      this.#free = this.#next[block] as number; // free blocks name free blocks
      return block;
    }
    return this.#fresh < this.#blocks ? this.#fresh++ : NONE;
  }

  #give(block: number): void {
    this.#next[block] = this.#free;
    this.#free = block;
  }
}

/** What waits for one connection. Made only for a peer that is slow. */
class Entry {
  /** When the last mark was set, and how much of what waited then is left. */
  sinceMicros: number;
  markedBytes: number;
  first = NONE;
  last = NONE;
  readAt = 0;
  writeAt = 0;
  bytes = 0;

  constructor(sinceMicros: number, markedBytes: number) {
    this.sinceMicros = sinceMicros;
    this.markedBytes = markedBytes;
  }
}
