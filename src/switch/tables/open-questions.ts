/**
 * The questions that a shard has asked other shards and that are not answered yet: which session asked, for which
 * message or login, and which shard. If that shard ends, these are the questions that nobody will answer.
 *
 * A hash table with chains. A question is found by its session's slot and the message's id, which the answer names: a
 * row keeps its session until all its questions are answered, so they are unique. The place that was freed last is used
 * first, and there are few chains, so a shard with few open questions uses little of the processor's caches, whatever
 * its maximum.
 *
 *     word 0   slot + 1; 0 where the place is free      word 1   id, or LOGIN_QUESTION
 *     word 2   shard                                    word 3   tick in which it was asked
 *     word 4   next place of the chain, or of the free ones, + 1; 0 for none
 *
 * A question whose answer does not come ends after a time: see {@link OpenQuestions.firstOverdue}.
 */
import { assert } from '../../base/assert.ts';
import type { LedgerEntry } from '../../base/ledger-entry.ts';
import { mixPair } from '../../base/pseudo-random.ts';
import type { QuestionTicks } from '../terms/shard-settings.ts';

const WORDS = 5;
const NEXT = 4;
/** Length of a chain if all places are in use. */
const CHAIN_PLACES = 16;
/** Looks at all questions in the time of the shortest. */
const LOOKS = 8;
/** In place of a message's id: the session asked for its login. */
export const LOGIN_QUESTION = -1;
/** Returned by {@link OpenQuestions.firstTo} if there is none. */
export const QUESTION_NONE = -1;

export class OpenQuestions {
  /** Number of open questions. */
  count = 0;
  readonly #questionsMax: number;
  readonly #words: Int32Array;
  /** The first place of each chain, + 1. */
  readonly #chains: Int32Array;
  readonly #mask: number;
  /** The place that was freed last, + 1. */
  #free = 0;
  /** Places from this one on have never been used. */
  #fresh = 0;
  readonly #ticks: QuestionTicks;
  readonly #lookTicks: number;
  #nextLook = 0;
  #tick = 0;

  /**
   * @param questionsMax the most questions that are open at the same time.
   * @param ticks for how long they wait for their answers.
   */
  constructor(questionsMax: number, ticks: QuestionTicks) {
    this.#questionsMax = questionsMax;
    this.#ticks = ticks;
    this.#lookTicks = Math.max(1, Math.floor(ticks.login / LOOKS));
    this.#words = new Int32Array(questionsMax * WORDS);
    this.#chains = new Int32Array(2 ** Math.ceil(Math.log2(Math.max(1, questionsMax / CHAIN_PLACES))));
    this.#mask = this.#chains.length - 1;
  }

  ledger(): LedgerEntry[] {
    const bytes = this.#words.byteLength + this.#chains.byteLength;
    return [{ owner: 'switch', name: 'open questions', bytes, rowBytes: 0, rowsUsed: this.count }];
  }

  /** Whether no further question may be asked now. */
  get isFull(): boolean {
    return this.count >= this.#questionsMax;
  }

  /** A session has asked a shard; there must be room. */
  ask(shard: number, slot: number, id: number, tick: number): void {
    assert(this.count < this.#questionsMax, 'a shard asks only while it has room for a question');
    const words = this.#words;
    const isFresh = this.#free === 0;
    const place = isFresh ? this.#fresh++ : this.#free - 1;
    const word = place * WORDS;
    if (!isFresh) this.#free = words[word + NEXT] as number; // places are inside the table, here and below
    const chain = mixPair(slot, id) & this.#mask;
    words[word] = slot + 1;
    words[word + 1] = id;
    words[word + 2] = shard;
    words[word + 3] = tick;
    words[word + NEXT] = this.#chains[chain] as number; // the mask keeps it inside
    this.#chains[chain] = place + 1;
    this.count++;
  }

  /** A question was answered. @returns false if it is not open any more. */
  answered(slot: number, id: number): boolean {
    const words = this.#words;
    const chain = mixPair(slot, id) & this.#mask;
    let before = -1;
    let place = (this.#chains[chain] as number) - 1; // as above
    while (place >= 0 && (words[place * WORDS] !== slot + 1 || words[place * WORDS + 1] !== id)) {
      before = place;
      place = (words[place * WORDS + NEXT] as number) - 1;
    }
    if (place < 0) return false;
    const next = words[place * WORDS + NEXT] as number;
    if (before < 0) this.#chains[chain] = next;
    else words[before * WORDS + NEXT] = next;
    words[place * WORDS] = 0;
    words[place * WORDS + NEXT] = this.#free;
    this.#free = place + 1;
    this.count--;
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

  /**
   * The first place, from `place` on, of an overdue question; or QUESTION_NONE. A scan of all places that were ever
   * used.
   *
   * A question whose answer does not come, because the other shard has stopped, ends after a time without one. An
   * answer that comes later finds no such question: its session is gone, and the row has another generation. All are
   * looked at a few times in that time, which costs nothing per question; so each ends late by up to an eighth.
   */
  firstOverdue(tick: number, place: number): number {
    for (let at = place; at < this.#fresh; at++) {
      if (this.#words[at * WORDS] === 0) continue;
      const ticks = this.id(at) === LOGIN_QUESTION ? this.#ticks.login : this.#ticks.message;
      if (tick - (this.#words[at * WORDS + 3] as number) >= ticks) return at;
    }
    return QUESTION_NONE;
  }

  /**
   * The first place, from `place` on, of a question to this shard; or QUESTION_NONE. A scan of all places that were
   * ever used.
   */
  firstTo(shard: number, place: number): number {
    for (let at = place; at < this.#fresh; at++) {
      if (this.#words[at * WORDS] !== 0 && this.#words[at * WORDS + 2] === shard) return at;
    }
    return QUESTION_NONE;
  }

  slot(place: number): number {
    return (this.#words[place * WORDS] as number) - 1;
  }

  id(place: number): number {
    return this.#words[place * WORDS + 1] as number;
  }

  /** Removes a question. */
  remove(place: number): void {
    this.answered(this.slot(place), this.id(place));
  }
}
