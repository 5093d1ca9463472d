/**
 * The connections that have not logged in yet, in the order in which they opened.
 *
 * All of them may take the same time, so the line is also sorted by deadline, and only its head is examined. The links
 * use the two words of a session row that have no meaning before login, so the line costs no memory.
 */
import { SESSION_WORDS } from './session-table.ts';

const PREVIOUS_WORD = 2;
const NEXT_WORD = 3;
const NONE = -1;

export class LoginLine {
  readonly #rows: Int32Array;
  #head = NONE;
  #tail = NONE;

  /** @param rows the rows of the session table. */
  constructor(rows: Int32Array) {
    this.#rows = rows;
  }

  /** The connection that has waited longest, or -1. */
  get oldest(): number {
    return this.#head;
  }

  push(slot: number): void {
    const base = slot * SESSION_WORDS;
    this.#rows[base + PREVIOUS_WORD] = this.#tail;
    this.#rows[base + NEXT_WORD] = NONE;
    if (this.#tail === NONE) this.#head = slot;
    else this.#rows[this.#tail * SESSION_WORDS + NEXT_WORD] = slot;
    this.#tail = slot;
  }

  remove(slot: number): void {
    const base = slot * SESSION_WORDS;
    const previous = this.#rows[base + PREVIOUS_WORD] as number; // slots are inside the table
    const next = this.#rows[base + NEXT_WORD] as number;
    if (previous === NONE) this.#head = next;
    else this.#rows[previous * SESSION_WORDS + NEXT_WORD] = next;
    if (next === NONE) this.#tail = previous;
    else this.#rows[next * SESSION_WORDS + PREVIOUS_WORD] = previous;
    this.#rows[base + PREVIOUS_WORD] = 0;
    this.#rows[base + NEXT_WORD] = 0;
  }
}
