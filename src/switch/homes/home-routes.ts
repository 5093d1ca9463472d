/**
 * Connects the sessions of a shard with the homes of accounts: the shard's own home by calls, homes on other
 * shards by hops. Sessions and the own home refer to each other, so the home is set later: see connect.
 */

import { assert } from '../../base/assert.ts';
import { count } from '../../base/counters.ts';
import { NO_READER } from '../../store/mailbox-entry.ts';
import { AddressLayout } from '../tables/address-layout.ts';
import type { ShardSettings } from '../terms/shard-settings.ts';
import { SwitchCounter } from '../terms/switch-counters.ts';
import type { AccountHome } from './account-home.ts';
import type { Hops } from './hops.ts';

export class HomeRoutes {
  readonly #settings: ShardSettings;
  readonly #hops: Hops;
  readonly #counters: Float64Array;
  readonly #addresses: AddressLayout;
  #own: AccountHome | undefined;

  constructor(settings: ShardSettings, hops: Hops, counters: Float64Array) {
    this.#settings = settings;
    this.#hops = hops;
    this.#counters = counters;
    this.#addresses = AddressLayout.of(settings);
  }

  /** Names the home on the same shard. */
  connect(home: AccountHome): void {
    this.#own = home;
  }

  /** The home on the same shard. */
  get own(): AccountHome {
    assert(this.#own !== undefined, 'the home is connected when the shard is made');
    return this.#own;
  }

  /** The address by which other shards name a session of this one. */
  addressOf(slot: number): number {
    return this.#addresses.addressOf(slot);
  }

  isOwn(account: number): boolean {
    return this.#settings.homes.shardOf(account) === this.#settings.shard;
  }

  /** Tells a home on another shard that a session has ended. False: no room now. */
  sayClosed(account: number, address: number, generation: number, highest: number, seen: number): boolean {
    return this.#hops.write.closed(this.#settings.homes.shardOf(account), account, address, generation, highest, seen);
  }

  /** Asks a home on another shard to resume deliveries to a session. @returns false if its inbox is full. */
  sayResume(account: number, slot: number, generation: number): boolean {
    const to = this.#settings.homes.shardOf(account);
    return this.#hops.write.resume(to, account, this.addressOf(slot), generation);
  }

  /**
   * Returns a receipt whose session is gone to the home of its account.
   * @param reader who has read the message; NO_READER if it was received.
   */
  returnReceipt(slot: number, generation: number, account: number, id: number, reader: number): void {
    const address = this.addressOf(slot);
    if (this.isOwn(account)) {
      this.own.receiptHome(account, id, reader, address, generation);
      return;
    }
    const to = this.#settings.homes.shardOf(account);
    const { write } = this.#hops;
    const isRead = reader !== NO_READER;
    const isWritten = isRead
      ? write.readHome(to, account, id, reader, address, generation)
      : write.receiptHome(to, account, id, address, generation);
    if (!isWritten) count(this.#counters, isRead ? SwitchCounter.readReceiptsDropped : SwitchCounter.receiptsDropped);
  }
}
