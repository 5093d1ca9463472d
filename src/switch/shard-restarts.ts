/**
 * What a shard does when another shard has ended and started again.
 *
 * The other shard has lost its sessions, its questions, and all that was in its inbox; what it has kept are its
 * mailboxes. Its first hop to every other shard says so. By then no hop of its earlier incarnation is left in the
 * inbox, and hops for that incarnation are dropped by the new one, so this hop separates what is over from what is new.
 *
 * The work of one turn is bounded, like that of any input. Until all is done the shard takes no further hop, and what
 * it still sends is for the earlier incarnation: so a message cannot overtake one that was lost, because it is lost
 * too.
 */
import type { ShardGroups } from './groups/shard-groups.ts';
import type { AccountHome } from './homes/account-home.ts';
import type { Hops } from './homes/hops.ts';
import type { PhoneSessions } from './phone-sessions.ts';
import type { ShardPresence } from './presence/shard-presence.ts';
import { type OpenQuestions, QUESTION_NONE } from './tables/open-questions.ts';

/** Rows of accounts, and rows of sessions, that one turn examines at most. */
const LOOKS_MAX = 2 ** 16;

/** The parts of a shard that know of other shards. */
export interface ShardRestartsParts {
  readonly hops: Hops;
  readonly questions: OpenQuestions;
  readonly home: AccountHome;
  readonly sessions: PhoneSessions;
  readonly presence: ShardPresence;
  readonly groups: ShardGroups | undefined;
}

export class ShardRestarts {
  readonly #hops: Hops;
  readonly #questions: OpenQuestions;
  readonly #home: AccountHome;
  readonly #sessions: PhoneSessions;
  readonly #presence: ShardPresence;
  readonly #groups: ShardGroups | undefined;
  #isActive = false;
  #accountAt = 0;
  #sessionAt = 0;

  constructor(parts: ShardRestartsParts) {
    this.#hops = parts.hops;
    this.#questions = parts.questions;
    this.#home = parts.home;
    this.#sessions = parts.sessions;
    this.#presence = parts.presence;
    this.#groups = parts.groups;
  }

  /** Whether a restart of another shard is being handled. */
  get isActive(): boolean {
    return this.#isActive;
  }

  /**
   * Handles the restart of a shard, or goes on with it:
   *
   *  - accounts of this home whose sessions were there are away;
   *  - sessions here whose account has its home there are closed, because that home does not know them;
   *  - subscriptions of sessions there are over, and those of sessions here to accounts there are repeated. Until then
   *    homes are told of none (see {@link isActive}), because what they are told now is for the earlier incarnation;
   *  - questions to the shard are not going to be answered. A login is refused (BUSY); a session whose message may be
   *    lost is closed, so that its phone sends the message again before any later one;
   *  - groups whose home it is, and members whose home it is, are those of the plan again, if they are not stored.
   *
   * @param limit answers to phones for which there is room.
   * @returns false until everything is done: call again in the next turn.
   */
  started(shard: number, incarnation: number, limit: number): boolean {
    if (!this.#isActive) {
      this.#isActive = true;
      this.#accountAt = 0;
      this.#sessionAt = 0;
      this.#home.forgetQuestionsOf(shard);
      this.#presence.beginForgetting();
    }
    let left = limit;
    for (let looks = 0; left > 0 && looks < LOOKS_MAX && this.#accountAt < this.#home.rows; looks++) {
      if (this.#home.forgetSessionOn(shard, this.#accountAt++)) left--;
    }
    for (let looks = 0; left > 0 && looks < LOOKS_MAX && this.#sessionAt < this.#sessions.table.capacity; looks++) {
      if (this.#sessions.closeIfHomeIs(shard, this.#sessionAt++)) left--;
    }
    if (this.#accountAt < this.#home.rows || this.#sessionAt < this.#sessions.table.capacity) return false;
    if (!this.#presence.forget(shard)) return false;
    // Last, since phones ask further questions meanwhile.
    if (!this.#giveUpQuestions(shard, left)) return false;
    if (this.#groups?.forgetShard(shard) === false) return false;
    this.#hops.setIncarnation(shard, incarnation);
    this.#isActive = false;
    return true;
  }

  /** Gives up at most `limit` questions. @returns whether none is left. */
  #giveUpQuestions(shard: number, limit: number): boolean {
    let place = this.#questions.firstTo(shard, 0);
    for (let left = limit; place !== QUESTION_NONE && left > 0; left--) {
      const slot = this.#questions.slot(place);
      const id = this.#questions.id(place);
      this.#questions.remove(place); // another one may now be in its place
      this.#sessions.giveUpQuestion(slot, id);
      place = this.#questions.firstTo(shard, place);
    }
    return place === QUESTION_NONE;
  }
}
