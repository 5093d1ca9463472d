/**
 * Reads rows of tables shortly before they are needed. The tables are much larger than the caches, and input names rows
 * at random places, so most of the time of a delivery was spent on waiting for memory, one row after the other. Rows
 * that are read in a loop, a few records ahead, arrive together.
 *
 * A row of one table names that of the next. So the first table is read for all records, then the second: a row that
 * waits for another one would hold up the rows of the next records, and so would a branch that depends on it.
 *
 * JavaScript has no instruction for this: a plain read does it, whose value goes into a sum that nobody needs, because
 * the compiler leaves out a read whose value is dropped.
 */
import type { MailboxIndex } from '../../store/mailbox-index.ts';
import { FrameType, HEADER_BYTES, headerType, readAccountHigh, readAccountLow } from '../../wire/frames.ts';
import { readLoginAccountHigh, readLoginAccountLow } from '../../wire/login.ts';
import { NO_ACCOUNT } from '../../wire/numbering-plan.ts';
import { PREFETCHED_MAX, type Transport } from '../../wire/transport.ts';
import type { ShardSettings } from '../terms/shard-settings.ts';
import type { AccountTable } from './account-table.ts';
import { AddressLayout } from './address-layout.ts';
import type { SessionTable } from './session-table.ts';

/** In place of a type of frame: the session has ended. */
const SESSION_ENDS = -1;
const NO_ROW = -1;
/** As much of a LOGIN or a SEND as has its account. */
const FIELDS_BYTES = HEADER_BYTES + 16;

/** Reads the rows of presence. */
export interface PresenceRows {
  /** The account in a row of this shard becomes available, or unavailable. */
  change(row: number): void;
  /** The session in a slot ends. */
  departure(slot: number): void;
  /** The changes and departures that follow are known; they are at most 16. */
  changesKnown(): void;
}

export interface PrefetchedTables {
  readonly sessions: SessionTable;
  readonly accounts: AccountTable;
  readonly mailboxes: MailboxIndex;
  readonly transport: Transport;
  readonly presence: PresenceRows;
}

export class RowPrefetch {
  /**
   * Whether rows of input are read ahead: where there are groups. Without them, two or three rows are needed per
   * message and reading them twice costs more than waiting for them.
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
  /** Slots of the inputs that wait, the types of their frames, and where the bodies of these begin. */
  readonly #slots = new Int32Array(PREFETCHED_MAX);
  readonly #types = new Int32Array(PREFETCHED_MAX);
  readonly #bodies = new Int32Array(PREFETCHED_MAX);
  #view: DataView;
  /** Accounts from here on are groups. */
  readonly #accountsEnd: number;
  readonly #presence: PresenceRows | undefined;
  #sum = 0;

  constructor(settings: ShardSettings, { sessions, accounts, mailboxes, transport, presence }: PrefetchedTables) {
    this.#settings = settings;
    this.#view = transport.output;
    this.#accountsEnd = settings.groups?.plan.firstAccount ?? settings.plan.size;
    this.#presence = settings.watchesMax > 0 ? presence : undefined;
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

  /**
   * Input from this session follows, or its end if there is none. {@link inputsKnown} follows after at most 16 of them.
   * Of several frames only the first is looked at: phones send most of them alone.
   */
  input(slot: number, view: DataView, start: number, end: number): void {
    const n = this.#waiting++;
    this.#slots[n] = slot;
    this.#view = view;
    this.#bodies[n] = start + HEADER_BYTES;
    // Only those of which the account is read have to be long enough for it.
    const isFrame = end - start >= HEADER_BYTES;
    const type = isFrame ? headerType(view.getUint16(start, true)) : SESSION_ENDS;
    const hasAccount = type === FrameType.LOGIN || type === FrameType.SEND;
    this.#types[n] = hasAccount && end - start < FIELDS_BYTES ? FrameType.PING : type;
    this.#sum ^= this.#sessions.account(slot);
  }

  /**
   * The inputs that follow are known: rows of their accounts are read, then those of mailboxes, recipients and
   * watchers.
   */
  inputsKnown(): void {
    const known = this.#waiting;
    const batch = this.#batch;
    this.#waiting = 0;
    for (let n = 0; n < known; n++) {
      const row = this.#rowOf(this.#accountOfInput(n));
      batch[n] = row;
      if (row !== NO_ROW) this.#sum ^= this.#accounts.mailbox(row);
    }
    for (let n = 0; n < known; n++) {
      const row = batch[n] as number; // of those that wait, here and below
      if (row !== NO_ROW) this.#mailbox(row);
      const type = this.#types[n] as number;
      if (type === FrameType.SEND && row !== NO_ROW) this.#sessionOf(row);
      else if (type === FrameType.LOGOUT) this.#presence?.departure(this.#slots[n] as number);
      else if (row !== NO_ROW && (type === FrameType.LOGIN || type === SESSION_ENDS)) this.#presence?.change(row);
    }
    this.#presence?.changesKnown();
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
      this.#sessionOf(row);
      this.#mailbox(row);
    }
    this.#waiting = 0;
  }

  /** The account whose row an input needs first; NO_ACCOUNT if there is none. */
  #accountOfInput(n: number): number {
    const view = this.#view;
    const body = this.#bodies[n] as number; // of those that wait, here and below
    switch (this.#types[n]) {
      case FrameType.LOGIN:
        return this.#settings.plan.indexOfHalves(readLoginAccountHigh(view, body), readLoginAccountLow(view, body));
      case FrameType.SEND:
        return this.#settings.plan.indexOfHalves(readAccountHigh(view, body), readAccountLow(view, body));
      case FrameType.DELIVERED:
      case SESSION_ENDS:
        return this.#sessions.account(this.#slots[n] as number);
      default:
        return NO_ACCOUNT;
    }
  }

  /** The row of an account of a phone whose home is here; otherwise NO_ROW. */
  #rowOf(account: number): number {
    const { homes, shard } = this.#settings;
    const isHere = account >= 0 && account < this.#accountsEnd && homes.shardOf(account) === shard;
    return isHere ? homes.rowOf(account) : NO_ROW;
  }

  /** Reads what output to the session of an account needs, if it has one on this shard. */
  #sessionOf(row: number): void {
    const address = this.#accounts.address(row);
    if (this.#accounts.isOnline(row) && this.#addresses.isOwn(address)) this.session(this.#addresses.slotOf(address));
  }

  #mailbox(row: number): void {
    const mailbox = this.#accounts.mailbox(row);
    this.#sum ^= this.#mailboxes.first(mailbox);
  }
}
