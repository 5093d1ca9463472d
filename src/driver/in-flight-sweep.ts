/**
 * Finds logins and messages that were not answered in time: a continuous sweep over the in-flight table, some places
 * per step.
 */

import type { PhoneLogins } from './phone-logins.ts';
import type { PhoneMessages } from './phone-messages.ts';
import type { LaneState } from './state/lane-state.ts';
import { IN_FLIGHT_NONE, LOGIN_ID } from './tables/in-flight-table.ts';
import { PhoneState } from './tables/phone-table.ts';

const MICROS_PER_SECOND = 1e6;
/**
 * A sweep takes as long as a login may take, within these bounds: so a login is found to have timed out before twice
 * its time-out has passed. It looks at this many places per step, more after a pause.
 */
const SWEEP_MICROS_MAX = 4 * MICROS_PER_SECOND;
const SWEEP_MICROS_MIN = MICROS_PER_SECOND / 4;
const SWEEP_PLACES = 64;
const SWEEP_PLACES_MAX = 4096;
/** How long a message may go unacknowledged before it is sent again, and how often. */
const RESEND_MICROS = 20 * MICROS_PER_SECOND;
const RESENDS_MAX = 3;
/**
 * How long a copy is given, however old its message is. After an outage all old messages have just been sent on new
 * connections, and a second copy on one connection may leave it open whether a refusal is the last answer (PROTOCOL.md,
 * "Sending", rule 5).
 */
const COPY_MICROS = RESEND_MICROS / 2;

export class InFlightSweep {
  readonly #state: LaneState;
  readonly #logins: PhoneLogins;
  readonly #messages: PhoneMessages;
  readonly #placeMicros: number;
  #dueMicros = 0;

  constructor(state: LaneState, logins: PhoneLogins, messages: PhoneMessages) {
    this.#state = state;
    this.#logins = logins;
    this.#messages = messages;
    const { loginTimeoutMicros } = state.settings;
    const sweepMicros = Math.max(SWEEP_MICROS_MIN, Math.min(SWEEP_MICROS_MAX, loginTimeoutMicros));
    this.#placeMicros = sweepMicros / state.inFlight.places;
  }

  /** Examines the next places, if they are due. */
  doWork(): void {
    const { inFlight, nowMicros } = this.#state;
    if (nowMicros < this.#dueMicros) return;
    // Integers from here on: after a long pause the quotient is beyond them.
    const behind = Math.min((nowMicros - this.#dueMicros) / this.#placeMicros, SWEEP_PLACES_MAX) | 0;
    inFlight.sweep(Math.min(SWEEP_PLACES + behind, inFlight.places, SWEEP_PLACES_MAX));
    for (let place = inFlight.nextAwaiting(); place !== IN_FLIGHT_NONE; place = inFlight.nextAwaiting()) {
      if (inFlight.id(place) === LOGIN_ID) this.#lookAtLogin(place);
      else this.#lookAtMessage(place);
    }
    this.#dueMicros = nowMicros + SWEEP_PLACES * this.#placeMicros;
  }

  #lookAtLogin(place: number): void {
    const { inFlight, nowWord, settings } = this.#state;
    if (inFlight.begunAgoMicros(place, nowWord) <= settings.loginTimeoutMicros) return;
    this.#logins.timedOut(inFlight.row(place));
  }

  #lookAtMessage(place: number): void {
    const { inFlight, nowWord, nowHigh, phones } = this.#state;
    const attempts = inFlight.attempts(place);
    if (attempts >= RESENDS_MAX || inFlight.ageMicros(place, nowWord, nowHigh) <= RESEND_MICROS * (attempts + 1))
      return;
    if (attempts > 0 && inFlight.begunAgoMicros(place, nowWord) <= COPY_MICROS) return;
    if (phones.state(inFlight.row(place)) === PhoneState.ONLINE) this.#messages.resendPlace(place);
  }
}
