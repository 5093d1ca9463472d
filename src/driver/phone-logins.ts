/**
 * Connects phones, logs them in, retries failed attempts, and ends and restores their sessions.
 *
 *     state                    event                                         next state
 *     IDLE                     the first login is due                        CONNECTING
 *     CONNECTING               the connection is open                        LOGGING_IN
 *     LOGGING_IN               the login is accepted                         ONLINE
 *     CONNECTING, LOGGING_IN   the attempt fails and may be retried          AWAY
 *     CONNECTING, LOGGING_IN   the attempt fails and may not be retried      GIVEN_UP
 *     ONLINE                   the connection is lost, or the phone departs  AWAY
 *     AWAY                     the delay before the next attempt is over     CONNECTING
 *
 * A phone that must close its connection and finds no room to do so is LEAVING until there is room,
 * then AWAY; or LEAVING_FOR_GOOD, then GIVEN_UP.
 *
 * The latency of a login starts at the due time of its first attempt, so it includes failed attempts
 * and the delays between them. The due time of a first login comes from the schedule, that of a
 * return from the end of the absence, and that of a login after a lost connection from the end of
 * the retry delay. The retry queue has room for every phone of the lane; the queue of absent phones
 * is bounded, and a departure that finds it full is skipped and counted.
 */
import { count, countBy } from '../base/counters.ts';
import type { LedgerEntry } from '../base/ledger.ts';
import { LoginRefusal } from '../wire/phone-protocol.ts';
import { CloseReason } from '../wire/transport.ts';
import { DelayLine } from './delay-line.ts';
import { DriverCounter } from './driver-counters.ts';
import { WORD_MICROS } from './elapsed-micros.ts';
import { IN_FLIGHT_NONE, LOGIN_ID } from './in-flight-table.ts';
import type { LaneState } from './lane-state.ts';
import { isLeaving, NO_CONNECTION, PhoneState } from './phone-table.ts';

/** Places in the queue of absent phones, in addition to twice the expected number of absent phones. */
const AWAY_SLACK = 1024;

/** The outcome of {@link PhoneLogins.arrive}. */
export const ArriveOutcome = {
  BEGUN: 0,
  /** The in-flight table has no place for this login; it may have one for another phone's. */
  NO_PLACE: 1,
  /** The transport has no room for the request to connect. */
  NO_ROOM: 2,
} as const;

export class PhoneLogins {
  readonly #state: LaneState;
  readonly #retries: DelayLine;
  readonly #away: DelayLine;
  /** When the first retry and the first return are due, Infinity if none; in arrays, so that reading allocates nothing. */
  readonly retryDueMicros: Float64Array;
  readonly returnDueMicros: Float64Array;
  /** Due time of the next departure, written by the caller of {@link depart}. */
  readonly departureMicros = new Float64Array(1);
  #mayRetry = true;

  constructor(state: LaneState) {
    this.#state = state;
    const { awayMicros, sessionMicros, population } = state.settings;
    this.#retries = new DelayLine(state.phones.rows);
    const mean = (population.online / population.lanes) * (awayMicros / sessionMicros);
    this.#away = new DelayLine(Math.ceil(2 * mean) + AWAY_SLACK);
    this.retryDueMicros = this.#retries.first;
    this.returnDueMicros = this.#away.first;
  }

  ledger(): LedgerEntry {
    const bytes = this.#retries.bytes + this.#away.bytes + this.#state.owed.bytes + this.#state.unsent.bytes;
    return { owner: 'driver', name: 'phones that wait', bytes, rowBytes: 0, rowsUsed: 0 };
  }

  /** Starts the attempts whose delay is over, at most `limit` of each kind. @returns how many phones it handled. */
  doWork(limit: number): number {
    return this.#comeBack(this.#away, limit, true) + this.#comeBack(this.#retries, limit, false);
  }

  /**
   * Allows no retry from now on: phones whose retry is queued give up, and so does a phone whose attempt fails or that
   * loses its connection.
   */
  stopRetries(): void {
    this.#mayRetry = false;
    for (; this.#retries.length > 0; this.#retries.shift()) this.#giveUp(this.#retries.row());
  }

  /**
   * Starts an attempt to connect and log in.
   * @param dueWord with `dueHigh`, the due time of the first attempt: see elapsed-micros.
   * @param attempts number of failed attempts so far.
   * @returns an {@link ArriveOutcome}.
   */
  arrive(row: number, dueWord: number, dueHigh: number, attempts: number): number {
    const { inFlight, nowWord, phones, parts } = this.#state;
    const place = inFlight.enter(row, LOGIN_ID, dueWord, dueHigh, attempts);
    if (place === IN_FLIGHT_NONE) return ArriveOutcome.NO_PLACE;
    inFlight.setBegun(place, nowWord);
    if (!parts.transport.connect(parts.shardOf(this.#state.phoneAt(row)), row)) {
      inFlight.remove(place);
      return ArriveOutcome.NO_ROOM;
    }
    phones.setState(row, PhoneState.CONNECTING);
    count(parts.counters, DriverCounter.connectsStarted);
    return ArriveOutcome.BEGUN;
  }

  opened(row: number, connection: number): void {
    const { phones, owed } = this.#state;
    phones.setConnection(row, connection);
    if (phones.state(row) !== PhoneState.CONNECTING) {
      phones.setState(row, PhoneState.LEAVING); // left while connecting
    } else if (this.logIn(row)) {
      return;
    }
    owed.push(row);
  }

  /** Starts the login of a connected phone. @returns false if there is no room now. */
  logIn(row: number): boolean {
    const { phones, protocol } = this.#state;
    if (!protocol.logIn(row, phones.connection(row), this.#state.phoneAt(row))) return false;
    phones.setState(row, PhoneState.LOGGING_IN);
    return true;
  }

  refused(row: number): void {
    count(this.#state.parts.counters, DriverCounter.connectsRefused);
    this.#failed(row, true);
  }

  /** The server has refused the phone's login. @param refusal a LoginRefusal. */
  loginRefused(row: number, refusal: number): void {
    const { parts, phones } = this.#state;
    if (phones.state(row) !== PhoneState.LOGGING_IN) return;
    count(parts.counters, DriverCounter.loginsRefused);
    count(parts.counters, refusalCounter(refusal));
    this.#hangUp(row);
    this.#failed(row, refusal === LoginRefusal.BUSY);
  }

  /** The phone's login is complete. @returns whether it was logging in. */
  accepted(row: number): boolean {
    const { parts, phones, inFlight } = this.#state;
    if (phones.state(row) !== PhoneState.LOGGING_IN) return false;
    phones.setState(row, PhoneState.ONLINE);
    count(parts.counters, DriverCounter.loginsAccepted);
    count(parts.counters, DriverCounter.held);
    const place = inFlight.find(row, LOGIN_ID);
    if (place !== IN_FLIGHT_NONE) {
      parts.latencies.login.record(inFlight.ageMicros(place, this.#state.nowWord, this.#state.nowHigh));
      inFlight.remove(place);
    }
    return true;
  }

  /** Handles a login that was not answered within its time-out. */
  timedOut(row: number): void {
    const { phones, parts } = this.#state;
    // The transport has its own time-out for connections that are still opening, and will report the failure.
    if (phones.state(row) === PhoneState.CONNECTING && phones.connection(row) === NO_CONNECTION) return;
    count(parts.counters, DriverCounter.loginsTimedOut);
    if (phones.connection(row) !== NO_CONNECTION) this.#hangUp(row);
    else phones.setState(row, PhoneState.AWAY);
    this.#failed(row, true);
  }

  /** The server speaks another protocol: the phone gives up, since a retry would get the same answer. */
  foreign(row: number): void {
    count(this.#state.parts.counters, DriverCounter.loginsForeign);
    this.#hangUp(row);
    this.#failed(row, false);
  }

  /** The switch has closed the phone's connection. */
  lost(row: number, reason: number): void {
    const { phones, parts } = this.#state;
    const before = phones.state(row);
    if (before === PhoneState.ONLINE) {
      countBy(parts.counters, DriverCounter.held, -1);
      count(parts.counters, lossCounter(reason));
    }
    if (before === PhoneState.LOGGING_IN) count(parts.counters, DriverCounter.loginsCutOff);
    // The transport releases a connection that the peer has closed when it is closed here too.
    this.#hangUp(row);
    if (before === PhoneState.ONLINE) {
      const { nowMicros, settings } = this.#state;
      if (this.#mayRetry) this.#retryLater(row, 0, nowMicros + settings.loginRetryMicros);
      else this.#giveUp(row);
    }
    if (before === PhoneState.LOGGING_IN || before === PhoneState.CONNECTING) this.#failed(row, true);
  }

  /** Takes a phone offline, as the scenario asks, until its absence is over; {@link departureMicros} holds the due time. */
  depart(row: number): void {
    const { phones, settings, parts, protocol } = this.#state;
    const before = phones.state(row);
    if (before !== PhoneState.ONLINE) return;
    const away = this.#away;
    const returnMicros = (this.departureMicros[0] as number) + settings.awayMicros; // its only
    away.next[0] = returnMicros;
    away.next[1] = returnMicros;
    if (!away.push(row, 0)) {
      count(parts.counters, DriverCounter.departuresSkipped);
      return;
    }
    countBy(parts.counters, DriverCounter.held, -1);
    count(parts.counters, DriverCounter.departures);
    const connection = phones.connection(row);
    if (settings.departure === 'vanish' && parts.transport.vanish(connection)) {
      phones.setOwesAnswer(row, false);
      phones.setConnection(row, NO_CONNECTION);
      phones.setState(row, PhoneState.AWAY);
      return;
    }
    if (settings.departure === 'logout') protocol.logOut(row, connection);
    this.#hangUp(row);
  }

  /** Closes the connection of a phone; without room in the transport, it is queued and closed when there is room. */
  #hangUp(row: number): void {
    const { phones, owed } = this.#state;
    phones.setOwesAnswer(row, false);
    if (this.tryHangUp(row) || isLeaving(phones.state(row))) return;
    phones.setState(row, PhoneState.LEAVING);
    owed.push(row);
  }

  /** Closes the connection of a phone. @returns false if there is no room now. */
  tryHangUp(row: number): boolean {
    const { phones, parts } = this.#state;
    const isForGood = phones.state(row) === PhoneState.LEAVING_FOR_GOOD;
    if (!parts.transport.close(phones.connection(row), CloseReason.PHONE_LEFT)) return false;
    phones.setConnection(row, NO_CONNECTION);
    phones.setState(row, isForGood ? PhoneState.GIVEN_UP : PhoneState.AWAY);
    return true;
  }

  /** Handles a failed attempt: the phone retries after a delay, or gives up. */
  #failed(row: number, again: boolean): void {
    const { inFlight, settings, nowMicros, nowWord, nowHigh } = this.#state;
    const place = inFlight.find(row, LOGIN_ID);
    const attempts = place === IN_FLIGHT_NONE ? 1 : inFlight.attempts(place) + 1;
    const firstDueMicros =
      place === IN_FLIGHT_NONE ? nowMicros : nowMicros - inFlight.ageMicros(place, nowWord, nowHigh);
    if (place !== IN_FLIGHT_NONE) inFlight.remove(place);
    if (!again || !this.#mayRetry || attempts >= settings.loginAttempts) this.#giveUp(row);
    else this.#retryLater(row, attempts, firstDueMicros);
  }

  #retryLater(row: number, attempts: number, firstDueMicros: number): void {
    const { phones, settings, nowMicros } = this.#state;
    const retries = this.#retries;
    retries.next[0] = nowMicros + settings.loginRetryMicros;
    retries.next[1] = firstDueMicros;
    if (!retries.push(row, attempts)) this.#giveUp(row);
    else if (phones.state(row) !== PhoneState.LEAVING) phones.setState(row, PhoneState.AWAY);
  }

  #giveUp(row: number): void {
    const { phones, parts } = this.#state;
    count(parts.counters, DriverCounter.loginsGivenUp);
    const isStillOpen = phones.state(row) === PhoneState.LEAVING;
    phones.setState(row, isStillOpen ? PhoneState.LEAVING_FOR_GOOD : PhoneState.GIVEN_UP);
  }

  #comeBack(line: DelayLine, limit: number, isReturn: boolean): number {
    const { phones, nowMicros, parts } = this.#state;
    let done = 0;
    const { first } = line;
    while (done < limit && (first[0] as number) <= nowMicros) {
      const row = line.row();
      if (phones.state(row) === PhoneState.LEAVING && !this.tryHangUp(row)) break; // its last connection is not closed yet
      if (phones.state(row) === PhoneState.AWAY) {
        const dueMicros = first[1] as number;
        const outcome = this.arrive(row, dueMicros | 0, (dueMicros / WORD_MICROS) | 0, line.attempts());
        if (outcome === ArriveOutcome.NO_ROOM) break;
        if (outcome === ArriveOutcome.NO_PLACE) this.#retryLater(row, line.attempts(), dueMicros); // other phones may find a place
        if (isReturn) count(parts.counters, DriverCounter.returns);
      }
      line.shift();
      done++;
    }
    return done;
  }
}

function refusalCounter(refusal: number): number {
  switch (refusal) {
    case LoginRefusal.VERSION_UNSUPPORTED:
      return DriverCounter.loginsRefusedVersion;
    case LoginRefusal.CREDENTIALS_WRONG:
      return DriverCounter.loginsRefusedToken;
    case LoginRefusal.ACCOUNT_UNKNOWN:
      return DriverCounter.loginsRefusedAccount;
    default:
      return DriverCounter.loginsRefusedBusy; // BUSY is the only one left
  }
}

function lossCounter(reason: number): number {
  if (reason === CloseReason.SESSION_REPLACED) return DriverCounter.connectionsLostReplaced;
  if (reason === CloseReason.HEARTBEAT_MISSED) return DriverCounter.connectionsLostHeartbeat;
  return DriverCounter.connectionsLostOther;
}
