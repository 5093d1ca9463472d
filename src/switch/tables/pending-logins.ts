/**
 * Logins that wait for an earlier session of the same account to end. They are few, so a bounded table has them, found
 * by the account's row. The home refuses those that wait for too long.
 *
 *     word 0   address of the session that logs in    word 1   its generation
 *     word 2   1 if the earlier one was told to end   word 3   tick in which it was asked for
 */
import { assert } from '../../base/assert.ts';

/** Maximum of logins that wait at the same time on one shard; further ones are refused as busy. */
export const PENDING_LOGINS_MAX = 4096;
const WORDS = 4;

export class PendingLogins {
  readonly #places = new Map<number, number>();
  readonly #free: number[] = [];
  readonly #words = new Int32Array(PENDING_LOGINS_MAX * WORDS);
  #untold = 0;

  constructor() {
    for (let place = PENDING_LOGINS_MAX - 1; place >= 0; place--) this.#free.push(place);
  }

  get bytes(): number {
    return this.#words.byteLength;
  }

  get size(): number {
    return this.#places.size;
  }

  /** Whether an earlier session still has to be told to end. */
  get hasUntold(): boolean {
    return this.#untold > 0;
  }

  has(row: number): boolean {
    return this.#places.size > 0 && this.#places.has(row);
  }

  /** Adds a login. @returns false if the table is full. */
  add(row: number, address: number, generation: number, askedTick: number): boolean {
    const place = this.#free.pop();
    if (place === undefined) return false;
    this.#places.set(row, place);
    this.#words[place * WORDS] = address;
    this.#words[place * WORDS + 1] = generation;
    this.#words[place * WORDS + 2] = 0;
    this.#words[place * WORDS + 3] = askedTick;
    this.#untold++;
    return true;
  }

  address(row: number): number {
    return this.#words[this.#place(row)] as number; // only called for rows in the table
  }

  generation(row: number): number {
    return this.#words[this.#place(row) + 1] as number; // only called for rows in the table
  }

  /** Records that the earlier session was told to end. */
  setTold(row: number): void {
    if (this.#isTold(row)) return;
    this.#words[this.#place(row) + 2] = 1;
    this.#untold--;
  }

  remove(row: number): void {
    if (!this.#isTold(row)) this.#untold--;
    this.#free.push(this.#place(row) / WORDS);
    this.#places.delete(row);
  }

  /** Removes the logins of sessions that were lost, by their addresses. */
  forget(isLost: (address: number) => boolean): void {
    for (const row of this.#places.keys()) if (isLost(this.address(row))) this.remove(row);
  }

  /** Calls back for each login that was asked for in an earlier tick than this; the call may remove it. */
  forEachAskedBefore(tick: number, visit: (row: number) => void): void {
    for (const [row, place] of this.#places) if ((this.#words[place * WORDS + 3] as number) < tick) visit(row);
  }

  /** Calls back for each login whose earlier session was not told yet. */
  forEachUntold(visit: (row: number) => void): void {
    for (const row of this.#places.keys()) {
      if (!this.#isTold(row)) visit(row);
    }
  }

  #isTold(row: number): boolean {
    return this.#words[this.#place(row) + 2] === 1;
  }

  #place(row: number): number {
    const place = this.#places.get(row);
    assert(place !== undefined, 'only logins that wait are read or removed');
    return place * WORDS;
  }
}
