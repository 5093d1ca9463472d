/**
 * Puts frames together that arrived in pieces.
 *
 * Nearly every chunk of bytes ends where a frame ends, so a column for the leftover of each
 * connection would be bytes paid by millions for the sake of a few. The assembler holds a small
 * pool of frame-sized buffers instead and lends one to a connection only while half a frame of
 * it is here. The pool is bounded: when it is used up, the half frame that was begun first gives
 * its place to the new one, and its owner closes its connection (`evicted`). So connections that
 * leave half a frame and then nothing push out each other, and not those whose frames only arrive
 * in two chunks: these would have to be overtaken by a whole pool of others in between.
 */
import { assert } from '../base/assert.ts';
import { type FrameSink, parseFrames } from './frame-parser.ts';
import { FRAME_BYTES_MAX, HEADER_BYTES, headerBodyBytes } from './frames.ts';

/** Nobody's half frame had to give way. */
export const EVICTED_NONE = -1;

export class FrameAssembler {
  /** Connections that may hold half a frame at the same time. */
  readonly partialsMax: number;
  /** Set by {@link feed}: whose half frame had to give way to the one that was left; it is forgotten. */
  evicted = EVICTED_NONE;
  readonly #bufferByConnection = new Map<number, number>();
  readonly #free: number[] = [];
  readonly #view: DataView;
  readonly #lengths: Int32Array;

  /** @param partialsMax at least 1. */
  constructor(partialsMax: number) {
    assert(partialsMax >= 1, 'half a frame has a place');
    this.partialsMax = partialsMax;
    this.#view = new DataView(new ArrayBuffer(partialsMax * FRAME_BYTES_MAX));
    this.#lengths = new Int32Array(partialsMax);
    for (let index = partialsMax - 1; index >= 0; index--) this.#free.push(index);
  }

  /** Bytes held for good, for the ledger. */
  get bytes(): number {
    return this.#view.byteLength + this.#lengths.byteLength;
  }

  /** Connections that hold half a frame now. */
  get partials(): number {
    return this.#bufferByConnection.size;
  }

  /**
   * Gives every frame that this chunk completes to the sink.
   *
   * @returns how many bytes of the chunk are done with. Fewer than all of them means that the
   *   sink stalled: offer the rest again later. Half a frame at the end counts as done with.
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

  /** Whether half a frame of this connection is held. */
  holds(connection: number): boolean {
    return this.#bufferByConnection.size > 0 && this.#bufferByConnection.has(connection);
  }

  /** Gives a connection's buffer back: call it when the connection ends. */
  forget(connection: number): void {
    if (this.#bufferByConnection.size === 0) return;
    const buffer = this.#bufferByConnection.get(connection);
    if (buffer === undefined) return;
    this.#bufferByConnection.delete(connection);
    this.#free.push(buffer);
  }

  #keep(connection: number, view: DataView, start: number, end: number): void {
    if (this.#free.length === 0) this.#evict();
    const buffer = this.#free.pop() as number; // there is a free one now
    assert(end - start < FRAME_BYTES_MAX, 'a leftover is shorter than the longest frame');
    this.#bufferByConnection.set(connection, buffer);
    this.#lengths[buffer] = 0;
    this.#append(buffer, view, start, end);
  }

  /** Forgets the half frame that was begun first; the map has its entries in the order of their making. */
  #evict(): void {
    this.evicted = this.#bufferByConnection.keys().next().value as number; // every buffer is lent
    this.forget(this.evicted);
  }

  #append(buffer: number, view: DataView, start: number, end: number): void {
    const length = this.#lengths[buffer] as number; // `buffer` comes from the pool
    const base = buffer * FRAME_BYTES_MAX + length;
    for (let at = start; at < end; at++) this.#view.setUint8(base + at - start, view.getUint8(at));
    this.#lengths[buffer] = length + end - start;
  }

  /**
   * Fills the buffered frame from the chunk and, once whole, hands it over.
   * @returns where the chunk goes on: at its end if the sink wants to hear no more; `~start` if the
   *   sink stalled (the buffer is as before).
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
