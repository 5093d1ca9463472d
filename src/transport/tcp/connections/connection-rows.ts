/**
 * The rows of a thread's connections, one for each place of a socket: where a connection stands,
 * why it ends, whether its event was asked for again, and which use of the place this is.
 *
 *     row, 32 bits    state 0..2 · reason 3..7 · again 8 · generation 9..31
 *
 *     FREE ─▶ CONNECTING ─▶ OPEN ─▶ CLOSING (said so, waits for the peer's end) ─▶ CLOSED ─▶ DEAD ─▶ FREE
 *                             ├───▶ FAILING (ended by this side, waits for its event) ─▶ ┘      ▲
 *                             └───▶ VANISHED (silent for good, waits for the peer's end) ───────┘
 *
 * A socket is closed only between two batches of events, because a batch may still speak of it:
 * until then its row is DEAD. A generation of fewer bits would come round while something that was
 * noted about an earlier use of the place still waits: at 10,000 connections a second the
 * lowest places are used thousands of times within one time-out.
 */
import { assert } from '../../../base/assert.ts';
import type { HeldSockets } from '../sockets/held-sockets.ts';
import { PlaceList } from '../sockets/place-list.ts';

export const ConnectionState = {
  FREE: 0,
  CONNECTING: 1,
  OPEN: 2,
  /** This end has said its last word and waits for the peer's. */
  CLOSING: 3,
  /** This end broke it off; the kernel's event about that is on its way. */
  FAILING: 4,
  /** The owner knows of the end, and has not released the number yet. */
  CLOSED: 5,
  /** The phone's end is silent for good. */
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

/** Sockets that are closed between two signs of progress. */
const CLOSES_AT_ONCE = 4096;

export class ConnectionRows {
  /** Bytes of a row. */
  static readonly BYTES = 4;
  /** Connections in use, ended ones that were not released included. */
  used = 0;
  readonly #rows: Uint32Array;
  readonly #dead = new PlaceList();

  /** @param rows one more than the highest place. */
  constructor(rows: number) {
    this.#rows = new Uint32Array(rows);
  }

  /** Bytes beside the rows. */
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

  /** Tells uses of one place apart, to those that looked at it before. */
  generation(place: number): number {
    return (this.#rows[place] as number) >>> GENERATION_SHIFT;
  }

  /** Whether a place is still in the use that had this generation, and in a state. */
  isStill(place: number, generation: number, state: number): boolean {
    return this.generation(place) === generation && this.state(place) === state;
  }

  /** Notes that a connection's event was asked for again. @returns false where that was so already. */
  markAgain(place: number): boolean {
    const row = this.#rows[place] as number;
    if ((row & AGAIN) !== 0) return false;
    this.#rows[place] = row | AGAIN;
    return true;
  }

  /** Whether an event that was asked for again is still the connection's; it can be asked for once more. */
  takeAgain(place: number, generation: number): boolean {
    if (this.generation(place) !== generation || this.state(place) === ConnectionState.FREE) return false;
    this.#rows[place] = (this.#rows[place] as number) & ~AGAIN;
    return true;
  }

  /** A new socket takes its row. */
  take(place: number, state: number): void {
    assert(this.state(place) === ConnectionState.FREE, 'a new socket has a free row');
    const generation = (this.generation(place) + 1) & GENERATION_MASK;
    this.#rows[place] = (generation << GENERATION_SHIFT) | state;
    this.used++;
  }

  /** Gives a row back; its socket is closed before the next batch of events. */
  give(place: number): void {
    const state = this.state(place);
    assert(state !== ConnectionState.FREE && state !== ConnectionState.DEAD, 'a row is given back once');
    this.setState(place, ConnectionState.DEAD);
    this.#dead.push(place);
    this.used--;
  }

  /** Closes the sockets of all rows that were given back. */
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

  /** Closes every socket that has a row in use, or had one. @param onProgress called now and then: millions take a while. */
  closeAll(sockets: HeldSockets, onProgress: () => void): void {
    for (let place = 0; place < this.#rows.length; place++) {
      const state = this.state(place);
      if (state !== ConnectionState.FREE && state !== ConnectionState.DEAD) this.give(place);
      if (this.#dead.count < CLOSES_AT_ONCE) continue;
      this.closeDead(sockets);
      onProgress();
    }
    this.closeDead(sockets);
  }
}
