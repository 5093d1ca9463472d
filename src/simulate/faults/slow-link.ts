/**
 * What a disturbed connection holds back: bytes in each direction, in order, until they are due; then they pass whole,
 * or in pieces of a few bytes per turn. Nothing is dropped: the windows of phones and sessions, and the longest time of
 * a fault (draw-faults.ts), bound what both ends say meanwhile.
 */

/** Bytes on their way, of which a part may have passed. */
export interface HeldBytes {
  readonly view: DataView;
  readonly dueMicros: number;
  at: number;
}

export class SlowLink {
  readonly row: number;
  readonly up: HeldBytes[] = [];
  readonly down: HeldBytes[] = [];
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
  hold(queue: HeldBytes[], view: DataView, start: number, end: number, nowMicros: number): void {
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
