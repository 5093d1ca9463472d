/**
 * Checks that messages of a pair arrive in order, each once: those of one sender to one recipient, or to one group.
 * Messages of two pairs may overtake each other.
 *
 * Where each pair of phones has turns, a word per phone says what is next, gaps included (see PairTurns). Otherwise a
 * table has the pairs that talked recently (see RecentPairs), and how many messages it could not check is counted.
 * Messages wait until some can be checked together, so that their places in the table are read at the same time:
 *
 *     word 0   row of the recipient    word 1   sender            word 2   recipient
 *     word 3   number                  word 4   account of the group, or NO_GROUP
 *     word 5   1 for a copy that was sent again
 *
 * One message may come after later ones: a copy that was sent again, after one that was refused on a connection that
 * was lost (PROTOCOL.md, "Sending", rule 4). Its payload says that it is such a copy. Such copies are counted
 * separately and are not faults.
 */
import { count } from '../../base/counters.ts';
import { NO_GROUP } from '../../wire/group-plan.ts';
import type { LaneState } from '../state/lane-state.ts';
import { PairVerdict } from '../tables/recent-pairs.ts';
import { DriverCounter } from '../terms/driver-counters.ts';

/** Messages that are checked together. */
const WAITING_MAX = 16;
const WAITING_WORDS = 6;

export class MessageOrder {
  readonly #state: LaneState;
  /** Messages whose order is not checked yet. */
  readonly #waiting = new Int32Array(WAITING_MAX * WAITING_WORDS);
  /** For each of them, where its pair is in the table. */
  readonly #sets = new Int32Array(WAITING_MAX);
  #waits = 0;

  constructor(state: LaneState) {
    this.#state = state;
  }

  /**
   * A message from phone to phone has arrived that was not seen before.
   * @param isAfterRefusals whether many of its pair before it were refused (RefusedPairs).
   */
  check(
    row: number,
    sender: number,
    recipient: number,
    number: number,
    isSentAgain: boolean,
    isAfterRefusals: boolean,
  ): void {
    const { pairTurns, groups } = this.#state;
    if (pairTurns !== undefined) {
      const { contacts } = this.#state.messagePlan;
      const turn = contacts.turnsBetween(0, number) + 1;
      const ahead = pairTurns.advance(row, contacts.contactFor(sender, number), turn, isAfterRefusals);
      this.#checkTurn(ahead, sender, recipient, number, isSentAgain);
    } else if (groups === undefined) this.#checkPair(row, sender, recipient, number, isSentAgain);
    else this.#wait(row, sender, recipient, number, NO_GROUP, isSentAgain);
  }

  /** A message to a group has arrived at a member that had not seen it. @param group its account index. */
  checkInGroup(
    row: number,
    sender: number,
    recipient: number,
    number: number,
    group: number,
    isSentAgain: boolean,
  ): void {
    this.#wait(row, sender, recipient, number, group, isSentAgain);
  }

  #wait(row: number, sender: number, recipient: number, number: number, group: number, isSentAgain: boolean): void {
    const waiting = this.#waiting;
    if (this.#waits === WAITING_MAX) this.checkWaiting();
    const at = this.#waits++ * WAITING_WORDS;
    waiting[at] = row;
    waiting[at + 1] = sender;
    waiting[at + 2] = recipient;
    waiting[at + 3] = number;
    waiting[at + 4] = group;
    waiting[at + 5] = isSentAgain ? 1 : 0;
  }

  /**
   * Checks the messages that have arrived since the last call. Their places in the table are read first, all together.
   */
  checkWaiting(): void {
    const waiting = this.#waiting;
    const { recentPairs } = this.#state;
    for (let n = 0; n < this.#waits; n++) {
      const at = n * WAITING_WORDS;
      const sender = waiting[at + 1] as number; // of one of those that wait, as all below
      this.#sets[n] = recentPairs.firstWord(sender, waiting[at] as number, waiting[at + 4] as number);
    }
    recentPairs.prefetchAll(this.#sets, this.#waits);
    for (let at = 0; at < this.#waits * WAITING_WORDS; at += WAITING_WORDS) {
      const row = waiting[at] as number; // one of those that wait, as all its words
      const sender = waiting[at + 1] as number;
      const recipient = waiting[at + 2] as number;
      const number = waiting[at + 3] as number;
      this.#verdictOf(row, sender, recipient, number, waiting[at + 4] as number, waiting[at + 5] === 1);
    }
    this.#waits = 0;
  }

  /**
   * Where the numbers of a pair's messages follow each other in turn.
   * @param ahead turns since the newest message of the pair; see PairTurns.
   */
  #checkTurn(ahead: number, sender: number, recipient: number, number: number, isSentAgain: boolean): void {
    const { findings, parts } = this.#state;
    count(parts.counters, DriverCounter.pairsChecked);
    if (ahead === 1) return;
    if (ahead === 0) findings.count('duplicated', sender, recipient, number);
    else if (ahead < 0) this.#late(sender, recipient, number, isSentAgain);
    else findings.count('gap', sender, recipient, number, ahead - 1);
  }

  /** A message came after a later one of its pair. The balance of all messages shows that no copy is a duplicate. */
  #late(sender: number, recipient: number, number: number, isSentAgain: boolean): void {
    const { findings, parts } = this.#state;
    if (isSentAgain) count(parts.counters, DriverCounter.pairOvertaken);
    else findings.count('reordered', sender, recipient, number);
  }

  #checkPair(row: number, sender: number, recipient: number, number: number, isSentAgain: boolean): void {
    const { recentPairs, messagePlan, findings, misfits } = this.#state;
    const verdict = this.#verdictOf(row, sender, recipient, number, NO_GROUP, isSentAgain);
    if (verdict !== PairVerdict.NEW_PAIR && verdict !== PairVerdict.NEXT) return;
    // With misfits as with groups, the numbers between may be those of messages to others.
    if (misfits !== undefined) return;
    const missing = messagePlan.contacts.turnsBetween(recentPairs.numberBefore, number);
    // Below 0 where the switch only echoes: all messages of a phone are then one pair.
    if (missing > 0) findings.count('gap', sender, recipient, number, missing);
  }

  /** What the table of recent pairs says about a message, counted and noted. @returns a PairVerdict. */
  #verdictOf(
    row: number,
    sender: number,
    recipient: number,
    number: number,
    group: number,
    isSentAgain: boolean,
  ): number {
    const { recentPairs, findings, parts } = this.#state;
    const verdict = recentPairs.check(sender, row, number, group);
    const isUnknown = verdict === PairVerdict.UNKNOWN_PAIR;
    count(parts.counters, isUnknown ? DriverCounter.pairsUnknown : DriverCounter.pairsChecked);
    if (verdict === PairVerdict.DUPLICATED) findings.count('duplicated', sender, recipient, number);
    else if (verdict === PairVerdict.REORDERED) this.#late(sender, recipient, number, isSentAgain);
    return verdict;
  }
}
