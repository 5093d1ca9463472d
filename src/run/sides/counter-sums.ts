/** Counters of several threads, which the threads keep in shared memory, and their sums. */
export class CounterSums {
  readonly #rows: readonly Float64Array[];
  readonly #sums: Float64Array;

  /**
   * @param rows the counters of each thread.
   * @param counters how many each has.
   */
  constructor(rows: readonly Float64Array[], counters: number) {
    this.#rows = rows;
    this.#sums = new Float64Array(counters);
  }

  /** The sum of one counter over all threads. */
  sum(counter: number): number {
    let sum = 0;
    for (let n = 0; n < this.#rows.length; n++) sum += this.#rows[n]?.[counter] ?? 0;
    return sum;
  }

  /** The sums of all counters, in the same array each time: this is called often, so it allocates nothing. */
  all(): Float64Array {
    for (let counter = 0; counter < this.#sums.length; counter++) this.#sums[counter] = this.sum(counter);
    return this.#sums;
  }
}
