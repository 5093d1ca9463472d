/**
 * Phones that go offline though no server ended their session: those that leave and return, that connect a second time,
 * and that a storm cuts off. PhoneLogins brings them back.
 *
 * Phones leave one by one at a common rate, or at the end of a session where platforms have lengths of their own. The
 * queue of absent phones is bounded; a departure that finds it full is skipped and counted. The due time of the login
 * after a departure is the end of the absence.
 */
import { count } from '../base/counters.ts';
import { CloseReason } from '../wire/transport.ts';
import type { SessionEnds } from './people/session-ends.ts';
import type { PhoneConnections } from './phone-connections.ts';
import { ArriveOutcome, type PhoneLogins } from './phone-logins.ts';
import type { PhonePresence } from './phone-presence.ts';
import type { LaneState } from './state/lane-state.ts';
import { DelayLine } from './tables/delay-line.ts';
import { PhoneState } from './tables/phone-table.ts';
import { DriverCounter } from './terms/driver-counters.ts';
import { WORD_MICROS } from './terms/elapsed-micros.ts';

/** Places in the queue of absent phones, in addition to twice the expected number of absent phones. */
const AWAY_SLACK = 1024;

export class PhoneDepartures {
  /** When the first return is due, Infinity if none; in an array, so that reading allocates nothing. */
  readonly returnDueMicros: Float64Array;
  /** Due time of the next departure, written by the caller of {@link depart} and {@link connectAgain}. */
  readonly dueMicros = new Float64Array(1);
  readonly #state: LaneState;
  readonly #connections: PhoneConnections;
  readonly #logins: PhoneLogins;
  readonly #presence: PhonePresence;
  readonly #away: DelayLine;

  constructor(state: LaneState, connections: PhoneConnections, logins: PhoneLogins, presence: PhonePresence) {
    this.#state = state;
    this.#connections = connections;
    this.#logins = logins;
    this.#presence = presence;
    const { awayMicros, sessionMicros, population } = state.settings;
    const mean = (population.online / population.lanes) * (awayMicros / sessionMicros);
    this.#away = new DelayLine(Math.ceil(2 * mean) + AWAY_SLACK);
    this.returnDueMicros = this.#away.first;
  }

  get bytes(): number {
    return this.#away.bytes;
  }

  /** Starts the logins of phones whose absence is over, at most so many. @returns how many phones it handled. */
  doWork(limit: number): number {
    if (this.#logins.lacksRoom) return 0;
    const { nowMicros, parts } = this.#state;
    const away = this.#away;
    const { first } = away;
    let done = 0;
    while (done < limit && (first[0] as number) <= nowMicros) {
      const row = away.row();
      const dueMicros = first[1] as number;
      const outcome = this.#logins.comeBack(row, dueMicros | 0, (dueMicros / WORD_MICROS) | 0, 0, 0);
      if (outcome === ArriveOutcome.NO_ROOM) break;
      if (outcome === ArriveOutcome.NO_PLACE) this.#waitForPlace(row, dueMicros); // other phones may find a place
      count(parts.counters, DriverCounter.returns);
      away.shift();
      done++;
    }
    return done;
  }

  /** Takes a phone offline, as the scenario asks, until its absence is over; {@link dueMicros} holds the due time. */
  depart(row: number): void {
    const { phones, settings, parts } = this.#state;
    if (phones.state(row) !== PhoneState.ONLINE) return;
    const away = this.#away;
    const returnMicros = (this.dueMicros[0] as number) + settings.awayMicros; // its only element
    away.next[0] = returnMicros;
    away.next[1] = returnMicros;
    if (!away.push(row, 0)) {
      count(parts.counters, DriverCounter.departuresSkipped);
      return;
    }
    this.#goAway(row);
  }

  /** The session of a phone is over, or its absence, where platforms have lengths of their own. */
  over(row: number, ends: SessionEnds, mayLeave: boolean): void {
    const { phones, parts, nowWord, nowHigh } = this.#state;
    const { pushWakes } = this.#state;
    const before = phones.state(row);
    const isBack = pushWakes?.absenceOver(row) === true && before === PhoneState.ONLINE; // a push had woken it
    if (isBack) ends.begun(row, this.#state.phoneAt(row));
    else if (before === PhoneState.ONLINE && mayLeave) {
      this.#goAway(row);
      const phone = this.#state.phoneAt(row);
      ends.left(row, phone);
      pushWakes?.slept(row, ends.shares.of(phone));
    } else if (before === PhoneState.LEAVING)
      ends.again(row); // its last connection is not closed yet
    else if (before === PhoneState.AWAY) {
      if (this.#logins.comeBack(row, nowWord, nowHigh, 0, 0) === ArriveOutcome.BEGUN)
        count(parts.counters, DriverCounter.returns);
      else ends.again(row);
    }
  }

  /**
   * A phone that left before traffic leaves now; when it returns is known already. @returns false if it is not online.
   */
  leaveEarlier(row: number, ends: SessionEnds): boolean {
    if (!this.sleep(row)) return false;
    this.#state.pushWakes?.slept(row, ends.shares.of(this.#state.phoneAt(row)));
    return true;
  }

  /** A phone that a push had woken leaves again; its absence goes on. @returns false if it is not online. */
  sleep(row: number): boolean {
    if (this.#state.phones.state(row) !== PhoneState.ONLINE) return false;
    this.#goAway(row);
    return true;
  }

  /**
   * A phone that is online connects a second time, as if it had lost its connection without notice to the switch;
   * {@link dueMicros} holds the due time.
   */
  connectAgain(row: number): void {
    const { phones, parts } = this.#state;
    if (phones.state(row) !== PhoneState.ONLINE || !parts.transport.vanish(phones.connection(row))) {
      count(parts.counters, DriverCounter.duplicateConnectsSkipped);
      return;
    }
    count(parts.counters, DriverCounter.duplicateConnects);
    this.#connections.cutOff(row, false);
    const dueMicros = this.dueMicros[0] as number; // its only element
    const outcome = this.#logins.arrive(row, dueMicros | 0, (dueMicros / WORD_MICROS) | 0, 0, 0);
    if (outcome !== ArriveOutcome.BEGUN) this.#waitForPlace(row, dueMicros);
  }

  /**
   * Drops the connection of a phone that is online, as a network does that fails: neither end has asked for it. The
   * phone comes back by its back-off.
   * @param isSilent the switch is not told: it keeps a half-open connection.
   * @param afterMicros when the phone notices.
   * @returns false if there is no room now.
   */
  drop(row: number, isSilent: boolean, afterMicros: number): boolean {
    const { phones, parts } = this.#state;
    const connection = phones.connection(row);
    const { transport } = parts;
    if (!(isSilent ? transport.vanish(connection) : transport.close(connection, CloseReason.BROKEN))) return false;
    count(parts.counters, DriverCounter.stormDrops);
    this.#connections.cutOff(row, !isSilent);
    this.#logins.reconnect(row, afterMicros);
    return true;
  }

  #goAway(row: number): void {
    const { phones, settings, parts, protocol } = this.#state;
    count(parts.counters, DriverCounter.departures);
    const connection = phones.connection(row);
    if (settings.departure === 'vanish' && parts.transport.vanish(connection)) {
      this.#connections.cutOff(row, false);
      return;
    }
    this.#connections.offline(row);
    this.#presence.leaves(row, true);
    if (settings.departure === 'logout') protocol.logOut(row, connection);
    this.#connections.hangUp(row);
  }

  /** The login of a phone found no place or room. */
  #waitForPlace(row: number, dueMicros: number): void {
    this.#logins.dueMicros[0] = dueMicros;
    this.#logins.waitForPlace(row, 0, 0);
  }
}
