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

/** Homes that wait to be told of a session's end; what happens to a further one: see tellHome. */
const UNTOLD_MAX = 2 ** 16;

export class SessionEnds {
  readonly #table: SessionTable;
  readonly #transport: Transport;
  readonly #homes: HomeRoutes;
  readonly #counters: Float64Array;
  readonly #untold = new RetryQueue(UNTOLD_MAX);

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

  /**
   * Tells the home, once all is answered. Where there is no room to, it is tried again; where too many
   * wait for that, when the wheel comes by.
   */
  tellHome(slot: number): void {
    const table = this.#table;
    if (table.state(slot) !== SessionState.CLOSED || table.hasUnanswered(slot)) return;
    const account = table.account(slot);
    const address = this.#homes.addressOf(slot);
    const highest = table.highest(slot);
    const seen = table.seen(slot);
    if (this.#homes.isOwn(account)) {
      this.#free(slot);
      this.#homes.own.closed(account, address, highest, seen);
    } else if (this.#homes.sayClosed(account, address, highest, seen)) {
      this.#free(slot);
    } else {
      table.step(slot, SessionEvent.UNTOLD);
      if (!this.#untold.push(slot)) count(this.#counters, SwitchCounter.retriesFull);
    }
  }

  /** Tells homes what they could not be told before. @returns how many it tried. */
  retry(): number {
    const tries = this.#untold.length;
    for (let n = 0; n < tries; n++) this.tellHome(this.#untold.shift());
    return tries;
  }

  #free(slot: number): void {
    this.#table.free(slot);
    const released = this.#transport.release(slot);
    assert(released, 'a closed connection can always be released');
  }
}
