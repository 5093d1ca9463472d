/**
 * Writes frames to phones, straight into the transport's memory.
 *
 * Answers and errors must not fail: they may use all the room, and the shard takes no more input than it has room to
 * answer. Messages and receipts can wait, and leave a reserve for answers.
 */

import { assert } from '../base/assert.ts';
import type { ByteSpan } from '../base/byte-span.ts';
import { copyBytes } from '../base/copy-bytes.ts';
import { count } from '../base/counters.ts';
import type { MailboxIndex } from '../store/mailbox-index.ts';
import {
  EMPTY_FRAME_BYTES,
  ERROR_FRAME_BYTES,
  FRAME_BYTES_MAX,
  FrameType,
  messageFrameBytes,
  SERIAL_FRAME_BYTES,
  writeEmptyFrame,
  writeErrorFrame,
  writeMessage,
  writeSerialFrame,
} from '../wire/frames.ts';
import {
  GROUP_ACKNOWLEDGED_FRAME_BYTES,
  groupMessageFrameBytes,
  writeGroupAcknowledged,
  writeGroupAuthor,
  writeGroupMessage,
} from '../wire/group-frames.ts';
import { LOGIN_RESULT_FRAME_BYTES, writeLoginResult } from '../wire/login.ts';
import type { NumberingPlan } from '../wire/numbering-plan.ts';
import {
  messageWithIdFrameBytes,
  PAYLOAD_WITH_ID_BYTES_MAX,
  READ_FRAME_BYTES,
  writeMessageWithId,
  writeRead,
} from '../wire/read-frames.ts';
import { CLAIM_FULL, CLAIM_GONE, type Transport } from '../wire/transport.ts';
import { GROUP_HEAD_BYTES, headAuthor, headGroup, headId, headVersion } from './homes/group-head.ts';
import { SwitchCounter } from './terms/switch-counters.ts';

/** The largest answer to one input, in bytes of a ring. */
export const INPUT_ANSWER_BYTES_MAX = 64;
/** In place of the id of a message: its recipient is not told. */
export const ID_UNTOLD = -1;

export class PhoneOutput {
  readonly #transport: Transport;
  readonly #plan: NumberingPlan;
  readonly #counters: Float64Array;
  /** What messages and receipts leave free for answers. */
  readonly #reserveBytes: number;

  /** @param inputsPerTurn inputs between two flushes, for whose answers there must always be room. */
  constructor(transport: Transport, plan: NumberingPlan, counters: Float64Array, inputsPerTurn: number) {
    this.#transport = transport;
    this.#plan = plan;
    this.#counters = counters;
    this.#reserveBytes = INPUT_ANSWER_BYTES_MAX * inputsPerTurn;
  }

  loginResult(
    slot: number,
    code: number,
    capabilities: number,
    waiting: number,
    millis: number,
    highestId: number,
  ): void {
    const at = this.#claim(slot, LOGIN_RESULT_FRAME_BYTES);
    if (at < 0) return;
    writeLoginResult(this.#transport.output, at, code, capabilities, waiting, millis, highestId);
    this.#commit();
  }

  acknowledge(slot: number, id: number): void {
    const at = this.#claim(slot, SERIAL_FRAME_BYTES);
    if (at < 0) return;
    writeSerialFrame(this.#transport.output, at, FrameType.ACKNOWLEDGED, id);
    this.#commit();
  }

  /** Acknowledges a message to a group, or a change of its members. */
  acknowledgeGroup(slot: number, id: number, version: number, members: number): void {
    const at = this.#claim(slot, GROUP_ACKNOWLEDGED_FRAME_BYTES);
    if (at < 0) return;
    writeGroupAcknowledged(this.#transport.output, at, id, version, members);
    this.#commit();
  }

  pong(slot: number): void {
    const at = this.#claim(slot, EMPTY_FRAME_BYTES);
    if (at < 0) return;
    writeEmptyFrame(this.#transport.output, at, FrameType.PONG);
    this.#commit();
  }

  error(slot: number, code: number, id: number): void {
    const at = this.#claim(slot, ERROR_FRAME_BYTES);
    if (at < 0) return;
    writeErrorFrame(this.#transport.output, at, code, id);
    this.#commit();
  }

  /** Whether a message of any size has room now. */
  hasRoom(slot: number): boolean {
    return this.#transport.claim(slot, FRAME_BYTES_MAX, this.#reserveBytes) !== CLAIM_FULL;
  }

  /** @returns false if there is no room now. */
  receipt(slot: number, id: number): boolean {
    const at = this.#transport.claim(slot, SERIAL_FRAME_BYTES, this.#reserveBytes);
    if (at < 0) return at === CLAIM_GONE;
    writeSerialFrame(this.#transport.output, at, FrameType.RECEIPT, id);
    this.#commit();
    return true;
  }

  /** Tells an author who has read a message. @returns false if there is no room now. */
  read(slot: number, id: number, reader: number): boolean {
    const at = this.#transport.claim(slot, READ_FRAME_BYTES, this.#reserveBytes);
    if (at < 0) return at === CLAIM_GONE;
    writeRead(this.#transport.output, at, id, this.#plan.highOf(reader), this.#plan.lowOf(reader));
    this.#commit();
    return true;
  }

  /**
   * Delivers a message of account `sender`, whose payload is in a hop.
   * @param id the sender's, or ID_UNTOLD.
   * @returns false if there is no room now.
   */
  message(slot: number, sequence: number, sender: number, id: number, payload: ByteSpan): boolean {
    const to = this.#beginMessage(slot, sequence, sender, id, payload.bytes);
    if (to < 0) return to === CLAIM_GONE;
    copyBytes(payload.view, payload.at, this.#transport.output, to, payload.bytes);
    this.#commitMessage(SwitchCounter.deliveries);
    return true;
  }

  /** Delivers a message to a group that is in a hop, after its head. @returns false if there is no room now. */
  groupMessage(slot: number, sequence: number, { view, at, bytes }: ByteSpan): boolean {
    const payloadBytes = bytes - GROUP_HEAD_BYTES;
    const to = this.#beginGroupMessage(
      slot,
      sequence,
      headGroup(view, at),
      headAuthor(view, at),
      headVersion(view, at),
      headId(view, at),
      payloadBytes,
    );
    if (to < 0) return to === CLAIM_GONE;
    copyBytes(view, at + GROUP_HEAD_BYTES, this.#transport.output, to, payloadBytes);
    this.#commitMessage(SwitchCounter.groupDeliveries);
    return true;
  }

  /** Delivers a message to a group whose payload is in the index. @returns false if there is no room now. */
  groupEntry(slot: number, index: MailboxIndex, entry: number): boolean {
    const { shared } = index;
    const payload = index.sharedPayload(entry);
    const to = this.#beginGroupMessage(
      slot,
      index.sequence(entry),
      shared.group(payload),
      shared.author(payload),
      shared.version(payload),
      shared.id(payload),
      shared.payloadBytes(payload),
    );
    if (to < 0) return to === CLAIM_GONE;
    shared.copyPayload(payload, this.#transport.output, to);
    this.#commitMessage(SwitchCounter.groupDeliveries);
    return true;
  }

  /** As {@link message}, with the payload in the index. */
  entry(slot: number, index: MailboxIndex, entry: number, sender: number, id: number): boolean {
    const to = this.#beginMessage(slot, index.sequence(entry), sender, id, index.payloadBytes(entry));
    if (to < 0) return to === CLAIM_GONE;
    index.copyPayload(entry, this.#transport.output, to);
    this.#commitMessage(SwitchCounter.deliveries);
    return true;
  }

  /** @returns the offset for the payload; without room, CLAIM_FULL or CLAIM_GONE. */
  #beginMessage(slot: number, sequence: number, sender: number, id: number, payloadBytes: number): number {
    const isTold = id !== ID_UNTOLD && payloadBytes <= PAYLOAD_WITH_ID_BYTES_MAX;
    const bytes = isTold ? messageWithIdFrameBytes(payloadBytes) : messageFrameBytes(payloadBytes);
    const at = this.#transport.claim(slot, bytes, this.#reserveBytes);
    if (at < 0) return at;
    const { output } = this.#transport;
    const high = this.#plan.highOf(sender);
    const low = this.#plan.lowOf(sender);
    if (isTold) return writeMessageWithId(output, at, sequence, high, low, id, payloadBytes);
    return writeMessage(output, at, FrameType.DELIVER, sequence, high, low, payloadBytes);
  }

  #beginGroupMessage(
    slot: number,
    sequence: number,
    group: number,
    author: number,
    version: number,
    id: number,
    payloadBytes: number,
  ): number {
    const at = this.#transport.claim(slot, groupMessageFrameBytes(payloadBytes), this.#reserveBytes);
    if (at < 0) return at;
    const plan = this.#plan;
    const { output } = this.#transport;
    const rest = writeGroupMessage(output, at, sequence, plan.highOf(group), plan.lowOf(group), payloadBytes);
    return writeGroupAuthor(output, rest, plan.highOf(author), plan.lowOf(author), version, id);
  }

  #commitMessage(counter: number): void {
    count(this.#counters, counter);
    this.#commit();
  }

  #claim(slot: number, bytes: number): number {
    const at = this.#transport.claim(slot, bytes, 0);
    assert(at !== CLAIM_FULL, 'a shard takes no more input than it has room to answer');
    return at;
  }

  #commit(): void {
    this.#transport.commit();
    count(this.#counters, SwitchCounter.framesOut);
  }
}
