/**
 * The connections that have not logged in yet, in the order in which they opened.
 *
 * All of them may take the same time, so the line is also sorted by deadline, and only its head is examined. The links
 * use the two words of a session row that have no meaning before login, so the line costs no memory.
 */
import type { WordColumn } from '../../base/table-memory.ts';

const NONE = -1;

export class LoginLine {
  readonly #rows: Int32Array;
  readonly #stride: number;
  /** Of the word that names the connection before; the next word names the one behind. */
  readonly #at: number;
  #head = NONE;
  #tail = NONE;

  /** @param links of the session table, the first of two words. */
  constructor({ words, stride, at }: WordColumn) {
    this.#rows = words;
    this.#stride = stride;
    this.#at = at;
  }

  /** The connection that has waited longest, or -1. */
  get oldest(): number {
    return this.#head;
  }

  push(slot: number): void {
    const link = slot * this.#stride + this.#at;
    this.#rows[link] = this.#tail;
    this.#rows[link + 1] = NONE;
    if (this.#tail === NONE) this.#head = slot;
    else this.#rows[this.#tail * this.#stride + this.#at + 1] = slot;
    this.#tail = slot;
  }

  remove(slot: number): void {
    const link = slot * this.#stride + this.#at;
    const previous = this.#rows[link] as number; // slots are inside the table
    const next = this.#rows[link + 1] as number;
    if (previous === NONE) this.#head = next;
    else this.#rows[previous * this.#stride + this.#at + 1] = next;
    if (next === NONE) this.#tail = previous;
    else this.#rows[next * this.#stride + this.#at] = previous;
    this.#rows[link] = 0;
    this.#rows[link + 1] = 0;
  }
}
