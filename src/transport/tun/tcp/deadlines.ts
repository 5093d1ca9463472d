/**
 * What happens when a connection's time is up: delayed acknowledgements, retransmissions, probes, attempts to connect
 * that nobody answers, and the last waits. A connection has one timer, for the first of its deadlines.
 */
import { CloseReason, type ConnectionEvents } from '../../../wire/transport.ts';
import { Activity, ActivityFlag } from './activity-table.ts';
import { NONE, RowFlag, TcpState } from './connection-table.ts';
import type { Lifetimes } from './lifetimes.ts';
import type { StackParts } from './stack-parts.ts';
import type { TimerOwner } from './timer-wheel.ts';
import type { Transmission } from './transmission.ts';

/**
 * Segments sent again in vain, before a connection ends: as tcp_retries2 of Linux, and tcp_orphan_retries if nobody
 * owns it.
 */
const TRIES_MAX = 15;
const ABANDONED_TRIES_MAX = 8;
/** For how long nothing is sent again by an owner that is behind. */
const POSTPONED_MILLIS = 32;

export class Deadlines implements TimerOwner {
  readonly #parts: StackParts;
  readonly #transmission: Transmission;
  readonly #lifetimes: Lifetimes;
  /** Whom to tell; set while timers run. */
  #events: ConnectionEvents | null = null;
  #isBehind = false;

  constructor(parts: StackParts, transmission: Transmission, lifetimes: Lifetimes) {
    this.#parts = parts;
    this.#transmission = transmission;
    this.#lifetimes = lifetimes;
  }

  /**
   * Does what is due.
   * @param isBehind whether segments wait to be handled: only acknowledgements are sent then, since what seems to be
   *   lost may have been answered.
   * @returns how much it did.
   */
  advance(events: ConnectionEvents, limit: number, isBehind: boolean): number {
    this.#events = events;
    this.#isBehind = isBehind;
    const fired = this.#parts.wheel.advance(this.#parts.time.millis, this, limit);
    this.#events = null;
    return fired;
  }

  fire(activity: number): void {
    const { activities, time } = this.#parts;
    const events = this.#events;
    const row = activities.get(activity, Activity.ROW);
    if (events === null || row === NONE) return;
    if (activities.has(activity, ActivityFlag.FAILED)) {
      const reason = activities.get(activity, Activity.FAILURE);
      this.#lifetimes.reset(row);
      this.#lifetimes.end(events, row, reason);
      return;
    }
    const isAckDue = activities.get(activity, Activity.ACK_DUE_MILLIS) <= time.millis;
    if (activities.has(activity, ActivityFlag.ACK_DELAYED) && isAckDue) this.#transmission.acknowledge(row);
    const isDue =
      activities.has(activity, ActivityFlag.TIMED) && activities.get(activity, Activity.DUE_MILLIS) <= time.millis;
    if (isDue && !this.#isBehind && !this.#timeOut(events, row, activity)) return;
    this.#arm(activity);
    this.#lifetimes.settle(row);
  }

  /** Sets the wheel for what is still due. */
  #arm(activity: number): void {
    const { activities, wheel, time } = this.#parts;
    if (activities.has(activity, ActivityFlag.ACK_DELAYED))
      wheel.scheduleBy(activity, activities.get(activity, Activity.ACK_DUE_MILLIS));
    if (!activities.has(activity, ActivityFlag.TIMED)) return;
    const dueMillis = activities.get(activity, Activity.DUE_MILLIS);
    wheel.scheduleBy(activity, this.#isBehind ? Math.max(dueMillis, time.millis + POSTPONED_MILLIS) : dueMillis);
  }

  /** @returns whether the connection still exists. */
  #timeOut(events: ConnectionEvents, row: number, activity: number): boolean {
    const { rows, activities } = this.#parts;
    const state = rows.state(row);
    if (state === TcpState.FIN_WAIT_2 || state === TcpState.TIME_WAIT) {
      this.#lifetimes.free(row);
      return false;
    }
    if (state < TcpState.ESTABLISHED) return this.#openAgain(events, row, activity);
    activities.clearFlags(activity, ActivityFlag.TIMED);
    const isUnderWay = this.#transmission.inFlight(row, activity) > 0;
    if (!isUnderWay && this.#transmission.unsentBytes(row, activity) === 0) return true;
    const triesMax = rows.has(row, RowFlag.ABANDONED) ? ABANDONED_TRIES_MAX : TRIES_MAX;
    if (activities.get(activity, Activity.TRIES) >= triesMax) {
      this.#lifetimes.reset(row);
      this.#lifetimes.end(events, row, CloseReason.BROKEN);
      return false;
    }
    this.#transmission.onTimeout(row, activity);
    return true;
  }

  #openAgain(events: ConnectionEvents, row: number, activity: number): boolean {
    const { rows, activities, settings, time } = this.#parts;
    const leftMillis = activities.get(activity, Activity.BEGAN_MILLIS) + settings.connectTimeoutMillis - time.millis;
    if (leftMillis <= 0) {
      this.#lifetimes.end(events, row, CloseReason.CONNECT_TIMED_OUT);
      return false;
    }
    rows.setFlag(row, RowFlag.SYN_SENT_AGAIN);
    this.#transmission.repeatSyn(row, activity, leftMillis);
    return true;
  }
}
