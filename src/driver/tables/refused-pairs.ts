/**
 * How many messages of a phone to one of its contacts were refused in a row. Where more than 127 were, the byte that a
 * recipient keeps of the pair (PairTurns) cannot tell the next message from an earlier one, so the sender says in the
 * payload that it follows so many.
 *
 * An open-addressing table of the pairs that had a refusal, which are few unless the switch is overloaded. Pairs for
 * which it has no room may have had any number.
 */

import type { LedgerEntry } from '../../base/ledger-entry.ts';
import { mix32 } from '../../base/pseudo-random.ts';

/** Pairs that the table has room for: a power of two, of which a quarter stays free so that searches are short. */
const PLACES = 2 ** 14;
const PAIRS_MAX = PLACES * 0.75;
/** What a count stays at. */
const REFUSALS_MAX = 255;
/**
 * Refusals after which a message says so. Those that a sender does not know of yet are of messages without an answer,
 * of which a phone has at most 16: well below the difference from 127.
 */
export const MANY_REFUSALS = 100;

export class RefusedPairs {
  /** Row and contact of each pair, in one number above 0; 0 where there is none. */
  readonly #pairs = new Int32Array(PLACES);
  readonly #refusals = new Uint8Array(PLACES);
  readonly #contacts: number;
  #length = 0;

  /** @param contacts of each phone. */
  constructor(contacts: number) {
    this.#contacts = contacts;
  }

  ledger(): LedgerEntry {
    const bytes = this.#pairs.byteLength + this.#refusals.byteLength;
    return { owner: 'driver', name: 'refusals of pairs', bytes, rowBytes: 0, rowsUsed: 0 };
  }

  /** Whether no message was refused yet. */
  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** A message of the phone in `row` to this contact was refused. */
  refused(row: number, contact: number): void {
    const place = this.#find(row, contact);
    if (this.#pairs[place] === 0) {
      if (this.#length === PAIRS_MAX) return;
      this.#pairs[place] = this.#pairOf(row, contact);
      this.#length++;
    }
    this.#refusals[place] = Math.min(REFUSALS_MAX, (this.#refusals[place] as number) + 1); // inside the table, as all places
  }

  /** One was accepted. */
  accepted(row: number, contact: number): void {
    this.#refusals[this.#find(row, contact)] = 0;
  }

  /**
   * Whether many messages before this one may have been refused in a row.
   * @param turn of the message among those of its pair, from 1.
   */
  areMany(row: number, contact: number, turn: number): boolean {
    if (turn <= MANY_REFUSALS) return false;
    const place = this.#find(row, contact);
    if (this.#pairs[place] === 0) return this.#length === PAIRS_MAX;
    return (this.#refusals[place] as number) >= MANY_REFUSALS;
  }

  /** The place of a pair, or the free one where it would be. */
  #find(row: number, contact: number): number {
    const pair = this.#pairOf(row, contact);
    let place = mix32(pair) & (PLACES - 1);
    while (this.#pairs[place] !== 0 && this.#pairs[place] !== pair) place = (place + 1) & (PLACES - 1);
    return place;
  }

  #pairOf(row: number, contact: number): number {
    return row * this.#contacts + contact + 1;
  }
}
