/**
 * Which messages waited for their recipient: those that were in its mailbox when it logged in.
 *
 * LOGIN_RESULT says how many entries wait, receipts among them. Entries of a mailbox come in their order, so those
 * that waited are the first so many to come: each takes itself off. Their sequence numbers say nothing, since there are gaps where
 * receipts were written before; but a message that comes again on this connection is known by its own, and moves nothing.
 *
 * The table is bounded, eight phones for each bucket of a hash. A phone leaves it with the last message
 * that waited. Where a bucket is full, the phone that logged in first gives way, and is counted: what
 * still waits for it then passes for delivered at once. Filling the columns makes the kernel give all of
 * their memory at once, as with messages in flight.
 */

import { assert } from '../base/assert.ts';
import type { LedgerEntry } from '../base/ledger.ts';
import { mix32 } from '../base/mix.ts';
import { serialDistance } from '../base/serial-numbers.ts';
import { NO_SEQUENCE, WAITING_UNKNOWN } from '../wire/phone-protocol.ts';
import { elapsedMicros } from './elapsed-micros.ts';

const WAYS = 8;
const NONE = -1;
/** An unknown number waits: then only the due times tell which messages did. */
const ALL_AHEAD = 2 ** 30;
const COLUMNS = 6;

/** Places of a lane: enough for a quarter of its phones at once, at most so many. */
const PLACES_MOST = 2 ** 16;
const PLACES_LEAST = 2 ** 8;

/** Places that a lane with so many phones gets. */
export function storedMailPlaces(rows: number): number {
  return Math.min(PLACES_MOST, Math.max(PLACES_LEAST, 2 ** Math.ceil(Math.log2(Math.max(1, rows / 4)))));
}

/** Memory of a table of so many places. */
export function storedMailBytes(places: number): number {
  return places * COLUMNS * Int32Array.BYTES_PER_ELEMENT;
}

export class StoredMail {
  readonly #bucketMask: number;
  /** Row + 1 of the phone, 0 for a free place. Apart from the rest: a look touches one cache line. */
  readonly #rows: Int32Array;
  /** Entries that waited, less those that have come. */
  readonly #waiting: Int32Array;
  /** Sequence number of the newest message that has come since the login. */
  readonly #last: Int32Array;
  /** The newest id of the phone when it logged in. */
  readonly #ids: Int32Array;
  /** When the login was answered. */
  readonly #answeredWords: Int32Array;
  readonly #answeredHighs: Int32Array;
  #used = 0;

  /** @param places a power of two. */
  constructor(places: number) {
    assert((places & (places - 1)) === 0 && places >= WAYS, 'places are a power of two');
    const column = (): Int32Array => new Int32Array(places).fill(0);
    this.#bucketMask = places / WAYS - 1;
    this.#rows = column();
    this.#waiting = column();
    this.#last = column();
    this.#ids = column();
    this.#answeredWords = column();
    this.#answeredHighs = column();
  }

  ledger(): LedgerEntry[] {
    const bytes = storedMailBytes(this.#rows.length);
    return [{ owner: 'driver', name: 'mail that waits', bytes, rowBytes: 0, rowsUsed: 0 }];
  }

  /**
   * A phone has logged in.
   * @param waiting entries in its mailbox, as LOGIN_RESULT says.
   * @param lastId the newest id that the phone has used.
   * @returns false if another phone had to give way.
   */
  loggedIn(row: number, waiting: number, lastId: number, nowWord: number, nowHigh: number): boolean {
    const before = this.#find(row);
    if (waiting === 0) {
      if (before !== NONE) this.#free(before);
      return true;
    }
    const place = before === NONE ? this.#place(row, nowWord, nowHigh) : before;
    const isFree = this.#rows[place] === 0;
    if (isFree) this.#used++;
    this.#rows[place] = row + 1;
    this.#waiting[place] = waiting === WAITING_UNKNOWN ? ALL_AHEAD : waiting;
    this.#last[place] = NO_SEQUENCE;
    this.#ids[place] = lastId;
    this.#answeredWords[place] = nowWord;
    this.#answeredHighs[place] = nowHigh;
    return isFree || before !== NONE;
  }

  /**
   * A receipt has come of a message that was sent once. One that was sent before this login came through
   * the mailbox: straight ways end with the connection.
   */
  receipt(row: number, id: number): void {
    const place = this.#find(row);
    if (place === NONE || serialDistance(id, this.#ids[place] as number) > 0) return; // a place is inside, here and below
    this.#takeOff(place);
  }

  /** A message arrives that has arrived before: it may be one of those that waited. */
  again(row: number, sequence: number): void {
    const place = this.#find(row);
    if (place !== NONE) this.#comes(place, sequence);
  }

  /** Whether a message that arrives, due at a moment of two words, waited when its recipient logged in. */
  waited(row: number, sequence: number, dueWord: number, dueHigh: number): boolean {
    const place = this.#find(row);
    if (place === NONE) return false;
    const answeredWord = this.#answeredWords[place] as number;
    const answeredHigh = this.#answeredHighs[place] as number;
    this.#comes(place, sequence);
    // A receipt may have gone unrecognised: more then seems to wait than does.
    return elapsedMicros(dueWord, dueHigh, answeredWord, answeredHigh) >= 0;
  }

  #comes(place: number, sequence: number): void {
    const last = this.#last[place] as number;
    if (last !== NO_SEQUENCE && serialDistance(sequence, last) <= 0) return; // it comes again
    this.#last[place] = sequence;
    this.#takeOff(place);
  }

  #takeOff(place: number): void {
    const left = (this.#waiting[place] as number) - 1;
    this.#waiting[place] = left;
    if (left === 0) this.#free(place);
  }

  #find(row: number): number {
    if (this.#used === 0) return NONE;
    const first = (mix32(row) & this.#bucketMask) * WAYS;
    for (let place = first; place < first + WAYS; place++) if (this.#rows[place] === row + 1) return place;
    return NONE;
  }

  /** A free place in the row's bucket, or that of the phone that logged in first. */
  #place(row: number, nowWord: number, nowHigh: number): number {
    const first = (mix32(row) & this.#bucketMask) * WAYS;
    let oldest = first;
    let oldestAge = -1;
    for (let place = first; place < first + WAYS; place++) {
      if (this.#rows[place] === 0) return place;
      const age = elapsedMicros(
        this.#answeredWords[place] as number,
        this.#answeredHighs[place] as number,
        nowWord,
        nowHigh,
      );
      if (age > oldestAge) {
        oldest = place;
        oldestAge = age;
      }
    }
    return oldest;
  }

  #free(place: number): void {
    this.#rows[place] = 0;
    this.#used--;
  }
}
