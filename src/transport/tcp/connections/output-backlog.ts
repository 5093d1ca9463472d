/**
 * Output that the kernel has not taken yet, in blocks from one pool. A connection has blocks only while its peer is
 * slow. There are three limits: the bytes of one connection, the time of one connection, and the bytes of all
 * connections. A connection that exceeds a limit is closed; the others continue.
 *
 * The rule for time is the same for all transports (see stream/watched-links): output that waits when a mark is set
 * must be sent within the time-out; then a new mark is set. So a peer that reads slowly stays connected, however long
 * output waits for it, and a peer that reads nothing is closed.
 */
import { CloseReason } from '../../../wire/transport.ts';
import { BacklogRows, NO_ROW } from './backlog-rows.ts';

const BLOCK_BYTES = 4096;
const NONE = -1;

export interface BacklogLimits {
  /** Maximum of bytes that wait for one connection. */
  readonly limitBytes: number;
  /** Time within which the output that waited at the last mark must be sent. */
  readonly timeoutMillis: number;
  /** Maximum of bytes for all connections of the thread. */
  readonly poolBytes: number;
}

export class OutputBacklog {
  /** Bytes that wait now. */
  waitingBytes = 0;
  readonly #limits: BacklogLimits;
  readonly #blocks: number;
  readonly #bytes: Uint8Array;
  readonly #next: Int32Array;
  /** As many rows as blocks, because each connection with waiting output has at least one block. */
  readonly #rows: BacklogRows;
  #free = NONE;
  #fresh = 0;

  constructor(limits: BacklogLimits) {
    this.#limits = limits;
    this.#blocks = Math.ceil(limits.poolBytes / BLOCK_BYTES);
    this.#bytes = new Uint8Array(this.#blocks * BLOCK_BYTES);
    this.#next = new Int32Array(this.#blocks);
    this.#rows = new BacklogRows(this.#blocks);
  }

  /** Bytes that are allocated permanently. */
  get bytes(): number {
    return this.#bytes.byteLength + this.#next.byteLength + this.#rows.bytes;
  }

  has(descriptor: number): boolean {
    return this.#rows.used > 0 && this.#rows.find(descriptor) !== NO_ROW;
  }

  /**
   * Appends `from[start, end)` to the output that waits already.
   * @returns 0, or the reason for which the connection must end.
   */
  keep(descriptor: number, from: Uint8Array, start: number, end: number, nowMillis: number): number {
    const rows = this.#rows;
    const row = this.#rowFor(descriptor, end - start, nowMillis);
    if (row === NO_ROW) return CloseReason.OUTPUT_FULL;
    // The row exists, so its columns have a value, here and below.
    if ((rows.waitingBytes[row] as number) + end - start > this.#limits.limitBytes) return CloseReason.SLOW_READER;
    for (let at = start; at < end; ) {
      if (rows.last[row] === NONE || rows.writeAt[row] === BLOCK_BYTES) {
        const block = this.#take();
        if (block === NONE) return CloseReason.OUTPUT_FULL;
        if (rows.last[row] === NONE) rows.first[row] = block;
        else this.#next[rows.last[row] as number] = block;
        rows.last[row] = block;
        rows.writeAt[row] = 0;
      }
      const writeAt = rows.writeAt[row] as number;
      const part = Math.min(end - at, BLOCK_BYTES - writeAt);
      const to = (rows.last[row] as number) * BLOCK_BYTES + writeAt;
      for (let i = 0; i < part; i++) this.#bytes[to + i] = from[at + i] as number; // inside both
      rows.writeAt[row] = writeAt + part;
      rows.waitingBytes[row] = (rows.waitingBytes[row] as number) + part;
      this.waitingBytes += part;
      at += part;
    }
    return 0;
  }

  /** Copies the oldest waiting bytes into `to`. @returns how many. */
  peek(descriptor: number, to: Uint8Array): number {
    const rows = this.#rows;
    const row = rows.find(descriptor);
    if (row === NO_ROW || rows.first[row] === NONE) return 0;
    const readAt = rows.readAt[row] as number;
    const end = rows.first[row] === rows.last[row] ? (rows.writeAt[row] as number) : BLOCK_BYTES;
    const part = Math.min(end - readAt, to.length);
    const at = (rows.first[row] as number) * BLOCK_BYTES + readAt;
    for (let i = 0; i < part; i++) to[i] = this.#bytes[at + i] as number; // inside both
    return part;
  }

  /** Removes bytes that {@link peek} returned and the kernel has taken. @returns whether output still waits. */
  taken(descriptor: number, bytes: number): boolean {
    const rows = this.#rows;
    const row = rows.find(descriptor);
    if (row === NO_ROW) return false;
    rows.readAt[row] = (rows.readAt[row] as number) + bytes;
    rows.waitingBytes[row] = (rows.waitingBytes[row] as number) - bytes;
    rows.markedBytes[row] = (rows.markedBytes[row] as number) - bytes;
    this.waitingBytes -= bytes;
    if (rows.waitingBytes[row] === 0) {
      this.#drop(row);
      return false;
    }
    if (rows.readAt[row] === BLOCK_BYTES) {
      const done = rows.first[row] as number;
      rows.first[row] = this.#next[done] as number; // more bytes wait, so another block follows
      rows.readAt[row] = 0;
      this.#give(done);
    }
    return true;
  }

  /** Discards the output that waits for a connection. */
  drop(descriptor: number): void {
    const row = this.#rows.find(descriptor);
    if (row !== NO_ROW) this.#drop(row);
  }

  /**
   * Calls back for each connection that has been slow for too long. Must be called at intervals, because it sets the
   * marks.
   */
  forEachOverdue(nowMillis: number, visit: (descriptor: number) => void): void {
    const rows = this.#rows;
    for (let row = 0; row < rows.made; row++) {
      if (!rows.isUsed(row)) continue;
      if ((rows.markedBytes[row] as number) <= 0) {
        rows.sinceMillis[row] = nowMillis;
        rows.markedBytes[row] = rows.waitingBytes[row] as number;
      } else if (((nowMillis - (rows.sinceMillis[row] as number)) | 0) > this.#limits.timeoutMillis) {
        visit(rows.places[row] as number);
      }
    }
  }

  /** Calls back for each connection with output that waits; the callback may drop it. */
  forEachWaiting(visit: (descriptor: number) => void): void {
    const rows = this.#rows;
    for (let row = 0; row < rows.made; row++) if (rows.isUsed(row)) visit(rows.places[row] as number);
  }

  /** The row of a connection, a new one if nothing waits for it; {@link NO_ROW} if all are in use. */
  #rowFor(descriptor: number, bytes: number, nowMillis: number): number {
    const rows = this.#rows;
    const found = rows.find(descriptor);
    if (found !== NO_ROW) return found;
    const row = rows.add(descriptor);
    if (row === NO_ROW) return NO_ROW;
    rows.sinceMillis[row] = nowMillis;
    rows.markedBytes[row] = bytes;
    rows.first[row] = NONE;
    rows.last[row] = NONE;
    rows.readAt[row] = 0;
    rows.writeAt[row] = 0;
    rows.waitingBytes[row] = 0;
    return row;
  }

  #drop(row: number): void {
    const rows = this.#rows;
    this.waitingBytes -= rows.waitingBytes[row] as number;
    const last = rows.last[row] as number;
    for (let block = rows.first[row] as number; block !== NONE; ) {
      const next = block === last ? NONE : (this.#next[block] as number);
      this.#give(block);
      block = next;
    }
    rows.remove(row);
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
