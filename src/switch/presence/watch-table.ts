/**
 * What the sessions of a shard watch: a list of rows for each session, the newest first. The last row of a list names
 * the slot of the session in place of a next row, so no row needs a word for it; a session that watches one account, as
 * most do, has it in the row itself.
 *
 *     first of each slot ──▶ row ──next──▶ row ── -1 - slot
 *
 *     TO_SAY ──home told──▶ SAID ──UNWATCH, end of the session──▶ LEAVING ──home told──▶ removed
 *        ▲───notice lost, home started again───┘
 *
 * A row stays until its home is told, so no subscription outlives its session, even if a ring is full. So the list of a
 * slot may still hold rows of earlier sessions, which are LEAVING and have other generations.
 */
import type { LedgerEntry } from '../../base/ledger-entry.ts';
import type { WordColumn } from '../../base/table-memory.ts';
import { NO_ROW, type WatchRows, WatchState } from './watch-rows.ts';

/** Memory for the first watch of a session. */
export const FIRST_WATCH_BYTES = 4;

export class WatchTable {
  /** Number of watches. */
  size = 0;
  readonly #max: number;
  readonly #rows: WatchRows;
  /** In the word of each slot the first row of its list, + 1. */
  readonly #words: Int32Array;
  readonly #stride: number;
  readonly #at: number;
  /** Slots that have a list. */
  #watching = 0;

  /**
   * @param max the most watches.
   * @param firsts a word for each slot of the shard.
   */
  constructor(max: number, { words, stride, at }: WordColumn, rows: WatchRows) {
    this.#max = max;
    this.#rows = rows;
    this.#words = words;
    this.#stride = stride;
    this.#at = at;
  }

  ledger(): LedgerEntry[] {
    const bytes = (this.#words.length / this.#stride) * FIRST_WATCH_BYTES;
    return [
      {
        owner: 'switch',
        name: 'sessions that watch',
        bytes,
        rowBytes: FIRST_WATCH_BYTES,
        rowsUsed: this.#watching,
        isApart: true,
      },
    ];
  }

  get isFull(): boolean {
    return this.size >= this.#max;
  }

  /** The first row of the list of a slot, or NO_ROW. */
  first(slot: number): number {
    return (this.#words[slot * this.#stride + this.#at] as number) - 1; // slots are inside the table, here and below
  }

  /** The next row of the same list, or NO_ROW. */
  next(place: number): number {
    return Math.max(this.#rows.link(place), NO_ROW);
  }

  /** The slot of a row of a list. */
  slot(place: number): number {
    let link = this.#rows.link(place);
    while (link >= 0) link = this.#rows.link(link);
    return -1 - link;
  }

  /** The row of exactly this session for an account, or NO_ROW. */
  find(slot: number, generation: number, account: number): number {
    const rows = this.#rows;
    let place = this.first(slot);
    while (place !== NO_ROW && (rows.account(place) !== account || rows.generation(place) !== generation))
      place = this.next(place);
    return place;
  }

  /** Number of accounts that a session watches. */
  countOf(slot: number, generation: number): number {
    let count = 0;
    for (let place = this.first(slot); place !== NO_ROW; place = this.next(place)) {
      if (this.#rows.generation(place) === generation && this.#rows.state(place) !== WatchState.LEAVING) count++;
    }
    return count;
  }

  /** Adds a watch that is to be said; there must be room, and no such watch. @returns its row. */
  add(slot: number, generation: number, account: number): number {
    const first = this.first(slot);
    const place = this.#rows.take(account, generation, WatchState.TO_SAY);
    this.#rows.setLink(place, first === NO_ROW ? -1 - slot : first);
    this.#words[slot * this.#stride + this.#at] = place + 1;
    if (first === NO_ROW) this.#watching++;
    this.size++;
    return place;
  }

  /** Removes a watch of a slot, which must not be subscribed any more. */
  remove(slot: number, place: number): void {
    const link = this.#rows.link(place);
    let before = this.first(slot);
    if (before === place) {
      this.#words[slot * this.#stride + this.#at] = Math.max(link, NO_ROW) + 1;
      if (link < 0) this.#watching--;
    } else {
      while (this.#rows.link(before) !== place) before = this.#rows.link(before);
      this.#rows.setLink(before, link);
    }
    this.#rows.release(place);
    this.size--;
  }
}
