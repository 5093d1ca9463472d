/**
 * The home of accounts: accepts and stores the messages to them.
 *
 * For each account of this shard, the home knows the address of the session and owns the mailbox. All messages to an
 * account pass through its home in one order, so the order between any two phones is kept across reconnects. A message
 * stays in the mailbox until the phone confirms it, so it survives the loss of any connection.
 *
 * Every entry is recorded in a log besides. Where the settings ask for it, a message is acknowledged and delivered only
 * when its record is complete, so that it survives the end of the shard too: a phone must not see a sequence number
 * that the log may lose and the home would then give to another message.
 */

import type { ByteSpan } from '../../base/byte-span.ts';
import { count } from '../../base/counters.ts';
import type { TableMemory } from '../../base/table-memory.ts';
import { WindowVerdict } from '../../store/id-windows.ts';
import { blankEntry, type MailboxEntry, NO_READER } from '../../store/mailbox-entry.ts';
import { type MailboxStore, STORE_FULL } from '../../store/mailbox-store.ts';
import type { GroupRecords } from '../../store/restore-mailboxes.ts';
import type { UsedIds } from '../../store/used-ids.ts';
import { ErrorFrameCode, LoginCode } from '../../wire/frames.ts';
import { AccountTable } from '../tables/account-table.ts';
import { AddressLayout } from '../tables/address-layout.ts';
import type { ShardSettings } from '../terms/shard-settings.ts';
import { SwitchCounter } from '../terms/switch-counters.ts';
import type { Hops } from './hops.ts';
import { MailboxPump } from './mailbox-pump.ts';
import { type LocalSessions, SessionAnswers } from './session-answers.ts';
import type { LocalDelivery } from './session-passages.ts';
import { SessionReplacement } from './session-replacement.ts';

/** The answer to a message that is in its recipient's mailbox. */
export const MESSAGE_ACCEPTED = 0;

/** In place of a shard: the account has no session. */
export const AWAY = -1;

/** What is told of accounts that become available or unavailable. */
export interface PresenceChanges {
  /** The present time, as {@link AccountTable.lastSeen} keeps it. */
  readonly stamp: number;
  /** An account has become available or unavailable. */
  changed(row: number): void;
  /** Seconds since an account was available, 0 while it is, -1 if that is not known. */
  seenAgoSeconds(row: number): number;
}

export class AccountHome {
  readonly accounts: AccountTable;
  readonly pump: MailboxPump;
  readonly #store: MailboxStore;
  #usedIds: UsedIds | undefined;
  readonly #settings: ShardSettings;
  readonly #counters: Float64Array;
  readonly #answers: SessionAnswers;
  readonly #replacement: SessionReplacement;
  readonly #addresses: AddressLayout;
  readonly #entry: MailboxEntry;
  #tick = 0;
  #presence: PresenceChanges | undefined;

  constructor(
    settings: ShardSettings,
    store: MailboxStore,
    hops: Hops,
    counters: Float64Array,
    sessions: LocalSessions,
    deliveries: LocalDelivery,
    tables?: TableMemory,
  ) {
    this.accounts = new AccountTable(
      settings.homes.rowsFor(settings.plan.size),
      settings.peers > settings.homes.shards,
      tables,
    );
    this.pump = new MailboxPump(settings, this.accounts, store, hops, counters, deliveries);
    this.#store = store;
    this.#settings = settings;
    this.#counters = counters;
    this.#addresses = AddressLayout.of(settings);
    this.#answers = new SessionAnswers(this.#addresses, hops, counters, sessions);
    this.#replacement = new SessionReplacement(settings, this.accounts, this.#answers);
    this.#entry = blankEntry(hops.view);
  }

  /** Names what is told of changes; it is made with the table of accounts. */
  connect(presence: PresenceChanges): void {
    this.#presence = presence;
  }

  get bytes(): number {
    return this.#replacement.bytes + this.pump.bytes + this.#store.bytes;
  }

  /** Handles a session's login to its account. An earlier session of the account is ended first. */
  login(account: number, address: number, generation: number, askedTick: number): void {
    const row = this.#settings.homes.rowOf(account);
    if (!this.accounts.isOnline(row)) {
      if (this.#usedIds !== undefined) this.#recallId(account, row, this.#usedIds);
      this.#enter(row, address, generation);
      return;
    }
    this.#replacement.add(row, address, generation, askedTick);
  }

  /** The session of an account has ended; `highest` and `seen` are its window of ids. */
  closed(account: number, address: number, generation: number, highest: number, seen: number): void {
    const row = this.#settings.homes.rowOf(account);
    if (!this.accounts.isSession(row, address, generation)) return;
    this.#leave(row, highest, seen);
  }

  /** Accounts that have their home here. */
  get rows(): number {
    return this.accounts.size;
  }

  /** Sets an account away if its session was on this shard, which has lost it. @returns whether it was. */
  forgetSessionOn(shard: number, row: number): boolean {
    if (!this.accounts.isOnline(row) || this.#addresses.shardOf(this.accounts.address(row)) !== shard) return false;
    this.#leave(row, 0, 0);
    return true;
  }

  /** The session of an account is over. A login that waited for that is accepted. */
  #leave(row: number, highest: number, seen: number): void {
    const wasAvailable = this.accounts.isAvailable(row);
    const lastSeenStamp = wasAvailable ? (this.#presence?.stamp ?? 0) : this.accounts.lastSeen(row);
    this.accounts.setAway(row, highest, seen, lastSeenStamp);
    if (wasAvailable) this.#presence?.changed(row);
    this.pump.recall(row);
    if (!this.#replacement.has(row)) return;
    const nextAddress = this.#replacement.address(row);
    const nextGeneration = this.#replacement.generation(row);
    this.#replacement.remove(row);
    this.#enter(row, nextAddress, nextGeneration);
  }

  /** Stores a message to an account of this home, answers the sender, and starts the delivery. */
  route(sender: number, address: number, generation: number, id: number, recipient: number, payload: ByteSpan): void {
    const row = this.#settings.homes.rowOf(recipient);
    const entry = this.#entry;
    entry.sender = sender;
    entry.id = id;
    entry.isReceipt = false;
    entry.address = address;
    entry.generation = generation;
    entry.payload = payload.view;
    entry.payloadAt = payload.at;
    entry.payloadBytes = payload.bytes;
    entry.accountRow = row;
    const verdict = this.#store.judge(entry);
    if (verdict !== WindowVerdict.NEW) {
      this.#answerKnown(verdict, entry);
      return;
    }
    const code = this.#append(row, entry);
    if (code === MESSAGE_ACCEPTED) count(this.#counters, SwitchCounter.messagesAccepted);
    const isIncomplete = code === MESSAGE_ACCEPTED && this.#store.delaysAcknowledgements;
    if (!isIncomplete) this.#answers.message(address, generation, id, code);
    if (code === MESSAGE_ACCEPTED) this.pump.appended(row, this.accounts.mailbox(row));
  }

  /** Whether a message to a group must wait, because too many entries wait for their records in the log. */
  get isBusy(): boolean {
    return this.#store.isBusy;
  }

  /**
   * Stores a message to a group in the mailbox of a member, and starts the delivery.
   * @param entry the message; its place in the mailbox is filled in.
   * @param shared its payload.
   * @returns whether it was stored; not if the mailbox or the store is full.
   */
  takeShared(row: number, entry: MailboxEntry, shared: number): boolean {
    if (this.#append(row, entry, shared) !== MESSAGE_ACCEPTED) return false;
    this.pump.appended(row, this.accounts.mailbox(row));
    return true;
  }

  /** Whether a message to a group was not stored only because the log takes no more records now. */
  isLogFull(row: number, shared: number): boolean {
    const count = this.#store.index.count(this.accounts.mailbox(row));
    return count < this.#settings.messagesPerAccount && this.#store.index.hasRoom(0, shared);
  }

  /** Reads back what the log has kept. It must be called before anything else. */
  restore(groups?: GroupRecords, usedIds?: UsedIds): void {
    this.#usedIds = usedIds;
    this.#store.restore(this.accounts, groups, usedIds);
  }

  /** The phone of an account has confirmed all entries up to a sequence number. */
  delivered(account: number, sequence: number): void {
    this.pump.confirm(this.#settings.homes.rowOf(account), sequence);
  }

  /** Tells a gateway where the session of an account is. */
  locate(account: number, address: number, id: number): void {
    const row = this.#settings.homes.rowOf(account);
    const { accounts } = this;
    const shard = accounts.isOnline(row) ? this.#addresses.shardOf(accounts.address(row)) : AWAY;
    const seenAgoSeconds = this.#presence?.seenAgoSeconds(row) ?? -1;
    this.#answers.located(address, id, shard, accounts.begun(row), seenAgoSeconds, this.pump.waiting(row));
  }

  /** There is room again for deliveries to a session that had none before. */
  resume(account: number, address: number, generation: number): void {
    const row = this.#settings.homes.rowOf(account);
    if (!this.accounts.isSession(row, address, generation)) return;
    this.pump.recall(row);
    this.pump.move(row);
  }

  /**
   * Takes a read receipt to the author's session. Without one, or without room, it waits in the author's mailbox.
   * @param address the session from which it came back, with its generation; any and -1 if it comes from the reader.
   */
  read(account: number, id: number, reader: number, address: number, generation: number): void {
    const row = this.#settings.homes.rowOf(account);
    const isSent = !this.accounts.isSession(row, address, generation) && this.pump.sendRead(row, id, reader);
    if (!isSent) this.receiptHome(account, id, reader, address, generation);
  }

  /**
   * Stores a receipt in its account's mailbox, because the session that sent the message is gone. It is sent to
   * the account's present session, or at the next login.
   * @param reader who has read the message; NO_READER if it was received.
   */
  receiptHome(account: number, id: number, reader: number, address: number, generation: number): void {
    const row = this.#settings.homes.rowOf(account);
    const entry = this.#entry;
    entry.sender = reader;
    entry.id = id;
    entry.isReceipt = true;
    entry.address = address;
    entry.generation = 0;
    entry.payloadBytes = 0;
    const isRead = reader !== NO_READER;
    if (this.#append(row, entry) !== MESSAGE_ACCEPTED) {
      count(this.#counters, isRead ? SwitchCounter.readReceiptsDropped : SwitchCounter.receiptsDropped);
      return;
    }
    count(this.#counters, isRead ? SwitchCounter.readReceiptsStored : SwitchCounter.receiptsStored);
    this.pump.appendedReceipt(row, this.accounts.mailbox(row), this.accounts.isSession(row, address, generation));
  }

  /** Repeats what found no room, and looks for overdue deliveries. @returns how much it did. */
  doWork(tick: number): number {
    this.#tick = tick;
    this.#replacement.doWork(tick);
    return this.pump.sweep(tick) + this.pump.retry();
  }

  /** A shard has ended, and with it the sessions that wait for answers there. */
  forgetQuestionsOf(shard: number): void {
    const isLost = (address: number): boolean => this.#addresses.shardOf(address) === shard;
    this.#replacement.forget(isLost);
    this.#store.forgetSessions(isLost);
  }

  /** Submits the records of this turn to the log. */
  submit(): void {
    this.#store.submit();
  }

  /** Whether the log has completed the record of a message whose ✓ waits for it. */
  get hasCompletions(): boolean {
    return this.#store.hasCompletions;
  }

  /** Acknowledges and delivers messages whose records are complete. @returns how many, at most `limit`. */
  collectCompletions(limit: number): number {
    const { index } = this.#store;
    let done = 0;
    for (; done < limit && this.#store.hasCompletions; done++) {
      const entry = this.#store.takeCompleted();
      if (!index.isSessionLost(entry)) {
        this.#answers.message(index.address(entry), index.generation(entry), index.id(entry), MESSAGE_ACCEPTED);
      }
      this.pump.move(index.accountRow(entry));
    }
    return done;
  }

  /** Whether something waits for room or for the log, of which no event may tell. */
  get waits(): boolean {
    return this.pump.waits || this.#replacement.hasUntold || this.#store.hasIncomplete;
  }

  #append(row: number, entry: MailboxEntry, shared?: number): number {
    const mailbox = this.accounts.mailbox(row);
    if (this.#store.index.count(mailbox) >= this.#settings.messagesPerAccount) {
      return ErrorFrameCode.MAILBOX_FULL;
    }
    entry.accountRow = row;
    entry.sequence = this.accounts.nextSequence(row);
    const changed = this.#store.append(mailbox, entry, shared);
    if (changed === STORE_FULL) return ErrorFrameCode.STORE_FULL;
    this.accounts.setMailbox(row, changed);
    this.accounts.setSequence(row, entry.sequence);
    return MESSAGE_ACCEPTED;
  }

  /**
   * Answers a message that the mailbox has accepted before, and that its sender's session does not know, because an
   * earlier session was lost. Where the first one is incomplete, its ✓ now goes to this session.
   */
  #answerKnown(verdict: WindowVerdict, { accountRow, sender, id, address, generation }: MailboxEntry): void {
    if (verdict === WindowVerdict.TOO_OLD) {
      this.#answers.message(address, generation, id, ErrorFrameCode.ID_TOO_OLD);
      return;
    }
    count(this.#counters, SwitchCounter.messagesDuplicate);
    const { index } = this.#store;
    const incomplete = this.#store.incompleteOf(this.accounts.mailbox(accountRow), sender, id);
    if (incomplete === 0) {
      this.#answers.message(address, generation, id, MESSAGE_ACCEPTED);
      return;
    }
    const earlierAddress = index.address(incomplete);
    const earlierGeneration = index.generation(incomplete);
    const isEarlierLost = index.isSessionLost(incomplete);
    index.setSession(incomplete, address, generation);
    // Where only the sender's home was lost, the earlier session is still there, and ends when it is answered.
    if (!isEarlierLost) this.#answers.message(earlierAddress, earlierGeneration, id, ErrorFrameCode.STORE_FULL);
  }

  /** The phone of an account that no session is known of may not remember either which ids it has used. */
  #recallId(account: number, row: number, usedIds: UsedIds): void {
    const { accounts } = this;
    if (accounts.highest(row) === 0 && accounts.seen(row) === 0)
      accounts.setAway(row, usedIds.newest(account), 0, accounts.lastSeen(row)); // a copy is judged by its recipient's home
  }

  #enter(row: number, address: number, generation: number): void {
    const highest = this.accounts.highest(row);
    const seen = this.accounts.seen(row);
    this.accounts.setOnline(row, address, generation);
    this.accounts.setBegun(row, this.#tick);
    this.#presence?.changed(row);
    this.#answers.login(address, generation, LoginCode.ACCEPTED, highest, seen, this.pump.waiting(row));
    this.pump.move(row);
  }
}
