/**
 * Sends messages and receipts to the phones of this shard, from its own mailboxes and from other shards. A session that
 * has ended or was replaced gets nothing: messages stay in their mailbox, receipts go back to the home of their
 * account.
 */

import type { ByteSpan } from '../base/byte-span.ts';
import { count } from '../base/counters.ts';
import { NO_READER } from '../store/mailbox-entry.ts';
import type { MailboxIndex } from '../store/mailbox-index.ts';
import { GROUP_HEAD_BYTES, headGroup } from './homes/group-head.ts';
import { OTHER_BYTES } from './homes/group-passages.ts';
import type { HomeRoutes } from './homes/home-routes.ts';
import { type LocalDelivery, Passage } from './homes/session-passages.ts';
import { ID_UNTOLD, type PhoneOutput } from './phone-output.ts';
import { LateSessions } from './tables/late-sessions.ts';
import type { SessionTable } from './tables/session-table.ts';
import { SwitchCounter } from './terms/switch-counters.ts';

/**
 * Most turns for which the first hop of the inbox, and all hops behind it, wait for room in the ring to its phone. A
 * lane that works makes room in fewer turns.
 */
const WAIT_TURNS_MAX = 1024;
/** Maximum of sessions that one turn checks for room. */
const ASKED_MAX = 64;

export class SessionDeliveries implements LocalDelivery {
  readonly #table: SessionTable;
  readonly #output: PhoneOutput;
  readonly #homes: HomeRoutes;
  readonly #index: MailboxIndex;
  readonly #counters: Float64Array;
  readonly #late = new LateSessions();
  readonly #payload: ByteSpan = { view: new DataView(new ArrayBuffer(0)), at: 0, bytes: 0 };
  readonly #message: ByteSpan = { view: new DataView(new ArrayBuffer(0)), at: 0, bytes: 0 };
  readonly #isThere = (slot: number, generation: number): boolean => this.#table.isOnline(slot, generation);
  readonly #askHome = (slot: number, generation: number): boolean => this.#resume(slot, generation);
  /** Number of turns in which the first hop of the inbox has waited for room to its phone. */
  #turnsWaited = 0;
  /** Members of the first hop of the inbox who need nothing more; 0 unless one of them waits for room. */
  #membersDone = 0;

  constructor(
    table: SessionTable,
    output: PhoneOutput,
    homes: HomeRoutes,
    index: MailboxIndex,
    counters: Float64Array,
  ) {
    this.#table = table;
    this.#output = output;
    this.#homes = homes;
    this.#index = index;
    this.#counters = counters;
  }

  /** Asks homes to resume sessions for which there is room again. @returns how many it asked. */
  retry(): number {
    if (this.#late.withoutRoom === 0) return 0;
    const before = this.#late.withoutRoom;
    this.#late.forEachWithoutRoom(ASKED_MAX, this.#askHome);
    return before - this.#late.withoutRoom;
  }

  /** Whether sessions wait for room to their phones. */
  get waits(): boolean {
    return this.#late.withoutRoom > 0;
  }

  /** Delivers a message from another shard. @returns false if there is no room to the phone yet. */
  deliver(
    slot: number,
    generation: number,
    sequence: number,
    sender: number,
    id: number,
    isFirst: boolean,
    payload: ByteSpan,
  ): boolean {
    if (this.#isStale(slot, generation, isFirst)) return true;
    const told = this.#table.wantsReads(slot) ? id : ID_UNTOLD;
    if (!this.#output.message(slot, sequence, sender, told, payload)) {
      return this.#turnAway(slot, generation);
    }
    this.#turnsWaited = 0;
    return true;
  }

  /**
   * Delivers a message to a group from another shard to a member, and to others whom `hop` names before the head of the
   * message (see GroupPassages).
   * @returns false if there is no room to the phone of one of them yet. The next call is for the same hop, and goes on
   *   there.
   */
  deliverGroup(slot: number, generationAndFirst: number, sequence: number, others: number, hop: ByteSpan): boolean {
    const { view, at } = hop;
    const message = this.#message;
    message.view = view;
    message.at = at + others * OTHER_BYTES;
    message.bytes = hop.bytes - others * OTHER_BYTES;
    if (this.#membersDone === 0) {
      if (!this.#deliverToMember(slot, generationAndFirst, sequence, message)) return false;
      this.#membersDone = 1;
    }
    for (; this.#membersDone <= others; this.#membersDone++) {
      const other = at + (this.#membersDone - 1) * OTHER_BYTES;
      const itsSlot = view.getInt32(other, true);
      const itsGeneration = view.getInt32(other + 4, true);
      if (!this.#deliverToMember(itsSlot, itsGeneration, view.getInt32(other + 8, true), message)) return false;
    }
    this.#membersDone = 0;
    return true;
  }

  #deliverToMember(slot: number, generationAndFirst: number, sequence: number, message: ByteSpan): boolean {
    const generation = generationAndFirst >> 1;
    if (this.#isStale(slot, generation, (generationAndFirst & 1) !== 0)) return true;
    const isWritten = this.#table.speaksMinor1(slot)
      ? this.#output.groupMessage(slot, sequence, message)
      : this.#groupMessageAsPlain(slot, sequence, message);
    if (!isWritten) return this.#turnAway(slot, generation);
    this.#turnsWaited = 0;
    return true;
  }

  /** Minor version 0 knows no groups: the group is the sender. */
  #groupMessageAsPlain(slot: number, sequence: number, { view, at, bytes }: ByteSpan): boolean {
    const payload = this.#payload;
    payload.view = view;
    payload.at = at + GROUP_HEAD_BYTES;
    payload.bytes = bytes - GROUP_HEAD_BYTES;
    return this.#output.message(slot, sequence, headGroup(view, at), ID_UNTOLD, payload);
  }

  deliverEntry(slot: number, generation: number, entry: number): boolean {
    if (!this.#table.isOnline(slot, generation)) {
      count(this.#counters, SwitchCounter.deliveriesStale);
      return true;
    }
    const index = this.#index;
    const { shared } = index;
    const isToGroup = index.isShared(entry) && !shared.isList(index.sharedPayload(entry));
    if (!isToGroup) {
      const told = this.#table.wantsReads(slot) ? index.id(entry) : ID_UNTOLD;
      return this.#output.entry(slot, index, entry, index.sender(entry), told);
    }
    return this.#table.speaksMinor1(slot)
      ? this.#output.groupEntry(slot, index, entry)
      : this.#output.entry(slot, index, entry, shared.group(index.sharedPayload(entry)), ID_UNTOLD);
  }

  passReceipt(slot: number, generation: number, account: number, id: number, reader: number): Passage {
    const table = this.#table;
    if (!table.isOnline(slot, generation) || table.account(slot) !== account) return Passage.GONE;
    if (reader !== NO_READER) return this.#passRead(slot, id, reader);
    if (!table.wantsReceipts(slot)) {
      count(this.#counters, SwitchCounter.receiptsUnwanted);
      return Passage.DONE;
    }
    if (!this.#output.receipt(slot, id)) return Passage.FULL;
    count(this.#counters, SwitchCounter.receipts);
    return Passage.DONE;
  }

  returnReceipt(slot: number, generation: number, account: number, id: number, reader: number): void {
    this.#homes.returnReceipt(slot, generation, account, id, reader);
  }

  /**
   * Delivers a receipt from another shard.
   * @param reader who has read the message; NO_READER if it was received.
   * @returns false if there is no room to the phone yet.
   */
  receipt(slot: number, generation: number, account: number, id: number, reader: number): boolean {
    const passage = this.passReceipt(slot, generation, account, id, reader);
    if (passage === Passage.FULL && !this.#turnAway(slot, generation)) return false;
    if (passage !== Passage.DONE) this.#homes.returnReceipt(slot, generation, account, id, reader);
    return true;
  }

  #passRead(slot: number, id: number, reader: number): Passage {
    if (!this.#table.wantsReads(slot)) {
      count(this.#counters, SwitchCounter.readReceiptsUnwanted);
      return Passage.DONE;
    }
    if (!this.#output.read(slot, id, reader)) return Passage.FULL;
    count(this.#counters, SwitchCounter.readReceipts);
    return Passage.DONE;
  }

  /** Whether a delivery from another shard is not for this session any more, or not yet. */
  #isStale(slot: number, generation: number, isFirst: boolean): boolean {
    const isThere = this.#table.isOnline(slot, generation);
    if (isThere && (this.#late.size === 0 || !this.#isTooEarly(slot, generation, isFirst))) return false;
    count(this.#counters, SwitchCounter.deliveriesStale);
    return true;
  }

  /** Whether a late session cannot take a delivery. One from the front of the mailbox ends its lateness. */
  #isTooEarly(slot: number, generation: number, isFirst: boolean): boolean {
    if (!this.#late.has(slot, generation)) return false;
    if (isFirst) this.#late.remove(slot);
    return !isFirst;
  }

  /** Drops a hop whose phone has no room and that has waited long enough. @returns whether it was dropped. */
  #turnAway(slot: number, generation: number): boolean {
    if (this.#late.size === 0 && ++this.#turnsWaited <= WAIT_TURNS_MAX) return false;
    if (this.#late.add(slot, generation)) return true;
    this.#late.keepOnly(this.#isThere);
    return this.#late.add(slot, generation);
  }

  /** @returns false if there was no room to ask the home. A session that has no room itself goes on waiting. */
  #resume(slot: number, generation: number): boolean {
    if (!this.#table.isOnline(slot, generation)) {
      this.#late.remove(slot);
      return true;
    }
    if (!this.#output.hasRoom(slot)) return true;
    if (!this.#homes.sayResume(this.#table.account(slot), slot, generation)) return false;
    this.#late.setAsked(slot, generation);
    return true;
  }
}
