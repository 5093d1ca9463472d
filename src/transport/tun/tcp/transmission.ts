/**
 * What a connection sends, and when: new output as far as the peer's window and the congestion window allow, lost
 * output again, probes of a closed window, acknowledgements.
 *
 * Congestion control is NewReno without inflation of the window (RFC 5681, RFC 6582), beginning with ten segments (RFC
 * 6928). It begins anew whenever nothing is under way, as RFC 5681, 4.1 asks of idle connections. What was lost is sent
 * again one segment per round trip, oldest first, so that only what is missing is sent twice.
 */
import { count } from '../../../base/counters.ts';
import { TcpFlag } from '../packets/segment.ts';
import { Activity, ActivityFlag } from './activity-table.ts';
import { NONE, RowFlag, TcpState } from './connection-table.ts';
import { OutputQueue } from './output-queue.ts';
import {
  FIRST_TIMEOUT_MILLIS,
  LOST_SYN_TIMEOUT_MILLIS,
  retransmissionTimeoutMillis,
  withRoundTrip,
} from './retransmission-timeout-millis.ts';
import { sequenceDistance } from './sequence-distance.ts';
import type { StackParts } from './stack-parts.ts';
import { TcpCounter } from './tcp-counters.ts';

const FIRST_WINDOW_SEGMENTS = 10;
const LOSS_WINDOW_SEGMENTS = 2;
const CONGESTION_WINDOW_BYTES_MAX = 2 ** 24;
const DUPLICATES_OF_LOSS = 3;
const BACKOFF_MAX = 16;

export class Transmission {
  readonly queue: OutputQueue;
  readonly #parts: StackParts;
  /** Activities of connections that have something to send. */
  readonly #listed: Int32Array;
  #count = 0;

  constructor(parts: StackParts) {
    this.#parts = parts;
    this.queue = new OutputQueue(parts.activities, parts.store);
    this.#listed = new Int32Array(parts.settings.activitiesMax);
  }

  /** Takes an activity for a connection that has none. @returns NONE if all are in use. */
  begin(row: number): number {
    const { activities, rows, counters } = this.#parts;
    const activity = activities.take(row);
    if (activity === NONE) {
      count(counters, TcpCounter.activitiesFull);
      return NONE;
    }
    rows.setActivity(row, activity);
    activities.set(activity, Activity.UNACKNOWLEDGED, rows.sendNext(row));
    activities.set(activity, Activity.WINDOW_SEQUENCE, rows.receiveNext(row));
    activities.set(activity, Activity.SLOW_START_THRESHOLD, CONGESTION_WINDOW_BYTES_MAX);
    this.beginWindow(row, activity);
    return activity;
  }

  /** Sets the first congestion window, which depends on the largest segment that the peer takes. */
  beginWindow(row: number, activity: number): void {
    const { activities, rows } = this.#parts;
    activities.set(activity, Activity.CONGESTION_WINDOW, FIRST_WINDOW_SEGMENTS * rows.segmentBytesMax(row));
  }

  /** Lists a connection: the next flush sends what it can. */
  list(activity: number): void {
    const { activities } = this.#parts;
    if (activities.has(activity, ActivityFlag.LISTED)) return;
    activities.setFlags(activity, ActivityFlag.LISTED);
    this.#listed[this.#count++] = activity;
  }

  /** Takes the next connection from the list. @returns NONE if there is none. */
  nextListed(): number {
    const { activities } = this.#parts;
    while (this.#count > 0) {
      const activity = this.#listed[--this.#count] as number; // below the count
      activities.clearFlags(activity, ActivityFlag.LISTED);
      if (activities.get(activity, Activity.ROW) !== NONE) return activity;
      activities.give(activity);
    }
    return NONE;
  }

  /** Ends an activity: nothing is under way any more. */
  end(activity: number): void {
    const { activities, rows, wheel } = this.#parts;
    wheel.cancel(activity);
    rows.setActivity(activities.get(activity, Activity.ROW), NONE);
    if (activities.has(activity, ActivityFlag.LISTED)) activities.set(activity, Activity.ROW, NONE);
    else activities.give(activity);
  }

  inFlight(row: number, activity: number): number {
    const { activities, rows } = this.#parts;
    return sequenceDistance(rows.sendNext(row), activities.get(activity, Activity.UNACKNOWLEDGED));
  }

  /** Bytes of output that were never sent. */
  unsentBytes(row: number, activity: number): number {
    const { activities } = this.#parts;
    const inFlight = this.inFlight(row, activity);
    const fin = inFlight > 0 && activities.has(activity, ActivityFlag.FIN_SENT) ? 1 : 0; // acknowledged last
    return activities.get(activity, Activity.OUT_BYTES) - (inFlight - fin);
  }

  /** Sends what may be sent now, or else an acknowledgement if one must be sent. Not before the connection is open. */
  transmit(row: number, activity: number): void {
    const { activities, rows } = this.#parts;
    const most = rows.segmentBytesMax(row);
    for (;;) {
      const unsent = this.unsentBytes(row, activity);
      const inFlight = this.inFlight(row, activity);
      const window = Math.min(rows.windowBytes(row), activities.get(activity, Activity.CONGESTION_WINDOW));
      const bytes = Math.min(unsent, most, Math.max(0, window - inFlight));
      // A part that only the window forbids to send whole waits while anything is under way (RFC 9293, 3.8.6.2.1).
      const mustWait = bytes < Math.min(unsent, most) && (inFlight > 0 || bytes === 0);
      const isFin = bytes === unsent && this.#mustFinish(activity);
      if ((bytes === 0 && !isFin) || mustWait) {
        if (mustWait && inFlight === 0) this.#startTimer(row, activity); // to probe the window
        break;
      }
      if (!this.#send(row, activity, bytes, isFin)) {
        this.list(activity); // the port takes nothing now
        return;
      }
    }
    if (activities.has(activity, ActivityFlag.ACK_NOW)) this.acknowledge(row);
  }

  /** Sends an acknowledgement at once. */
  acknowledge(row: number): void {
    const { rows, segments, counters } = this.#parts;
    segments.send(row, rows.sendNext(row), TcpFlag.ACK);
    count(counters, TcpCounter.acknowledgementsAlone);
    this.#acknowledged(rows.activity(row));
  }

  /** Sends the SYN of a connection that is being opened, or again, and sets its timer. */
  sendSyn(row: number, activity: number): void {
    const { activities, rows, segments } = this.#parts;
    const flags = rows.state(row) === TcpState.SYN_SENT ? TcpFlag.SYN : TcpFlag.SYN | TcpFlag.ACK;
    segments.send(row, activities.get(activity, Activity.UNACKNOWLEDGED), flags);
    this.restartTimer(row, activity);
  }

  /** Sends a SYN again that was not answered. @param leftMillis until the attempt is given up. */
  repeatSyn(row: number, activity: number, leftMillis: number): void {
    const { activities, counters, time } = this.#parts;
    count(counters, TcpCounter.segmentsRetransmitted);
    this.#backOff(activity);
    this.sendSyn(row, activity);
    const dueMillis = activities.get(activity, Activity.DUE_MILLIS);
    this.setTimer(activity, Math.min(dueMillis, time.millis + leftMillis));
  }

  /** Sends the oldest segment again that is not acknowledged. */
  retransmit(row: number, activity: number): void {
    const { activities, rows, segments, counters, port } = this.#parts;
    const isFinSent = activities.has(activity, ActivityFlag.FIN_SENT);
    const sent = this.inFlight(row, activity) - (isFinSent ? 1 : 0);
    const bytes = Math.min(sent, rows.segmentBytesMax(row), Math.max(1, rows.windowBytes(row)));
    activities.clearFlags(activity, ActivityFlag.MEASURING); // Karn's rule (RFC 6298, 3)
    if (!segments.begin()) return;
    if (bytes > 0) this.queue.copyOldest(activity, bytes, port.output, segments.payloadAt);
    const flags = (bytes > 0 ? TcpFlag.PSH : 0) | (isFinSent && bytes === sent ? TcpFlag.FIN : 0);
    segments.finish(row, activities.get(activity, Activity.UNACKNOWLEDGED), TcpFlag.ACK | flags, bytes);
    count(counters, TcpCounter.segmentsRetransmitted);
    this.#acknowledged(activity);
  }

  /** The time-out of a connection has passed with segments under way: the oldest is sent again. */
  onTimeout(row: number, activity: number): void {
    const { activities, rows, counters } = this.#parts;
    count(counters, TcpCounter.timeouts);
    this.#backOff(activity);
    if (this.inFlight(row, activity) > 0) {
      this.#enterRecovery(row, activity);
      activities.set(activity, Activity.CONGESTION_WINDOW, rows.segmentBytesMax(row));
      this.retransmit(row, activity);
    } else {
      count(counters, TcpCounter.windowProbes);
      this.#send(row, activity, 1, false);
    }
    this.restartTimer(row, activity);
  }

  /**
   * Handles an acknowledgement of `bytes` sequence numbers, above 0 and at most those that are under way.
   * @param acknowledgement as in the segment.
   */
  onAcknowledged(row: number, activity: number, acknowledgement: number, bytes: number): void {
    const { activities, rows, time } = this.#parts;
    if (
      activities.has(activity, ActivityFlag.MEASURING) &&
      sequenceDistance(acknowledgement, activities.get(activity, Activity.MEASURED_SEQUENCE)) >= 0
    ) {
      activities.clearFlags(activity, ActivityFlag.MEASURING);
      const millis = time.millis - activities.get(activity, Activity.MEASURED_MILLIS);
      rows.setRoundTrip(row, withRoundTrip(rows.roundTrip(row), millis));
    }
    this.queue.remove(activity, Math.min(bytes, activities.get(activity, Activity.OUT_BYTES)));
    activities.set(activity, Activity.UNACKNOWLEDGED, acknowledgement);
    activities.set(activity, Activity.BACKOFF, 0);
    activities.set(activity, Activity.DUPLICATES, 0);
    const isUnderWay = this.inFlight(row, activity) > 0;
    if (isUnderWay) this.restartTimer(row, activity);
    else activities.clearFlags(activity, ActivityFlag.TIMED);
    if (!activities.has(activity, ActivityFlag.RECOVERING)) {
      this.#grow(row, activity, bytes);
    } else if (sequenceDistance(acknowledgement, activities.get(activity, Activity.RECOVER)) >= 0) {
      activities.clearFlags(activity, ActivityFlag.RECOVERING);
      activities.set(activity, Activity.CONGESTION_WINDOW, activities.get(activity, Activity.SLOW_START_THRESHOLD));
    } else if (isUnderWay) {
      this.retransmit(row, activity); // what follows is missing too
    }
  }

  /** Handles an acknowledgement that says nothing new. Three in a row, while something is under way, mean a loss. */
  onDuplicate(row: number, activity: number): void {
    const { activities, counters } = this.#parts;
    if (this.inFlight(row, activity) === 0) return;
    const duplicates = activities.get(activity, Activity.DUPLICATES) + 1;
    activities.set(activity, Activity.DUPLICATES, duplicates);
    if (duplicates !== DUPLICATES_OF_LOSS || activities.has(activity, ActivityFlag.RECOVERING)) return;
    count(counters, TcpCounter.fastRetransmissions);
    this.#enterRecovery(row, activity);
    activities.set(activity, Activity.CONGESTION_WINDOW, activities.get(activity, Activity.SLOW_START_THRESHOLD));
    this.retransmit(row, activity);
    this.restartTimer(row, activity);
  }

  /** Sets the timer of retransmission to the time-out from now. */
  restartTimer(row: number, activity: number): void {
    const { activities, rows, time } = this.#parts;
    const first = rows.has(row, RowFlag.SYN_SENT_AGAIN) ? LOST_SYN_TIMEOUT_MILLIS : FIRST_TIMEOUT_MILLIS;
    const isOpening = rows.state(row) < TcpState.ESTABLISHED;
    const backoff = activities.get(activity, Activity.BACKOFF);
    const millis = retransmissionTimeoutMillis(rows.roundTrip(row), isOpening ? FIRST_TIMEOUT_MILLIS : first, backoff);
    this.setTimer(activity, time.millis + millis);
  }

  /** Sets the timer of an activity. */
  setTimer(activity: number, dueMillis: number): void {
    const { activities, wheel } = this.#parts;
    activities.setFlags(activity, ActivityFlag.TIMED);
    activities.set(activity, Activity.DUE_MILLIS, dueMillis);
    wheel.scheduleBy(activity, dueMillis);
  }

  /** Sends an acknowledgement with the next output, or when the delay is over. */
  acknowledgeLater(activity: number): void {
    const { activities, wheel, time, settings } = this.#parts;
    if (activities.has(activity, ActivityFlag.ACK_DELAYED)) return;
    activities.setFlags(activity, ActivityFlag.ACK_DELAYED);
    const dueMillis = time.millis + settings.ackDelayMillis;
    activities.set(activity, Activity.ACK_DUE_MILLIS, dueMillis);
    wheel.scheduleBy(activity, dueMillis);
  }

  /** Counts another time-out, which doubles the next one. */
  #backOff(activity: number): void {
    const { activities } = this.#parts;
    activities.set(activity, Activity.BACKOFF, Math.min(BACKOFF_MAX, activities.get(activity, Activity.BACKOFF) + 1));
    activities.set(activity, Activity.TRIES, activities.get(activity, Activity.TRIES) + 1);
  }

  #mustFinish(activity: number): boolean {
    const { activities } = this.#parts;
    return activities.has(activity, ActivityFlag.FIN_WANTED) && !activities.has(activity, ActivityFlag.FIN_SENT);
  }

  #startTimer(row: number, activity: number): void {
    if (!this.#parts.activities.has(activity, ActivityFlag.TIMED)) this.restartTimer(row, activity);
  }

  /** Sends new output. @returns false if the port has no buffer. */
  #send(row: number, activity: number, bytes: number, isFin: boolean): boolean {
    const { activities, rows, segments, port, time } = this.#parts;
    if (!segments.begin()) return false;
    const sequence = rows.sendNext(row);
    const isFirst = sequence === activities.get(activity, Activity.UNACKNOWLEDGED);
    if (bytes > 0) this.queue.copyUnsent(activity, bytes, port.output, segments.payloadAt);
    const flags = (bytes > 0 ? TcpFlag.PSH : 0) | (isFin ? TcpFlag.FIN : 0);
    segments.finish(row, sequence, TcpFlag.ACK | flags, bytes);
    const next = (sequence + bytes + (isFin ? 1 : 0)) | 0;
    rows.setSendNext(row, next);
    if (isFin) activities.setFlags(activity, ActivityFlag.FIN_SENT);
    if (!activities.has(activity, ActivityFlag.MEASURING) && !activities.has(activity, ActivityFlag.RECOVERING)) {
      activities.setFlags(activity, ActivityFlag.MEASURING);
      activities.set(activity, Activity.MEASURED_SEQUENCE, next);
      activities.set(activity, Activity.MEASURED_MILLIS, time.millis);
    }
    this.#acknowledged(activity);
    if (isFirst) this.restartTimer(row, activity);
    else this.#startTimer(row, activity);
    return true;
  }

  /** Every segment acknowledges what has arrived. */
  #acknowledged(activity: number): void {
    if (activity === NONE) return;
    this.#parts.activities.clearFlags(activity, ActivityFlag.ACK_NOW | ActivityFlag.ACK_DELAYED);
    this.#parts.activities.set(activity, Activity.ARRIVED_BYTES, 0);
  }

  #enterRecovery(row: number, activity: number): void {
    const { activities, rows } = this.#parts;
    const least = LOSS_WINDOW_SEGMENTS * rows.segmentBytesMax(row);
    if (!activities.has(activity, ActivityFlag.RECOVERING)) {
      const half = this.inFlight(row, activity) >> 1;
      activities.set(activity, Activity.SLOW_START_THRESHOLD, Math.max(least, half));
    }
    activities.setFlags(activity, ActivityFlag.RECOVERING);
    activities.set(activity, Activity.RECOVER, rows.sendNext(row));
  }

  #grow(row: number, activity: number, bytes: number): void {
    const { activities, rows } = this.#parts;
    const most = rows.segmentBytesMax(row);
    const window = activities.get(activity, Activity.CONGESTION_WINDOW);
    const isSlowStart = window < activities.get(activity, Activity.SLOW_START_THRESHOLD);
    const more = isSlowStart ? Math.min(bytes, most) : Math.max(1, Math.floor((most * most) / window));
    activities.set(activity, Activity.CONGESTION_WINDOW, Math.min(CONGESTION_WINDOW_BYTES_MAX, window + more));
  }
}
