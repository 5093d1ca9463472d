/**
 * Sessions whose connection has gone, until the row is free again.
 *
 * A session that has ended stays CLOSED until every message it sent has been answered. So what its
 * home then learns about the ids used is exact, and a resend after the next login is neither lost
 * nor doubled.
 */

import { assert } from '../base/assert.ts';
import { count } from '../base/counters.ts';
import type { Transport } from '../wire/transport.ts';
import type { HomeRoutes } from './home-routes.ts';
import { RetryQueue } from './retry-queue.ts';
import { SessionEvent, SessionState } from './session-states.ts';
import { NO_HOME, type SessionTable } from './session-table.ts';
import { SwitchCounter } from './switch-counters.ts';

/** Ends that wait in the queue for room to tell their homes; what happens to a further one: see tellHome. */
const UNTOLD_MAX = 2 ** 16;
/** Ends that one turn tries to tell, and failures after which it stops: the same inbox may be full for all of them. */
const TRIES_MAX = 512;
const FAILURES_MAX = 8;
/** Rows that one turn looks at for ends that found the queue full. */
const LOOKS_MAX = 4096;

export class SessionEnds {
  readonly #table: SessionTable;
  readonly #transport: Transport;
  readonly #homes: HomeRoutes;
  readonly #counters: Float64Array;
  readonly #untold = new RetryQueue(UNTOLD_MAX);
  /** Ends that found the queue full: rows that are CLOSED and answered, as those in the queue are. */
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

  /** A row is CLOSED now. */
  ended(slot: number): void {
    if (this.#table.account(slot) === NO_HOME) this.#free(slot);
    else this.tellHome(slot);
  }

  /** Whether ends wait for room to tell their homes. */
  get waits(): boolean {
    return this.#untold.length > 0 || this.#missed > 0;
  }

  /**
   * Tells the home, once all is answered. Where there is no room to, it is tried again from a queue; an
   * end that finds the queue full is counted, and its row is looked for when the queue is empty.
   */
  tellHome(slot: number): void {
    const table = this.#table;
    if (table.state(slot) !== SessionState.CLOSED || table.hasUnanswered(slot) || this.#tell(slot)) return;
    table.step(slot, SessionEvent.UNTOLD);
    if (this.#untold.push(slot)) return;
    this.#missed++;
    count(this.#counters, SwitchCounter.retriesFull);
  }

  /** Tells homes what they could not be told before, a bounded number. @returns how much it did. */
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

  /** With the queue empty, every end that waits is one that it had no place for. @returns rows looked at. */
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

  /** False: no room to. */
  #tell(slot: number): boolean {
    const table = this.#table;
    const account = table.account(slot);
    const address = this.#homes.addressOf(slot);
    const highest = table.highest(slot);
    const seen = table.seen(slot);
    if (this.#homes.isOwn(account)) {
      this.#free(slot);
      this.#homes.own.closed(account, address, highest, seen);
      return true;
    }
    if (!this.#homes.sayClosed(account, address, highest, seen)) return false;
    this.#free(slot);
    return true;
  }

  #free(slot: number): void {
    this.#table.free(slot);
    const released = this.#transport.release(slot);
    assert(released, 'a closed connection can always be released');
  }
}
