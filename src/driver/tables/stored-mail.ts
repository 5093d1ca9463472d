/**
 * Tells which delivered messages waited in the recipient's mailbox when it logged in: their latency is reported
 * separately.
 *
 * The answer to a login says how many entries wait, receipts among them. A mailbox is delivered in order, so the first
 * entries that arrive are the ones that waited, and each reduces the count. Sequence numbers are of no use for this,
 * because receipts that were already written leave gaps.
 *
 * The table is bounded: buckets of eight phones, by hash. A phone is removed with its last waiting message. If a bucket
 * is full, the phone that logged in first is dropped and counted; the messages that still wait for it are then reported
 * as direct deliveries. The columns are filled at the start, so that the kernel provides their memory then, as with the
 * messages in flight.
 */

import { assert } from '../../base/assert.ts';
import type { LedgerEntry } from '../../base/ledger-entry.ts';
import { mix32 } from '../../base/pseudo-random.ts';
import { serialDistance } from '../../base/serial-distance.ts';
import { NO_SEQUENCE, WAITING_UNKNOWN } from '../../wire/phone-protocol.ts';
import { elapsedMicros } from '../terms/elapsed-micros.ts';

/** Phones of a bucket. */
const WAYS = 8;
const NONE = -1;
/** An unknown number waits: then only the due times tell which messages did. */
const ALL_AHEAD = 2 ** 30;
const COLUMNS = 6;

/** Bounds of a lane's table, which has places for a quarter of its phones. */
const PLACES_MAX = 2 ** 16;
const PLACES_MIN = 2 ** 8;

/** The number of places for a lane with this many phones. */
export function storedMailPlaces(rows: number): number {
  return Math.min(PLACES_MAX, Math.max(PLACES_MIN, 2 ** Math.ceil(Math.log2(Math.max(1, rows / 4)))));
}

/** Bytes of a table with this many places. */
export function storedMailBytes(places: number): number {
  return places * COLUMNS * Int32Array.BYTES_PER_ELEMENT;
}

export class StoredMail {
  readonly #bucketMask: number;
  /** Row + 1 of the phone, 0 for a free place. In a column of its own, so that a lookup reads one cache line. */
  readonly #rows: Int32Array;
  /** Entries that waited and have not arrived. */
  readonly #waiting: Int32Array;
  /** Sequence number of the newest message since the login. */
  readonly #last: Int32Array;
  /** The number of the phone's newest message when it logged in. */
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
   * @param waiting entries in its mailbox, or WAITING_UNKNOWN.
   * @param lastId the number of the phone's newest message.
   * @returns false if another phone was dropped.
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
   * A receipt has arrived for a message that was sent once. If the message was sent before this login, the receipt
   * waited in the mailbox, because a receipt is sent directly only on the connection of its message.
   */
  receipt(row: number, id: number): void {
    const place = this.#find(row);
    if (place === NONE || serialDistance(id, this.#ids[place] as number) > 0) return; // a place is inside, here and below
    this.#takeOff(place);
  }

  /** A message has arrived that the phone has seen before; it may be one that waited. */
  again(row: number, sequence: number): void {
    const place = this.#find(row);
    if (place !== NONE) this.#comes(place, sequence);
  }

  /** Whether a message waited when its recipient logged in. Its due time is in two words (see elapsed-micros). */
  waited(row: number, sequence: number, dueWord: number, dueHigh: number): boolean {
    const place = this.#find(row);
    if (place === NONE) return false;
    const answeredWord = this.#answeredWords[place] as number;
    const answeredHigh = this.#answeredHighs[place] as number;
    this.#comes(place, sequence);
    // The count may be too high, since some receipts are not recognised; so the due time must agree.
    return elapsedMicros(dueWord, dueHigh, answeredWord, answeredHigh) >= 0;
  }

  #comes(place: number, sequence: number): void {
    const last = this.#last[place] as number;
    // One that arrives again on the same connection was counted.
    if (last !== NO_SEQUENCE && serialDistance(sequence, last) <= 0) return;
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

  /** A free place in the row's bucket, or the place of the phone in it that logged in first. */
  #place(row: number, nowWord: number, nowHigh: number): number {
    const first = (mix32(row) & this.#bucketMask) * WAYS;
    let oldest = first;
    let oldestAgeMicros = -1;
    for (let place = first; place < first + WAYS; place++) {
      if (this.#rows[place] === 0) return place;
      const ageMicros = elapsedMicros(
        this.#answeredWords[place] as number,
        this.#answeredHighs[place] as number,
        nowWord,
        nowHigh,
      );
      if (ageMicros > oldestAgeMicros) {
        oldest = place;
        oldestAgeMicros = ageMicros;
      }
    }
    return oldest;
  }

  #free(place: number): void {
    this.#rows[place] = 0;
    this.#used--;
  }
}
