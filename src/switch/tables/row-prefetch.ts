/**
 * Reads rows of tables shortly before they are needed. The tables are much larger than the caches, and input names rows
 * at random places, so most of the time of a delivery was spent on waiting for memory, one row after the other. Rows
 * that are read in a loop, a few records ahead, arrive together.
 *
 * A row of one table names that of the next. So the first table is read for all records, then the second: a row that
 * waits for another one would hold up the rows of the next records, and so would a branch that depends on it. Each table
 * is read in a loop that does nothing else: a processor looks a few hundred instructions ahead, and with the work per
 * record between the reads only three or four of them would wait together.
 *
 * JavaScript has no instruction for this: a plain read does it, whose value goes into a sum that nobody needs, because
 * the compiler leaves out a read whose value is dropped.
 */
import type { MailboxIndex } from '../../store/mailbox-index.ts';
import { FrameType, HEADER_BYTES, headerType, readAccountHigh, readAccountLow } from '../../wire/frames.ts';
import { readLoginAccountHigh, readLoginAccountLow } from '../../wire/login.ts';
import { NO_ACCOUNT } from '../../wire/numbering-plan.ts';
import { PREFETCHED_MAX } from '../../wire/transport.ts';
import type { ShardSettings } from '../terms/shard-settings.ts';
import type { AccountTable } from './account-table.ts';
import { AddressLayout } from './address-layout.ts';
import type { SessionTable } from './session-table.ts';

/** In place of a type of frame: the session has ended. */
const SESSION_ENDS = -1;
const NO_ROW = -1;
const NO_SLOT = -1;
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
  /** Where phones write what inputs are. */
  readonly inputs: DataView;
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
  /** How many records follow. */
  #waiting = 0;
  /** Rows of accounts of the records that follow, one for each that has one. */
  readonly #rows = new Int32Array(PREFETCHED_MAX);
  /** Mailboxes of these, then their first entries. */
  readonly #entries = new Int32Array(PREFETCHED_MAX);
  /** Shared payloads of these. */
  readonly #shares = new Int32Array(PREFETCHED_MAX);
  /** Slots of those who are told something. */
  readonly #told = new Int32Array(PREFETCHED_MAX);
  /** For each row the type of its input. */
  readonly #rowTypes = new Int32Array(PREFETCHED_MAX);
  /** Slots of the inputs that wait, the types of their frames, and where the bodies of these begin. */
  readonly #slots = new Int32Array(PREFETCHED_MAX);
  readonly #types = new Int32Array(PREFETCHED_MAX);
  readonly #bodies = new Int32Array(PREFETCHED_MAX);
  #view: DataView;
  /** Accounts from here on are groups. */
  readonly #accountsEnd: number;
  readonly #presence: PresenceRows | undefined;
  #sum = 0;

  constructor(settings: ShardSettings, { sessions, accounts, mailboxes, inputs, presence }: PrefetchedTables) {
    this.#settings = settings;
    this.#view = inputs;
    this.#accountsEnd = settings.groups?.plan.firstAccount ?? settings.plan.size;
    this.#presence = settings.watchesMax > 0 ? presence : undefined;
    this.readsAhead = settings.groups !== undefined;
    this.#addresses = AddressLayout.of(settings);
    this.#sessions = sessions;
    this.#accounts = accounts;
    this.#mailboxes = mailboxes;
  }

  /** Output to this session follows. */
  session(slot: number): void {
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
  }

  /**
   * The inputs that follow are known: rows of their sessions are read, then those of their accounts, then those of
   * mailboxes, recipients and watchers.
   */
  inputsKnown(): void {
    const known = this.#waiting;
    const rows = this.#rows;
    this.#waiting = 0;
    this.#sessions.prefetchAll(this.#slots, known);
    let count = 0;
    let sends = 0;
    for (let n = 0; n < known; n++) {
      const type = this.#types[n] as number; // of those that wait, here and below
      if (type === FrameType.SEND) sends++;
      if (type === FrameType.LOGOUT) this.#presence?.departure(this.#slots[n] as number);
      const row = this.#rowOf(this.#accountOfInput(n));
      if (row === NO_ROW) continue;
      this.#rowTypes[count] = type;
      rows[count++] = row;
    }
    this.#accounts.prefetchAll(rows, count);
    let told = 0;
    for (let n = 0; n < count; n++) {
      const row = rows[n] as number;
      const type = this.#rowTypes[n] as number;
      if (type === FrameType.SEND) told = this.#tell(this.#slotOf(row), told);
      else if (type !== FrameType.DELIVERED) this.#presence?.change(row);
    }
    this.#sessions.prefetchAll(this.#told, told);
    this.#mailboxes.prefetchFree(sends);
    this.#readMailboxes(count);
    this.#presence?.changesKnown();
    this.#readSenders(count);
  }

  /** A confirmation of an account of this shard follows. */
  account(account: number): void {
    const mailbox = this.#accounts.mailbox(this.#settings.homes.rowOf(account));
    this.#sum ^= this.#mailboxes.first(mailbox);
  }

  /** A message to the account in a row follows. {@link recipientsKnown} follows after at most 16 of them. */
  recipient(row: number): void {
    this.#rows[this.#waiting++] = row;
  }

  /**
   * The recipients that follow are known: rows of their accounts are read, then those of their sessions and mailboxes.
   * @param appended how many entries are appended to the mailboxes.
   */
  recipientsKnown(appended: number): void {
    const known = this.#waiting;
    this.#waiting = 0;
    this.#accounts.prefetchAll(this.#rows, known);
    let told = 0;
    for (let n = 0; n < known; n++) told = this.#tell(this.#slotOf(this.#rows[n] as number), told); // of those that wait
    this.#sessions.prefetchAll(this.#told, told);
    this.#mailboxes.prefetchFree(appended);
    this.#readMailboxes(known);
  }

  /** Reads the last and the first entry of each mailbox of the rows. */
  #readMailboxes(count: number): void {
    const entries = this.#entries;
    for (let n = 0; n < count; n++) entries[n] = this.#accounts.mailbox(this.#rows[n] as number); // of the rows
    this.#mailboxes.prefetchAll(entries, count);
    for (let n = 0; n < count; n++) entries[n] = this.#mailboxes.first(entries[n] as number); // as above
    this.#mailboxes.prefetchAll(entries, count);
  }

  /**
   * Of messages that are confirmed, reads what the first ones of the mailboxes need: the sessions that get a receipt, and
   * the shared payloads of messages to groups.
   */
  #readSenders(count: number): void {
    let told = 0;
    let shares = 0;
    for (let n = 0; n < count; n++) {
      const entry = this.#entries[n] as number; // of the rows, here and below
      if (this.#rowTypes[n] !== FrameType.DELIVERED || entry === 0) continue;
      if (this.#mailboxes.isShared(entry)) this.#shares[shares++] = this.#mailboxes.sharedPayload(entry);
      if (this.#mailboxes.isShared(entry) || this.#mailboxes.isReceipt(entry)) continue;
      const address = this.#mailboxes.address(entry);
      if (this.#addresses.isOwn(address)) told = this.#tell(this.#addresses.slotOf(address), told);
    }
    this.#sessions.prefetchAll(this.#told, told);
    this.#mailboxes.prefetchAll(this.#shares, shares);
  }

  /** Adds a slot to those who are told something. @returns how many these are. */
  #tell(slot: number, told: number): number {
    if (slot === NO_SLOT) return told;
    this.#told[told] = slot;
    return told + 1;
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
      case FrameType.SET_PRESENCE:
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

  /** The slot of the session of an account, if it has one on this shard; otherwise NO_SLOT. */
  #slotOf(row: number): number {
    const address = this.#accounts.address(row);
    return this.#accounts.isOnline(row) && this.#addresses.isOwn(address) ? this.#addresses.slotOf(address) : NO_SLOT;
  }
}
