/**
 * The due times of a lane's unanswered messages, by phone and id. A login is entered under id 0.
 *
 *     word 0   row + 1, 0 for a free place
 *     word 1   id 0..29 · awaits acknowledgement 30 · awaits receipt 31
 *     word 2   when it was due, microseconds modulo 2^32
 *     word 3   attempts 0..11 · copies on this connection 12..15 · how often 2^32 microseconds had passed when it was due 16..31
 *     word 4   when the present attempt of a login began, or a message was sent again last, microseconds modulo 2^32
 *     word 5   of a login, its series of delays: see LoginBackoff
 *
 * A login that is retried keeps the due time of its first attempt.
 *
 * An entry is in one of the eight places from its hash on, so a lookup reads at most four cache lines. The table is
 * bounded: if all eight places await an acknowledgement, a new entry is refused, and the message stays due. An entry
 * that awaits only a receipt (its recipient may be offline for long) may give way to another; its receipt is then counted
 * but not timed. How many gave way is known, and no more receipts than that can be of them: any other that finds no entry
 * has come before. The table is filled with zeros at the start, so that its memory is part of the base of a run's memory and
 * not of the slope over phones.
 *
 * Messages that await an acknowledgement are also counted by phone, several phones to a count. Few phones have one at any
 * time, so most logins learn from a single word that nothing has to be sent again, instead of a lookup for each message
 * of the phone's window.
 */

import { assert } from '../../base/assert.ts';
import type { LedgerEntry } from '../../base/ledger-entry.ts';
import { mixPair } from '../../base/pseudo-random.ts';
import { SERIAL_MASK } from '../../base/serial-distance.ts';
import { PLAIN_MEMORY, type TableMemory } from '../../base/table-memory.ts';
import { elapsedMicros } from '../terms/elapsed-micros.ts';

const WORDS = 6;
/** Places for each count of unanswered messages. */
const PLACES_PER_COUNT = 4;
/** Bytes of a place, with its part of a count. */
export const IN_FLIGHT_PLACE_BYTES = WORDS * 4 + 4 / PLACES_PER_COUNT;
/** Places that an entry may be in. */
const PROBES = 8;
const ACKNOWLEDGEMENT_BIT = 1 << 30;
const RECEIPT_BIT = 1 << 31;
const ATTEMPTS_MASK = 0xfff;
const COPIES_SHIFT = 12;
const COPIES_MASK = 0xf;
const HIGH_SHIFT = 16;
/** The golden ratio times 2^32: multiplied by it, rows in sequence are spread over the counts (Knuth, TAOCP 3, 6.4). */
const SPREAD = 0x9e3779b1;
/** Returned if nothing was found or no place is free. */
export const IN_FLIGHT_NONE = -1;
/** The id under which a login is entered. */
export const LOGIN_ID = 0;

export class InFlightTable {
  /** Messages that await an acknowledgement; logins are not counted. */
  unanswered = 0;
  /** Logins in progress. */
  logins = 0;
  /** Entries that gave way to others, less the receipts that came for them since. */
  #gaveWay = 0;
  readonly #words: Int32Array;
  readonly #mask: number;
  /** Unanswered messages of the phones that share a count. */
  readonly #unansweredOf: Int32Array;
  readonly #countShift: number;
  #sweepAt = 0;
  #sweepLeft = 0;
  #prefetched = 0;

  /** @param places a power of two. */
  constructor(places: number, memory: TableMemory = PLAIN_MEMORY) {
    assert((places & (places - 1)) === 0 && places >= PROBES, 'places are a power of two');
    this.#words = memory.words(places * WORDS).fill(0);
    this.#mask = places - 1;
    const counts = places / PLACES_PER_COUNT;
    this.#unansweredOf = memory.words(counts).fill(0);
    this.#countShift = Math.clz32(counts - 1);
  }

  get places(): number {
    return this.#mask + 1;
  }

  ledger(): LedgerEntry[] {
    return [
      {
        owner: 'driver',
        name: 'messages in flight',
        bytes: this.places * IN_FLIGHT_PLACE_BYTES,
        rowBytes: 0,
        rowsUsed: 0,
      },
    ];
  }

  /**
   * Whether another login may be entered: logins take at most half of the places, so that messages find one, and a
   * login finds one among its eight.
   */
  get hasLoginRoom(): boolean {
    return 2 * this.logins < this.places;
  }

  /** The first word that is read when an entry is looked for or added: see {@link prefetchAll}. */
  firstWord(row: number, id: number): number {
    return (mixPair(row, id) & this.#mask) * WORDS;
  }

  /** Reads the first of a list of words of {@link firstWord}, which are needed soon, as PhoneTable does. */
  prefetchAll(list: Int32Array, count: number): void {
    const words = this.#words;
    let sum = 0;
    for (let n = 0; n < count; n++) sum ^= words[list[n] as number] as number; // count is within the list
    this.#prefetched ^= sum;
  }

  /** Reads what {@link mayAwait} needs of the rows of a list, and the counts of messages that they send. */
  prefetchCounts(rows: Int32Array, count: number): void {
    const counts = this.#unansweredOf;
    const shift = this.#countShift;
    let sum = 0;
    for (let n = 0; n < count; n++) sum ^= counts[Math.imul(rows[n] as number, SPREAD) >>> shift] as number; // as countOf
    this.#prefetched ^= sum;
  }

  /** Adds an entry with a due time in two words (see elapsed-micros). @returns its place, or {@link IN_FLIGHT_NONE}. */
  enter(row: number, id: number, dueWord: number, dueHigh: number, attempts: number): number {
    const hash = mixPair(row, id);
    let place = IN_FLIGHT_NONE;
    for (let probe = 0; probe < PROBES; probe++) {
      const candidate = (hash + probe) & this.#mask;
      const word = candidate * WORDS;
      if (this.#words[word] === 0) {
        place = candidate;
        break;
      }
      const waits = (this.#words[word + 1] as number) & ACKNOWLEDGEMENT_BIT; // masked, here and below
      if (place === IN_FLIGHT_NONE && waits === 0) place = candidate;
    }
    if (place === IN_FLIGHT_NONE) return IN_FLIGHT_NONE;
    const word = place * WORDS;
    if (this.#words[word] !== 0) this.#gaveWay++;
    this.#words[word] = row + 1;
    this.#words[word + 1] = id | ACKNOWLEDGEMENT_BIT | RECEIPT_BIT;
    this.#words[word + 2] = dueWord;
    this.#words[word + 3] = (dueHigh << HIGH_SHIFT) | (1 << COPIES_SHIFT) | (attempts & ATTEMPTS_MASK);
    if (id !== LOGIN_ID) this.#addUnanswered(row, 1);
    else this.logins++;
    return place;
  }

  find(row: number, id: number): number {
    const hash = mixPair(row, id);
    for (let probe = 0; probe < PROBES; probe++) {
      const place = (hash + probe) & this.#mask;
      const word = place * WORDS;
      if (this.#words[word] === row + 1 && ((this.#words[word + 1] as number) & SERIAL_MASK) === id) {
        return place;
      }
    }
    return IN_FLIGHT_NONE;
  }

  row(place: number): number {
    return (this.#words[place * WORDS] as number) - 1; // places are inside the table, here and below
  }

  id(place: number): number {
    return (this.#words[place * WORDS + 1] as number) & SERIAL_MASK;
  }

  /** False if no message of this phone awaits an acknowledgement; true if one may, since phones share counts. */
  mayAwait(row: number): boolean {
    return this.#unansweredOf[this.#countOf(row)] !== 0;
  }

  /** Whether the message under this id still awaits its acknowledgement. */
  awaits(row: number, id: number): boolean {
    if (!this.mayAwait(row)) return false;
    const place = this.find(row, id);
    return place !== IN_FLIGHT_NONE && this.awaitsAcknowledgement(place);
  }

  awaitsAcknowledgement(place: number): boolean {
    return ((this.#words[place * WORDS + 1] as number) & ACKNOWLEDGEMENT_BIT) !== 0;
  }

  awaitsReceipt(place: number): boolean {
    return ((this.#words[place * WORDS + 1] as number) & RECEIPT_BIT) !== 0;
  }

  attempts(place: number): number {
    return (this.#words[place * WORDS + 3] as number) & ATTEMPTS_MASK;
  }

  addAttempt(place: number): void {
    if (this.attempts(place) < ATTEMPTS_MASK)
      this.#words[place * WORDS + 3] = (this.#words[place * WORDS + 3] as number) + 1;
  }

  /** Number of copies sent on the current connection, less those that were refused; at most 15. */
  copies(place: number): number {
    return ((this.#words[place * WORDS + 3] as number) >>> COPIES_SHIFT) & COPIES_MASK;
  }

  setCopies(place: number, copies: number): void {
    const others = (this.#words[place * WORDS + 3] as number) & ~(COPIES_MASK << COPIES_SHIFT);
    this.#words[place * WORDS + 3] = others | (Math.min(copies, COPIES_MASK) << COPIES_SHIFT);
  }

  /** Microseconds since the entry was due. */
  ageMicros(place: number, nowWord: number, nowHigh: number): number {
    return elapsedMicros(this.dueWord(place), this.dueHigh(place), nowWord, nowHigh);
  }

  /** When the entry was due, modulo 2^32. */
  dueWord(place: number): number {
    return this.#words[place * WORDS + 2] as number;
  }

  /** Upper part of the due time: how often 2^32 microseconds had passed. */
  dueHigh(place: number): number {
    return (this.#words[place * WORDS + 3] as number) >>> HIGH_SHIFT;
  }

  setBegun(place: number, nowWord: number, seriesMicros: number): void {
    this.#words[place * WORDS + 4] = nowWord;
    this.#words[place * WORDS + 5] = seriesMicros;
  }

  /** The series of delays that a login belongs to: see LoginBackoff. */
  seriesMicros(place: number): number {
    return this.#words[place * WORDS + 5] as number;
  }

  /**
   * Microseconds since the present attempt of a login began, or a message was sent again last, below 2^32 (71 minutes).
   */
  begunAgoMicros(place: number, nowWord: number): number {
    return (nowWord - (this.#words[place * WORDS + 4] as number)) >>> 0;
  }

  /** The message in this place is acknowledged. */
  acknowledged(place: number): void {
    this.#addUnanswered(this.row(place), -1);
    this.#clear(place, ACKNOWLEDGEMENT_BIT);
  }

  received(place: number): void {
    this.#clear(place, RECEIPT_BIT);
  }

  /** A receipt has come for which there is no entry. @returns whether it can be that of an entry that gave way. */
  receivedWithoutEntry(): boolean {
    if (this.#gaveWay === 0) return false;
    this.#gaveWay--;
    return true;
  }

  remove(place: number): void {
    if (this.id(place) === LOGIN_ID) this.logins--;
    else if (this.awaitsAcknowledgement(place)) this.#addUnanswered(this.row(place), -1);
    this.#words[place * WORDS] = 0;
  }

  /** Starts a sweep over the next places, cyclically: see {@link nextAwaiting}. */
  sweep(places: number): void {
    this.#sweepLeft = places;
  }

  /** The next place of the present sweep that awaits an acknowledgement; {@link IN_FLIGHT_NONE} at its end. */
  nextAwaiting(): number {
    while (this.#sweepLeft > 0) {
      this.#sweepLeft--;
      this.#sweepAt = (this.#sweepAt + 1) & this.#mask;
      if (this.#words[this.#sweepAt * WORDS] === 0 || !this.awaitsAcknowledgement(this.#sweepAt)) continue;
      return this.#sweepAt;
    }
    return IN_FLIGHT_NONE;
  }

  #countOf(row: number): number {
    return Math.imul(row, SPREAD) >>> this.#countShift;
  }

  #addUnanswered(row: number, change: number): void {
    this.unanswered += change;
    const at = this.#countOf(row);
    this.#unansweredOf[at] = (this.#unansweredOf[at] as number) + change; // the shift leaves as many values as counts
  }

  #clear(place: number, bit: number): void {
    const word = place * WORDS + 1;
    const left = (this.#words[word] as number) & ~bit;
    this.#words[word] = left;
    if ((left & (ACKNOWLEDGEMENT_BIT | RECEIPT_BIT)) === 0) this.#words[place * WORDS] = 0;
  }
}
