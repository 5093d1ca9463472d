/**
 * What goes out to phones of this shard: messages and receipts, from the shard's own mailboxes and from
 * other shards. A session that has ended or was replaced meanwhile gets nothing: messages stay in their
 * mailbox, receipts go back to the home of their account.
 */
import { count } from '../base/counters.ts';
import type { HomeRoutes } from './home-routes.ts';
import { type LocalDelivery, Passage } from './mailbox-pump.ts';
import type { MailboxStore } from './mailbox-store.ts';
import type { PhoneOutput } from './phone-output.ts';
import type { SessionTable } from './session-table.ts';
import { SwitchCounter } from './switch-counters.ts';

export class SessionDeliveries implements LocalDelivery {
  readonly #table: SessionTable;
  readonly #output: PhoneOutput;
  readonly #homes: HomeRoutes;
  readonly #store: MailboxStore;
  readonly #counters: Float64Array;

  constructor(
    table: SessionTable,
    output: PhoneOutput,
    homes: HomeRoutes,
    store: MailboxStore,
    counters: Float64Array,
  ) {
    this.#table = table;
    this.#output = output;
    this.#homes = homes;
    this.#store = store;
    this.#counters = counters;
  }

  /** A message from another shard. False: no room towards the phone yet. */
  deliver(
    slot: number,
    generation: number,
    sequence: number,
    sender: number,
    payload: DataView,
    payloadAt: number,
    payloadBytes: number,
  ): boolean {
    if (!this.#table.isOnline(slot, generation)) {
      count(this.#counters, SwitchCounter.deliveriesStale);
      return true;
    }
    return this.#output.message(slot, sequence, sender, payload, payloadAt, payloadBytes);
  }

  deliverEntry(slot: number, generation: number, entry: number): boolean {
    if (!this.#table.isOnline(slot, generation)) {
      count(this.#counters, SwitchCounter.deliveriesStale);
      return true;
    }
    return this.#output.entry(slot, this.#store, entry, this.#store.sender(entry));
  }

  passReceipt(slot: number, generation: number, account: number, id: number): Passage {
    const table = this.#table;
    if (!table.isOnline(slot, generation) || table.account(slot) !== account) return Passage.GONE;
    if (!table.wantsReceipts(slot)) {
      count(this.#counters, SwitchCounter.receiptsUnwanted);
      return Passage.DONE;
    }
    if (!this.#output.receipt(slot, id)) return Passage.FULL;
    count(this.#counters, SwitchCounter.receipts);
    return Passage.DONE;
  }

  returnReceipt(slot: number, generation: number, account: number, id: number): void {
    this.#homes.returnReceipt(slot, generation, account, id);
  }

  /** A receipt from another shard. False: no room towards the phone yet. */
  receipt(slot: number, generation: number, account: number, id: number): boolean {
    const passage = this.passReceipt(slot, generation, account, id);
    if (passage === Passage.GONE) this.#homes.returnReceipt(slot, generation, account, id);
    return passage !== Passage.FULL;
  }
}
