/**
 * How an entry or a receipt reaches a session: by a call if the session is on the same shard, otherwise by a hop. The
 * pump decides what is sent and when; an address says where.
 */
import { NO_READER } from '../../store/mailbox-entry.ts';
import type { MailboxIndex } from '../../store/mailbox-index.ts';
import type { AddressLayout } from '../tables/address-layout.ts';
import type { GroupPassages } from './group-passages.ts';
import type { Hops } from './hops.ts';

/** Outcome of an attempt to send an entry or a receipt to a session. */
export const Passage = {
  /** It was sent, or the phone does not want it. */
  DONE: 0,
  /** No room in a ring now. */
  FULL: 1,
  /** The session has ended or is ending. */
  GONE: 2,
} as const;
export type Passage = (typeof Passage)[keyof typeof Passage];

/** What the pump needs from the sessions on its own shard. */
export interface LocalDelivery {
  /** False: no room towards the phone. */
  deliverEntry(slot: number, generation: number, entry: number): boolean;
  /** @param reader who has read the message, or NO_READER, here and below. */
  passReceipt(slot: number, generation: number, account: number, id: number, reader: number): Passage;
  /** A receipt whose session is GONE waits in its account's mailbox. */
  returnReceipt(slot: number, generation: number, account: number, id: number, reader: number): void;
}

export class SessionPassages {
  readonly #addresses: AddressLayout;
  readonly #index: MailboxIndex;
  readonly #hops: Hops;
  readonly #deliveries: LocalDelivery;
  readonly #groups: GroupPassages;

  constructor(
    addresses: AddressLayout,
    index: MailboxIndex,
    hops: Hops,
    deliveries: LocalDelivery,
    groups: GroupPassages,
  ) {
    this.#groups = groups;
    this.#addresses = addresses;
    this.#index = index;
    this.#hops = hops;
    this.#deliveries = deliveries;
  }

  /** Sends a message of a mailbox. @param isFirst whether all entries before it are confirmed. */
  entry(address: number, generation: number, entry: number, isFirst: boolean): Passage {
    const addresses = this.#addresses;
    const index = this.#index;
    const slot = addresses.slotOf(address);
    if (addresses.isOwn(address)) {
      return this.#deliveries.deliverEntry(slot, generation, entry) ? Passage.DONE : Passage.FULL;
    }
    if (index.isShared(entry) && !index.shared.isList(index.sharedPayload(entry))) {
      const isSent = this.#groups.send(addresses.shardOf(address), entry, slot, generation, isFirst);
      return isSent ? Passage.DONE : Passage.FULL;
    }
    const to = addresses.shardOf(address);
    const bytes = index.payloadBytes(entry);
    const sequence = index.sequence(entry);
    const idAndFirst = index.id(entry) * 2 + (isFirst ? 1 : 0);
    const at = this.#hops.write.deliver(to, bytes, slot, generation, sequence, index.sender(entry), idAndFirst);
    if (at < 0) return Passage.FULL;
    index.copyPayload(entry, this.#hops.view, at);
    this.#hops.end(to);
    return Passage.DONE;
  }

  /**
   * Sends a receipt to a session that `account` had.
   * @param reader who has read the message; NO_READER if it was received.
   */
  receipt(address: number, generation: number, account: number, id: number, reader: number): Passage {
    const addresses = this.#addresses;
    const slot = addresses.slotOf(address);
    if (addresses.isOwn(address)) return this.#deliveries.passReceipt(slot, generation, account, id, reader);
    const { write } = this.#hops;
    const to = addresses.shardOf(address);
    const isWritten =
      reader === NO_READER
        ? write.receipt(to, slot, generation, account, id)
        : write.read(to, slot, generation, account, id, reader);
    return isWritten ? Passage.DONE : Passage.FULL;
  }

  /** Returns a receipt whose session on this shard is GONE to the home of its account. */
  returnReceipt(address: number, generation: number, account: number, id: number, reader: number): void {
    this.#deliveries.returnReceipt(this.#addresses.slotOf(address), generation, account, id, reader);
  }
}
