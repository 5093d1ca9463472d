/**
 * Reassembles frames that arrive in several chunks.
 *
 * Nearly every chunk ends at the end of a frame, so a buffer per connection would cost memory for millions of
 * connections and be used by few. The assembler has a small pool of frame-sized buffers, and a connection uses one only
 * while it has a partial frame. The pool is bounded: if it is used up, a new partial frame evicts the one that began
 * first, and the owner closes that connection (`evicted`). Connections that never complete their frame therefore evict
 * each other. A frame that arrives in two chunks is evicted only if a whole pool of other partial frames begins in
 * between.
 */
import { assert } from '../base/assert.ts';
import { FRAME_BYTES_MAX, HEADER_BYTES, headerBodyBytes } from './frames.ts';
import { type FrameSink, parseFrames } from './parse-frames.ts';

/** No partial frame was evicted. */
export const EVICTED_NONE = -1;

export class FrameAssembler {
  /** Most connections that may have a partial frame at the same time. */
  readonly partialsMax: number;
  /** Set by {@link feed}: the connection whose partial frame was evicted, or {@link EVICTED_NONE}. */
  evicted = EVICTED_NONE;
  readonly #bufferByConnection = new Map<number, number>();
  readonly #free: number[] = [];
  readonly #view: DataView;
  readonly #lengths: Int32Array;

  /** @param partialsMax at least 1. */
  constructor(partialsMax: number) {
    assert(partialsMax >= 1, 'the pool has at least one buffer');
    this.partialsMax = partialsMax;
    this.#view = new DataView(new ArrayBuffer(partialsMax * FRAME_BYTES_MAX));
    this.#lengths = new Int32Array(partialsMax);
    for (let index = partialsMax - 1; index >= 0; index--) this.#free.push(index);
  }

  /** Bytes allocated permanently, for the ledger. */
  get bytes(): number {
    return this.#view.byteLength + this.#lengths.byteLength;
  }

  /** Number of connections with a partial frame. */
  get partials(): number {
    return this.#bufferByConnection.size;
  }

  /**
   * Passes every frame that this chunk completes to the sink.
   *
   * @returns how many bytes of the chunk were handled. Fewer than all means that the sink stalled:
   *   offer the rest again later. A partial frame at the end counts as handled.
   */
  feed(connection: number, view: DataView, start: number, end: number, sink: FrameSink): number {
    this.evicted = EVICTED_NONE;
    let from = start;
    if (this.#bufferByConnection.size > 0) {
      const buffer = this.#bufferByConnection.get(connection);
      if (buffer !== undefined) {
        from = this.#complete(connection, buffer, view, start, end, sink);
        if (from < 0) return ~from - start;
        if (from === end) return end - start;
      }
    }
    const parsed = parseFrames(view, from, end, sink);
    if (parsed < 0) return ~parsed - start;
    if (parsed < end) this.#keep(connection, view, parsed, end);
    return end - start;
  }

  /** Whether this connection has a partial frame. */
  holds(connection: number): boolean {
    return this.#bufferByConnection.size > 0 && this.#bufferByConnection.has(connection);
  }

  /** Frees a connection's buffer; to be called when the connection ends. */
  forget(connection: number): void {
    if (this.#bufferByConnection.size === 0) return;
    const buffer = this.#bufferByConnection.get(connection);
    if (buffer === undefined) return;
    this.#bufferByConnection.delete(connection);
    this.#free.push(buffer);
  }

  #keep(connection: number, view: DataView, start: number, end: number): void {
    if (this.#free.length === 0) this.#evict();
    const buffer = this.#free.pop() as number; // a buffer is free: one was evicted if need be
    assert(end - start < FRAME_BYTES_MAX, 'a leftover is shorter than the longest frame');
    this.#bufferByConnection.set(connection, buffer);
    this.#lengths[buffer] = 0;
    this.#append(buffer, view, start, end);
  }

  /** Evicts the partial frame that began first: a Map iterates in order of insertion. */
  #evict(): void {
    this.evicted = this.#bufferByConnection.keys().next().value as number; // every buffer is in use
    this.forget(this.evicted);
  }

  #append(buffer: number, view: DataView, start: number, end: number): void {
    const length = this.#lengths[buffer] as number; // `buffer` comes from the pool
    const base = buffer * FRAME_BYTES_MAX + length;
    for (let at = start; at < end; at++) this.#view.setUint8(base + at - start, view.getUint8(at));
    this.#lengths[buffer] = length + end - start;
  }

  /**
   * Completes the buffered frame from the chunk and passes it to the sink when complete.
   * @returns the offset of the rest of the chunk: its end if the sink said STOP; `~start` if the sink
   *   stalled (the buffer is unchanged).
   */
  #complete(connection: number, buffer: number, view: DataView, start: number, end: number, sink: FrameSink): number {
    const base = buffer * FRAME_BYTES_MAX;
    const before = this.#lengths[buffer] as number; // `buffer` comes from the pool
    let at = start;
    if (before < HEADER_BYTES) {
      const take = Math.min(HEADER_BYTES - before, end - at);
      this.#append(buffer, view, at, at + take);
      at += take;
      if (before + take < HEADER_BYTES) return at;
    }
    const wanted = HEADER_BYTES + headerBodyBytes(this.#view.getUint16(base, true));
    const missing = wanted - (this.#lengths[buffer] as number);
    const take = Math.min(missing, end - at);
    this.#append(buffer, view, at, at + take);
    at += take;
    const held = base + before + (at - start);
    const parsed = parseFrames(this.#view, base, held, sink);
    if (parsed < 0) {
      this.#lengths[buffer] = before;
      return ~start;
    }
    if (parsed > held) {
      this.forget(connection);
      return end;
    }
    if (take === missing || parsed > base) this.forget(connection);
    return at;
  }
}
