/**
 * Messages that arrive at simulated phones: checks each one, records its latency, and confirms it.
 *
 * A message is checked against what its sender must have written: payload, recipient, and its place in the order of its
 * pair (see MessageOrder). Digests verify that all messages arrive exactly once (see base/message-digest). A message
 * that a phone has seen before is confirmed again and not checked.
 */
import { count, countBy } from '../../base/counters.ts';
import { addToDigest } from '../../base/message-digest.ts';
import { serialDistance } from '../../base/serial-distance.ts';
import { isBusinessPayloadIntact } from '../../wire/business-payload.ts';
import { NO_ACCOUNT } from '../../wire/numbering-plan.ts';
import { type GroupDelivery, NO_SEQUENCE, SENDER_UNKNOWN } from '../../wire/phone-protocol.ts';
import { countDelivered } from '../content/kind-counts.ts';
import {
  isPayloadAfterRefusals,
  isPayloadSentAgain,
  PAYLOAD_BYTES_MIN,
  PayloadReader,
  payloadDueHigh,
  payloadDueWord,
  payloadNumber,
  payloadRunTag,
} from '../content/payload.ts';
import type { DeliveryLatencies } from '../state/lane-settings.ts';
import type { LaneState } from '../state/lane-state.ts';
import { DriverCounter } from '../terms/driver-counters.ts';
import { elapsedMicros } from '../terms/elapsed-micros.ts';
import { GroupDeliveries } from './group-deliveries.ts';
import { MessageOrder } from './message-order.ts';
import type { PhoneReads } from './phone-reads.ts';

export class PhoneDeliveries {
  readonly #state: LaneState;
  readonly #reads: PhoneReads | undefined;
  readonly #order: MessageOrder;
  readonly #payloads: PayloadReader;
  readonly #groupDeliveries: GroupDeliveries;

  /** @param reads what phones read; undefined if nobody reads. */
  constructor(state: LaneState, reads: PhoneReads | undefined) {
    this.#reads = reads;
    this.#state = state;
    this.#order = new MessageOrder(state);
    this.#payloads = new PayloadReader(state.settings.runTag, state.messagePlan.references);
    this.#groupDeliveries = new GroupDeliveries(state, this.#order, this.#payloads, reads);
  }

  /** Checks a delivered message, whose payload is `view[start, end)`, and confirms it. */
  deliver(row: number, sender: number, sequence: number, view: DataView, start: number, end: number): void {
    if (this.#ignores(row)) return;
    if (this.#isNew(row, sequence)) this.#check(row, sender, sequence, view, start, end);
    this.#confirm(row);
  }

  /** As {@link deliver}, for a message to a group; see PhoneListener.deliveredToGroup. */
  deliverToGroup(row: number, delivery: GroupDelivery, view: DataView, start: number, end: number): void {
    if (this.#ignores(row)) return;
    if (this.#isNew(row, delivery.sequence)) this.#groupDeliveries.check(row, delivery, view, start, end);
    this.#confirm(row);
  }

  /** Completes the checks of what has arrived. */
  checkWaiting(): void {
    this.#order.checkWaiting();
  }

  /** Whether the phone takes no delivery: it does not read. */
  #ignores(row: number): boolean {
    const { misfits, parts } = this.#state;
    if (misfits === undefined || !misfits.isStalled(this.#state.phoneAt(row))) return false;
    count(parts.counters, DriverCounter.deliveriesIgnored);
    return true;
  }

  /** Whether the phone has not seen a message with this sequence number; a new one is noted. */
  #isNew(row: number, sequence: number): boolean {
    const { phones, storedMail, parts } = this.#state;
    if (sequence === NO_SEQUENCE) return true;
    const last = phones.lastSequence(row);
    if (last !== 0 && serialDistance(sequence, last) <= 0) {
      count(parts.counters, DriverCounter.messagesRedelivered);
      storedMail.again(row, sequence);
      return false;
    }
    phones.setLastSequence(row, sequence);
    return true;
  }

  #confirm(row: number): void {
    const { phones, protocol, parts } = this.#state;
    if (protocol.confirm(row, phones.connection(row), phones.lastSequence(row))) return;
    count(parts.counters, DriverCounter.confirmationsDeferred);
    this.#state.owe(row);
  }

  /** Checks a message that was not seen before. */
  #check(row: number, told: number, sequence: number, view: DataView, at: number, end: number): void {
    const { settings, parts, messagePlan, findings, storedMail } = this.#state;
    const { counters } = parts;
    const recipient = this.#state.phoneAt(row);
    const isFromGroup =
      !this.#state.speaksMinor1(recipient) && this.#groupDeliveries.checkFromGroup(row, told, sequence, view, at, end);
    if (isFromGroup) return;
    const number = end - at >= PAYLOAD_BYTES_MIN ? payloadNumber(view, at) : 0;
    const sender = this.#senderOf(told, recipient, number, view, at, end);
    const isBusiness = sender >= settings.population.phones;
    const isIntact = isBusiness
      ? isBusinessPayloadIntact(view, at, end - at, sender, recipient)
      : sender !== NO_ACCOUNT && this.#payloads.isIntact(view, at, end - at, sender);
    if (!isIntact) {
      findings.count('corrupted', sender, recipient, number);
      return;
    }
    if (payloadRunTag(view, at) !== settings.runTag) {
      count(counters, DriverCounter.messagesEarlier);
      storedMail.again(row, sequence); // its time is that of another run's clock
      return;
    }
    const dueWord = payloadDueWord(view, at);
    const dueHigh = payloadDueHigh(view, at);
    const isSentAgain = isPayloadSentAgain(view, at);
    const groups = this.#groupDeliveries;
    if (!isBusiness && groups.checkUnnamed(row, sender, number, sequence, dueWord, dueHigh, isSentAgain)) return;
    count(counters, DriverCounter.messagesDelivered);
    this.#state.countForPlatform(row, DriverCounter.platformDelivered0, 1);
    addToDigest(counters, DriverCounter.digestDeliveredLow, sender, number);
    this.#recordDelivery(row, sender, sequence, dueWord, dueHigh, messagePlan.isToHotAccount(sender, number));
    // Who may write to it by HTTP is not known, but the payload is intact for its recipient alone.
    if (isBusiness) return;
    countDelivered(counters, this.#payloads.blobBytes);
    if (!settings.isEcho && messagePlan.recipientOf(sender, number) !== recipient) {
      findings.count('stranger', sender, recipient, number);
      return;
    }
    this.#reads?.delivered(row, sender, number);
    this.#order.check(row, sender, recipient, number, isSentAgain, isPayloadAfterRefusals(view, at));
  }

  /** Who sent a message: where the server does not say, the possible writer whose payload it is. */
  #senderOf(told: number, recipient: number, number: number, view: DataView, at: number, end: number): number {
    const { messagePlan, settings } = this.#state;
    if (settings.isEcho) return recipient;
    if (told !== SENDER_UNKNOWN) return told;
    if (number < 1) return NO_ACCOUNT;
    for (let candidate = 0; ; candidate++) {
      const writer = messagePlan.contacts.writerOf(recipient, number, candidate);
      if (writer < 0 || this.#payloads.isIntact(view, at, end - at, writer)) return writer;
    }
  }

  #recordDelivery(
    row: number,
    sender: number,
    sequence: number,
    dueWord: number,
    dueHigh: number,
    isHot: boolean,
  ): void {
    const { storedMail, nowWord, nowHigh, parts } = this.#state;
    const latencyMicros = elapsedMicros(dueWord, dueHigh, nowWord, nowHigh);
    const hasWaited = storedMail.waited(row, sequence, dueWord, dueHigh);
    if (isHot) {
      count(parts.counters, DriverCounter.hotMessagesDelivered);
      countBy(parts.counters, DriverCounter.hotDeliveryMicros, latencyMicros);
      return;
    }
    const ofPlatform = this.#latenciesOfPlatform(row);
    if (hasWaited) {
      parts.latencies.storedDelivery.record(latencyMicros);
      ofPlatform?.storedDelivery.record(latencyMicros);
    } else {
      parts.latencies.delivery.record(latencyMicros);
      ofPlatform?.delivery.record(latencyMicros);
      parts.deliveryByNetwork?.(row).record(latencyMicros);
      this.#state.storms?.delivered(row, sender, latencyMicros);
    }
  }

  /** The latencies of the platform of a phone; undefined if phones have none. */
  #latenciesOfPlatform(row: number): DeliveryLatencies | undefined {
    const { platformShares, parts } = this.#state;
    if (platformShares === undefined) return undefined;
    return parts.latencies.byPlatform?.[platformShares.of(this.#state.phoneAt(row))];
  }
}
