/**
 * One timing wheel for the time-outs of all sessions: buckets of rows, linked through one word of
 * each row (Varghese and Lauck, "Hashed and hierarchical timing wheels", 1987, scheme 6).
 *
 * It is lazy: hearing from a phone only writes a tick into its row. When a row's bucket comes
 * up, its owner looks at that tick and either ends the session or puts the row into the bucket
 * of its new deadline. So a session costs one look for each time-out, not one for each frame,
 * and one link instead of two. A row that was freed meanwhile is found free and dropped, or, if
 * it was taken again, looked at early, which does no harm.
 *
 *     link 0          in no bucket
 *     link 1          last of its bucket
 *     link n >= 2     followed by row n - 2
 */
import { assert } from '../base/assert.ts';

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
  /** The bucket being emptied holds rows due at this tick. */
  #tick: number;

  /**
   * @param rows memory of the rows, `stride` words each, whose word `word` is the link.
   * @param buckets a power of two, more than the longest time-out in ticks.
   */
  constructor(rows: Int32Array, stride: number, word: number, buckets: number, tick: number) {
    assert((buckets & (buckets - 1)) === 0, 'a wheel has a power of two of buckets');
    this.#rows = rows;
    this.#stride = stride;
    this.#word = word;
    this.#buckets = new Int32Array(buckets).fill(LAST);
    this.#mask = buckets - 1;
    this.#tick = tick;
  }

  get bytes(): number {
    return this.#buckets.byteLength;
  }

  /** Whether the row is in some bucket. */
  holds(row: number): boolean {
    return this.#rows[row * this.#stride + this.#word] !== 0;
  }

  /**
   * Puts a row that is in no bucket into the bucket of its deadline. A deadline beyond the wheel
   * (after the thread was stopped for long) goes as far as the wheel reaches: looking early does
   * no harm.
   */
  insert(row: number, tick: number): void {
    const link = row * this.#stride + this.#word;
    assert(this.#rows[link] === 0, 'a row is in one bucket at most');
    const ahead = Math.min(Math.max(1, tick - this.#tick), this.#mask);
    const bucket = (this.#tick + ahead) & this.#mask;
    this.#rows[link] = this.#buckets[bucket] as number; // masked
    this.#buckets[bucket] = row + FIRST_ROW;
  }

  /**
   * Takes the next row whose bucket has come up by `tick`, out of its bucket, or gives
   * {@link WHEEL_NONE} once none is left. Call it as often as there is time for; what is left
   * comes with the next call.
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
