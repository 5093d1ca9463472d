/**
 * Reads rows of tables shortly before they are needed. The tables are much larger than the caches, and input names rows
 * at random places, so most of the time of a delivery was spent on waiting for memory, one row after the other. Rows that
 * are read in a loop, a few records ahead, arrive together.
 *
 * A row of one table names that of the next. So the first table is read for all records, then the second: a row that waits for
 * another one would hold up the rows of the next records, and so would a branch that depends on it.
 *
 * JavaScript has no instruction for this: a plain read does it, whose value goes into a sum that nobody needs, because the
 * compiler leaves out a read whose value is dropped.
 */
import type { MailboxIndex } from '../../store/mailbox-index.ts';
import { PREFETCHED_MAX, type Transport } from '../../wire/transport.ts';
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
  /** Accounts, mailboxes or rows of the records that follow, and how many there are. */
  readonly #batch = new Int32Array(PREFETCHED_MAX);
  #waiting = 0;
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

  /** Input from this session follows, which goes to its account. {@link inputsKnown} follows after at most 16 of them. */
  input(slot: number): void {
    this.#batch[this.#waiting++] = this.#sessions.account(slot);
  }

  /** The inputs that follow are known: rows of their accounts are read, then those of their mailboxes. */
  inputsKnown(): void {
    const batch = this.#batch;
    const { homes, shard } = this.#settings;
    for (let n = 0; n < this.#waiting; n++) {
      const account = batch[n] as number; // of those that wait, here and below
      const isHere = account >= 0 && homes.shardOf(account) === shard;
      batch[n] = isHere ? this.#accounts.mailbox(homes.rowOf(account)) : 0;
    }
    for (let n = 0; n < this.#waiting; n++) this.#sum ^= this.#mailboxes.first(batch[n] as number);
    this.#waiting = 0;
  }

  /** A confirmation of an account of this shard follows. */
  account(account: number): void {
    this.#mailbox(this.#settings.homes.rowOf(account));
  }

  /** A message to the account in a row follows. {@link recipientsKnown} follows after at most 16 of them. */
  recipient(row: number): void {
    this.#batch[this.#waiting++] = row;
    this.#sum ^= this.#accounts.address(row);
  }

  /** The recipients that follow are known: rows of their sessions and mailboxes are read. */
  recipientsKnown(): void {
    for (let n = 0; n < this.#waiting; n++) {
      const row = this.#batch[n] as number; // of those that wait
      const address = this.#accounts.address(row);
      if (this.#accounts.isOnline(row) && this.#addresses.isOwn(address)) this.session(this.#addresses.slotOf(address));
      this.#mailbox(row);
    }
    this.#waiting = 0;
  }

  #mailbox(row: number): void {
    const mailbox = this.#accounts.mailbox(row);
    this.#sum ^= this.#mailboxes.first(mailbox);
  }
}
