/**
 * One timing wheel for the time-outs of all sessions: buckets of rows, linked through one word of each row (Varghese
 * and Lauck, "Hashed and hierarchical timing wheels", 1987, scheme 6).
 *
 * The wheel is lazy: input from a phone only stores a tick in its row. When the bucket of a row is due, the owner
 * checks that tick and either ends the session or moves the row to the bucket of its new deadline. A session therefore
 * costs one check per time-out and not one per frame, and one link instead of two. A row that was freed in the meantime
 * is dropped when it is checked. If it was reused it is checked early, which is harmless.
 *
 *     link 0          in no bucket
 *     link 1          last of its bucket
 *     link n >= 2     followed by row n - 2
 */
import { assert } from '../../base/assert.ts';
import type { WordColumn } from '../../base/table-memory.ts';

const LAST = 1;
const FIRST_ROW = 2;
/** No row is due. */
export const WHEEL_NONE = -1;

export class TimingWheel {
  readonly #rows: Int32Array;
  readonly #stride: number;
  readonly #word: number;
  readonly #buckets: Int32Array;
  readonly #mask: number;
  /** The bucket that is being emptied has rows due at this tick. */
  #tick: number;

  /**
   * @param links a word of each row.
   * @param buckets a power of two, more than the longest time-out in ticks.
   */
  constructor({ words, stride, at }: WordColumn, buckets: number, tick: number) {
    assert((buckets & (buckets - 1)) === 0, 'a wheel has a power of two of buckets');
    this.#rows = words;
    this.#stride = stride;
    this.#word = at;
    this.#buckets = new Int32Array(buckets).fill(LAST);
    this.#mask = buckets - 1;
    this.#tick = tick;
  }

  get bytes(): number {
    return this.#buckets.byteLength;
  }

  /** Whether the row is in a bucket. */
  holds(row: number): boolean {
    return this.#rows[row * this.#stride + this.#word] !== 0;
  }

  /**
   * Adds a row that is in no bucket to the bucket of its deadline. A deadline beyond the wheel (after the thread was
   * stopped for long) is moved to the last bucket: an early check is harmless.
   */
  insert(row: number, tick: number): void {
    const link = row * this.#stride + this.#word;
    assert(this.#rows[link] === 0, 'a row is in at most one bucket');
    const ahead = Math.min(Math.max(1, tick - this.#tick), this.#mask);
    const bucket = (this.#tick + ahead) & this.#mask;
    this.#rows[link] = this.#buckets[bucket] as number; // masked
    this.#buckets[bucket] = row + FIRST_ROW;
  }

  /**
   * Removes the next row that is due at `tick` from its bucket. @returns the row, or {@link WHEEL_NONE} if none is
   * left. Call it as often as time allows; the remaining rows follow with the next call.
   */
  expire(tick: number): number {
    for (;;) {
      const bucket = this.#tick & this.#mask;
      const first = this.#buckets[bucket] as number; // masked
      if (first !== LAST) {
        const row = first - FIRST_ROW;
        const link = row * this.#stride + this.#word;
        this.#buckets[bucket] = this.#rows[link] as number; // rows are inside the table
        this.#rows[link] = 0;
        return row;
      }
      if (this.#tick >= tick) return WHEEL_NONE;
      this.#tick++;
    }
  }
}
