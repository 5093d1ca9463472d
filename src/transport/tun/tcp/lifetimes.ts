/**
 * How connections begin and end: which state follows, what is freed, and what their owner is told. It is told each
 * thing once.
 *
 * TIME_WAIT lasts {@link TIME_WAIT_MILLIS} and not two maximum segment lifetimes, which are four minutes in RFC 9293.
 * First sequence numbers grow with the clock, so those of a new connection between the same ports are above all that an
 * old one used, and a reset tells a peer that still has the old one. The wait is only for a FIN that the peer sends
 * again.
 */
import { count } from '../../../base/counters.ts';
import { mixPair } from '../../../base/pseudo-random.ts';
import { CloseReason, type ConnectionEvents } from '../../../wire/transport.ts';
import { type Segment, TcpFlag } from '../packets/segment.ts';
import { Activity, ActivityFlag } from './activity-table.ts';
import type { Arrival } from './arrival.ts';
import { NONE, RowFlag, TcpState } from './connection-table.ts';
import { withRoundTrip } from './retransmission-timeout-millis.ts';
import type { StackParts } from './stack-parts.ts';
import { TcpCounter } from './tcp-counters.ts';
import type { Transmission } from './transmission.ts';

const TIME_WAIT_MILLIS = 2000;
/** How long the peer may keep its half of a connection open after ours was closed, as Linux's tcp_fin_timeout. */
const HALF_CLOSED_MILLIS = 60_000;
/** The first sequence number grows by one every 4 microseconds (RFC 9293, 3.4.1). */
const SEQUENCES_PER_MILLI = 250;

export class Lifetimes {
  /** Connections that are being opened. */
  opening = 0;
  readonly #parts: StackParts;
  readonly #transmission: Transmission;
  readonly #arrival: Arrival;

  constructor(parts: StackParts, transmission: Transmission, arrival: Arrival) {
    this.#parts = parts;
    this.#transmission = transmission;
    this.#arrival = arrival;
  }

  /**
   * Begins to open a connection whose row was taken. The caller knows that there is an activity.
   * @returns the activity.
   */
  begin(row: number, state: number): number {
    const { rows, activities, segments, settings, time } = this.#parts;
    this.opening++;
    rows.setState(row, state);
    const first = (mixPair(row, settings.seed) + Math.imul(time.millis, SEQUENCES_PER_MILLI)) | 0;
    rows.setSendNext(row, first);
    if (rows.segmentBytesMax(row) === 0) rows.setSegmentBytesMax(row, segments.segmentBytesMax);
    const activity = this.#transmission.begin(row);
    rows.setSendNext(row, first + 1); // the SYN
    activities.set(activity, Activity.BEGAN_MILLIS, time.millis);
    this.#transmission.sendSyn(row, activity);
    return activity;
  }

  /** Takes what a SYN says. */
  takeSyn(row: number, segment: Segment): void {
    const { rows, segments } = this.#parts;
    const shift = Math.max(0, segment.windowShift);
    rows.setReceiveNext(row, segment.sequence + 1);
    rows.setWindowShift(row, shift);
    // A window in a SYN is not shifted (RFC 7323, 2.2), so the first one is rounded down, until a segment says more.
    rows.setWindow(row, segment.window >> shift);
    rows.setSegmentBytesMax(row, Math.max(1, Math.min(segment.mss, segments.segmentBytesMax)));
  }

  /** The peer has acknowledged our SYN. */
  establish(events: ConnectionEvents, row: number, activity: number): void {
    const { rows, activities, time } = this.#parts;
    if (!rows.has(row, RowFlag.SYN_SENT_AGAIN)) {
      rows.setRoundTrip(row, withRoundTrip(0, time.millis - activities.get(activity, Activity.BEGAN_MILLIS)));
    }
    this.opening--;
    rows.setState(row, TcpState.ESTABLISHED);
    activities.set(activity, Activity.UNACKNOWLEDGED, rows.sendNext(row));
    activities.set(activity, Activity.BACKOFF, 0);
    activities.set(activity, Activity.TRIES, 0);
    activities.clearFlags(activity, ActivityFlag.TIMED);
    this.#transmission.beginWindow(row, activity);
    events.opened(rows.token(row), row);
  }

  /** Has a FIN sent after all output. */
  finish(row: number, activity: number): void {
    const { rows, activities } = this.#parts;
    rows.setState(row, rows.state(row) === TcpState.CLOSE_WAIT ? TcpState.LAST_ACK : TcpState.FIN_WAIT_1);
    activities.setFlags(activity, ActivityFlag.FIN_WANTED);
    this.#transmission.list(activity);
  }

  /** It is the turn of the peer's FIN. */
  takeFin(events: ConnectionEvents, row: number): void {
    const { rows, activities } = this.#parts;
    const activity = rows.activity(row);
    rows.setReceiveNext(row, rows.receiveNext(row) + 1);
    activities.clearFlags(activity, ActivityFlag.FIN_SEEN);
    activities.setFlags(activity, ActivityFlag.ACK_NOW);
    this.#transmission.list(activity);
    const state = rows.state(row);
    if (state === TcpState.ESTABLISHED) {
      rows.setState(row, TcpState.CLOSE_WAIT);
      if (rows.has(row, RowFlag.ABANDONED)) this.finish(row, activity);
      else events.closed(rows.token(row), row, CloseReason.PEER_CLOSED);
    } else if (state === TcpState.FIN_WAIT_1) {
      rows.setState(row, TcpState.CLOSING);
    } else {
      this.waitForStragglers(row);
    }
  }

  /** Something was acknowledged: it may have been our FIN. @returns whether the connection still exists. */
  afterAcknowledgement(row: number, activity: number): boolean {
    const { rows, activities } = this.#parts;
    const isFinSent = activities.has(activity, ActivityFlag.FIN_SENT);
    if (!isFinSent || this.#transmission.inFlight(row, activity) > 0) return true;
    const state = rows.state(row);
    if (state === TcpState.LAST_ACK) {
      this.free(row);
      return false;
    }
    if (state === TcpState.FIN_WAIT_1) {
      rows.setState(row, TcpState.FIN_WAIT_2);
      this.#wait(activity, HALF_CLOSED_MILLIS);
    } else if (state === TcpState.CLOSING) {
      this.waitForStragglers(row);
    }
    return true;
  }

  /** TIME_WAIT, from now on. */
  waitForStragglers(row: number): void {
    const { rows } = this.#parts;
    rows.setState(row, TcpState.TIME_WAIT);
    this.#wait(rows.activity(row), TIME_WAIT_MILLIS); // whoever closes has one
  }

  /** Gives a connection up; the next poll tells its owner the reason. */
  fail(activity: number, reason: number): void {
    const { activities, wheel, time } = this.#parts;
    activities.setFlags(activity, ActivityFlag.FAILED);
    activities.set(activity, Activity.FAILURE, reason);
    wheel.schedule(activity, time.millis);
  }

  /** Sends a reset. */
  reset(row: number): void {
    const { rows, segments, counters } = this.#parts;
    count(counters, TcpCounter.resetsOut);
    segments.send(row, rows.sendNext(row), TcpFlag.RST | TcpFlag.ACK);
  }

  /** The connection is over: tells its owner, if it has one that was not told. */
  end(events: ConnectionEvents, row: number, reason: number): void {
    const { rows } = this.#parts;
    const state = rows.state(row);
    const token = rows.token(row);
    if (state < TcpState.ESTABLISHED) {
      this.opening--;
      this.free(row);
      events.refused(token, reason);
    } else if (rows.has(row, RowFlag.ABANDONED)) {
      this.free(row);
    } else {
      this.#forget(row);
      rows.setState(row, TcpState.ENDED);
      if (state !== TcpState.CLOSE_WAIT) events.closed(token, row, reason); // else it was told when the peer closed
    }
  }

  free(row: number): void {
    this.#forget(row);
    this.#parts.rows.give(row);
  }

  /** Frees the activity of a connection if nothing is under way any more. */
  settle(row: number): void {
    const { rows, activities } = this.#parts;
    const activity = rows.activity(row);
    if (activity === NONE) return;
    const state = rows.state(row);
    if (state !== TcpState.ESTABLISHED && state !== TcpState.CLOSE_WAIT) return;
    const busy = ~(ActivityFlag.MEASURING | ActivityFlag.TIMED | ActivityFlag.RECOVERING);
    if ((activities.get(activity, Activity.FLAGS) & busy) !== 0) return;
    const isEmpty = activities.get(activity, Activity.OUT_BYTES) === 0;
    if (!isEmpty || activities.get(activity, Activity.EARLY_FIRST) !== NONE) return;
    if (this.#transmission.inFlight(row, activity) === 0) this.#transmission.end(activity);
  }

  #wait(activity: number, millis: number): void {
    this.#transmission.setTimer(activity, this.#parts.time.millis + millis);
  }

  /** Frees what the connection has besides its row. */
  #forget(row: number): void {
    const activity = this.#parts.rows.activity(row);
    if (activity === NONE) return;
    this.#transmission.queue.discard(activity);
    this.#arrival.early.discard(activity);
    this.#transmission.end(activity);
  }
}
