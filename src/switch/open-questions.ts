/**
 * The questions that a shard has asked other shards and that are not answered yet: which session asked, for which
 * message or login, and which shard. If that shard ends, these are the questions that nobody will answer.
 *
 * A hash table with linear probing (Knuth, The Art of Computer Programming, volume 3, section 6.4, algorithms L and R),
 * at most half full. A question is found by its session's slot and the message's id, which the answer names: a row
 * keeps its session until all its questions are answered, so they are unique.
 *
 *     word 0   slot + 1; 0 where the place is free      word 1   id, or LOGIN_QUESTION
 *     word 2   shard                                    word 3   tick in which it was asked
 *
 * A question whose answer does not come, because the other shard has stopped, ends after a time without one. An
 * answer that comes later finds no such question: its session is gone, and the row has another generation. All are
 * looked at a few times in that time, which costs nothing per question; so each ends late by up to an eighth.
 */
import { assert } from '../base/assert.ts';
import type { LedgerEntry } from '../base/ledger.ts';
import { mixPair } from '../base/mix.ts';
import type { QuestionTicks } from './shard-settings.ts';

const WORDS = 4;
/** Looks at all questions in the time of the shortest. */
const LOOKS = 8;
/** In place of a message's id: the session asked for its login. */
export const LOGIN_QUESTION = -1;
/** Returned by {@link OpenQuestions.firstTo} if there is none. */
export const QUESTION_NONE = -1;

export class OpenQuestions {
  /** Number of open questions. */
  count = 0;
  readonly #max: number;
  readonly #words: Int32Array;
  readonly #mask: number;
  readonly #ticks: QuestionTicks;
  readonly #lookTicks: number;
  #nextLook = 0;
  #tick = 0;

  /**
   * @param max the most questions that are open at the same time.
   * @param ticks for how long they wait for their answers.
   */
  constructor(max: number, ticks: QuestionTicks) {
    const places = 2 ** Math.ceil(Math.log2(2 * max));
    this.#max = max;
    this.#ticks = ticks;
    this.#lookTicks = Math.max(1, Math.floor(ticks.login / LOOKS));
    this.#words = new Int32Array(places * WORDS);
    this.#mask = places - 1;
  }

  ledger(): LedgerEntry[] {
    const bytes = this.#words.byteLength;
    return [{ owner: 'switch', name: 'open questions', bytes, rowBytes: 0, rowsUsed: this.count }];
  }

  /** Whether no further question may be asked now. */
  get isFull(): boolean {
    return this.count >= this.#max;
  }

  /** A session has asked a shard; there must be room. */
  ask(shard: number, slot: number, id: number, tick: number): void {
    assert(this.count < this.#max, 'a shard asks only while it has room for a question');
    let place = mixPair(slot, id) & this.#mask;
    while (this.#words[place * WORDS] !== 0) place = (place + 1) & this.#mask;
    this.#words[place * WORDS] = slot + 1;
    this.#words[place * WORDS + 1] = id;
    this.#words[place * WORDS + 2] = shard;
    this.#words[place * WORDS + 3] = tick;
    this.count++;
  }

  /** A question was answered. @returns false if it is not open any more. */
  answered(slot: number, id: number): boolean {
    let place = mixPair(slot, id) & this.#mask;
    while (this.#words[place * WORDS] !== slot + 1 || this.#words[place * WORDS + 1] !== id) {
      if (this.#words[place * WORDS] === 0) return false;
      place = (place + 1) & this.#mask;
    }
    this.remove(place);
    return true;
  }

  /**
   * Whether it is time to look for overdue questions. Not right after this shard itself has stopped for long: the
   * answers that have come meanwhile are read first.
   */
  isLookDue(tick: number): boolean {
    const hasStopped = tick - this.#tick > this.#lookTicks;
    this.#tick = tick;
    if (hasStopped) this.#nextLook = tick + this.#lookTicks;
    return this.count > 0 && tick >= this.#nextLook;
  }

  /** All overdue questions were found: the next look is due later. */
  looked(): void {
    this.#nextLook = this.#tick + this.#lookTicks;
  }

  /** The first place, from `place` on, of an overdue question; or QUESTION_NONE. A full scan of the table. */
  firstOverdue(tick: number, place: number): number {
    for (let at = place; at <= this.#mask; at++) {
      if (this.#words[at * WORDS] === 0) continue;
      const ticks = this.id(at) === LOGIN_QUESTION ? this.#ticks.login : this.#ticks.message;
      if (tick - (this.#words[at * WORDS + 3] as number) >= ticks) return at;
    }
    return QUESTION_NONE;
  }

  /** The first place, from `place` on, of a question to this shard; or QUESTION_NONE. A full scan of the table. */
  firstTo(shard: number, place: number): number {
    for (let at = place; at <= this.#mask; at++) {
      if (this.#words[at * WORDS] !== 0 && this.#words[at * WORDS + 2] === shard) return at;
    }
    return QUESTION_NONE;
  }

  slot(place: number): number {
    return (this.#words[place * WORDS] as number) - 1; // places are inside the table, here and below
  }

  id(place: number): number {
    return this.#words[place * WORDS + 1] as number;
  }

  /** Removes a question, and moves those behind it that would not be found any more. */
  remove(place: number): void {
    this.count--;
    let free = place;
    for (let at = (place + 1) & this.#mask; this.#words[at * WORDS] !== 0; at = (at + 1) & this.#mask) {
      const wanted = mixPair(this.slot(at), this.id(at)) & this.#mask;
      if (((at - wanted) & this.#mask) < ((at - free) & this.#mask)) continue;
      this.#words.copyWithin(free * WORDS, at * WORDS, (at + 1) * WORDS);
      free = at;
    }
    this.#words[free * WORDS] = 0;
  }
}
