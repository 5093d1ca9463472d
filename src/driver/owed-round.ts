/**
 * Queues the phones for which the queue of OwedActions had no room, and which have a mark in their rows. When the queue
 * is empty again, one scan over all rows, a part per turn, queues every phone that still has something to send. Without
 * an overflow there is no scan.
 */
import type { LaneState } from './state/lane-state.ts';
import { isLeaving, NO_CONNECTION, PhoneState } from './tables/phone-table.ts';

/** Rows that one turn looks at: fewer than the queue holds, so that a round never finds it full. */
const ROWS_MAX = 4096;

export class OwedRound {
  readonly #state: LaneState;
  #at = 0;
  #left = 0;

  constructor(state: LaneState) {
    this.#state = state;
  }

  /** Looks at the next few rows, if there is a reason to. @returns at how many. */
  doWork(): number {
    const { owed, phones } = this.#state;
    if (owed.length > 0) return 0;
    if (owed.wasFull && this.#left === 0) {
      owed.wasFull = false;
      this.#left = phones.rows;
    }
    const rows = Math.min(ROWS_MAX, this.#left);
    for (let n = 0; n < rows; n++) {
      if (this.#owes(this.#at)) owed.push(this.#at);
      this.#at = this.#at + 1 === phones.rows ? 0 : this.#at + 1;
    }
    this.#left -= rows;
    return rows;
  }

  #owes(row: number): boolean {
    const { phones } = this.#state;
    const state = phones.state(row);
    if (isLeaving(state) || phones.owesAnswer(row)) return true;
    return state === PhoneState.CONNECTING && phones.connection(row) !== NO_CONNECTION;
  }
}
