/**
 * Reads rows of tables shortly before they are needed. The tables are much larger than the caches, and input names rows
 * at random places, so most of the time of a delivery was spent on waiting for memory, one row after the other. Rows that
 * are read in a loop, a few records ahead, arrive together.
 *
 * JavaScript has no instruction for this: a plain read does it, whose value goes into a sum that nobody needs, because the
 * compiler leaves out a read whose value is dropped.
 */
import type { MailboxIndex } from '../../store/mailbox-index.ts';
import type { Transport } from '../../wire/transport.ts';
import type { ShardSettings } from '../terms/shard-settings.ts';
import type { AccountTable } from './account-table.ts';
import { AddressLayout } from './address-layout.ts';
import type { SessionTable } from './session-table.ts';

export interface PrefetchedTables {
  readonly sessions: SessionTable;
  readonly accounts: AccountTable;
  readonly mailboxes: MailboxIndex;
  readonly transport: Transport;
}

export class RowPrefetch {
  /**
   * Whether rows of input are read ahead: where there are groups. Without them, two or three rows are needed per message and
   * reading them twice costs more than waiting for them.
   */
  readonly readsAhead: boolean;
  readonly #settings: ShardSettings;
  readonly #addresses: AddressLayout;
  readonly #sessions: SessionTable;
  readonly #accounts: AccountTable;
  readonly #mailboxes: MailboxIndex;
  readonly #transport: Transport;
  #sum = 0;

  constructor(settings: ShardSettings, { sessions, accounts, mailboxes, transport }: PrefetchedTables) {
    this.#settings = settings;
    this.readsAhead = settings.groups !== undefined;
    this.#addresses = AddressLayout.of(settings);
    this.#sessions = sessions;
    this.#accounts = accounts;
    this.#mailboxes = mailboxes;
    this.#transport = transport;
  }

  /** Output to this session follows. */
  session(slot: number): void {
    this.#transport.prefetch?.(slot);
    this.#sum ^= this.#sessions.state(slot);
  }

  /** Input from this session follows, which goes to its account. */
  input(slot: number): void {
    const account = this.#sessions.account(slot);
    const { homes, shard } = this.#settings;
    if (account >= 0 && homes.shardOf(account) === shard) this.#mailbox(homes.rowOf(account));
  }

  /** A confirmation of an account of this shard follows. */
  account(account: number): void {
    this.#mailbox(this.#settings.homes.rowOf(account));
  }

  /** A message to the account in a row follows. */
  recipient(row: number): void {
    const address = this.#accounts.address(row);
    if (this.#accounts.isOnline(row) && this.#addresses.isOwn(address)) this.session(this.#addresses.slotOf(address));
  }

  #mailbox(row: number): void {
    const mailbox = this.#accounts.mailbox(row);
    this.#sum ^= this.#mailboxes.first(mailbox);
  }
}
