/**
 * Frees the rows of sessions whose connection is closed.
 *
 * A row without an account is freed at once. Any other row stays CLOSED until every message that the session sent has
 * been answered and its home has been told of the end. By then it is decided which of the session's last ids were
 * accepted; the home keeps them for the account's next session, which recognises a resend by them.
 */

import { assert } from '../base/assert.ts';
import { count } from '../base/counters.ts';
import type { Transport } from '../wire/transport.ts';
import type { HomeRoutes } from './homes/home-routes.ts';
import { RetryQueue } from './tables/retry-queue.ts';
import { SessionEvent, SessionState } from './tables/session-state.ts';
import { NO_HOME, type SessionTable } from './tables/session-table.ts';
import { SwitchCounter } from './terms/switch-counters.ts';

/** Most rows in the queue of homes to be told; for further rows see {@link ClosedSessions.tellHome}. */
const UNTOLD_MAX = 2 ** 16;
/** Most attempts of one turn, and failures after which it stops: all of them may be for the same full inbox. */
const TRIES_MAX = 512;
const FAILURES_MAX = 8;
/** Most rows that one turn examines for ends that found the queue full. */
const LOOKS_MAX = 4096;

export class ClosedSessions {
  readonly #table: SessionTable;
  readonly #transport: Transport;
  readonly #homes: HomeRoutes;
  readonly #counters: Float64Array;
  readonly #untold = new RetryQueue(UNTOLD_MAX);
  /**
   * Number of ends that found the queue full. Their rows are CLOSED with all messages answered, like those in the
   * queue.
   */
  #missed = 0;
  #lookAt = 0;

  constructor(table: SessionTable, transport: Transport, homes: HomeRoutes, counters: Float64Array) {
    this.#table = table;
    this.#transport = transport;
    this.#homes = homes;
    this.#counters = counters;
  }

  get bytes(): number {
    return this.#untold.bytes;
  }

  /** A row has become CLOSED. */
  ended(slot: number): void {
    if (this.#table.account(slot) === NO_HOME) this.#free(slot);
    else this.tellHome(slot);
  }

  /** Whether homes are still to be told of an end. */
  get waits(): boolean {
    return this.#untold.length > 0 || this.#missed > 0;
  }

  /**
   * Tells the home of a CLOSED session that it has ended, if all its messages are answered. If the home's inbox is
   * full, the row is queued for {@link retry}; if the queue is full too, the end is counted, and {@link retry} finds
   * the row by a scan of the table once the queue is empty.
   */
  tellHome(slot: number): void {
    const table = this.#table;
    if (table.state(slot) !== SessionState.CLOSED || table.hasUnanswered(slot) || this.#tell(slot)) return;
    table.step(slot, SessionEvent.UNTOLD);
    if (this.#untold.push(slot)) return;
    this.#missed++;
    count(this.#counters, SwitchCounter.retriesFull);
  }

  /**
   * Repeats a bounded number of failed attempts to tell homes.
   * @returns homes told, plus rows scanned for missed ends.
   */
  retry(): number {
    const tries = Math.min(TRIES_MAX, this.#untold.length);
    let failures = 0;
    let told = 0;
    for (let n = 0; n < tries && failures < FAILURES_MAX; n++) {
      const slot = this.#untold.shift();
      if (this.#tell(slot)) {
        told++;
      } else {
        failures++;
        this.#untold.push(slot);
      }
    }
    return this.#missed === 0 || this.#untold.length > 0 ? told : told + this.#findMissed();
  }

  /**
   * Scans for ends that found the queue full: with the queue empty, every answered CLOSED row is one.
   * @returns rows examined.
   */
  #findMissed(): number {
    const table = this.#table;
    let looks = 0;
    while (looks < LOOKS_MAX && this.#missed > 0 && this.#untold.length === 0) {
      const slot = this.#lookAt;
      this.#lookAt = (slot + 1) % table.capacity;
      looks++;
      if (table.state(slot) !== SessionState.CLOSED || table.hasUnanswered(slot)) continue;
      this.#missed--;
      this.tellHome(slot);
    }
    return looks;
  }

  /** @returns false if the home's inbox has no room. */
  #tell(slot: number): boolean {
    const table = this.#table;
    const account = table.account(slot);
    const address = this.#homes.addressOf(slot);
    const generation = table.generation(slot);
    const highest = table.highest(slot);
    const seen = table.seen(slot);
    if (this.#homes.isOwn(account)) {
      this.#free(slot);
      this.#homes.own.closed(account, address, generation, highest, seen);
      return true;
    }
    if (!this.#homes.sayClosed(account, address, generation, highest, seen)) return false;
    this.#free(slot);
    return true;
  }

  #free(slot: number): void {
    this.#table.free(slot);
    const released = this.#transport.release(slot);
    assert(released, 'a closed connection can always be released');
  }
}
