/**
 * The rows of a thread's connections, one for each descriptor: where a connection stands, why it
 * ends, and which use of the descriptor this is.
 *
 *     row, 32 bits    state 0..2 · reason 3..7 · generation 8..31
 *
 *     FREE ─▶ CONNECTING ─▶ OPEN ─▶ CLOSING (said so, waits for the peer's end) ─▶ CLOSED ─▶ DEAD ─▶ FREE
 *                             ├───▶ FAILING (ended by this side, waits for its event) ─▶ ┘      ▲
 *                             └───▶ VANISHED (silent for good, waits for the peer's end) ───────┘
 *
 * A descriptor is closed only between two batches of events, because a batch may still speak of it:
 * until then its row is DEAD. A generation of fewer bits would come round while something that was
 * noted about an earlier use of the descriptor still waits: at 10,000 connections a second the
 * lowest descriptors are used thousands of times within one time-out.
 */
import { assert } from '../../base/assert.ts';
import type { SystemCalls } from './system-calls.ts';

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
  /** Released; the descriptor is closed before the next batch. */
  DEAD: 7,
} as const;

const STATE_MASK = 7;
const REASON_SHIFT = 3;
const REASON_MASK = 31;
const GENERATION_SHIFT = 8;
const GENERATION_MASK = 2 ** 24 - 1;

export class ConnectionRows {
  /** Bytes of a row. */
  static readonly BYTES = 4;
  /** Connections in use, ended ones that were not released included. */
  used = 0;
  readonly #rows: Uint32Array;
  readonly #dead: Int32Array;
  #deadCount = 0;

  /** @param rows one more than the highest descriptor. */
  constructor(rows: number) {
    this.#rows = new Uint32Array(rows);
    this.#dead = new Int32Array(rows);
  }

  state(descriptor: number): number {
    return (this.#rows[descriptor] as number) & STATE_MASK; // descriptors are inside the table, here and below
  }

  setState(descriptor: number, state: number): void {
    this.#rows[descriptor] = ((this.#rows[descriptor] as number) & ~STATE_MASK) | state;
  }

  reason(descriptor: number): number {
    return ((this.#rows[descriptor] as number) >>> REASON_SHIFT) & REASON_MASK;
  }

  setReason(descriptor: number, reason: number): void {
    const rest = (this.#rows[descriptor] as number) & ~(REASON_MASK << REASON_SHIFT);
    this.#rows[descriptor] = rest | (reason << REASON_SHIFT);
  }

  /** Tells uses of one descriptor apart, to those that looked at it before. */
  generation(descriptor: number): number {
    return (this.#rows[descriptor] as number) >>> GENERATION_SHIFT;
  }

  /** Whether a descriptor is still in the use that had this generation, and in a state. */
  isStill(descriptor: number, generation: number, state: number): boolean {
    return this.generation(descriptor) === generation && this.state(descriptor) === state;
  }

  /** A new socket takes its row. */
  take(descriptor: number, state: number): void {
    assert(this.state(descriptor) === ConnectionState.FREE, 'a new descriptor has a free row');
    const generation = (this.generation(descriptor) + 1) & GENERATION_MASK;
    this.#rows[descriptor] = (generation << GENERATION_SHIFT) | state;
    this.used++;
  }

  /** Gives a row back; its descriptor is closed before the next batch of events. */
  give(descriptor: number): void {
    const state = this.state(descriptor);
    assert(state !== ConnectionState.FREE && state !== ConnectionState.DEAD, 'a row is given back once');
    this.setState(descriptor, ConnectionState.DEAD);
    this.#dead[this.#deadCount] = descriptor;
    this.#deadCount++;
    this.used--;
  }

  /** Closes the descriptors of all rows that were given back. */
  closeDead(calls: Pick<SystemCalls, 'close'>): void {
    for (let n = 0; n < this.#deadCount; n++) {
      const descriptor = this.#dead[n] as number; // n < count
      this.setState(descriptor, ConnectionState.FREE);
      calls.close(descriptor);
    }
    this.#deadCount = 0;
  }

  /** Closes every descriptor that has a row in use, or had one. */
  closeAll(calls: Pick<SystemCalls, 'close'>): void {
    for (let descriptor = 0; descriptor < this.#rows.length; descriptor++) {
      const state = this.state(descriptor);
      if (state !== ConnectionState.FREE && state !== ConnectionState.DEAD) this.give(descriptor);
    }
    this.closeDead(calls);
  }
}
