/**
 * Messages of simulated phones: sends them when due, and matches answers to them.
 *
 * The only state per message is its entry in the in-flight table. What was sent and how it was answered goes into
 * digests (see base/message-digest), which are compared with those of what arrived (see PhoneDeliveries).
 */

import { count, countBy } from '../base/counters.ts';
import { addToDigest } from '../base/message-digest.ts';
import { Rejection } from '../wire/phone-protocol.ts';
import { countAcknowledged } from './content/kind-counts.ts';
import { PayloadWriter } from './content/payload.ts';
import { NO_CHANGE } from './groups/changed-groups.ts';
import type { PhonePresence } from './phone-presence.ts';
import { announceMessage } from './phone-pushes.ts';
import type { LaneState } from './state/lane-state.ts';
import { IN_FLIGHT_NONE, LOGIN_ID } from './tables/in-flight-table.ts';
import { PhoneState } from './tables/phone-table.ts';
import { DriverCounter } from './terms/driver-counters.ts';
import { elapsedMicros } from './terms/elapsed-micros.ts';

/** Most unanswered messages of a phone, and the size of its window of ids (PROTOCOL.md, "Sending", rule 3). */
const UNANSWERED_MAX = 16;

/** Outcome of {@link PhoneMessages.send}. */
export const SendOutcome = {
  DONE: 0,
  /** Nothing to send: the phone is away, as intended. */
  AWAY: 1,
  /** The phone should be online and is not. */
  NO_CONNECTION: 2,
  /** No room now: the message is still due. */
  LATER: 3,
  /** The phone's window is full until its oldest message is answered: the message is still due. */
  WINDOW_FULL: 4,
} as const;

export class PhoneMessages {
  readonly #state: LaneState;
  readonly #presence: PhonePresence;
  readonly #payloads: PayloadWriter;
  /** Where messages of a phone's window are looked for. */
  readonly #words = new Int32Array(UNANSWERED_MAX);

  constructor(state: LaneState, presence: PhonePresence) {
    this.#state = state;
    this.#presence = presence;
    this.#payloads = new PayloadWriter(state.settings.runTag, state.messagePlan.references);
  }

  /**
   * Sends a due message of the phone in `row`; the due time is in two words (see elapsed-micros).
   * @returns a {@link SendOutcome}.
   */
  send(row: number, dueWord: number, dueHigh: number): number {
    const { phones, inFlight, messagePlan, parts } = this.#state;
    const phoneState = phones.state(row);
    if (phoneState !== PhoneState.ONLINE) {
      const isAway = phoneState === PhoneState.AWAY;
      count(parts.counters, isAway ? DriverCounter.messagesAway : DriverCounter.messagesNoConnection);
      return isAway ? SendOutcome.AWAY : SendOutcome.NO_CONNECTION;
    }
    const number = phones.lastNumber(row) + 1;
    if (number > UNANSWERED_MAX && inFlight.awaits(row, number - UNANSWERED_MAX)) return SendOutcome.WINDOW_FULL;
    const place = inFlight.enter(row, number, dueWord, dueHigh, 0);
    if (place === IN_FLIGHT_NONE) return SendOutcome.LATER;
    const phone = this.#state.phoneAt(row);
    this.#presence.beforeMessage(row, phone, number);
    if (!this.#write(row, number, dueWord, dueHigh, false)) {
      inFlight.remove(place);
      return SendOutcome.LATER;
    }
    phones.setLastNumber(row, number);
    const { counters } = parts;
    count(counters, DriverCounter.messagesSent);
    this.#state.countForPlatform(row, DriverCounter.platformSent0, 1);
    if (number > (counters[DriverCounter.mostSentByPhone] as number)) counters[DriverCounter.mostSentByPhone] = number;
    addToDigest(counters, DriverCounter.digestSentLow, phone, number);
    this.#state.groups?.sent(phone, number);
    if (messagePlan.isToHotAccount(phone, number)) count(counters, DriverCounter.hotMessagesSent);
    parts.latencies.sendDelay.record(elapsedMicros(dueWord, dueHigh, this.#state.nowWord, this.#state.nowHigh));
    return SendOutcome.DONE;
  }

  /**
   * Lets the phone in `row` join a group or leave one, now. The change has a number like a message.
   * @returns false if it cannot: it is not online, has no room or window, or no group to join or leave.
   */
  changeGroup(row: number, joins: boolean): boolean {
    const { groups, phones, inFlight, nowWord, nowHigh, protocol } = this.#state;
    const mayChange = phones.state(row) === PhoneState.ONLINE && this.#state.speaksMinor1(this.#state.phoneAt(row));
    if (groups === undefined || !mayChange) return false;
    const number = phones.lastNumber(row) + 1;
    if (number > UNANSWERED_MAX && inFlight.awaits(row, number - UNANSWERED_MAX)) return false;
    const change = groups.changes.begin(row, this.#state.phoneAt(row), number, joins);
    if (change === NO_CHANGE) return false;
    const place = inFlight.enter(row, number, nowWord, nowHigh, 0);
    const account = groups.plan.accountOf(groups.changes.groupAt(change));
    const isSent =
      place !== IN_FLIGHT_NONE && protocol.changeGroup(row, phones.connection(row), number, account, joins);
    if (isSent) {
      phones.setLastNumber(row, number);
      return true;
    }
    if (place !== IN_FLIGHT_NONE) inFlight.remove(place);
    groups.changes.cancel(change);
    return false;
  }

  /**
   * Handles an accepted login of a phone.
   * @param waiting entries in its mailbox, or WAITING_UNKNOWN.
   */
  loggedIn(row: number, waiting: number): void {
    const { storedMail, phones, inFlight, parts, nowWord, nowHigh } = this.#state;
    const last = phones.lastNumber(row);
    if (!storedMail.loggedIn(row, waiting, last, nowWord, nowHigh))
      count(parts.counters, DriverCounter.storedMailForgotten);
    if (!inFlight.mayAwait(row) || !this.#forgetCopies(row)) return;
    if (!this.resend(row)) this.#state.unsent.push(row);
  }

  /**
   * Messages that were not acknowledged on the last connection have no copy on this one. Their places are read first, in
   * a loop that does nothing else: they arrive together then.
   * @returns whether there are any.
   */
  #forgetCopies(row: number): boolean {
    const { phones, inFlight } = this.#state;
    const last = phones.lastNumber(row);
    const first = Math.max(1, last - UNANSWERED_MAX + 1);
    for (let number = first; number <= last; number++) this.#words[number - first] = inFlight.firstWord(row, number);
    inFlight.prefetchAll(this.#words, last - first + 1);
    let isAny = false;
    for (let number = first; number <= last; number++) {
      const place = inFlight.find(row, number);
      if (place === IN_FLIGHT_NONE) continue;
      inFlight.setCopies(place, 0);
      isAny = true;
    }
    return isAny;
  }

  /**
   * After a login: sends each unacknowledged message again, once. A second copy on one connection could be
   * accepted after the first was refused.
   * @returns false if there was no room for all: call again for the rest.
   */
  resend(row: number): boolean {
    const { phones, inFlight } = this.#state;
    const last = phones.lastNumber(row);
    for (let number = Math.max(1, last - UNANSWERED_MAX + 1); number <= last; number++) {
      const place = inFlight.find(row, number);
      if (place === IN_FLIGHT_NONE || !inFlight.awaitsAcknowledgement(place) || inFlight.copies(place) > 0) continue;
      if (!this.resendPlace(place)) return false;
    }
    return true;
  }

  /** Sends one unacknowledged message again. @returns false if there is no room now. */
  resendPlace(place: number): boolean {
    const { inFlight, parts } = this.#state;
    const row = inFlight.row(place);
    const number = inFlight.id(place);
    const change = this.#changeOf(row, number);
    const isWritten =
      change === NO_CHANGE
        ? this.#write(row, number, inFlight.dueWord(place), inFlight.dueHigh(place), true)
        : this.#writeChange(row, number, change);
    if (!isWritten) return false;
    inFlight.addAttempt(place);
    inFlight.setBegun(place, this.#state.nowWord, 0);
    inFlight.setCopies(place, inFlight.copies(place) + 1);
    count(parts.counters, DriverCounter.messagesResent);
    return true;
  }

  /**
   * ✓ for the phone's message of this number; 0 or below for one that is not of this run.
   * @param version of the group that it went to, or that the phone joined or left; NO_VERSION if the server does not
   *   tell.
   * @param members of that version, without the author of a message.
   */
  acknowledged(row: number, number: number, version: number, members: number): void {
    const { inFlight, parts, messagePlan } = this.#state;
    const place = this.#placeOf(row, number);
    if (place === IN_FLIGHT_NONE || !inFlight.awaitsAcknowledgement(place)) {
      count(parts.counters, DriverCounter.acknowledgementsUnknown);
      return;
    }
    const change = this.#changeOf(row, number);
    if (change !== NO_CHANGE) {
      inFlight.remove(place); // it gets no ✓✓
      this.#state.groups?.changed(change, version);
      return;
    }
    parts.latencies.acknowledgement.record(inFlight.ageMicros(place, this.#state.nowWord, this.#state.nowHigh));
    if (this.#state.misfits?.isSentAgain(this.#state.phoneAt(row), number) === true)
      this.#sendAgain(row, number, place);
    inFlight.acknowledged(place);
    count(parts.counters, DriverCounter.messagesAcknowledged);
    const phone = this.#state.phoneAt(row);
    addToDigest(parts.counters, DriverCounter.digestAcknowledgedLow, phone, number);
    const { refusedPairs } = this.#state;
    if (refusedPairs !== undefined && !refusedPairs.isEmpty)
      refusedPairs.accepted(row, messagePlan.contacts.contactFor(phone, number));
    if (messagePlan.kinds !== undefined) countAcknowledged(parts.counters, messagePlan.kinds, phone, number);
    this.#state.groups?.acknowledged(phone, number, version, members);
    if (this.#state.pushWakes !== undefined) announceMessage(this.#state, phone, number);
    if (!this.#state.isForOffline(phone, number)) return;
    count(parts.counters, DriverCounter.messagesForOffline);
    addToDigest(parts.counters, DriverCounter.digestForOfflineLow, phone, number);
  }

  /** ✓✓ for the phone's message of this number; 0 or below for one that is not of this run. */
  received(row: number, number: number): void {
    const { inFlight, storedMail, parts } = this.#state;
    if (number <= 0) {
      count(parts.counters, DriverCounter.receiptsEarlier);
      storedMail.receipt(row, 0); // it waited, as any message from before this login
      return;
    }
    const phone = this.#state.phoneAt(row);
    this.#state.groups?.received(phone, number);
    const place = this.#placeOf(row, number);
    const isFirst = place === IN_FLIGHT_NONE ? inFlight.receivedWithoutEntry() : inFlight.awaitsReceipt(place);
    if (!isFirst) {
      count(parts.counters, DriverCounter.receiptsRepeated);
      return;
    }
    count(parts.counters, DriverCounter.receipts);
    if (place === IN_FLIGHT_NONE) {
      count(parts.counters, DriverCounter.receiptsUntimed);
      return;
    }
    parts.latencies.receipt.record(inFlight.ageMicros(place, this.#state.nowWord, this.#state.nowHigh));
    if (inFlight.attempts(place) === 0) storedMail.receipt(row, number);
    inFlight.received(place);
  }

  /** The server did not accept the phone's message of this number. @param rejection a Rejection. */
  rejected(row: number, number: number, rejection: number): void {
    const { inFlight, parts } = this.#state;
    const place = this.#placeOf(row, number);
    if (place === IN_FLIGHT_NONE || !inFlight.awaitsAcknowledgement(place)) return;
    const copies = inFlight.copies(place) - 1;
    if (copies > 0) {
      inFlight.setCopies(place, copies); // another copy may still be accepted; its answer decides
      return;
    }
    const age = inFlight.ageMicros(place, this.#state.nowWord, this.#state.nowHigh);
    countBy(parts.counters, DriverCounter.rejectedMicros, age);
    inFlight.remove(place);
    count(parts.counters, rejectionCounter(rejection));
    const change = this.#changeOf(row, number);
    if (change !== NO_CHANGE) {
      this.#state.groups?.changes.cancel(change);
      count(parts.counters, DriverCounter.groupChangesRejected);
      return;
    }
    count(parts.counters, DriverCounter.messagesRejected);
    this.#state.storms?.messageRejected();
    const phone = this.#state.phoneAt(row);
    addToDigest(parts.counters, DriverCounter.digestRejectedLow, phone, number);
    this.#state.refusedPairs?.refused(row, this.#state.messagePlan.contacts.contactFor(phone, number));
    this.#state.groups?.rejected(row, phone, number, rejection);
  }

  /** Sends an acknowledged message again, as no phone should: the switch has to recognize it. */
  #sendAgain(row: number, number: number, place: number): void {
    const { inFlight, parts } = this.#state;
    if (this.#write(row, number, inFlight.dueWord(place), inFlight.dueHigh(place), false))
      count(parts.counters, DriverCounter.messagesSentAgain);
  }

  /** The change of a group that has this number, or NO_CHANGE: the number is that of a message. */
  #changeOf(row: number, number: number): number {
    const { groups } = this.#state;
    return groups === undefined ? NO_CHANGE : groups.changes.find(row, number);
  }

  /** Writes a change of a group again. */
  #writeChange(row: number, number: number, change: number): boolean {
    const { groups, protocol, phones } = this.#state;
    if (groups === undefined) return true;
    const { changes, plan } = groups;
    const account = plan.accountOf(changes.groupAt(change));
    if (!protocol.changeGroup(row, phones.connection(row), number, account, changes.joinsAt(change))) return false;
    changes.sentAgain(change);
    return true;
  }

  /** Where a message waits for its answers; logins are entered under a number that no message has. */
  #placeOf(row: number, number: number): number {
    return number <= LOGIN_ID ? IN_FLIGHT_NONE : this.#state.inFlight.find(row, number);
  }

  /** Whether many messages of its pair before this one may have been refused in a row. */
  #isAfterRefusals(row: number, phone: number, number: number): boolean {
    const { refusedPairs, messagePlan } = this.#state;
    if (refusedPairs === undefined || refusedPairs.isEmpty) return false;
    const { contacts } = messagePlan;
    return refusedPairs.areMany(row, contacts.contactFor(phone, number), contacts.turnsBetween(0, number) + 1);
  }

  #write(row: number, number: number, dueWord: number, dueHigh: number, isSentAgain: boolean): boolean {
    const { phones, messagePlan, protocol, parts } = this.#state;
    const phone = this.#state.phoneAt(row);
    const bytes = messagePlan.payloadBytesOf(phone, number);
    const recipient = messagePlan.recipientOf(phone, number);
    const at = protocol.claimMessage(row, phones.connection(row), number, recipient, bytes);
    if (at < 0) {
      count(parts.counters, DriverCounter.sendRingFull);
      return false;
    }
    this.#payloads.dueWord = dueWord;
    this.#payloads.dueHigh = dueHigh;
    this.#payloads.isSentAgain = isSentAgain;
    this.#payloads.isAfterRefusals = this.#isAfterRefusals(row, phone, number);
    this.#payloads.write(protocol.payloads, at, bytes, phone, number);
    protocol.commitMessage();
    return true;
  }
}

function rejectionCounter(rejection: number): number {
  switch (rejection) {
    case Rejection.MAILBOX_FULL:
      return DriverCounter.rejectedMailboxFull;
    case Rejection.STORE_FULL:
      return DriverCounter.rejectedStoreFull;
    case Rejection.RECIPIENT_UNKNOWN:
      return DriverCounter.rejectedRecipientUnknown;
    case Rejection.ID_TOO_OLD:
      return DriverCounter.rejectedIdTooOld;
    case Rejection.NOT_A_MEMBER:
      return DriverCounter.rejectedNotAMember;
    case Rejection.GROUP_FULL:
      return DriverCounter.rejectedGroupFull;
    case Rejection.TOO_MANY_UNANSWERED:
      return DriverCounter.rejectedTooManyUnanswered;
    case Rejection.OVERLOADED:
      return DriverCounter.rejectedOverloaded;
    case Rejection.PAYLOAD_TOO_LONG:
      return DriverCounter.rejectedPayloadTooLong;
    case Rejection.RECIPIENT_IS_SENDER:
      return DriverCounter.rejectedRecipientIsSender;
    default:
      return DriverCounter.rejectedOther;
  }
}
