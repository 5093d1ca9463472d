/**
 * Checks messages that arrive at members of groups and broadcast lists, and records their latencies: what
 * PhoneDeliveries does for messages from phone to phone.
 */
import { count, countBy } from '../../base/counters.ts';
import { NO_GROUP } from '../../wire/group-plan.ts';
import { NO_ACCOUNT } from '../../wire/numbering-plan.ts';
import { type GroupDelivery, NO_VERSION } from '../../wire/phone-protocol.ts';
import { countDelivered } from '../content/kind-counts.ts';
import {
  isPayloadSentAgain,
  PAYLOAD_BYTES_MIN,
  type PayloadReader,
  payloadDueHigh,
  payloadDueWord,
  payloadNumber,
  payloadRunTag,
} from '../content/payload.ts';
import { GroupFault, type GroupMessages } from '../groups/group-messages.ts';
import type { LaneState } from '../state/lane-state.ts';
import { DriverCounter } from '../terms/driver-counters.ts';
import { elapsedMicros } from '../terms/elapsed-micros.ts';
import type { MessageOrder } from './message-order.ts';
import type { PhoneReads } from './phone-reads.ts';

export class GroupDeliveries {
  readonly #state: LaneState;
  readonly #order: MessageOrder;
  readonly #payloads: PayloadReader;
  readonly #reads: PhoneReads | undefined;
  /** A message with which the switch did not name the group, or the author. */
  readonly #unnamed: GroupDelivery = { group: NO_ACCOUNT, author: NO_ACCOUNT, version: NO_VERSION, sequence: 0 };

  /** @param reads what phones read; undefined if nobody reads. */
  constructor(state: LaneState, order: MessageOrder, payloads: PayloadReader, reads?: PhoneReads) {
    this.#state = state;
    this.#order = order;
    this.#payloads = payloads;
    this.#reads = reads;
  }

  /**
   * A message that was not seen before has arrived under the name of a group; see PhoneListener.deliveredToGroup.
   */
  check(row: number, delivery: GroupDelivery, view: DataView, at: number, end: number): void {
    const { settings, parts, findings, storedMail, groups } = this.#state;
    const { author } = delivery;
    const phone = this.#state.phoneAt(row);
    const number = end - at >= PAYLOAD_BYTES_MIN ? payloadNumber(view, at) : 0;
    const isPhone = author !== NO_ACCOUNT && author < settings.population.phones;
    if (groups === undefined || !isPhone || !this.#payloads.isIntact(view, at, end - at, author)) {
      findings.count('corrupted', author, phone, number);
      return;
    }
    if (payloadRunTag(view, at) !== settings.runTag) {
      count(parts.counters, DriverCounter.messagesEarlier);
      storedMail.again(row, delivery.sequence); // its time is that of another run's clock
      return;
    }
    const isSentAgain = isPayloadSentAgain(view, at);
    this.#arrived(groups, row, delivery, number, payloadDueWord(view, at), payloadDueHigh(view, at), isSentAgain);
  }

  /**
   * A message of this run that names no group has arrived, whose payload was the last to be checked. It may be one to a
   * broadcast list, whose members see only the owner.
   * @returns false if it is a message from phone to phone.
   */
  checkUnnamed(
    row: number,
    author: number,
    number: number,
    sequence: number,
    dueWord: number,
    dueHigh: number,
    isSentAgain: boolean,
  ): boolean {
    const { groups } = this.#state;
    if (groups === undefined || groups.choice.groupOf(author, number) === NO_GROUP) return false;
    this.#told(NO_ACCOUNT, author, sequence);
    this.#arrived(groups, row, this.#unnamed, number, dueWord, dueHigh, isSentAgain);
    return true;
  }

  /**
   * A message that was not seen before has arrived from a group, at a phone that speaks minor version 0: it is told the
   * group in place of the author, who is the member whose payload it is.
   * @returns false if it is not a group that was named.
   */
  checkFromGroup(row: number, account: number, sequence: number, view: DataView, at: number, end: number): boolean {
    const { groups } = this.#state;
    const group = groups === undefined ? NO_GROUP : groups.plan.groupAt(account);
    if (groups === undefined || group === NO_GROUP) return false;
    this.#told(account, this.#authorOf(groups, group, view, at, end), sequence);
    this.check(row, this.#unnamed, view, at, end);
    return true;
  }

  /** What a member knows whom the switch told less. */
  #told(group: number, author: number, sequence: number): void {
    this.#unnamed.group = group;
    this.#unnamed.author = author;
    this.#unnamed.sequence = sequence;
  }

  #arrived(
    groups: GroupMessages,
    row: number,
    delivery: GroupDelivery,
    number: number,
    dueWord: number,
    dueHigh: number,
    isSentAgain: boolean,
  ): void {
    const { author, version, sequence } = delivery;
    const told = groups.plan.groupAt(delivery.group);
    const { storedMail, nowWord, nowHigh, parts, findings } = this.#state;
    const phone = this.#state.phoneAt(row);
    countDelivered(parts.counters, this.#payloads.blobBytes);
    const latencyMicros = elapsedMicros(dueWord, dueHigh, nowWord, nowHigh);
    const chosen = groups.choice.groupOf(author, number);
    if (groups.isHot(chosen)) {
      count(parts.counters, DriverCounter.hotGroupDeliveries);
      countBy(parts.counters, DriverCounter.hotGroupDeliveryMicros, latencyMicros);
    }
    if (storedMail.waited(row, sequence, dueWord, dueHigh)) parts.latencies.storedDelivery.record(latencyMicros);
    else if (!groups.isHot(chosen)) parts.latencies.groupDelivery.record(latencyMicros);
    if (groups.delivered(row, phone, told, author, version, number) === GroupFault.STRANGER) {
      findings.note('stranger', author, phone, number);
      return;
    }
    this.#reads?.deliveredToMember(row, author, number);
    this.#order.checkInGroup(row, author, phone, number, groups.plan.accountOf(chosen), isSentAgain);
  }

  /** The member of a group that wrote a payload; NO_ACCOUNT if none did. */
  #authorOf({ plan }: GroupMessages, group: number, view: DataView, at: number, end: number): number {
    for (let place = 0; place < plan.sizeOf(group); place++) {
      const member = plan.memberAt(group, place);
      if (this.#payloads.isIntact(view, at, end - at, member)) return member;
    }
    return NO_ACCOUNT;
  }
}
