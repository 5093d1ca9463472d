/**
 * Checks that messages of a pair arrive in order, each once: those of one sender to one recipient, or to one group. Messages
 * of two pairs may overtake each other.
 *
 * Where each pair of phones has turns, a word per phone says what is next, gaps included (see PairTurns). Otherwise a table
 * has the pairs that talked recently (see RecentPairs), and how many messages it could not check is counted.
 */
import { count } from '../base/counters.ts';
import { NO_GROUP } from '../wire/group-plan.ts';
import { DriverCounter } from './driver-counters.ts';
import type { LaneState } from './lane-state.ts';
import type { PairTurns } from './tables/pair-turns.ts';
import { PairVerdict } from './tables/recent-pairs.ts';

export class MessageOrder {
  readonly #state: LaneState;

  constructor(state: LaneState) {
    this.#state = state;
  }

  /** A message from phone to phone has arrived that was not seen before. */
  check(row: number, sender: number, recipient: number, number: number): void {
    const { pairTurns } = this.#state;
    if (pairTurns === undefined) this.#checkPair(row, sender, recipient, number);
    else this.#checkTurn(pairTurns, row, sender, recipient, number);
  }

  /** A message to a group has arrived at a member that had not seen it. @param group its account index. */
  checkInGroup(row: number, sender: number, recipient: number, number: number, group: number): void {
    this.#verdictOf(row, sender, recipient, number, group);
  }

  /** Where the numbers of a pair's messages follow each other in turn. */
  #checkTurn(pairTurns: PairTurns, row: number, sender: number, recipient: number, number: number): void {
    const { messagePlan, findings, parts } = this.#state;
    const contact = messagePlan.contacts.contactFor(sender, number);
    const ahead = pairTurns.advance(row, contact, messagePlan.contacts.turnsBetween(0, number) + 1);
    count(parts.counters, DriverCounter.pairsChecked);
    if (ahead === 1) return;
    if (ahead === 0) findings.count('duplicated', sender, recipient, number);
    else if (ahead < 0) findings.count('reordered', sender, recipient, number);
    else findings.count('gap', sender, recipient, number, ahead - 1);
  }

  #checkPair(row: number, sender: number, recipient: number, number: number): void {
    const { recentPairs, messagePlan, findings, groups, misfits } = this.#state;
    const verdict = this.#verdictOf(row, sender, recipient, number, NO_GROUP);
    if (verdict !== PairVerdict.NEW_PAIR && verdict !== PairVerdict.NEXT) return;
    // With groups and misfits, the numbers between may be those of messages to others.
    if (groups !== undefined || misfits !== undefined) return;
    const missing = messagePlan.contacts.turnsBetween(recentPairs.numberBefore, number);
    // Below 0 where the switch only echoes: all messages of a phone are then one pair.
    if (missing > 0) findings.count('gap', sender, recipient, number, missing);
  }

  /** What the table of recent pairs says about a message, counted and noted. @returns a PairVerdict. */
  #verdictOf(row: number, sender: number, recipient: number, number: number, group: number): number {
    const { recentPairs, findings, parts } = this.#state;
    const verdict = recentPairs.check(sender, row, number, group);
    const isUnknown = verdict === PairVerdict.UNKNOWN_PAIR;
    count(parts.counters, isUnknown ? DriverCounter.pairsUnknown : DriverCounter.pairsChecked);
    if (verdict === PairVerdict.DUPLICATED) findings.count('duplicated', sender, recipient, number);
    else if (verdict === PairVerdict.REORDERED) findings.count('reordered', sender, recipient, number);
    return verdict;
  }
}
