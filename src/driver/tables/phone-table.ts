/**
 * The phones of a lane, three or four words each.
 *
 *     word 0   connection + 1, 0 for none
 *     word 1   number of its last message  0..29 · state, low bits  30..31
 *     word 2   last sequence number seen  0..29 · state, high bit  30 · owes an answer  31
 *     word 3   link of SessionEnds; only where phones have platforms
 *
 * The words of a phone are adjacent: an event touches most of them and causes one cache miss. A new row is all zeros.
 * Everything else about a phone (its account, its contacts, when it sends) follows from its row and the seed.
 */

import type { LedgerEntry } from '../../base/ledger-entry.ts';
import { SERIAL_MASK } from '../../base/serial-distance.ts';
import { PLAIN_MEMORY, type TableMemory, type WordColumn } from '../../base/table-memory.ts';

const WORDS = 3;
/** Bytes of a phone. */
export const PHONE_BYTES = WORDS * 4;
const STATE_LOW_SHIFT = 30;
const STATE_HIGH_BIT = 1 << 30;
const OWES_BIT = 1 << 31;

/** The phone has no connection. */
export const NO_CONNECTION = -1;

export const PhoneState = {
  /** Its first login is not due yet. */
  IDLE: 0,
  CONNECTING: 1,
  LOGGING_IN: 2,
  ONLINE: 3,
  /** Not connected; will connect again. */
  AWAY: 4,
  /** Must close its connection and found no room in the transport. */
  LEAVING: 5,
  /** Will not connect again. */
  GIVEN_UP: 6,
  /** As LEAVING, and will not connect again. */
  LEAVING_FOR_GOOD: 7,
} as const;

/** Whether a phone in this state waits for room to close its connection. */
export function isLeaving(state: number): boolean {
  return state === PhoneState.LEAVING || state === PhoneState.LEAVING_FOR_GOOD;
}

export class PhoneTable {
  readonly rows: number;
  /** A word of each row for {@link SessionEnds}; undefined if there is none. */
  readonly sessionEnds: WordColumn | undefined;
  readonly #words: Int32Array;
  readonly #stride: number;
  #prefetched = 0;

  /** @param hasSessionEnds whether rows have a word for {@link SessionEnds}. */
  constructor(rows: number, memory: TableMemory = PLAIN_MEMORY, hasSessionEnds = false) {
    this.rows = rows;
    this.#stride = hasSessionEnds ? WORDS + 1 : WORDS;
    this.#words = memory.words(rows * this.#stride);
    if (hasSessionEnds) this.sessionEnds = { words: this.#words, stride: this.#stride, at: WORDS };
  }

  /** Without the words for session ends, which are counted with these. */
  ledger(rowsUsed: number): LedgerEntry[] {
    return [{ owner: 'driver', name: 'phones', bytes: this.rows * PHONE_BYTES, rowBytes: PHONE_BYTES, rowsUsed }];
  }

  /**
   * Reads the first rows of a list, which are needed soon. Nothing is done between the reads, so that they wait for
   * memory together: with the work per record in between, a row was waited for before the next one was asked for.
   */
  prefetchAll(list: Int32Array, count: number): void {
    const words = this.#words;
    const stride = this.#stride;
    let sum = 0;
    for (let n = 0; n < count; n++) sum ^= words[(list[n] as number) * stride] as number; // count is within the list
    this.#prefetched ^= sum;
  }

  connection(row: number): number {
    return (this.#words[row * this.#stride] as number) - 1; // rows are inside the table, here and below
  }

  setConnection(row: number, connection: number): void {
    this.#words[row * this.#stride] = connection + 1;
  }

  state(row: number): number {
    const low = (this.#words[row * this.#stride + 1] as number) >>> STATE_LOW_SHIFT;
    return ((this.#words[row * this.#stride + 2] as number) & STATE_HIGH_BIT) === 0 ? low : low + 4;
  }

  setState(row: number, state: number): void {
    const low = row * this.#stride + 1;
    const high = low + 1;
    this.#words[low] = ((this.#words[low] as number) & SERIAL_MASK) | (state << STATE_LOW_SHIFT);
    const rest = (this.#words[high] as number) & ~STATE_HIGH_BIT;
    this.#words[high] = state >= 4 ? rest | STATE_HIGH_BIT : rest;
  }

  lastNumber(row: number): number {
    return (this.#words[row * this.#stride + 1] as number) & SERIAL_MASK;
  }

  setLastNumber(row: number, number: number): void {
    const word = row * this.#stride + 1;
    this.#words[word] = ((this.#words[word] as number) & ~SERIAL_MASK) | number;
  }

  lastSequence(row: number): number {
    return (this.#words[row * this.#stride + 2] as number) & SERIAL_MASK;
  }

  setLastSequence(row: number, sequence: number): void {
    const word = row * this.#stride + 2;
    this.#words[word] = ((this.#words[word] as number) & ~SERIAL_MASK) | sequence;
  }

  owesAnswer(row: number): boolean {
    return (this.#words[row * this.#stride + 2] as number) < 0;
  }

  setOwesAnswer(row: number, owes: boolean): void {
    const word = row * this.#stride + 2;
    const value = this.#words[word] as number;
    this.#words[word] = owes ? value | OWES_BIT : value & ~OWES_BIT;
  }
}
