/**
 * The life of the sessions of a shard, from the opening of a connection to its end.
 *
 *     OPEN ──login──▶ LOGGING_IN ──accepted──▶ ONLINE ──▶ CLOSING ──▶ CLOSED ──home told──▶ FREE
 *
 * Most sessions take this path; session-state.ts has all transitions. SessionDeliveries sends messages to phones,
 * SessionTimeouts checks how long they are silent, and ClosedSessions handles closed connections.
 */

import { assert } from '../base/assert.ts';
import { count, countBy } from '../base/counters.ts';
import type { LedgerEntry } from '../base/ledger-entry.ts';
import type { TableMemory } from '../base/table-memory.ts';
import { Capability, ErrorFrameCode, LoginCode } from '../wire/frames.ts';
import { CloseReason, type Transport } from '../wire/transport.ts';
import { ClosedSessions } from './closed-sessions.ts';
import { MESSAGE_ACCEPTED } from './homes/account-home.ts';
import type { HomeRoutes } from './homes/home-routes.ts';
import type { LocalSessions } from './homes/session-answers.ts';
import type { PhoneOutput } from './phone-output.ts';
import type { SessionWatches } from './presence/session-watches.ts';
import { LOGIN_QUESTION } from './tables/open-questions.ts';
import { SessionEvent, SessionState } from './tables/session-state.ts';
import { IdStatus, SessionTable } from './tables/session-table.ts';
import { OVERDUE_NONE, SessionTimeouts } from './tables/session-timeouts.ts';
import type { ShardSettings } from './terms/shard-settings.ts';
import { SwitchCounter } from './terms/switch-counters.ts';

/** Maximum of sessions whose time-out is checked at once. */
const EXPIRIES_MAX = 256;
/** Maximum of rows that are examined at once when all connections have to be ended. */
const STOP_LOOKS_MAX = 4096;

const NOT_STOPPING = -1;

export class PhoneSessions implements LocalSessions {
  readonly table: SessionTable;
  readonly #settings: ShardSettings;
  readonly #transport: Transport;
  readonly #output: PhoneOutput;
  readonly #counters: Float64Array;
  readonly #homes: HomeRoutes;
  readonly #timeouts: SessionTimeouts;
  readonly #ends: ClosedSessions;
  #watches: SessionWatches | undefined;
  /** The next row to be ended; NOT_STOPPING while the switch is running. */
  #stopAt = NOT_STOPPING;

  constructor(
    settings: ShardSettings,
    transport: Transport,
    output: PhoneOutput,
    homes: HomeRoutes,
    counters: Float64Array,
    tables?: TableMemory,
  ) {
    this.table = new SessionTable(settings.sessions, tables, settings.keepsWatches, transport.ownerRows);
    this.#settings = settings;
    this.#transport = transport;
    this.#output = output;
    this.#counters = counters;
    this.#homes = homes;
    this.#timeouts = new SessionTimeouts(settings, this.table);
    this.#ends = new ClosedSessions(this.table, transport, homes, counters);
  }

  /** Names what sessions watch, which ends with them. */
  connect(watches: SessionWatches): void {
    this.#watches = watches;
  }

  ledger(): LedgerEntry[] {
    const bytes = this.#timeouts.bytes + this.#ends.bytes;
    return [...this.table.ledger(), { owner: 'switch', name: 'timing wheel', bytes, rowBytes: 0, rowsUsed: 0 }];
  }

  /** A connection has opened. */
  opened(slot: number): void {
    this.table.open(slot, this.#timeouts.tick);
    this.#timeouts.awaitLogin(slot);
    count(this.#counters, SwitchCounter.connectionsOpened);
    if (this.#stopAt !== NOT_STOPPING) this.#stop(slot);
  }

  /**
   * Notifies every connection, including those that still open, that the switch is stopping, and closes them: a bounded
   * number per call of doWork. Acknowledged messages stay in their mailboxes.
   */
  beginStopping(): void {
    if (this.#stopAt === NOT_STOPPING) this.#stopAt = 0;
  }

  /** A connection is gone, whichever side ended it. */
  closed(slot: number): void {
    count(this.#counters, SwitchCounter.connectionsClosed);
    const before = this.table.step(slot, SessionEvent.CLOSED);
    this.#leave(slot, before);
    if (this.table.state(slot) === SessionState.CLOSED) this.#ends.ended(slot);
  }

  /** Whether input of the phone is still handled; not after the switch has ended its connection. */
  heeds(slot: number): boolean {
    if (this.table.state(slot) === SessionState.ONLINE) return true;
    const state = this.table.step(slot, SessionEvent.FRAME);
    return state === SessionState.OPEN || state === SessionState.LOGGING_IN;
  }

  /** Ends a connection whose input is still handled; {@link closed} follows. */
  close(slot: number, reason: number): void {
    this.#leave(slot, this.table.step(slot, SessionEvent.CLOSE));
    this.#hangUp(slot, reason);
  }

  loginAnswer(slot: number, generation: number, code: number, highest: number, seen: number, waiting: number): void {
    assert(this.table.isCurrent(slot, generation), 'a session stays until its login is answered');
    const accepted = code === LoginCode.ACCEPTED;
    const before = this.table.step(slot, accepted ? SessionEvent.ACCEPTED : SessionEvent.REFUSED);
    this.#leave(slot, before);
    if (accepted) this.table.setWindow(slot, highest, seen);
    else this.table.forgetHome(slot);
    switch (this.table.state(slot)) {
      case SessionState.ONLINE:
        this.#enter(slot, waiting);
        break;
      case SessionState.CLOSED:
        this.#ends.ended(slot);
        break;
      default:
        // CLOSING: a phone that was refused gets the answer. A connection that was ended while its home was asked stays
        // ended.
        if (before === SessionState.LOGGING_IN) this.#sayRefused(slot, code, SwitchCounter.loginsRefusedBusy, 0);
    }
  }

  /**
   * Refuses a login without asking its home, and ends the connection.
   * @param pauseMillis after which time the phone is to come back, for code BUSY; 0 if that is not known.
   */
  refuseLogin(slot: number, code: number, counter: number, pauseMillis: number): void {
    this.#leave(slot, this.table.step(slot, SessionEvent.CLOSE));
    this.#sayRefused(slot, code, counter, pauseMillis);
  }

  answer(slot: number, generation: number, id: number, code: number): void {
    assert(this.table.isCurrent(slot, generation), 'a session stays until its messages are answered');
    const state = this.table.step(slot, SessionEvent.ANSWER);
    this.table.answer(slot, id, code === MESSAGE_ACCEPTED);
    if (state === SessionState.ONLINE) {
      if (code === MESSAGE_ACCEPTED) this.#output.acknowledge(slot, id);
      else this.rejectMessage(slot, code, id);
    } else if (state === SessionState.CLOSED) {
      this.#ends.tellHome(slot);
    }
  }

  /**
   * A group has accepted a message, or a change of its members.
   * @param members -1 if it was accepted before, and neither its version nor the number of members is known any more.
   */
  groupAnswer(slot: number, generation: number, id: number, version: number, members: number): void {
    if (members < 0 || !this.table.speaksMinor1(slot)) {
      this.answer(slot, generation, id, MESSAGE_ACCEPTED);
      return;
    }
    assert(this.table.isCurrent(slot, generation), 'a session stays until its messages are answered');
    const state = this.table.step(slot, SessionEvent.ANSWER);
    this.table.answer(slot, id, true);
    if (state === SessionState.ONLINE) this.#output.acknowledgeGroup(slot, id, version, members);
    else if (state === SessionState.CLOSED) this.#ends.tellHome(slot);
  }

  /**
   * Nobody will answer this question of a session. A message may or may not have been accepted: the connection is
   * closed, and the phone sends it again after its next login, before any later one.
   */
  giveUpQuestion(slot: number, id: number): void {
    if (id === LOGIN_QUESTION) {
      this.loginAnswer(slot, this.table.generation(slot), LoginCode.BUSY, 0, 0, 0);
      return;
    }
    if (this.table.state(slot) === SessionState.ONLINE) this.close(slot, CloseReason.SHARD_ENDED);
    const state = this.table.step(slot, SessionEvent.ANSWER);
    this.table.answer(slot, id, false);
    if (state === SessionState.CLOSED) this.#ends.tellHome(slot);
  }

  /** Closes a session if its account has its home on this shard, which has lost it. @returns whether it did. */
  closeIfHomeIs(shard: number, slot: number): boolean {
    const { table } = this;
    if (table.state(slot) !== SessionState.ONLINE) return false;
    if (this.#settings.homes.shardOf(table.account(slot)) !== shard) return false;
    this.close(slot, CloseReason.SHARD_ENDED);
    return true;
  }

  /** Rejects a message whose id does not fit into the window of its session; see {@link SessionTable.admit}. */
  rejectOutsideWindow(slot: number, status: number, id: number): void {
    const isOld = status === IdStatus.TOO_OLD;
    this.rejectMessage(slot, isOld ? ErrorFrameCode.ID_TOO_OLD : ErrorFrameCode.TOO_MANY_UNANSWERED, id);
  }

  /** Notifies a phone that a message was refused. */
  rejectMessage(slot: number, code: number, id: number): void {
    count(this.#counters, rejectionCounter(code));
    this.#output.error(slot, code, id);
  }

  /**
   * Ends a session because its account has another login. Where the session does not exist, its home has accepted it
   * after its login had been given up: the home is told that it has ended. If there is no room for that, the
   * home asks again at the next login.
   */
  replace(account: number, slot: number, generation: number): void {
    if (!this.table.isCurrent(slot, generation))
      this.#homes.sayClosed(account, this.#homes.addressOf(slot), generation, 0, 0);
    if (!this.table.isOnline(slot, generation)) return;
    count(this.#counters, SwitchCounter.sessionsReplaced);
    this.#output.error(slot, ErrorFrameCode.SESSION_REPLACED, 0);
    this.close(slot, CloseReason.SESSION_REPLACED);
  }

  /** Ends sessions that were silent for too long, and repeats failed attempts to notify homes. */
  doWork(tick: number, limit: number): number {
    this.#timeouts.tick = tick;
    let done = this.#ends.retry();
    let left = Math.min(limit, EXPIRIES_MAX);
    if (this.#stopAt !== NOT_STOPPING && this.#stopAt < this.table.capacity) {
      left -= this.#stopSome(left);
      done++; // even if it found none, so that the shard does not sleep in the meantime
    }
    for (; left > 0 && this.#expireLogin(); left--) done++;
    for (; left > 0; left--) {
      const slot = this.#timeouts.nextLook();
      if (slot === OVERDUE_NONE) break;
      this.#expire(slot);
      done++;
    }
    return done;
  }

  /** Whether something waits for room, which no event reports; it is tried again soon. */
  get waits(): boolean {
    return this.#ends.waits;
  }

  /**
   * Ends at most `limit` connections, and examines a bounded number of rows to find them. @returns how many it ended.
   */
  #stopSome(limit: number): number {
    const until = Math.min(this.table.capacity, this.#stopAt + STOP_LOOKS_MAX);
    let ended = 0;
    while (this.#stopAt < until && ended < limit) {
      const state = this.table.state(this.#stopAt);
      if (state === SessionState.OPEN || state === SessionState.LOGGING_IN || state === SessionState.ONLINE) {
        this.#stop(this.#stopAt);
        ended++;
      }
      this.#stopAt++;
    }
    return ended;
  }

  #stop(slot: number): void {
    if (this.table.state(slot) === SessionState.ONLINE) count(this.#counters, SwitchCounter.sessionsStopped);
    this.#output.error(slot, ErrorFrameCode.SWITCH_STOPPING, 0);
    this.close(slot, CloseReason.SWITCH_STOPPING);
  }

  /** Removes a row from the counters and lists of its previous state. */
  #leave(slot: number, before: number): void {
    if (before === SessionState.OPEN || before === SessionState.LOGGING_IN) this.#timeouts.awaitNoLogin(slot);
    if (before !== SessionState.ONLINE) return;
    countBy(this.#counters, SwitchCounter.sessions, -1);
    this.#watches?.ended(slot);
  }

  /** Refuses the login of a phone whose row is CLOSING. */
  #sayRefused(slot: number, code: number, counter: number, pauseMillis: number): void {
    count(this.#counters, counter);
    this.#output.loginResult(slot, code, 0, 0, pauseMillis, 0);
    this.#hangUp(slot, CloseReason.LOGIN_REFUSED);
  }

  #hangUp(slot: number, reason: number): void {
    const said = this.#transport.close(slot, reason);
    assert(said, 'a shard takes no more input than it has room to answer');
  }

  #heartbeatMillis(): number {
    const { heartbeatTimeoutMicros } = this.#settings;
    return Number.isFinite(heartbeatTimeoutMicros) ? Math.round(heartbeatTimeoutMicros / 1000) : 0;
  }

  #enter(slot: number, waiting: number): void {
    this.#timeouts.awaitHeartbeats(slot);
    count(this.#counters, SwitchCounter.loginsAccepted);
    count(this.#counters, SwitchCounter.sessions);
    const { table } = this;
    const capabilities =
      (table.wantsReceipts(slot) ? Capability.RECEIPTS : 0) | (table.wantsReads(slot) ? Capability.READS : 0);
    const millis = this.#heartbeatMillis();
    this.#output.loginResult(slot, LoginCode.ACCEPTED, capabilities, waiting, millis, this.table.highest(slot));
  }

  #expireLogin(): boolean {
    const slot = this.#timeouts.overdueLogin();
    if (slot === OVERDUE_NONE) return false;
    count(this.#counters, SwitchCounter.loginsTimedOut);
    this.#output.error(slot, ErrorFrameCode.LOGIN_TIMED_OUT, 0);
    this.close(slot, CloseReason.LOGIN_TIMED_OUT);
    return true;
  }

  #expire(slot: number): void {
    const state = this.table.step(slot, SessionEvent.LOOK);
    if (state !== SessionState.ONLINE || !this.#timeouts.isSilent(slot)) return;
    count(this.#counters, SwitchCounter.heartbeatsMissed);
    this.#output.error(slot, ErrorFrameCode.HEARTBEAT_MISSED, 0);
    this.close(slot, CloseReason.HEARTBEAT_MISSED);
  }
}

/** The counter of messages that were refused with this code. */
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
    case ErrorFrameCode.OVERLOADED:
      return SwitchCounter.rejectedOverloaded;
    case ErrorFrameCode.NOT_A_MEMBER:
      return SwitchCounter.rejectedNotMember;
    case ErrorFrameCode.GROUP_FULL:
      return SwitchCounter.rejectedGroupFull;
    case ErrorFrameCode.PAYLOAD_TOO_LONG:
      return SwitchCounter.rejectedPayloadTooLong;
    case ErrorFrameCode.RECIPIENT_IS_SENDER:
      return SwitchCounter.rejectedRecipientIsSender;
    default:
      assert(code === ErrorFrameCode.TOO_MANY_UNANSWERED, 'a refusal has a known code');
      return SwitchCounter.rejectedTooManyUnanswered;
  }
}
