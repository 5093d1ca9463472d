/**
 * What a disturbed connection holds back: bytes in each direction, in order, until they are due; then they pass whole,
 * or in pieces of a few bytes per turn. Nothing is dropped: a phone would find a gap in a stream, which no network
 * makes.
 *
 * The windows of phones and sessions, and the longest time of a fault (draw-faults.ts), bound what both ends say
 * meanwhile. More than {@link HELD_BYTES_MAX} is a bug of an end, and the simulation ends with it.
 */
import { assert } from '../../base/assert.ts';

/** Most bytes that are held back in one direction. */
export const HELD_BYTES_MAX = 2 ** 24;

/** Bytes on their way, of which a part may have passed. */
export interface HeldBytes {
  readonly view: DataView;
  readonly dueMicros: number;
  at: number;
}

/** What is held back in one direction, oldest first. */
export class HeldQueue {
  readonly #held: HeldBytes[] = [];
  #bytes = 0;

  get length(): number {
    return this.#held.length;
  }

  /** The oldest; undefined if nothing is held back. */
  get first(): HeldBytes | undefined {
    return this.#held[0];
  }

  push(held: HeldBytes): void {
    this.#bytes += held.view.byteLength;
    assert(this.#bytes <= HELD_BYTES_MAX, 'windows bound what both ends of a connection say');
    this.#held.push(held);
  }

  shift(): void {
    this.#bytes -= this.#held.shift()?.view.byteLength ?? 0;
  }
}

export class SlowLink {
  readonly row: number;
  readonly up = new HeldQueue();
  readonly down = new HeldQueue();
  /** The switch has closed the connection for this reason; the phone learns of it after all bytes. */
  closeReason: number | undefined;
  /** Until when nothing passes. */
  stalledUntilMicros = 0;
  /** Until when bytes are late, by how much, and how many pass at once. */
  slowUntilMicros = 0;
  delayMicros = 0;
  pieceBytesMax = Number.POSITIVE_INFINITY;

  constructor(row: number) {
    this.row = row;
  }

  /** Whether it disturbs nothing any more. */
  isOver(nowMicros: number): boolean {
    const isQuiet = this.up.length === 0 && this.down.length === 0 && this.closeReason === undefined;
    return isQuiet && nowMicros >= this.stalledUntilMicros && nowMicros >= this.slowUntilMicros;
  }

  /** Holds a copy of `view[start, end)` back. */
  hold(queue: HeldQueue, view: DataView, start: number, end: number, nowMicros: number): void {
    const copy = new Uint8Array(end - start);
    copy.set(new Uint8Array(view.buffer, view.byteOffset + start, end - start));
    const delay = nowMicros < this.slowUntilMicros ? this.delayMicros : 0;
    queue.push({ view: new DataView(copy.buffer), dueMicros: nowMicros + delay, at: 0 });
  }

  /** The end of the bytes of a queue's first chunk that may pass now; its `at` if none may. */
  passableEnd({ view, dueMicros, at }: HeldBytes, nowMicros: number): number {
    if (nowMicros < dueMicros || nowMicros < this.stalledUntilMicros) return at;
    return Math.min(view.byteLength, at + this.pieceBytesMax);
  }
}
