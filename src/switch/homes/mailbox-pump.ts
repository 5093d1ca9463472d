/**
 * Sends the entries of mailboxes to phones, and receipts back to senders.
 *
 *     WAITING ──send──▶ SENT ──delivered──▶ CONFIRMED ──receipt on its way──▶ removed
 *        ▲────────────────┘ session gone, or no confirmation for too long
 *
 * Where acknowledgements wait for the log, a message begins as INCOMPLETE. It becomes WAITING when its record is
 * complete, and what follows waits behind it.
 *
 * At most `deliveryWindow` entries of a mailbox are SENT. An entry that cannot proceed because a ring is full keeps its
 * state, its account is marked BACKLOG, and it is tried again: from the retry queue, when the phone confirms an entry,
 * at the next login, or when the sweep finds it.
 */

import { count } from '../../base/counters.ts';
import { serialDistance } from '../../base/serial-distance.ts';
import { EntryState, NO_READER } from '../../store/mailbox-entry.ts';
import type { MailboxIndex, OverdueVisitor } from '../../store/mailbox-index.ts';
import type { MailboxStore } from '../../store/mailbox-store.ts';
import { PREFETCHED_MAX } from '../../wire/transport.ts';
import type { AccountTable } from '../tables/account-table.ts';
import { AddressLayout } from '../tables/address-layout.ts';
import { RetryQueue } from '../tables/retry-queue.ts';
import type { RowPrefetch } from '../tables/row-prefetch.ts';
import type { ShardSettings } from '../terms/shard-settings.ts';
import { SwitchCounter } from '../terms/switch-counters.ts';
import { GroupPassages } from './group-passages.ts';
import type { Hops } from './hops.ts';
import { type LocalDelivery, Passage, SessionPassages } from './session-passages.ts';

/** Places of the store that one call of {@link MailboxPump.sweep} examines. */
const SWEEP_PLACES = 128;
/** Beats that one full round of the sweep takes. */
const SWEEP_ROUND_BEATS = 16;
/** Most beats in the redelivery time: an entry stores 8 bits of the beat in which it was sent. */
const REDELIVERY_BEATS_MAX = 128;
/** Most accounts that one call of {@link MailboxPump.retry} tries, and failures after which it stops. */
const RETRIES_MAX = 512;
const FAILURES_MAX = 32;
/** With this many accounts in the retry queue, the shard takes no more input from phones. */
const BEHIND_ACCOUNTS_MAX = 4096;

/** Reads rows of accounts that are tried next. */
type RecipientRows = Pick<RowPrefetch, 'recipient' | 'recipientsKnown'>;

export class MailboxPump implements OverdueVisitor {
  readonly #settings: ShardSettings;
  readonly #accounts: AccountTable;
  readonly #index: MailboxIndex;
  readonly #store: MailboxStore;
  readonly #counters: Float64Array;
  readonly #retries: RetryQueue;
  /** Reaches the sessions of accounts, for others as well. */
  readonly passages: SessionPassages;
  readonly #groups: GroupPassages;
  /** Ticks of the shard in a beat of the sweep: one, unless ticks are too fine for an entry's 8 bits. */
  readonly #beatTicks: number;
  readonly #redeliveryBeats: number;
  /** Entries from this one on lie in a file: an entry is named by its block. */
  readonly #firstInFile: number;
  #rows: RecipientRows | undefined;
  #beat = 0;
  #sweepLeft = 0;

  constructor(
    settings: ShardSettings,
    accounts: AccountTable,
    store: MailboxStore,
    hops: Hops,
    counters: Float64Array,
    deliveries: LocalDelivery,
  ) {
    this.#settings = settings;
    this.#accounts = accounts;
    this.#store = store;
    this.#index = store.index;
    this.#counters = counters;
    const { index } = store;
    this.#groups = new GroupPassages(settings.homes.shards, index, hops, (entry) => this.#takeBack(entry));
    this.passages = new SessionPassages(AddressLayout.of(settings), index, hops, deliveries, this.#groups);
    this.#firstInFile = settings.residentBlocks ?? index.entriesMax + 1;
    // An account in the queue has something in its mailbox: as many as there are entries.
    this.#retries = new RetryQueue(2 ** Math.ceil(Math.log2(store.index.entriesMax + 1)));
    const ticks = settings.redeliveryMicros / settings.tickMicros;
    this.#beatTicks = Math.max(1, Math.ceil(ticks / REDELIVERY_BEATS_MAX));
    this.#redeliveryBeats = Math.max(2, Math.round(ticks / this.#beatTicks));
  }

  get bytes(): number {
    return this.#retries.bytes + this.#groups.bytes;
  }

  /** Entries of one message to a group follow; some may only be sent at {@link endFanOut}. */
  beginFanOut(): void {
    this.#groups.collect();
  }

  endFanOut(): void {
    this.#groups.flush();
  }

  /** A new entry was appended to the mailbox: sends it at once unless it is INCOMPLETE, or others wait before it. */
  appended(row: number, entry: number): void {
    this.#index.setSentTick(entry, this.#beat & 0xff);
    const isIncomplete = this.#index.state(entry) === EntryState.INCOMPLETE;
    if (isIncomplete || this.#accounts.hasBacklog(row) || !this.#accounts.isOnline(row)) {
      this.#accounts.setBacklog(row, true);
      return;
    }
    const mailbox = this.#accounts.mailbox(row);
    if (this.#index.count(mailbox) > this.#settings.deliveryWindow) {
      this.#accounts.setBacklog(row, true);
    } else if (this.#send(row, entry, entry === this.#index.first(mailbox)) === Passage.FULL) {
      this.#later(row);
    }
  }

  /**
   * A receipt was appended to the mailbox because it found no session. It is sent in the next turn and not at
   * once, since this call may come from within the handling of another mailbox, or of this one.
   * @param toEnding whether it came back from the account's present session because that is ending: then it
   *   waits for the next session.
   */
  appendedReceipt(row: number, entry: number, toEnding: boolean): void {
    this.#index.setSentTick(entry, this.#beat & 0xff);
    if (toEnding) this.#accounts.setBacklog(row, true);
    else this.#later(row);
  }

  /**
   * Sends a read receipt to the account's session, unless entries wait before it.
   * @returns false if it was not sent, and is to wait in the mailbox.
   */
  sendRead(row: number, id: number, reader: number): boolean {
    const accounts = this.#accounts;
    if (!accounts.isOnline(row) || accounts.hasBacklog(row)) return false;
    const account = this.#accountOf(row);
    return this.passages.receipt(accounts.address(row), accounts.generation(row), account, id, reader) === Passage.DONE;
  }

  /** The phone has confirmed all entries up to this sequence number. */
  confirm(row: number, sequence: number): void {
    const mailbox = this.#accounts.mailbox(row);
    if (mailbox === 0) return;
    let entry = this.#index.first(mailbox);
    while (entry !== 0 && serialDistance(sequence, this.#index.sequence(entry)) >= 0) {
      const state = this.#index.state(entry);
      if (state === EntryState.WAITING) break;
      if (state === EntryState.SENT) {
        this.#index.setState(entry, EntryState.CONFIRMED);
        const isShared = this.#index.isShared(entry);
        count(this.#counters, isShared ? SwitchCounter.groupConfirmed : SwitchCounter.messagesConfirmed);
      }
      entry = this.#index.next(mailbox, entry);
    }
    this.move(row);
  }

  /**
   * Number of entries in the account's mailbox that are still to be delivered. Finished ones (receipts already sent,
   * messages whose receipt found no room) can only be among the first `deliveryWindow`, since no others were sent.
   */
  waiting(row: number): number {
    const mailbox = this.#accounts.mailbox(row);
    if (mailbox === 0) return 0;
    let waiting = this.#index.count(mailbox);
    let entry = this.#index.first(mailbox);
    for (let n = 0; entry !== 0 && n < this.#settings.deliveryWindow; n++) {
      if (this.#index.state(entry) === EntryState.CONFIRMED) waiting--;
      entry = this.#index.next(mailbox, entry);
    }
    return waiting;
  }

  /** The session is gone: entries that were sent to it wait again. */
  recall(row: number): void {
    const mailbox = this.#accounts.mailbox(row);
    if (mailbox === 0) return;
    let entry = this.#index.first(mailbox);
    for (let n = 0; entry !== 0 && n <= this.#settings.deliveryWindow; n++) {
      if (this.#index.state(entry) === EntryState.SENT) {
        this.#index.setState(entry, EntryState.WAITING);
        count(this.#counters, SwitchCounter.redeliveries);
      }
      entry = this.#index.next(mailbox, entry);
    }
    this.#accounts.setBacklog(row, true);
  }

  /** Does everything for an account that is possible now. */
  move(row: number): void {
    for (;;) {
      if (!this.#settle(row)) {
        this.#later(row);
        return;
      }
      if (!this.#accounts.hasBacklog(row)) return;
      const mailbox = this.#accounts.mailbox(row);
      if (mailbox === 0) {
        this.#accounts.setBacklog(row, false);
        return;
      }
      if (!this.#accounts.isOnline(row) || !this.#fill(row, mailbox)) return;
    }
  }

  /**
   * Whether so many accounts wait for room that more input would only fill mailboxes. The shard then takes no
   * input from phones, so their rings fill up and they wait until the backlog has been sent.
   */
  get isBehind(): boolean {
    return this.#retries.length > BEHIND_ACCOUNTS_MAX;
  }

  /** Names what reads rows ahead; without it none are. */
  connect(rows: RecipientRows): void {
    this.#rows = rows;
  }

  /** Tries accounts of the retry queue again. @returns how many made progress. */
  retry(): number {
    const tries = Math.min(RETRIES_MAX, this.#retries.length);
    let failures = 0;
    let done = 0;
    let known = 0;
    for (let n = 0; n < tries && failures < FAILURES_MAX; n++) {
      if (known-- === 0) known = this.#readAhead(tries - n) - 1;
      const row = this.#retries.shift();
      this.#accounts.setQueued(row, false);
      this.move(row);
      if (this.#accounts.isQueued(row)) failures++;
      else done++;
    }
    return done;
  }

  /** Reads what the next accounts of the retry queue need. @returns how many of at most `limit`. */
  #readAhead(limit: number): number {
    const known = Math.min(limit, PREFETCHED_MAX);
    if (this.#rows === undefined) return known;
    for (let n = 0; n < known; n++) this.#rows.recipient(this.#retries.at(n));
    this.#rows.recipientsKnown(0);
    return known;
  }

  /**
   * Looks for entries that have been unconfirmed for too long: a few places per call, and as many per beat as a
   * round of SWEEP_ROUND_BEATS needs, however long the shard slept in between.
   * @returns the number of places examined if more are due at once, otherwise 0, so that the shard may sleep.
   */
  sweep(tick: number): number {
    const beat = Math.floor(tick / this.#beatTicks);
    if (beat !== this.#beat) {
      const round = this.#index.entries === 0 ? 0 : this.#index.sweepPlaces;
      const share = Math.ceil(round / SWEEP_ROUND_BEATS) * Math.max(1, beat - this.#beat);
      this.#sweepLeft = Math.min(round, this.#sweepLeft + share);
      this.#beat = beat;
    }
    if (this.#sweepLeft === 0) return 0;
    const places = Math.min(SWEEP_PLACES, this.#sweepLeft);
    this.#sweepLeft -= places;
    this.#index.sweep(beat & 0xff, this.#redeliveryBeats, places, this);
    return this.#sweepLeft === 0 ? 0 : places;
  }

  /** Whether accounts wait for room, of which no event will tell. */
  get waits(): boolean {
    return this.#retries.length > 0;
  }

  /**
   * The sweep has found an entry of this account that is overdue: one that was sent, or one of those that wait behind
   * it, of which the same round finds many. What was sent is sent again only when it is overdue itself.
   */
  overdue(row: number): void {
    const mailbox = this.#accounts.mailbox(row);
    if (mailbox === 0 || !this.#accounts.isOnline(row)) return;
    const first = this.#index.first(mailbox);
    const isSentLongAgo =
      this.#index.state(first) === EntryState.SENT &&
      this.#index.ticksSinceSent(first, this.#beat & 0xff) >= this.#redeliveryBeats;
    if (isSentLongAgo) this.recall(row);
    this.move(row);
  }

  /** Removes confirmed entries from the front. @returns false if a receipt found no room. */
  #settle(row: number): boolean {
    const index = this.#index;
    for (;;) {
      const mailbox = this.#accounts.mailbox(row);
      if (mailbox === 0) return true;
      const entry = index.first(mailbox);
      if (index.state(entry) !== EntryState.CONFIRMED) return true;
      // The author of a message to a group gets the receipt from the group.
      const hasReceipt = !index.isReceipt(entry) && !index.isShared(entry);
      const address = index.address(entry);
      const generation = index.generation(entry);
      const sender = index.sender(entry);
      const id = index.id(entry);
      const passage = hasReceipt ? this.passages.receipt(address, generation, sender, id, NO_READER) : Passage.DONE;
      if (passage === Passage.FULL) return false;
      this.#accounts.setMailbox(row, this.#store.removeFirst(mailbox));
      // Only now: the call may lead to any mailbox.
      if (passage === Passage.GONE) this.passages.returnReceipt(address, generation, sender, id, NO_READER);
    }
  }

  /**
   * Sends waiting entries until the window is full.
   * @returns whether the front may hold finished entries: receipts, which are never confirmed.
   */
  #fill(row: number, mailbox: number): boolean {
    const index = this.#index;
    let entry = index.first(mailbox);
    let isFirst = true;
    for (let n = 0; entry !== 0 && n < this.#settings.deliveryWindow; n++) {
      const state = index.state(entry);
      if (state === EntryState.INCOMPLETE) break;
      if (state === EntryState.WAITING) {
        const passage = this.#send(row, entry, isFirst);
        if (passage === Passage.FULL) this.#later(row);
        if (passage !== Passage.DONE) return false;
      }
      isFirst &&= index.state(entry) === EntryState.CONFIRMED;
      entry = index.next(mailbox, entry);
    }
    if (entry === 0) this.#accounts.setBacklog(row, false);
    return index.state(index.first(mailbox)) === EntryState.CONFIRMED;
  }

  /** An entry that was to be sent with others found no room. */
  #takeBack(entry: number): void {
    this.#index.setState(entry, EntryState.WAITING);
    this.#later(this.#index.accountRow(entry));
  }

  #later(row: number): void {
    this.#accounts.setBacklog(row, true);
    if (this.#accounts.isQueued(row)) return;
    if (this.#retries.push(row)) this.#accounts.setQueued(row, true);
    else count(this.#counters, SwitchCounter.retriesFull); // the sweep will find it
  }

  /** @param isFirst whether all entries before it are confirmed. */
  #send(row: number, entry: number, isFirst: boolean): Passage {
    const address = this.#accounts.address(row);
    const generation = this.#accounts.generation(row);
    const isReceipt = this.#index.isReceipt(entry);
    const passage = isReceipt
      ? this.passages.receipt(
          address,
          generation,
          this.#accountOf(row),
          this.#index.id(entry),
          this.#index.sender(entry),
        )
      : this.passages.entry(address, generation, entry, isFirst);
    if (passage !== Passage.DONE) return passage;
    if (entry >= this.#firstInFile && !isReceipt) count(this.#counters, SwitchCounter.deliveriesFromFile);
    // A receipt is not confirmed: it is finished once it is sent.
    this.#index.setState(entry, isReceipt ? EntryState.CONFIRMED : EntryState.SENT);
    this.#index.setSentTick(entry, this.#beat & 0xff);
    return passage;
  }

  #accountOf(row: number): number {
    return this.#settings.homes.accountAt(this.#settings.shard, row);
  }
}
