/**
 * The rows of a thread's connections, one for each place of a socket: the connection's state, the reason for its end,
 * whether its event is to be repeated, and the generation, which counts the uses of the place.
 *
 *     row, 32 bits    state 0..2 · reason 3..7 · again 8 · generation 9..31
 *
 *     FREE ─▶ CONNECTING ─▶ OPEN ─▶ CLOSING (said so, waits for the peer's end) ─▶ CLOSED ─▶ DEAD ─▶ FREE
 *                             ├───▶ FAILING (ended by this side, waits for its event) ─▶ ┘      ▲
 *                             └───▶ VANISHED (silent for good, waits for the peer's end) ───────┘
 *
 * A socket is closed only between two batches of events, because a batch may still contain an event of it; until then
 * its row is DEAD. With fewer bits, a generation could return while a note about an earlier use of the place is still
 * kept: at 10,000 connections per second, the lowest places are used thousands of times within one time-out.
 */
import { assert } from '../../../base/assert.ts';
import type { HeldSockets } from '../sockets/held-sockets.ts';
import { PlaceList } from '../sockets/place-list.ts';

export const ConnectionState = {
  FREE: 0,
  CONNECTING: 1,
  OPEN: 2,
  /** This end has closed its direction and waits for the peer to do the same. */
  CLOSING: 3,
  /** This end broke it off; the kernel's event about that has not arrived yet. */
  FAILING: 4,
  /** The owner was told of the end and has not released the number yet. */
  CLOSED: 5,
  /** The phone neither sends nor answers any more. */
  VANISHED: 6,
  /** Released; the socket is closed before the next batch. */
  DEAD: 7,
} as const;

const STATE_MASK = 7;
const REASON_SHIFT = 3;
const REASON_MASK = 31;
const AGAIN = 1 << 8;
const GENERATION_SHIFT = 9;
const GENERATION_MASK = 2 ** 23 - 1;

/** Most sockets that are closed between two reports of progress. */
const CLOSES_MAX = 4096;

export class ConnectionRows {
  /** Bytes of a row. */
  static readonly BYTES = 4;
  /** Connections in use, including those that have ended and are not released. */
  used = 0;
  readonly #rows: Uint32Array;
  readonly #dead = new PlaceList();

  /** @param rows one more than the highest place. */
  constructor(rows: number) {
    this.#rows = new Uint32Array(rows);
  }

  /** Bytes in addition to the rows. */
  get listBytes(): number {
    return this.#dead.bytes;
  }

  state(place: number): number {
    return (this.#rows[place] as number) & STATE_MASK; // places are inside the table, here and below
  }

  setState(place: number, state: number): void {
    this.#rows[place] = ((this.#rows[place] as number) & ~STATE_MASK) | state;
  }

  reason(place: number): number {
    return ((this.#rows[place] as number) >>> REASON_SHIFT) & REASON_MASK;
  }

  setReason(place: number, reason: number): void {
    const rest = (this.#rows[place] as number) & ~(REASON_MASK << REASON_SHIFT);
    this.#rows[place] = rest | (reason << REASON_SHIFT);
  }

  /** The generation of a place; a different one means that the place has been reused. */
  generation(place: number): number {
    return (this.#rows[place] as number) >>> GENERATION_SHIFT;
  }

  /** Whether a place still has this generation and is in a certain state. */
  isStill(place: number, generation: number, state: number): boolean {
    return this.generation(place) === generation && this.state(place) === state;
  }

  /** Notes that a connection's event is to be repeated. @returns false if that was noted already. */
  markAgain(place: number): boolean {
    const row = this.#rows[place] as number;
    if ((row & AGAIN) !== 0) return false;
    this.#rows[place] = row | AGAIN;
    return true;
  }

  /** Whether a repeated event still belongs to the connection. It can then be repeated again. */
  takeAgain(place: number, generation: number): boolean {
    if (this.generation(place) !== generation || this.state(place) === ConnectionState.FREE) return false;
    this.#rows[place] = (this.#rows[place] as number) & ~AGAIN;
    return true;
  }

  /** Begins the use of a row by a new socket. */
  take(place: number, state: number): void {
    assert(this.state(place) === ConnectionState.FREE, 'a new socket has a free row');
    const generation = (this.generation(place) + 1) & GENERATION_MASK;
    this.#rows[place] = (generation << GENERATION_SHIFT) | state;
    this.used++;
  }

  /** Releases a row; its socket is closed before the next batch of events is fetched. */
  give(place: number): void {
    const state = this.state(place);
    assert(state !== ConnectionState.FREE && state !== ConnectionState.DEAD, 'a row is given back once');
    this.setState(place, ConnectionState.DEAD);
    this.#dead.push(place);
    this.used--;
  }

  /** Closes the sockets of all released rows. */
  closeDead(sockets: HeldSockets): void {
    if (this.#dead.count === 0) return;
    for (let n = 0; n < this.#dead.count; n++) {
      const place = this.#dead.at(n);
      this.setState(place, ConnectionState.FREE);
      sockets.close(place);
    }
    sockets.settle();
    this.#dead.clear();
  }

  /**
   * Closes the socket of every row that is or was in use.
   * @param onProgress called at intervals, as millions take a while.
   */
  closeAll(sockets: HeldSockets, onProgress: () => void): void {
    for (let place = 0; place < this.#rows.length; place++) {
      const state = this.state(place);
      if (state !== ConnectionState.FREE && state !== ConnectionState.DEAD) this.give(place);
      if (this.#dead.count < CLOSES_MAX) continue;
      this.closeDead(sockets);
      onProgress();
    }
    this.closeDead(sockets);
  }
}
