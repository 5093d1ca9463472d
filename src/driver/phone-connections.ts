/**
 * Which simulated phones are online, and how their connections end.
 *
 * A phone that closes its connection needs room in the transport; without room it waits, and its state says so. A phone
 * whose connection is cut off has nothing to close. Either way what it owed to its connection is forgotten.
 */
import { count, countBy } from '../base/counters.ts';
import { CloseReason } from '../wire/transport.ts';
import type { PhonePresence } from './phone-presence.ts';
import type { LaneState } from './state/lane-state.ts';
import { isLeaving, NO_CONNECTION, PhoneState } from './tables/phone-table.ts';
import { DriverCounter } from './terms/driver-counters.ts';

export class PhoneConnections {
  readonly #state: LaneState;
  readonly #presence: PhonePresence;

  constructor(state: LaneState, presence: PhonePresence) {
    this.#state = state;
    this.#presence = presence;
  }

  /** The login of a phone is accepted: it is online. */
  online(row: number): void {
    this.#state.phones.setState(row, PhoneState.ONLINE);
    count(this.#state.parts.counters, DriverCounter.held);
    this.#state.countForPlatform(row, DriverCounter.platformHeld0, 1);
  }

  /** A phone that was online no longer is; the caller ends its connection. */
  offline(row: number): void {
    countBy(this.#state.parts.counters, DriverCounter.held, -1);
    this.#state.countForPlatform(row, DriverCounter.platformHeld0, -1);
  }

  /** The connection of a phone that was online is gone. @param isHeard whether the switch learns of it at once. */
  cutOff(row: number, isHeard: boolean): void {
    const { phones } = this.#state;
    this.offline(row);
    this.#presence.leaves(row, isHeard);
    phones.setOwesAnswer(row, false);
    phones.setConnection(row, NO_CONNECTION);
    phones.setState(row, PhoneState.AWAY);
  }

  /** Closes the connection of a phone; without room in the transport, it is queued and closed when there is room. */
  hangUp(row: number): void {
    const { phones, owed } = this.#state;
    if (this.tryHangUp(row) || isLeaving(phones.state(row))) return;
    phones.setState(row, PhoneState.LEAVING);
    owed.push(row);
  }

  /** Closes the connection of a phone. @returns false if there is no room now. */
  tryHangUp(row: number): boolean {
    const { phones, parts } = this.#state;
    const isForGood = phones.state(row) === PhoneState.LEAVING_FOR_GOOD;
    if (!parts.transport.close(phones.connection(row), CloseReason.PHONE_LEFT)) return false;
    // Only now: what arrives while it waits for room to close is still confirmed, if there is room for that.
    phones.setOwesAnswer(row, false);
    phones.setConnection(row, NO_CONNECTION);
    phones.setState(row, isForGood ? PhoneState.GIVEN_UP : PhoneState.AWAY);
    return true;
  }
}
