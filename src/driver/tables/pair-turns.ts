/**
 * The order of messages where every phone has the same few contacts and each pair of phones has one writer (Contacts):
 * a byte for each of up to four phones that write to a phone, with the turn of the last message, modulo 256.
 *
 * A word per phone covers every pair, and a delivery touches one line of a small column. The table of recent pairs,
 * which any other graph needs, costs a cache miss per delivery: the driver spent a fifth of its time per message there
 * (measured).
 */
import type { LedgerEntry } from '../../base/ledger-entry.ts';
import { PLAIN_MEMORY, type TableMemory } from '../../base/table-memory.ts';

/** Bytes of a phone. */
export const PAIR_TURNS_BYTES = 4;

export class PairTurns {
  readonly #words: Int32Array;

  constructor(rows: number, memory: TableMemory = PLAIN_MEMORY) {
    this.#words = memory.words(rows);
  }

  ledger(rowsUsed: number): LedgerEntry {
    return {
      owner: 'driver',
      name: 'turns of pairs',
      bytes: this.#words.byteLength,
      rowBytes: PAIR_TURNS_BYTES,
      rowsUsed,
    };
  }

  /**
   * Compares a message with the last one of its pair, and notes it if it is newer.
   * @param contact the contact that the recipient is to the sender, from 0 to 3.
   * @param turn of the message among those of its pair, from 1.
   * @param isAfterRefusals whether many before it were refused (RefusedPairs): it is ahead then, by up to 256.
   * @returns how many turns it is ahead of the last one: 1 for the next, 0 for the same again, below 0 for an earlier
   *   one.
   */
  advance(row: number, contact: number, turn: number, isAfterRefusals: boolean): number {
    const shift = contact * 8;
    const word = this.#words[row] as number; // rows are inside the table
    let ahead = ((turn - (word >>> shift)) << 24) >> 24;
    if (ahead <= 0 && isAfterRefusals) ahead += 256;
    if (ahead > 0) this.#words[row] = (word & ~(0xff << shift)) | ((turn & 0xff) << shift);
    return ahead;
  }
}
