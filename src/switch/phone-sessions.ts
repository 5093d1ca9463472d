/**
 * The life of the sessions of a shard, from a connection's opening to the moment when the
 * account's home has been told of its end.
 *
 *     OPEN ──login──▶ LOGGING_IN ──accepted──▶ ONLINE ──▶ CLOSING ──▶ CLOSED ──home told──▶ FREE
 *
 * A session that has ended stays CLOSED until every message it sent has been answered. So what
 * its home then learns about the ids used is exact, and a resend after the next login is neither
 * lost nor doubled.
 */
import { assert } from '../base/assert.ts';
import type { LedgerEntry } from '../base/ledger.ts';
import { Capability, ErrorFrameCode, LoginCode } from '../wire/frames.ts';
import { CloseReason, type Transport } from '../wire/transport.ts';
import { type AccountHome, type LocalSessions, MESSAGE_ACCEPTED } from './account-home.ts';
import { HopKind, type Hops } from './hops.ts';
import { LoginLine } from './login-line.ts';
import type { MailboxStore } from './mailbox-store.ts';
import type { PhoneOutput } from './phone-output.ts';
import { RetryQueue } from './retry-queue.ts';
import { NO_HOME, SESSION_WORDS, SessionState, SessionTable, WHEEL_WORD } from './session-table.ts';
import { addressShardBits, type ShardSettings } from './shard-settings.ts';
import { count, countBy, SwitchCounter } from './switch-counters.ts';
import { TimingWheel, WHEEL_NONE } from './timing-wheel.ts';

/** Sessions whose time-out is looked at in one go. */
const EXPIRIES_MAX = 256;
/** Rows that are looked at in one go when all connections are to be ended. */
const STOP_LOOKS_MAX = 4096;
/** Homes that wait to be told of a session's end; what happens to a further one: see #tellHome. */
const UNTOLD_MAX = 2 ** 16;

const NOT_STOPPING = -1;

export class PhoneSessions implements LocalSessions {
  readonly table: SessionTable;
  readonly #settings: ShardSettings;
  readonly #transport: Transport;
  readonly #output: PhoneOutput;
  readonly #hops: Hops;
  readonly #store: MailboxStore;
  readonly #counters: Float64Array;
  readonly #line: LoginLine;
  readonly #wheel: TimingWheel;
  readonly #untold = new RetryQueue(UNTOLD_MAX);
  readonly #shardBits: number;
  readonly #heartbeatTicks: number;
  readonly #loginTicks: number;
  #home: AccountHome | undefined;
  #tick = 0;
  #used = 0;
  /** The next row that is to be ended; NOT_STOPPING while the switch goes on. */
  #stopAt = NOT_STOPPING;

  constructor(
    settings: ShardSettings,
    transport: Transport,
    output: PhoneOutput,
    hops: Hops,
    store: MailboxStore,
    counters: Float64Array,
  ) {
    this.table = new SessionTable(settings.sessions);
    this.#settings = settings;
    this.#transport = transport;
    this.#output = output;
    this.#hops = hops;
    this.#store = store;
    this.#counters = counters;
    this.#line = new LoginLine(this.table.rows);
    this.#shardBits = addressShardBits(settings.homes.shards);
    // One tick more: the tick in which something was heard had begun before.
    const { tickMicros } = settings;
    this.#heartbeatTicks = Math.ceil(settings.heartbeatTimeoutMicros / tickMicros) + 1;
    this.#loginTicks = Math.ceil(settings.loginTimeoutMicros / tickMicros) + 1;
    this.#wheel = new TimingWheel(this.table.rows, SESSION_WORDS, WHEEL_WORD, wheelBuckets(this.#heartbeatTicks), 0);
  }

  /** The home on the same shard. Sessions and home know each other, so one comes first. */
  connectHome(home: AccountHome): void {
    this.#home = home;
  }

  get home(): AccountHome {
    assert(this.#home !== undefined, 'the home is connected when the shard is made');
    return this.#home;
  }

  ledger(): LedgerEntry[] {
    const bytes = this.#wheel.bytes + this.#untold.bytes;
    return [
      ...this.table.ledger(this.#used),
      { owner: 'switch', name: 'timing wheel', bytes, rowBytes: 0, rowsUsed: 0 },
    ];
  }

  addressOf(slot: number): number {
    return (slot << this.#shardBits) | this.#settings.shard;
  }

  /** A connection has opened. */
  opened(slot: number): void {
    assert(this.table.state(slot) === SessionState.FREE, 'a new connection has a free row');
    this.table.open(slot, this.#tick);
    this.#line.push(slot);
    this.#used++;
    count(this.#counters, SwitchCounter.connectionsOpened);
    if (this.#stopAt !== NOT_STOPPING) this.#stop(slot);
  }

  /**
   * Every connection, and each that still opens, is told that the switch is stopping, and closed: a
   * bounded number at each doWork. What was acknowledged stays in the mailboxes.
   */
  beginStopping(): void {
    if (this.#stopAt === NOT_STOPPING) this.#stopAt = 0;
  }

  /** A connection has gone, whoever ended it. */
  closed(slot: number): void {
    count(this.#counters, SwitchCounter.connectionsClosed);
    switch (this.table.state(slot)) {
      case SessionState.OPEN:
        this.#line.remove(slot);
        this.#free(slot);
        break;
      case SessionState.LOGGING_IN:
        this.#line.remove(slot);
        this.table.setState(slot, SessionState.CLOSED_LOGGING_IN);
        break;
      case SessionState.CLOSING_LOGGING_IN:
        this.table.setState(slot, SessionState.CLOSED_LOGGING_IN);
        break;
      case SessionState.ONLINE:
        countBy(this.#counters, SwitchCounter.sessions, -1);
        this.#ended(slot);
        break;
      default:
        this.#ended(slot);
    }
  }

  /** The switch ends a connection; {@link closed} follows. */
  close(slot: number, reason: number): void {
    const state = this.table.state(slot);
    if (state === SessionState.OPEN || state === SessionState.LOGGING_IN) this.#line.remove(slot);
    if (state === SessionState.ONLINE) countBy(this.#counters, SwitchCounter.sessions, -1);
    const loggingIn = state === SessionState.LOGGING_IN;
    this.table.setState(slot, loggingIn ? SessionState.CLOSING_LOGGING_IN : SessionState.CLOSING);
    const said = this.#transport.close(slot, reason);
    assert(said, 'a shard takes no more input than it has room to answer');
  }

  loginAnswer(slot: number, generation: number, code: number, highest: number, seen: number, waiting: number): void {
    assert(this.table.isCurrent(slot, generation), 'a session stays until its login is answered');
    const state = this.table.state(slot);
    const accepted = code === LoginCode.ACCEPTED;
    if (state === SessionState.LOGGING_IN) this.#line.remove(slot);
    if (accepted) this.table.setWindow(slot, highest, seen);
    else this.table.forgetHome(slot);
    if (state === SessionState.LOGGING_IN && accepted) {
      this.#enter(slot, waiting);
    } else if (state === SessionState.LOGGING_IN) {
      this.refuseLogin(slot, code, SwitchCounter.loginsRefusedBusy);
    } else if (state === SessionState.CLOSING_LOGGING_IN) {
      this.table.setState(slot, SessionState.CLOSING);
    } else {
      this.#ended(slot);
    }
  }

  /** Answers a login with a refusal and ends the connection. */
  refuseLogin(slot: number, code: number, counter: number): void {
    count(this.#counters, counter);
    this.#output.loginResult(slot, code, 0, 0, this.#heartbeatMillis());
    // The line was left when the answer came; a login refused at once is still in it.
    if (this.table.state(slot) === SessionState.LOGGING_IN) {
      this.table.setState(slot, SessionState.CLOSING);
      this.#transport.close(slot, CloseReason.LOGIN_REFUSED);
    } else {
      this.close(slot, CloseReason.LOGIN_REFUSED);
    }
  }

  answer(slot: number, generation: number, id: number, code: number): void {
    assert(this.table.isCurrent(slot, generation), 'a session stays until its sends are answered');
    this.table.answer(slot, id, code === MESSAGE_ACCEPTED);
    const state = this.table.state(slot);
    if (state === SessionState.ONLINE) {
      if (code === MESSAGE_ACCEPTED) this.#output.acknowledge(slot, id);
      else this.rejectMessage(slot, code, id);
    } else if (state === SessionState.CLOSED) {
      this.#tellHome(slot);
    }
  }

  /** Tells a phone that a message was not taken. */
  rejectMessage(slot: number, code: number, id: number): void {
    count(this.#counters, rejectionCounter(code));
    this.#output.error(slot, code, id);
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
    if (!this.#isOnline(slot, generation)) {
      count(this.#counters, SwitchCounter.deliveriesStale);
      return true;
    }
    return this.#output.message(slot, sequence, sender, payload, payloadAt, payloadBytes);
  }

  deliverEntry(slot: number, generation: number, entry: number): boolean {
    if (!this.#isOnline(slot, generation)) {
      count(this.#counters, SwitchCounter.deliveriesStale);
      return true;
    }
    return this.#output.entry(slot, this.#store, entry, this.#store.sender(entry));
  }

  /** A receipt for the account's session. False: no room, or the session is just ending. */
  tryReceipt(slot: number, generation: number, account: number, id: number): boolean {
    if (!this.table.isCurrent(slot, generation) || this.table.account(slot) !== account) {
      return this.#receiptToHome(slot, account, id);
    }
    if (this.table.state(slot) !== SessionState.ONLINE) return false;
    if (!this.table.wantsReceipts(slot)) {
      count(this.#counters, SwitchCounter.receiptsUnwanted);
      return true;
    }
    if (!this.#output.receipt(slot, id)) return false;
    count(this.#counters, SwitchCounter.receipts);
    return true;
  }

  /** A receipt from another shard. False: no room towards the phone yet. */
  receipt(slot: number, generation: number, account: number, id: number): boolean {
    const ended = this.table.isCurrent(slot, generation) && this.table.state(slot) !== SessionState.ONLINE;
    return ended ? this.#receiptToHome(slot, account, id) : this.tryReceipt(slot, generation, account, id);
  }

  replace(slot: number, generation: number): void {
    if (!this.#isOnline(slot, generation)) return;
    count(this.#counters, SwitchCounter.sessionsReplaced);
    this.#output.error(slot, ErrorFrameCode.SESSION_REPLACED, 0);
    this.close(slot, CloseReason.SESSION_REPLACED);
  }

  /** Ends what has been silent for too long, tells homes what they could not be told before. */
  doWork(tick: number, limit: number): number {
    this.#tick = tick;
    let done = 0;
    for (let n = this.#untold.length; n > 0; n--) {
      this.#tellHome(this.#untold.shift());
      done++;
    }
    const looks = Math.min(limit, EXPIRIES_MAX);
    if (this.#stopAt !== NOT_STOPPING) done += this.#stopSome(looks - done);
    while (done < looks && this.#expireLogin()) done++;
    while (done < looks) {
      const slot = this.#wheel.expire(tick);
      if (slot === WHEEL_NONE) break;
      this.#expire(slot);
      done++;
    }
    return done;
  }

  /** Ends at most `limit` connections; returns how much was looked at, so that the shard does not sleep meanwhile. */
  #stopSome(limit: number): number {
    const from = this.#stopAt;
    const until = Math.min(this.table.capacity, from + STOP_LOOKS_MAX);
    let left = limit;
    while (this.#stopAt < until && left > 0) {
      const state = this.table.state(this.#stopAt);
      if (state === SessionState.OPEN || state === SessionState.LOGGING_IN || state === SessionState.ONLINE) {
        this.#stop(this.#stopAt);
        left--;
      }
      this.#stopAt++;
    }
    return this.#stopAt - from;
  }

  #stop(slot: number): void {
    if (this.table.state(slot) === SessionState.ONLINE) count(this.#counters, SwitchCounter.sessionsStopped);
    this.#output.error(slot, ErrorFrameCode.SWITCH_STOPPING, 0);
    this.close(slot, CloseReason.SWITCH_STOPPING);
  }

  #heartbeatMillis(): number {
    const { heartbeatTimeoutMicros } = this.#settings;
    return Number.isFinite(heartbeatTimeoutMicros) ? Math.round(heartbeatTimeoutMicros / 1000) : 0;
  }

  #isOnline(slot: number, generation: number): boolean {
    return this.table.state(slot) === SessionState.ONLINE && this.table.generation(slot) === generation;
  }

  #enter(slot: number, waiting: number): void {
    this.table.setState(slot, SessionState.ONLINE);
    this.table.hear(slot, this.#tick);
    const times = Number.isFinite(this.#heartbeatTicks) && !this.#wheel.holds(slot);
    if (times) this.#wheel.insert(slot, this.#tick + this.#heartbeatTicks);
    count(this.#counters, SwitchCounter.loginsAccepted);
    count(this.#counters, SwitchCounter.sessions);
    const capabilities = this.table.wantsReceipts(slot) ? Capability.RECEIPTS : 0;
    this.#output.loginResult(slot, LoginCode.ACCEPTED, capabilities, waiting, this.#heartbeatMillis());
  }

  #ended(slot: number): void {
    if (this.table.account(slot) === NO_HOME) {
      this.#free(slot);
      return;
    }
    this.table.setState(slot, SessionState.CLOSED);
    this.#tellHome(slot);
  }

  #tellHome(slot: number): void {
    if (this.table.state(slot) !== SessionState.CLOSED || this.table.hasUnanswered(slot)) return;
    const account = this.table.account(slot);
    const to = this.#settings.homes.shardOf(account);
    const address = this.addressOf(slot);
    const highest = this.table.highest(slot);
    const seen = this.table.seen(slot);
    if (to !== this.#settings.shard) {
      if (!this.#hops.say(to, HopKind.CLOSED, account, address, highest, seen)) {
        if (!this.#untold.push(slot)) count(this.#counters, SwitchCounter.retriesFull);
        return;
      }
      this.#free(slot);
      return;
    }
    this.#free(slot);
    this.home.closed(account, address, highest, seen);
  }

  #free(slot: number): void {
    this.table.setState(slot, SessionState.FREE);
    this.#used--;
    const released = this.#transport.release(slot);
    assert(released, 'a closed connection can always be released');
  }

  #receiptToHome(slot: number, account: number, id: number): boolean {
    const to = this.#settings.homes.shardOf(account);
    const address = this.addressOf(slot);
    if (to === this.#settings.shard) {
      this.home.receiptHome(account, id, address);
    } else if (!this.#hops.say(to, HopKind.RECEIPT_HOME, account, id, address, 0)) {
      count(this.#counters, SwitchCounter.receiptsDropped);
    }
    return true;
  }

  #expireLogin(): boolean {
    const slot = this.#line.oldest;
    if (slot < 0 || this.table.silentTicks(slot, this.#tick) < this.#loginTicks) return false;
    count(this.#counters, SwitchCounter.loginsTimedOut);
    this.#output.error(slot, ErrorFrameCode.LOGIN_TIMED_OUT, 0);
    this.close(slot, CloseReason.LOGIN_TIMED_OUT);
    return true;
  }

  #expire(slot: number): void {
    const state = this.table.state(slot);
    if (state === SessionState.CLOSED) {
      this.#tellHome(slot);
      if (this.table.state(slot) === SessionState.CLOSED) this.#wheel.insert(slot, this.#tick + 1);
      return;
    }
    if (state !== SessionState.ONLINE) return;
    const silent = this.table.silentTicks(slot, this.#tick);
    if (silent < this.#heartbeatTicks) {
      this.#wheel.insert(slot, this.#tick + this.#heartbeatTicks - silent);
      return;
    }
    count(this.#counters, SwitchCounter.heartbeatsMissed);
    this.#output.error(slot, ErrorFrameCode.HEARTBEAT_MISSED, 0);
    this.close(slot, CloseReason.HEARTBEAT_MISSED);
  }
}

/** Buckets of a timing wheel: a power of two above the ticks of the longest stay in it. */
function wheelBuckets(ticks: number): number {
  const least = 256; // 1 KiB: nothing is saved with fewer
  return Number.isFinite(ticks) ? Math.max(least, 2 ** Math.ceil(Math.log2(ticks + 1))) : least;
}

/** What counts a message that was refused with this code. */
function rejectionCounter(code: number): number {
  switch (code) {
    case ErrorFrameCode.MAILBOX_FULL:
      return SwitchCounter.rejectedMailboxFull;
    case ErrorFrameCode.STORE_FULL:
      return SwitchCounter.rejectedStoreFull;
    case ErrorFrameCode.RECIPIENT_UNKNOWN:
      return SwitchCounter.rejectedRecipientUnknown;
    case ErrorFrameCode.ID_TOO_OLD:
      return SwitchCounter.rejectedIdTooOld;
    default:
      assert(code === ErrorFrameCode.TOO_MANY_UNANSWERED, 'a refusal has a known code');
      return SwitchCounter.rejectedTooManyUnanswered;
  }
}
