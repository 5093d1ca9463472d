/**
 * Output of one turn before it goes to the kernel. Frames are written here, and all frames of a connection are sent
 * with one `send`.
 *
 *     word 0    next record of the same connection, 0 for none
 *     word 1    bytes of the frame
 *     word 2    last record of the connection (valid in its first)
 *     word 3    place
 *     word 4 …  the frame
 *
 * A column holds each connection's first record of this turn. Word 0 of the memory is unused, so that 0 can mean none.
 */
import { assert } from '../../../base/assert.ts';
import { copyBytes } from '../../../base/copy-bytes.ts';
import { CLAIM_FULL } from '../../../wire/transport.ts';

const HEADER_WORDS = 4;
const FIRST_WORD = 4;
/** Minimum size: a frame has at most 2,049 bytes, and a smaller stage would hold too few frames. */
export const STAGE_BYTES_MIN = 64 * 1024;

export class OutputStage {
  readonly view: DataView;
  readonly #words: Int32Array;
  /** First record of each place, 0 for none. */
  readonly #first: Int32Array;
  /** The first record of each connection, in the order in which they were created. */
  readonly #order: Int32Array;
  #top = FIRST_WORD;
  #count = 0;
  #claimed = 0;

  /** @param rows number of places. */
  constructor(bytes: number, rows: number) {
    assert(bytes >= STAGE_BYTES_MIN && bytes % 4 === 0, 'a stage holds more than a few frames');
    this.#words = new Int32Array(bytes / 4);
    this.view = new DataView(this.#words.buffer);
    this.#first = new Int32Array(rows);
    this.#order = new Int32Array(Math.ceil(bytes / 4 / (HEADER_WORDS + 1)));
  }

  get bytes(): number {
    return this.#words.byteLength + this.#order.byteLength;
  }

  /** Connections with output in this turn. */
  get count(): number {
    return this.#count;
  }

  /** Reserves room for a frame. @returns its offset in {@link view}, or CLAIM_FULL. */
  claim(place: number, bytes: number): number {
    const record = this.#top;
    const words = HEADER_WORDS + ((bytes + 3) >> 2);
    if (record + words > this.#words.length) return CLAIM_FULL;
    this.#words[record] = 0;
    this.#words[record + 1] = bytes;
    this.#words[record + 3] = place;
    this.#claimed = record;
    return (record + HEADER_WORDS) * 4;
  }

  commit(): void {
    const record = this.#claimed;
    const bytes = this.#words[record + 1] as number; // written by claim, here and below
    const place = this.#words[record + 3] as number;
    this.#top = record + HEADER_WORDS + ((bytes + 3) >> 2);
    const first = this.#first[place] as number; // places are inside the column
    if (first === 0) {
      this.#first[place] = record;
      this.#words[record + 2] = record;
      this.#order[this.#count] = record;
      this.#count++;
      return;
    }
    const last = this.#words[first + 2] as number;
    this.#words[last] = record;
    this.#words[first + 2] = record;
  }

  /** The n-th connection with output; -1 if its output has been dropped. */
  placeAt(n: number): number {
    const record = this.#order[n] as number; // n < count
    const place = this.#words[record + 3] as number;
    return this.#first[place] === record ? place : -1;
  }

  /** The first record of a connection, 0 for none. */
  firstRecord(place: number): number {
    return this.#first[place] as number; // places are inside the column
  }

  /**
   * Copies the frames of a connection, from `record` on, one after another into `to` from `start` on, as many as fit.
   * @returns the first record that was not copied, 0 if there is none; {@link copied} is the number of bytes.
   */
  gather(record: number, to: DataView, start: number): number {
    let at = start;
    let next = record;
    while (next !== 0) {
      const bytes = this.#words[next + 1] as number; // a record has its header
      if (at + bytes > to.byteLength) break;
      copyBytes(this.view, (next + HEADER_WORDS) * 4, to, at, bytes);
      at += bytes;
      next = this.#words[next] as number;
    }
    this.copied = at - start;
    return next;
  }
  copied = 0;

  /** Discards a connection's output of this turn. */
  drop(place: number): void {
    this.#first[place] = 0;
  }

  /** Empties the stage. Every connection's output must have been dropped or sent. */
  clear(): void {
    this.#top = FIRST_WORD;
    this.#count = 0;
  }
}
