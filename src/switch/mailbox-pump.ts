/**
 * Moves mailboxes on: entries out to phones, receipts back to senders.
 *
 *     WAITING ──send──▶ SENT ──delivered──▶ CONFIRMED ──receipt on its way──▶ removed
 *        ▲────────────────┘ session gone, or no confirmation for too long
 *
 * At most `deliveryWindow` entries of a mailbox are SENT. What cannot go on because a ring is
 * full stays as it is, with the account marked BACKLOG, and is tried again: from the retry
 * queue, when the phone confirms something, at the next login, or when the sweep finds it.
 */
import { serialDistance } from '../wire/frames.ts';
import type { AccountTable } from './account-table.ts';
import { DELIVER_WORDS, HopKind, type Hops } from './hops.ts';
import { EntryState, type MailboxStore, type OverdueVisitor } from './mailbox-store.ts';
import { RetryQueue } from './retry-queue.ts';
import { addressShardBits, type ShardSettings } from './shard-settings.ts';
import { count, SwitchCounter } from './switch-counters.ts';

/** Places of the store that one call of {@link MailboxPump.sweep} looks at. */
const SWEEP_PLACES = 128;
/** A whole round of the sweep takes this many beats. */
const SWEEP_ROUND_BEATS = 16;
/** Beats in the time after which a message is sent again, at most: an entry keeps 8 bits of the beat in which it was sent. */
const REDELIVERY_BEATS_MOST = 128;
/** Accounts that one call of {@link MailboxPump.retry} tries, and failures after which it stops. */
const RETRIES_MAX = 512;
const FAILURES_MAX = 8;
/** With so many accounts to try again, the shard takes no more input from phones. */
const BEHIND_ACCOUNTS = 4096;

/** What the pump asks of the sessions on its own shard. False: no room towards the phone. */
export interface LocalDelivery {
  deliverEntry(slot: number, generation: number, entry: number): boolean;
  tryReceipt(slot: number, generation: number, account: number, id: number): boolean;
}

export class MailboxPump implements OverdueVisitor {
  readonly #settings: ShardSettings;
  readonly #accounts: AccountTable;
  readonly #store: MailboxStore;
  readonly #hops: Hops;
  readonly #counters: Float64Array;
  readonly #sessions: LocalDelivery;
  readonly #retries: RetryQueue;
  readonly #shardBits: number;
  readonly #shardMask: number;
  /** Ticks of the shard in a beat of the sweep: one, unless ticks are too fine for an entry's 8 bits. */
  readonly #beatTicks: number;
  readonly #redeliveryBeats: number;
  #beat = 0;
  #sweepLeft = 0;

  constructor(
    settings: ShardSettings,
    accounts: AccountTable,
    store: MailboxStore,
    hops: Hops,
    counters: Float64Array,
    sessions: LocalDelivery,
  ) {
    this.#settings = settings;
    this.#accounts = accounts;
    this.#store = store;
    this.#hops = hops;
    this.#counters = counters;
    this.#sessions = sessions;
    this.#shardBits = addressShardBits(settings.homes.shards);
    this.#shardMask = 2 ** this.#shardBits - 1;
    // An account in the queue has something in its mailbox: as many as there are entries.
    this.#retries = new RetryQueue(2 ** Math.ceil(Math.log2(store.entriesMax + 1)));
    const ticks = settings.redeliveryMicros / settings.tickMicros;
    this.#beatTicks = Math.max(1, Math.ceil(ticks / REDELIVERY_BEATS_MOST));
    this.#redeliveryBeats = Math.max(2, Math.round(ticks / this.#beatTicks));
  }

  get bytes(): number {
    return this.#retries.bytes;
  }

  /** A new entry is at the end of the mailbox: send it at once unless others wait before it. */
  appended(row: number, entry: number): void {
    this.#store.setSentTick(entry, this.#beat & 0xff);
    if (this.#accounts.hasBacklog(row) || !this.#accounts.isOnline(row)) {
      this.#accounts.setBacklog(row, true);
      return;
    }
    const mailbox = this.#accounts.mailbox(row);
    if (this.#store.count(mailbox) > this.#settings.deliveryWindow) {
      this.#accounts.setBacklog(row, true);
    } else if (!this.#send(row, entry)) {
      this.#later(row);
    } else if (this.#store.isReceipt(entry)) {
      this.move(row);
    }
  }

  /** The phone has everything up to this sequence number. */
  confirm(row: number, sequence: number): void {
    const mailbox = this.#accounts.mailbox(row);
    if (mailbox === 0) return;
    let entry = this.#store.first(mailbox);
    while (entry !== 0 && serialDistance(sequence, this.#store.sequence(entry)) >= 0) {
      const state = this.#store.state(entry);
      if (state === EntryState.WAITING) break;
      if (state === EntryState.SENT) {
        this.#store.setState(entry, EntryState.CONFIRMED);
        count(this.#counters, SwitchCounter.messagesConfirmed);
      }
      entry = this.#store.next(mailbox, entry);
    }
    this.move(row);
  }

  /** The session is gone: what was on its way to it waits again. */
  recall(row: number): void {
    const mailbox = this.#accounts.mailbox(row);
    if (mailbox === 0) return;
    let entry = this.#store.first(mailbox);
    for (let n = 0; entry !== 0 && n <= this.#settings.deliveryWindow; n++) {
      if (this.#store.state(entry) === EntryState.SENT) {
        this.#store.setState(entry, EntryState.WAITING);
        count(this.#counters, SwitchCounter.redeliveries);
      }
      entry = this.#store.next(mailbox, entry);
    }
    this.#accounts.setBacklog(row, true);
  }

  /** Does all for an account that can be done now. */
  move(row: number): void {
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
    if (this.#accounts.isOnline(row)) this.#fill(row, mailbox);
  }

  /**
   * Whether so much waits for room that taking more in would only fill mailboxes: then phones
   * wait, and rings in between fill up, until what was taken in has gone out.
   */
  get isBehind(): boolean {
    return this.#retries.length > BEHIND_ACCOUNTS;
  }

  /** Tries again what had no room. @returns how many accounts moved on. */
  retry(): number {
    const tries = Math.min(RETRIES_MAX, this.#retries.length);
    let failures = 0;
    let done = 0;
    for (let n = 0; n < tries && failures < FAILURES_MAX; n++) {
      const row = this.#retries.shift();
      this.#accounts.setQueued(row, false);
      this.move(row);
      if (this.#accounts.isQueued(row)) failures++;
      else done++;
    }
    return done;
  }

  /** Looks for entries that nobody has confirmed for too long. */
  sweep(tick: number): void {
    const beat = Math.floor(tick / this.#beatTicks);
    if (beat !== this.#beat) {
      this.#beat = beat;
      this.#sweepLeft = Math.ceil(this.#store.sweepPlaces / SWEEP_ROUND_BEATS);
    }
    if (this.#sweepLeft <= 0) return;
    const places = Math.min(SWEEP_PLACES, this.#sweepLeft);
    this.#sweepLeft -= places;
    this.#store.sweep(beat & 0xff, this.#redeliveryBeats, places, this);
  }

  /** The sweep has found an entry of this account that is overdue. */
  overdue(row: number): void {
    const mailbox = this.#accounts.mailbox(row);
    if (mailbox === 0 || !this.#accounts.isOnline(row)) return;
    if (this.#store.state(this.#store.first(mailbox)) === EntryState.SENT) this.recall(row);
    this.move(row);
  }

  /** Removes confirmed entries from the front. False: a receipt found no room. */
  #settle(row: number): boolean {
    for (;;) {
      const mailbox = this.#accounts.mailbox(row);
      if (mailbox === 0) return true;
      const entry = this.#store.first(mailbox);
      if (this.#store.state(entry) !== EntryState.CONFIRMED) return true;
      if (!this.#store.isReceipt(entry) && !this.#sendReceipt(entry)) return false;
      this.#accounts.setMailbox(row, this.#store.removeFirst(mailbox));
    }
  }

  /** Sends waiting entries until the window is full. */
  #fill(row: number, mailbox: number): void {
    let entry = this.#store.first(mailbox);
    for (let n = 0; entry !== 0; n++) {
      if (n >= this.#settings.deliveryWindow) return;
      if (this.#store.state(entry) === EntryState.WAITING && !this.#send(row, entry)) {
        this.#later(row);
        return;
      }
      entry = this.#store.next(mailbox, entry);
    }
    this.#accounts.setBacklog(row, false);
    if (!this.#settle(row)) this.#later(row);
  }

  #later(row: number): void {
    this.#accounts.setBacklog(row, true);
    if (this.#accounts.isQueued(row)) return;
    if (this.#retries.push(row)) this.#accounts.setQueued(row, true);
    else count(this.#counters, SwitchCounter.retriesFull); // the sweep comes by
  }

  #send(row: number, entry: number): boolean {
    const address = this.#accounts.address(row);
    const generation = this.#accounts.generation(row);
    const shard = address & this.#shardMask;
    const slot = address >>> this.#shardBits;
    const sent = this.#store.isReceipt(entry)
      ? this.#receiptTo(shard, slot, generation, this.#accountOf(row), this.#store.id(entry))
      : this.#deliverTo(shard, slot, generation, entry);
    if (!sent) return false;
    // A receipt needs no confirmation of its own: it is done once it is on its way.
    const state = this.#store.isReceipt(entry) ? EntryState.CONFIRMED : EntryState.SENT;
    this.#store.setState(entry, state);
    this.#store.setSentTick(entry, this.#beat & 0xff);
    return true;
  }

  #accountOf(row: number): number {
    return this.#settings.homes.accountAt(this.#settings.shard, row);
  }

  #deliverTo(shard: number, slot: number, generation: number, entry: number): boolean {
    if (shard === this.#settings.shard) return this.#sessions.deliverEntry(slot, generation, entry);
    const bytes = this.#store.payloadBytes(entry);
    const word = this.#hops.begin(shard, HopKind.DELIVER, DELIVER_WORDS, bytes);
    if (word < 0) return false;
    const words = this.#hops.words;
    words[word] = slot;
    words[word + 1] = generation;
    words[word + 2] = this.#store.sequence(entry);
    words[word + 3] = this.#store.sender(entry);
    words[word + 4] = bytes;
    this.#store.copyPayload(entry, this.#hops.view, (word + DELIVER_WORDS) * 4);
    this.#hops.end(shard);
    return true;
  }

  #sendReceipt(entry: number): boolean {
    const address = this.#store.address(entry);
    const shard = address & this.#shardMask;
    const generation = this.#store.generation(entry);
    const sender = this.#store.sender(entry);
    return this.#receiptTo(shard, address >>> this.#shardBits, generation, sender, this.#store.id(entry));
  }

  #receiptTo(shard: number, slot: number, generation: number, account: number, id: number): boolean {
    if (shard === this.#settings.shard) {
      return this.#sessions.tryReceipt(slot, generation, account, id);
    }
    return this.#hops.say(shard, HopKind.RECEIPT, slot, generation, account, id);
  }
}
