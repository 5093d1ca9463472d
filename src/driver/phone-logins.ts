/**
 * Connects phones, logs them in, retries failed attempts, and restores lost sessions.
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
 * A phone that must close its connection and finds no room to do so is LEAVING until there is room, then AWAY; or
 * LEAVING_FOR_GOOD, then GIVEN_UP.
 *
 * The latency of a login starts at the due time of its first attempt, so it includes failed attempts and the delays
 * between them. The due time of a first login comes from the schedule, that of a return from the end of the absence
 * (see PhoneDepartures), and that of a login after a lost connection from the end of the retry delay. The retry queue
 * has room for every phone of the lane.
 */
import { count } from '../base/counters.ts';
import { mixPair } from '../base/pseudo-random.ts';
import { LoginRefusal } from '../wire/phone-protocol.ts';
import { CloseReason } from '../wire/transport.ts';
import type { PhoneConnections } from './phone-connections.ts';
import type { PhonePresence } from './phone-presence.ts';
import { LoginBackoff } from './schedules/login-backoff.ts';
import type { LaneState } from './state/lane-state.ts';
import { IN_FLIGHT_NONE, LOGIN_ID } from './tables/in-flight-table.ts';
import { LoginQueue } from './tables/login-queue.ts';
import { NO_CONNECTION, PhoneState } from './tables/phone-table.ts';
import { DriverCounter } from './terms/driver-counters.ts';
import { WORD_MICROS } from './terms/elapsed-micros.ts';

const MICROS_PER_MILLI = 1000;
/** The stream of random numbers of delays. */
const BACKOFF_STREAM = 0x6c6f67;
/** How long a login waits that found no place or room: much longer than a turn, much shorter than a delay. */
const LACK_MICROS = 2000;
/**
 * How long no login is tried after one found no room: at 20,000 logins per second ten find room in this time. Without a
 * pause, phones that wait after an outage would keep the thread from sleeping, and take the processor from the switch.
 */
const ROOM_MICROS = 500;

/** The outcome of {@link PhoneLogins.arrive}. */
export const ArriveOutcome = {
  BEGUN: 0,
  /** The in-flight table has no place for this login; it may have one for another phone's. */
  NO_PLACE: 1,
  /** The transport has no room for the request to connect, or too many logins are in progress: nobody need try now. */
  NO_ROOM: 2,
} as const;

export class PhoneLogins {
  readonly #state: LaneState;
  readonly #connections: PhoneConnections;
  readonly #retries: LoginQueue;
  readonly #backoff: LoginBackoff;
  readonly #presence: PhonePresence;
  /** When the first retry is due, Infinity if none; in an array, so that reading allocates nothing. */
  readonly retryDueMicros: Float64Array;
  /** Until when no login need be tried, since the last one found no room; in an array as above. */
  readonly roomMicros = new Float64Array(1);
  /** Due time of a login, written by the caller of {@link waitForPlace}. */
  readonly dueMicros = new Float64Array(1);
  #mayRetry = true;

  constructor(state: LaneState, connections: PhoneConnections, presence: PhonePresence) {
    this.#state = state;
    this.#connections = connections;
    const { loginBackoff, seed, lane } = state.settings;
    this.#retries = new LoginQueue(state.phones.rows);
    this.#backoff = new LoginBackoff(loginBackoff, mixPair(seed, BACKOFF_STREAM), lane);
    this.#presence = presence;
    this.retryDueMicros = this.#retries.dueMicros;
  }

  get bytes(): number {
    return this.#retries.bytes;
  }

  /** Whether a login found no room a moment ago: nobody need try now. */
  get lacksRoom(): boolean {
    return this.#state.nowMicros < (this.roomMicros[0] as number); // its only element
  }

  /** Starts the attempts whose delay is over, at most so many. @returns how many phones it handled. */
  doWork(limit: number): number {
    if (this.lacksRoom) return 0;
    const { nowMicros } = this.#state;
    const retries = this.#retries;
    let done = 0;
    while (done < limit && retries.take(nowMicros)) {
      done++;
      const { row, attempts, seriesMicros } = retries;
      const dueMicros = retries.firstDueMicros[0] as number; // its only element
      const outcome = this.comeBack(row, dueMicros | 0, (dueMicros / WORD_MICROS) | 0, attempts, seriesMicros);
      if (outcome === ArriveOutcome.BEGUN) continue;
      this.dueMicros[0] = dueMicros;
      this.waitForPlace(row, attempts, seriesMicros);
      if (outcome === ArriveOutcome.NO_ROOM) break; // the others wait in the queue
    }
    return done;
  }

  /**
   * Allows no retry from now on: phones whose retry is queued give up, and so does a phone whose attempt fails or that
   * loses its connection.
   */
  stopRetries(): void {
    this.#mayRetry = false;
    while (this.#retries.takeAny()) this.#giveUp(this.#retries.row);
  }

  /**
   * Starts an attempt to connect and log in.
   * @param dueWord with `dueHigh`, the due time of the first attempt: see elapsed-micros.
   * @param attempts number of failed attempts so far.
   * @param seriesMicros the series of delays so far, 0 for none: see LoginBackoff.
   * @returns an {@link ArriveOutcome}.
   */
  arrive(row: number, dueWord: number, dueHigh: number, attempts: number, seriesMicros: number): number {
    const { inFlight, nowWord, phones, parts } = this.#state;
    const place = inFlight.enter(row, LOGIN_ID, dueWord, dueHigh, attempts);
    if (place === IN_FLIGHT_NONE) return ArriveOutcome.NO_PLACE;
    inFlight.setBegun(place, nowWord, seriesMicros);
    if (!parts.transport.connect(parts.shardOf(this.#state.phoneAt(row)), row)) {
      inFlight.remove(place);
      return this.#noRoom();
    }
    phones.setState(row, PhoneState.CONNECTING);
    count(parts.counters, DriverCounter.connectsStarted);
    return ArriveOutcome.BEGUN;
  }

  /** Starts the login of a phone that waited. @returns an {@link ArriveOutcome}; BEGUN also if it is no longer away. */
  comeBack(row: number, dueWord: number, dueHigh: number, attempts: number, seriesMicros: number): number {
    const { phones } = this.#state;
    // Its last connection may not be closed yet.
    if (phones.state(row) === PhoneState.LEAVING && !this.#connections.tryHangUp(row)) return this.#noRoom();
    if (phones.state(row) !== PhoneState.AWAY) return ArriveOutcome.BEGUN;
    if (!this.#state.inFlight.hasLoginRoom) return this.#noRoom();
    return this.arrive(row, dueWord, dueHigh, attempts, seriesMicros);
  }

  /**
   * Queues a login that found no place or room: it is tried again soon. {@link dueMicros} holds the due time of its
   * first attempt.
   */
  waitForPlace(row: number, attempts: number, seriesMicros: number): void {
    this.#retries.next[0] = this.#state.nowMicros + LACK_MICROS;
    this.#retries.next[1] = this.dueMicros[0] as number; // its only element
    this.#wait(row, attempts, seriesMicros);
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
    this.#presence.logsIn(row);
    return true;
  }

  refused(row: number): void {
    count(this.#state.parts.counters, DriverCounter.connectsRefused);
    this.#state.storms?.loginRefused();
    this.#failed(row, true);
  }

  /**
   * The server has refused the phone's login. One that is busy has not failed the phone, which waits as long as it is
   * told to, or by its back-off, however often that happens.
   * @param refusal a LoginRefusal.
   * @param pauseMillis after which time to come back, 0 if the server does not say.
   */
  loginRefused(row: number, refusal: number, pauseMillis: number): void {
    const { parts, phones } = this.#state;
    if (phones.state(row) !== PhoneState.LOGGING_IN) return;
    const isBusy = refusal === LoginRefusal.BUSY;
    if (isBusy && pauseMillis > 0) {
      count(parts.counters, DriverCounter.loginsDeferred);
      this.#state.storms?.deferred();
    } else {
      count(parts.counters, DriverCounter.loginsRefused);
      count(parts.counters, refusalCounter(refusal));
      this.#state.storms?.loginRefused();
    }
    this.#connections.hangUp(row);
    if (isBusy) this.#deferred(row, pauseMillis);
    else this.#failed(row, false);
  }

  /** The phone's login is complete. @returns whether it was logging in. */
  accepted(row: number): boolean {
    const { parts, phones, inFlight } = this.#state;
    if (phones.state(row) !== PhoneState.LOGGING_IN) return false;
    this.#connections.online(row);
    count(parts.counters, DriverCounter.loginsAccepted);
    this.#state.sessionBegun(row);
    this.#state.countForPlatform(row, DriverCounter.platformSessions0, 1);
    this.#state.storms?.loggedIn(row, this.#state.nowMicros);
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
    if (phones.connection(row) !== NO_CONNECTION) this.#connections.hangUp(row);
    else phones.setState(row, PhoneState.AWAY);
    this.#failed(row, true);
  }

  /** The server speaks another protocol: the phone gives up, since a retry would get the same answer. */
  foreign(row: number): void {
    count(this.#state.parts.counters, DriverCounter.loginsForeign);
    this.#connections.hangUp(row);
    this.#failed(row, false);
  }

  /** The switch has closed the phone's connection. */
  lost(row: number, reason: number): void {
    const { phones, parts } = this.#state;
    const before = phones.state(row);
    if (before === PhoneState.ONLINE) {
      count(parts.counters, lossCounter(reason));
      this.#connections.offline(row);
    }
    if (before === PhoneState.LOGGING_IN) count(parts.counters, DriverCounter.loginsCutOff);
    // The transport releases a connection that the peer has closed when it is closed here too.
    this.#connections.hangUp(row);
    if (before === PhoneState.ONLINE) this.reconnect(row, 0);
    if (before === PhoneState.LOGGING_IN || before === PhoneState.CONNECTING) this.#failed(row, true);
  }

  /** The phone's connection is gone: its next login is due after a first delay, which begins after `afterMicros`. */
  reconnect(row: number, afterMicros: number): void {
    if (!this.#mayRetry) {
      this.#giveUp(row);
      return;
    }
    const { next } = this.#retries;
    this.#backoff.draw(0);
    next[0] = this.#state.nowMicros + afterMicros + this.#backoff.delayMicros;
    next[1] = next[0];
    this.#wait(row, 0, this.#backoff.seriesMicros);
  }

  #noRoom(): number {
    this.roomMicros[0] = this.#state.nowMicros + ROOM_MICROS;
    return ArriveOutcome.NO_ROOM;
  }

  /** Handles a failed attempt: the phone retries after a delay, or gives up. */
  #failed(row: number, again: boolean): void {
    const place = this.#state.inFlight.find(row, LOGIN_ID);
    const attempts = place === IN_FLIGHT_NONE ? 1 : this.#state.inFlight.attempts(place) + 1;
    const mayRetry = again && attempts < this.#state.settings.loginAttempts;
    this.#endAttempt(row, place, mayRetry, attempts, 0);
  }

  /**
   * Handles a refusal by a busy server, after which the phone comes back.
   * @param pauseMillis 0 for a delay of its own.
   */
  #deferred(row: number, pauseMillis: number): void {
    const place = this.#state.inFlight.find(row, LOGIN_ID);
    const attempts = place === IN_FLIGHT_NONE ? 0 : this.#state.inFlight.attempts(place);
    this.#endAttempt(row, place, true, attempts, pauseMillis);
  }

  #endAttempt(row: number, place: number, again: boolean, attempts: number, pauseMillis: number): void {
    const { inFlight, nowMicros, nowWord, nowHigh } = this.#state;
    const { next } = this.#retries;
    let series = place === IN_FLIGHT_NONE ? 0 : inFlight.seriesMicros(place);
    next[1] = place === IN_FLIGHT_NONE ? nowMicros : nowMicros - inFlight.ageMicros(place, nowWord, nowHigh);
    if (place !== IN_FLIGHT_NONE) inFlight.remove(place);
    if (!again || !this.#mayRetry) {
      this.#giveUp(row);
      return;
    }
    next[0] = nowMicros + pauseMillis * MICROS_PER_MILLI;
    if (pauseMillis === 0) {
      this.#backoff.draw(series);
      series = this.#backoff.seriesMicros;
      next[0] = nowMicros + this.#backoff.delayMicros;
    }
    this.#wait(row, attempts, series);
  }

  /** Queues a phone until the time that the caller has set. */
  #wait(row: number, attempts: number, seriesMicros: number): void {
    const { phones } = this.#state;
    this.#retries.push(row, attempts, seriesMicros);
    if (phones.state(row) !== PhoneState.LEAVING) phones.setState(row, PhoneState.AWAY);
  }

  #giveUp(row: number): void {
    const { phones, parts } = this.#state;
    count(parts.counters, DriverCounter.loginsGivenUp);
    this.#state.storms?.gaveUp(row);
    const isStillOpen = phones.state(row) === PhoneState.LEAVING;
    phones.setState(row, isStillOpen ? PhoneState.LEAVING_FOR_GOOD : PhoneState.GIVEN_UP);
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
