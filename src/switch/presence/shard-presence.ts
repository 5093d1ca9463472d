/**
 * Presence and typing of a shard: handles the frames of phones about them, and owns the two ends of subscriptions.
 *
 *     phone ── WATCH ──▶ SessionWatches ── watch ──▶ AccountPresence        (home of the watched account)
 *     phone ◀─ PRESENCE ─ SessionWatches ◀─ presence ── AccountPresence
 *     phone ── TYPING ──▶ home of the recipient ── typed ──▶ shard of its session ── TYPING ──▶ phone
 *
 * TYPING is kept nowhere: where there is no room on the way, or the recipient is away, it is dropped and counted.
 *
 * Both give way to messages. `shed…` are set from outside when the shard's input is late: presence first, typing
 * second.
 */
import { count } from '../../base/counters.ts';
import type { LedgerEntry } from '../../base/ledger-entry.ts';
import type { TableMemory } from '../../base/table-memory.ts';
import { ErrorFrameCode, FrameType } from '../../wire/frames.ts';
import { NO_ACCOUNT } from '../../wire/numbering-plan.ts';
import {
  PresenceState,
  readOwnState,
  readWatchedHigh,
  readWatchedLow,
  readWatchedState,
  TypingState,
} from '../../wire/presence-frames.ts';
import type { Transport } from '../../wire/transport.ts';
import type { Hops } from '../homes/hops.ts';
import type { AccountTable } from '../tables/account-table.ts';
import { AddressLayout } from '../tables/address-layout.ts';
import type { SessionTable } from '../tables/session-table.ts';
import type { ShardSettings } from '../terms/shard-settings.ts';
import { SwitchCounter } from '../terms/switch-counters.ts';
import { AccountPresence } from './account-presence.ts';
import { PresenceOutput } from './presence-output.ts';
import { PresencePrefetch } from './presence-prefetch.ts';
import { PresenceTables } from './presence-tables.ts';
import { SessionWatches } from './session-watches.ts';
import { NO_ROW } from './watch-rows.ts';

/** What became of a frame; any other outcome is the code of an ERROR. */
export const FRAME_TAKEN = 0;
/** The frame cannot be taken now. */
export const FRAME_WAITS = -1;

/** Places that one turn examines when another shard has started again. */
const LOOKS_MAX = 2 ** 16;

/** What presence needs of the shard. */
export interface ShardPresenceParts {
  readonly accounts: AccountTable;
  readonly sessions: SessionTable;
  readonly transport: Transport;
  readonly hops: Hops;
  readonly counters: Float64Array;
  /** Room that output to phones leaves free for answers. */
  readonly reserveBytes: number;
  readonly tables: TableMemory | undefined;
}

export class ShardPresence {
  readonly accounts: AccountPresence;
  readonly watches: SessionWatches;
  readonly tables: PresenceTables;
  /** Reads rows ahead, also for the input that changes presence. */
  readonly rows: PresencePrefetch;
  /** Whether no typing is passed on. */
  shedTyping = false;
  readonly #settings: ShardSettings;
  readonly #table: AccountTable;
  readonly #sessions: SessionTable;
  readonly #output: PresenceOutput;
  readonly #hops: Hops;
  readonly #counters: Float64Array;
  readonly #addresses: AddressLayout;
  /** Where the tables are examined when another shard has started again; NO_ROW when that is done. */
  #subscriptionAt = 0;
  #watchAt = 0;

  constructor(settings: ShardSettings, parts: ShardPresenceParts) {
    const { accounts, sessions, hops, counters, tables } = parts;
    this.#settings = settings;
    this.#table = accounts;
    this.#sessions = sessions;
    this.#hops = hops;
    this.#counters = counters;
    this.#addresses = AddressLayout.of(settings);
    this.#output = new PresenceOutput(parts.transport, settings.plan, counters, parts.reserveBytes);
    this.tables = new PresenceTables(settings, tables, sessions.firstWatches);
    this.rows = new PresencePrefetch(settings, { ...parts, tables: this.tables });
    this.watches = new SessionWatches(settings, sessions, this.#output, hops, counters, this.tables, this.rows);
    this.accounts = new AccountPresence(settings, accounts, hops, counters, this.watches, this.tables, this.rows);
    this.watches.connect(this.accounts);
  }

  /** Whether no notices are sent. Changes are noted meanwhile, and each watcher is told the last one afterwards. */
  get shedPresence(): boolean {
    return this.watches.isShedding;
  }

  set shedPresence(isShedding: boolean) {
    this.watches.isShedding = isShedding;
    this.accounts.isShedding = isShedding;
  }

  ledger(): LedgerEntry[] {
    const bytes = this.accounts.bytes + this.watches.bytes;
    return [...this.tables.ledger(), { owner: 'switch', name: 'queues of presence', bytes, rowBytes: 0, rowsUsed: 0 }];
  }

  /** Whether something waits for room, of which no event may tell. */
  get waits(): boolean {
    return this.watches.waits || this.accounts.waits;
  }

  /**
   * Sessions with watches to say and accounts with notices to send, at most: while those are searched for that found
   * the queues full, all watches.
   */
  get waitingMax(): number {
    return this.watches.waitingMax + this.accounts.waitingMax;
  }

  /** Tells homes what phones watch, and watchers what changed. @returns how much it did. */
  doWork(): number {
    let done = 0;
    if (this.watches.waits) done += this.watches.doWork();
    if (this.accounts.waits) done += this.accounts.doWork();
    return done;
  }

  /**
   * Handles a frame of presence or typing from a phone that is online.
   * @returns FRAME_TAKEN, FRAME_WAITS, or the code of the ERROR that answers it.
   */
  frame(type: number, slot: number, view: DataView, body: number): number {
    if (type === FrameType.SET_PRESENCE) return this.#setPresence(slot, readOwnState(view, body));
    const account = this.#settings.plan.indexOfHalves(readWatchedHigh(view, body), readWatchedLow(view, body));
    let code: number = FRAME_TAKEN;
    if (account === NO_ACCOUNT) code = ErrorFrameCode.RECIPIENT_UNKNOWN;
    else if (account === this.#sessions.account(slot)) code = ErrorFrameCode.RECIPIENT_IS_SENDER;
    if (type === FrameType.TYPING) return this.#typingFrame(slot, account, readWatchedState(view, body), code);
    if (code === FRAME_TAKEN && type === FrameType.UNWATCH) this.watches.unwatch(slot, account);
    else if (code === FRAME_TAKEN && !this.watches.watch(slot, account)) code = ErrorFrameCode.TOO_MANY_WATCHED;
    if (code !== FRAME_TAKEN) count(this.#counters, SwitchCounter.watchesRefused);
    else if (type === FrameType.WATCH) count(this.#counters, SwitchCounter.watches);
    return code;
  }

  /** At the home of a recipient: passes typing on to its session, if it has one. */
  typing(recipient: number, sender: number, state: number): void {
    const row = this.#settings.homes.rowOf(recipient);
    const table = this.#table;
    if (!table.isOnline(row)) return;
    const address = table.address(row);
    const slot = this.#addresses.slotOf(address);
    if (this.#addresses.isOwn(address)) this.typed(slot, table.generation(row), sender, state);
    else if (!this.#hops.write.typed(this.#addresses.shardOf(address), slot, table.generation(row), sender, state))
      count(this.#counters, SwitchCounter.typingShed);
  }

  /** At the session of a recipient: writes typing to its phone, if that knows the frame. */
  typed(slot: number, generation: number, sender: number, state: number): void {
    if (!this.#sessions.isOnline(slot, generation) || !this.#sessions.speaksMinor1(slot)) return;
    const isSent = !this.shedTyping && this.#output.typing(slot, sender, state);
    count(this.#counters, isSent ? SwitchCounter.typingForwarded : SwitchCounter.typingShed);
  }

  /** A restart of another shard begins to be handled; {@link forget} follows until it returns true. */
  beginForgetting(): void {
    this.#subscriptionAt = 0;
    this.#watchAt = 0;
  }

  /**
   * Forgets the subscriptions of sessions of a shard that has started again, and prepares to repeat those to its home.
   * A bounded part per turn. @returns whether all is done.
   */
  forget(shard: number): boolean {
    if (this.#subscriptionAt !== NO_ROW) {
      const isGone = (address: number): boolean => this.#addresses.shardOf(address) === shard;
      this.#subscriptionAt = this.accounts.forgetSome(this.#subscriptionAt, LOOKS_MAX, isGone);
      return false;
    }
    if (this.#watchAt !== NO_ROW) this.#watchAt = this.watches.sayAgain(shard, this.#watchAt, LOOKS_MAX);
    return this.#watchAt === NO_ROW;
  }

  #setPresence(slot: number, state: number): number {
    if (state > PresenceState.AVAILABLE) return ErrorFrameCode.MALFORMED_FRAME;
    const account = this.#sessions.account(slot);
    const generation = this.#sessions.generation(slot);
    const address = this.#addresses.addressOf(slot);
    const to = this.#settings.homes.shardOf(account);
    if (to === this.#settings.shard) this.accounts.setState(account, address, generation, state);
    else if (!this.#hops.write.setPresence(to, account, address, generation, state)) return FRAME_WAITS;
    return FRAME_TAKEN;
  }

  #typingFrame(slot: number, recipient: number, state: number, code: number): number {
    if (state > TypingState.TYPING) return ErrorFrameCode.MALFORMED_FRAME;
    if (code !== FRAME_TAKEN) {
      count(this.#counters, SwitchCounter.typingRefused);
      return code;
    }
    const sender = this.#sessions.account(slot);
    const to = this.#settings.homes.shardOf(recipient);
    if (this.shedTyping) count(this.#counters, SwitchCounter.typingShed);
    else if (to === this.#settings.shard) this.typing(recipient, sender, state);
    else if (!this.#hops.write.typing(to, recipient, sender, state)) count(this.#counters, SwitchCounter.typingShed);
    return FRAME_TAKEN;
  }
}
