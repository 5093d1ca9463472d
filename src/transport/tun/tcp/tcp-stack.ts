/**
 * TCP in user space: bytes of packets in, bytes of packets out (RFC 9293, with the answers of RFC 5961 to segments that try to
 * break a connection). It owns the state of each connection; what is sent and received is in parts of its own.
 *
 * It is pure: the port, the clock's time and the seed are passed in, so two stacks run against each other in virtual time.
 * It allocates nothing while it runs, and everything that it keeps has a limit. Nothing that a packet contains reaches an
 * assertion: what is malformed, forged or out of place is counted and answered as the standards say.
 *
 * TIME_WAIT lasts {@link TIME_WAIT_MILLIS} and not two maximum segment lifetimes, which are four minutes in RFC 9293: first
 * sequence numbers grow with the clock, so a new connection between the same ports is above all that an old one sent, and a
 * peer that still has the old one is told by a reset. What the wait is for is a FIN that is sent again.
 */
import { count } from '../../../base/counters.ts';
import { mixPair } from '../../../base/mix.ts';
import { CloseReason, type ConnectionEvents } from '../../../wire/transport.ts';
import type { PacketPort } from '../packet-port.ts';
import { Activity, ActivityFlag, ActivityTable } from './activity-table.ts';
import type { Addresses } from './addresses.ts';
import { Arrival } from './arrival.ts';
import { ByteStore } from './byte-store.ts';
import { type ConnectionTable, NONE, RowFlag, TcpState } from './connection-table.ts';
import { withRoundTrip } from './retransmission-timeout.ts';
import { Fault, Segment, TcpFlag } from './segment.ts';
import { RECEIVE_WINDOW_BYTES, SegmentOutput } from './segment-output.ts';
import { sequenceDistance } from './sequence.ts';
import type { StackParts, StackSettings } from './stack-parts.ts';
import { TcpCounter } from './tcp-counters.ts';
import { TimerWheel } from './timer-wheel.ts';
import { Transmission } from './transmission.ts';

export const TIME_WAIT_MILLIS = 2000;
/** How long the peer may keep its half of a connection open after ours was closed, as Linux's tcp_fin_timeout. */
const HALF_CLOSED_MILLIS = 60_000;
/** Segments sent again in vain, before a connection ends: as tcp_retries2 of Linux, and tcp_orphan_retries if nobody owns it. */
export const TRIES_MAX = 15;
export const TRIES_MAX_ABANDONED = 8;
export const TICK_MILLIS = 4;
/** One turn of the wheel is longer than the longest time-out. */
const WHEEL_SLOTS = 16_384;
/** Limit on answers to suspicious segments (RFC 5961, 7), for all connections together. */
const CHALLENGES_PER_SECOND_MAX = 1000;
const MILLIS_PER_SECOND = 1000;
/** The first sequence number grows by one every 4 microseconds (RFC 9293, 3.4.1). */
const SEQUENCES_PER_MILLI = 250;

const FAULT_COUNTERS: readonly number[] = [
  TcpCounter.segmentsIn,
  TcpCounter.packetsCut,
  TcpCounter.packetsOfOtherProtocols,
  TcpCounter.packetsFragmented,
  TcpCounter.packetsWithBadHeaders,
  TcpCounter.packetsWithBadChecksums,
];

export interface TcpStackParts {
  readonly port: PacketPort;
  readonly rows: ConnectionTable;
  readonly addresses: Addresses;
  /** A row of TCP_COUNTERS. */
  readonly counters: Float64Array;
}

export class TcpStack {
  readonly rows: ConnectionTable;
  readonly store: ByteStore;
  readonly activities: ActivityTable;
  protected readonly parts: StackParts;
  protected readonly transmission: Transmission;
  readonly #addresses: Addresses;
  readonly #arrival: Arrival;
  readonly #segment = new Segment();
  readonly #timers = { fire: (activity: number): void => this.#fire(activity) };
  /** To whom timers tell what happened; set while they run. */
  #events: ConnectionEvents | null = null;
  /** The connection whose owner did not take all of the current segment. */
  #stalled = NONE;
  #connecting = 0;
  #challenges = 0;
  #challengesSinceMillis = 0;

  constructor(settings: StackSettings, { port, rows, addresses, counters }: TcpStackParts) {
    this.rows = rows;
    this.#addresses = addresses;
    this.store = new ByteStore(settings.storeBytes);
    this.activities = new ActivityTable(settings.activities);
    this.parts = {
      settings,
      port,
      rows,
      activities: this.activities,
      store: this.store,
      wheel: new TimerWheel(settings.activities, WHEEL_SLOTS, TICK_MILLIS),
      segments: new SegmentOutput(port, rows, addresses, counters),
      counters,
      time: { millis: 0 },
    };
    this.transmission = new Transmission(this.parts);
    this.#arrival = new Arrival(this.parts, this.transmission);
  }

  /** Bytes that all connections share. */
  get bytes(): number {
    return (
      this.store.bytes +
      this.activities.size * (ActivityTable.ENTRY_BYTES + TimerWheel.ENTRY_BYTES + 4) +
      WHEEL_SLOTS * 4
    );
  }

  /** Whether the owner must take the rest of a segment before others are handled. */
  get isStalled(): boolean {
    return this.#stalled !== NONE;
  }

  /** Sets the time, and does what is due. @returns how much. */
  advance(events: ConnectionEvents, nowMillis: number, limit: number): number {
    this.parts.time.millis = nowMillis;
    this.#events = events;
    const fired = this.parts.wheel.advance(nowMillis, this.#timers, limit);
    this.#events = null;
    return fired;
  }

  /** Milliseconds until a timer is due, at most `millisMax`. */
  untilDueMillis(nowMillis: number, millisMax: number): number {
    return this.parts.wheel.untilDueMillis(nowMillis, millisMax);
  }

  /** Opens a connection. @returns its number, or NONE if there is no room now. */
  open(remote: number, token: number): number {
    const { rows, parts } = this;
    if (this.#connecting >= parts.settings.connectingMax || this.activities.isFull) return NONE;
    const row = rows.take();
    if (row === NONE) return NONE;
    rows.setToken(row, token);
    rows.setRemote(row, remote);
    this.#connecting++;
    this.begin(row, TcpState.SYN_SENT);
    return row;
  }

  /** Closes the connection for its owner, who hears no more of it. @returns false if there is no room now. */
  close(row: number): boolean {
    const state = this.rows.state(row);
    if (state === TcpState.ENDED) {
      this.rows.give(row);
      return true;
    }
    if (state !== TcpState.ESTABLISHED && state !== TcpState.CLOSE_WAIT) return true;
    const activity = this.#activityOf(row);
    if (activity === NONE) return false;
    this.rows.setFlag(row, RowFlag.ABANDONED);
    if (this.activities.has(activity, ActivityFlag.FAILED)) return true; // its timer ends it
    this.#finish(row, activity);
    return true;
  }

  /** The owner hears no more of the connection, which stays open until the peer closes it. */
  abandon(row: number): boolean {
    if (this.rows.state(row) !== TcpState.ESTABLISHED) return this.close(row);
    this.rows.setFlag(row, RowFlag.ABANDONED);
    return true;
  }

  /**
   * Claims contiguous room for output. @returns an offset in the store's view; NONE if there is no room now, or if the
   * connection takes no more, which {@link isWritable} tells.
   */
  claim(row: number, bytes: number, reserveBytes: number): number {
    const activity = this.#activityOf(row);
    if (activity === NONE) return NONE;
    const { activities } = this;
    if (activities.get(activity, Activity.OUT_BYTES) + bytes > this.parts.settings.outputBytesMax) {
      this.#fail(activity, CloseReason.SLOW_READER);
      return NONE;
    }
    return this.transmission.queue.claim(activity, bytes, reserveBytes);
  }

  /** Whether output to the connection is taken. */
  isWritable(row: number): boolean {
    if (this.rows.state(row) !== TcpState.ESTABLISHED || this.rows.has(row, RowFlag.ABANDONED)) return false;
    const activity = this.rows.activity(row);
    return activity === NONE || !this.activities.has(activity, ActivityFlag.FAILED);
  }

  commit(): void {
    this.transmission.list(this.transmission.queue.commit());
  }

  /** Writes what is to be sent into the port. */
  send(): void {
    if (!this.transmission.hasListed) return;
    const { transmission, activities } = this;
    for (let activity = transmission.nextListed(); activity !== NONE; activity = transmission.nextListed()) {
      const row = activities.get(activity, Activity.ROW);
      transmission.transmit(row, activity);
      if (activities.has(activity, ActivityFlag.LISTED)) return; // the port takes nothing now
      this.#settle(row);
    }
  }

  /**
   * Handles a packet of the port's input.
   * @returns false if the owner did not take all of it: {@link resume} before another packet is handled.
   */
  handle(events: ConnectionEvents, start: number, bytes: number): boolean {
    const { port, counters } = this.parts;
    const segment = this.#segment;
    const fault = segment.read(port.input, start, bytes, port.needsChecksums);
    count(counters, FAULT_COUNTERS[fault] as number); // one per fault
    if (fault !== Fault.NONE) return true;
    const row = this.#addresses.rowOf(segment);
    const state = row === NONE || !this.#isFromPeer(row) ? TcpState.CLOSED : this.rows.state(row);
    if (state === TcpState.CLOSED || state === TcpState.ENDED) {
      this.handleUnknown(segment);
      return true;
    }
    if (state === TcpState.SYN_SENT) {
      this.#handleOpening(events, row, segment);
      return true;
    }
    if (!this.#isAcceptable(row, segment) || !this.#isAcknowledgementGood(events, row, segment)) return true;
    return this.#receive(events, row, segment);
  }

  /** Offers the rest of the segment again that its owner did not take. @returns whether it is taken now. */
  resume(events: ConnectionEvents): boolean {
    const row = this.#stalled;
    this.#stalled = NONE;
    return !this.#mayReceive(row) || this.#receive(events, row, this.#segment);
  }

  /** Breaks all connections off with a reset. @param onProgress called at intervals while this goes on. */
  resetAll(onProgress: () => void): void {
    for (let row = 0; row < this.rows.rows; row++) {
      if ((row & 0xfff) === 0) onProgress();
      const state = this.rows.state(row);
      if (state === TcpState.CLOSED || state === TcpState.ENDED || state === TcpState.TIME_WAIT) continue;
      this.#reset(row);
    }
    this.parts.port.flush();
  }

  /** Handles a segment for which there is no connection. */
  protected handleUnknown(segment: Segment): void {
    count(this.parts.counters, TcpCounter.packetsForNobody);
    this.parts.segments.reject(segment);
  }

  /** Begins to open a connection whose row has been taken. The caller knows that there is an activity. */
  protected begin(row: number, state: number): number {
    const { rows, activities, parts } = this;
    rows.setState(row, state);
    const { millis } = parts.time;
    rows.setSendNext(row, (mixPair(row, parts.settings.seed) + Math.imul(millis, SEQUENCES_PER_MILLI)) | 0);
    rows.setSegmentBytesMax(row, parts.segments.segmentBytesMax);
    const activity = this.transmission.begin(row);
    rows.setSendNext(row, rows.sendNext(row) + 1); // the SYN
    activities.set(activity, Activity.BEGAN_MILLIS, millis);
    this.transmission.sendSyn(row, activity);
    return activity;
  }

  /** Takes what a SYN says. */
  protected takeSyn(row: number, segment: Segment): void {
    const { rows, parts } = this;
    rows.setReceiveNext(row, segment.sequence + 1);
    rows.setWindowShift(row, Math.max(0, segment.windowShift));
    // A window in a SYN is not shifted (RFC 7323, 2.2), so the first one is rounded down, until a segment says more.
    rows.setWindow(row, segment.window >> Math.max(0, segment.windowShift));
    const bytes = Math.max(1, Math.min(segment.mss, parts.segments.segmentBytesMax));
    rows.setSegmentBytesMax(row, bytes);
  }

  /** SYN_SENT (RFC 9293, 3.10.7.3). */
  #handleOpening(events: ConnectionEvents, row: number, segment: Segment): void {
    const { rows, parts, activities } = this;
    const { flags } = segment;
    const isAcknowledged = (flags & TcpFlag.ACK) !== 0;
    if (isAcknowledged && segment.acknowledgement !== rows.sendNext(row)) {
      parts.segments.reject(segment);
      return;
    }
    if ((flags & TcpFlag.RST) !== 0) {
      if (!isAcknowledged) return; // it does not prove that it knows our SYN
      count(parts.counters, TcpCounter.resetsIn);
      this.#end(events, row, CloseReason.CONNECT_REFUSED);
      return;
    }
    if ((flags & TcpFlag.SYN) === 0) return;
    this.takeSyn(row, segment);
    const activity = rows.activity(row);
    activities.set(activity, Activity.WINDOW_SEQUENCE, segment.sequence);
    if (!isAcknowledged) {
      rows.setState(row, TcpState.SYN_RECEIVED); // both opened at the same time
      this.transmission.sendSyn(row, activity);
      return;
    }
    this.#establish(events, row, activity);
    this.transmission.acknowledge(row);
    // Data or a FIN that came with it is sent again by the peer.
    if (rows.activity(row) === activity) this.#settle(row);
  }

  #establish(events: ConnectionEvents, row: number, activity: number): void {
    const { rows, activities, parts } = this;
    if (!rows.has(row, RowFlag.SYN_SENT_AGAIN)) {
      const millis = parts.time.millis - activities.get(activity, Activity.BEGAN_MILLIS);
      rows.setRoundTrip(row, withRoundTrip(0, millis));
    }
    rows.setState(row, TcpState.ESTABLISHED);
    this.#connecting--;
    activities.set(activity, Activity.UNACKNOWLEDGED, rows.sendNext(row));
    activities.set(activity, Activity.BACKOFF, 0);
    activities.set(activity, Activity.TRIES, 0);
    activities.set(activity, Activity.CONGESTION_WINDOW, 10 * rows.segmentBytesMax(row));
    activities.clearFlags(activity, ActivityFlag.TIMED);
    events.opened(rows.token(row), row);
  }

  /** Whether a segment lies in the window and is neither RST nor SYN; answers it if not (RFC 9293, 3.10.7.4). */
  #isAcceptable(row: number, segment: Segment): boolean {
    const { rows, parts } = this;
    const offset = sequenceDistance(segment.sequence, rows.receiveNext(row));
    const { length, flags } = segment;
    const isIn = offset < RECEIVE_WINDOW_BYTES && (length === 0 ? offset >= 0 : offset + length > 0);
    const isReset = (flags & TcpFlag.RST) !== 0;
    if (!isIn) {
      count(parts.counters, TcpCounter.arrivedAgain);
      if (isReset) return false;
      if (rows.state(row) === TcpState.TIME_WAIT) this.#wait(row, TIME_WAIT_MILLIS);
      this.transmission.acknowledge(row);
      return false;
    }
    if (isReset && offset === 0) return true;
    if (isReset || (flags & TcpFlag.SYN) !== 0) {
      this.#challenge(row);
      return false;
    }
    if ((flags & TcpFlag.ACK) !== 0) return true;
    count(parts.counters, TcpCounter.packetsWithBadFlags);
    return false;
  }

  /** Takes a reset, or what a segment acknowledges. @returns whether its payload and FIN are to be looked at. */
  #isAcknowledgementGood(events: ConnectionEvents, row: number, segment: Segment): boolean {
    const { rows, activities, parts } = this;
    if ((segment.flags & TcpFlag.RST) !== 0) {
      count(parts.counters, TcpCounter.resetsIn);
      const isOpening = rows.state(row) === TcpState.SYN_RECEIVED;
      this.#end(events, row, isOpening ? CloseReason.CONNECT_REFUSED : CloseReason.BROKEN);
      return false;
    }
    const activity = rows.activity(row);
    const oldest = activity === NONE ? rows.sendNext(row) : activities.get(activity, Activity.UNACKNOWLEDGED);
    const bytes = sequenceDistance(segment.acknowledgement, oldest);
    if (rows.state(row) === TcpState.SYN_RECEIVED) {
      if (segment.acknowledgement !== rows.sendNext(row)) {
        parts.segments.reject(segment);
        return false;
      }
      this.#establish(events, row, activity);
      this.#takeWindow(row, activity, segment);
      return true;
    }
    // Older than the peer's largest window is forged (RFC 5961, 5.2).
    if (sequenceDistance(segment.acknowledgement, rows.sendNext(row)) > 0 || bytes < -(RECEIVE_WINDOW_BYTES << 14)) {
      this.#challenge(row);
      return false;
    }
    if (bytes < 0) return true;
    const windowBefore = rows.windowBytes(row);
    this.#takeWindow(row, activity, segment);
    if (activity === NONE) return true;
    activities.set(activity, Activity.TRIES, 0);
    if (windowBefore === 0 && rows.windowBytes(row) > 0) activities.set(activity, Activity.BACKOFF, 0);
    if (bytes > 0) {
      this.transmission.onAcknowledged(row, activity, segment.acknowledgement, bytes);
    } else if (segment.length === 0 && windowBefore === rows.windowBytes(row) && windowBefore > 0) {
      if (this.transmission.inFlight(row, activity) > 0) this.transmission.onDuplicate(row, activity);
    }
    if (this.transmission.unsentBytes(row, activity) > 0) this.transmission.list(activity);
    return this.#afterAcknowledgement(row, activity);
  }

  /** @returns whether the connection still exists. */
  #afterAcknowledgement(row: number, activity: number): boolean {
    const { rows, activities } = this;
    const isFinAcknowledged =
      activities.has(activity, ActivityFlag.FIN_SENT) && this.transmission.inFlight(row, activity) === 0;
    if (!isFinAcknowledged) return true;
    const state = rows.state(row);
    if (state === TcpState.LAST_ACK) {
      this.#free(row);
      return false;
    }
    if (state === TcpState.FIN_WAIT_1) {
      rows.setState(row, TcpState.FIN_WAIT_2);
      this.#wait(row, HALF_CLOSED_MILLIS);
    } else if (state === TcpState.CLOSING) {
      rows.setState(row, TcpState.TIME_WAIT);
      this.#wait(row, TIME_WAIT_MILLIS);
    }
    return true;
  }

  /** The window of a segment counts unless the segment is older than the one that set it (RFC 9293, 3.10.7.4). */
  #takeWindow(row: number, activity: number, segment: Segment): void {
    if (activity !== NONE) {
      if (sequenceDistance(segment.sequence, this.activities.get(activity, Activity.WINDOW_SEQUENCE)) < 0) return;
      this.activities.set(activity, Activity.WINDOW_SEQUENCE, segment.sequence);
    }
    this.rows.setWindow(row, segment.window);
  }

  /** Takes the payload and the FIN of an acceptable segment. @returns false if its owner did not take all of it. */
  #receive(events: ConnectionEvents, row: number, segment: Segment): boolean {
    const { rows, transmission } = this;
    const isFin = (segment.flags & TcpFlag.FIN) !== 0;
    const bytes = segment.end - segment.start;
    if (bytes === 0 && !isFin) {
      this.#settle(row);
      return true;
    }
    if (!this.#mayReceive(row)) {
      transmission.acknowledge(row); // after the peer's FIN nothing can follow
      return true;
    }
    if (isFin && this.#activityOf(row) === NONE) return true; // it comes again
    if (sequenceDistance(segment.sequence, rows.receiveNext(row)) > 0) {
      this.#arrival.keepEarly(row, segment);
      return true;
    }
    const isAll = this.#arrival.take(events, row, segment);
    if (!this.#mayReceive(row)) return true; // its owner has ended it
    if (!isAll) {
      this.#stalled = row;
      return false;
    }
    if (this.#arrival.isAtFin(row)) this.#takeFin(events, row);
    else this.#arrival.acknowledge(row, bytes);
    return true;
  }

  #mayReceive(row: number): boolean {
    const state = this.rows.state(row);
    return state === TcpState.ESTABLISHED || state === TcpState.FIN_WAIT_1 || state === TcpState.FIN_WAIT_2;
  }

  /** It is the turn of the peer's FIN. */
  #takeFin(events: ConnectionEvents, row: number): void {
    const { rows, activities, transmission } = this;
    const activity = rows.activity(row);
    rows.setReceiveNext(row, rows.receiveNext(row) + 1);
    activities.clearFlags(activity, ActivityFlag.FIN_SEEN);
    activities.setFlags(activity, ActivityFlag.ACK_NOW);
    transmission.list(activity);
    const state = rows.state(row);
    if (state === TcpState.ESTABLISHED) {
      rows.setState(row, TcpState.CLOSE_WAIT);
      if (rows.has(row, RowFlag.ABANDONED)) this.#finish(row, activity);
      else events.closed(rows.token(row), row, CloseReason.PEER_CLOSED);
    } else if (state === TcpState.FIN_WAIT_1) {
      rows.setState(row, TcpState.CLOSING);
    } else {
      rows.setState(row, TcpState.TIME_WAIT);
      this.#wait(row, TIME_WAIT_MILLIS);
    }
  }

  /** Has a FIN sent after all output. */
  #finish(row: number, activity: number): void {
    const { rows, activities, transmission } = this;
    rows.setState(row, rows.state(row) === TcpState.CLOSE_WAIT ? TcpState.LAST_ACK : TcpState.FIN_WAIT_1);
    activities.setFlags(activity, ActivityFlag.FIN_WANTED);
    transmission.list(activity);
  }

  #wait(row: number, millis: number): void {
    const activity = this.rows.activity(row); // whoever closes has one
    this.transmission.setTimer(activity, this.parts.time.millis + millis);
  }

  /** A timer of an activity may be due. */
  #fire(activity: number): void {
    const { activities, parts, transmission } = this;
    const events = this.#events;
    const row = activities.get(activity, Activity.ROW);
    if (events === null || row === NONE) return;
    const now = parts.time.millis;
    if (activities.has(activity, ActivityFlag.FAILED)) {
      this.#reset(row);
      this.#end(events, row, activities.get(activity, Activity.RECOVER));
      return;
    }
    if (activities.has(activity, ActivityFlag.ACK_DELAYED) && activities.get(activity, Activity.ACK_DUE_MILLIS) <= now)
      transmission.acknowledge(row);
    if (activities.has(activity, ActivityFlag.TIMED) && activities.get(activity, Activity.DUE_MILLIS) <= now) {
      if (!this.#timeOut(events, row, activity)) return;
    }
    this.#arm(activity);
    this.#settle(row);
  }

  /** Sets the wheel for what is still due. */
  #arm(activity: number): void {
    const { activities, parts } = this;
    if (activities.has(activity, ActivityFlag.ACK_DELAYED))
      parts.wheel.scheduleBy(activity, activities.get(activity, Activity.ACK_DUE_MILLIS));
    if (activities.has(activity, ActivityFlag.TIMED))
      parts.wheel.scheduleBy(activity, activities.get(activity, Activity.DUE_MILLIS));
  }

  /** @returns whether the connection still exists. */
  #timeOut(events: ConnectionEvents, row: number, activity: number): boolean {
    const { rows, activities, transmission, parts } = this;
    const state = rows.state(row);
    if (state === TcpState.FIN_WAIT_2 || state === TcpState.TIME_WAIT) {
      this.#free(row);
      return false;
    }
    if (state < TcpState.ESTABLISHED) {
      const since = parts.time.millis - activities.get(activity, Activity.BEGAN_MILLIS);
      if (since >= parts.settings.connectTimeoutMillis) {
        this.#end(events, row, CloseReason.CONNECT_TIMED_OUT);
        return false;
      }
      rows.setFlag(row, RowFlag.SYN_SENT_AGAIN);
      transmission.repeatSyn(row, activity, parts.settings.connectTimeoutMillis - since);
      return true;
    }
    activities.clearFlags(activity, ActivityFlag.TIMED);
    if (transmission.inFlight(row, activity) === 0 && transmission.unsentBytes(row, activity) === 0) return true;
    const triesMax = rows.has(row, RowFlag.ABANDONED) ? TRIES_MAX_ABANDONED : TRIES_MAX;
    if (activities.get(activity, Activity.TRIES) >= triesMax) {
      this.#reset(row);
      this.#end(events, row, CloseReason.BROKEN);
      return false;
    }
    transmission.onTimeout(row, activity);
    return true;
  }

  /** Gives a connection up; the next poll tells its owner. */
  #fail(activity: number, reason: number): void {
    const { activities, parts } = this;
    activities.setFlags(activity, ActivityFlag.FAILED);
    activities.set(activity, Activity.RECOVER, reason);
    parts.wheel.schedule(activity, parts.time.millis);
  }

  #reset(row: number): void {
    count(this.parts.counters, TcpCounter.resetsOut);
    this.parts.segments.send(row, this.rows.sendNext(row), TcpFlag.RST | TcpFlag.ACK);
  }

  /** Answers a segment that may be forged: the real peer's answer to it proves the truth. */
  #challenge(row: number): void {
    const { time, counters } = this.parts;
    if (time.millis - this.#challengesSinceMillis >= MILLIS_PER_SECOND) {
      this.#challengesSinceMillis = time.millis;
      this.#challenges = 0;
    }
    if (this.#challenges >= CHALLENGES_PER_SECOND_MAX) return;
    this.#challenges++;
    count(counters, TcpCounter.challenges);
    this.transmission.acknowledge(row);
  }

  /** The connection is over: tells its owner, if it has one that was not told. */
  #end(events: ConnectionEvents, row: number, reason: number): void {
    const { rows } = this;
    const state = rows.state(row);
    const token = rows.token(row);
    if (state < TcpState.ESTABLISHED) {
      this.#connecting--;
      this.#free(row);
      events.refused(token, reason);
    } else if (rows.has(row, RowFlag.ABANDONED)) {
      this.#free(row);
    } else {
      this.#forget(row);
      rows.setState(row, TcpState.ENDED);
      if (state !== TcpState.CLOSE_WAIT) events.closed(token, row, reason); // else it was told when the peer closed
    }
  }

  #free(row: number): void {
    this.#forget(row);
    this.rows.give(row);
  }

  /** Frees what the connection has besides its row. */
  #forget(row: number): void {
    const activity = this.rows.activity(row);
    if (activity === NONE) return;
    this.transmission.queue.discard(activity);
    this.#arrival.early.discard(activity);
    this.transmission.end(activity);
  }

  #activityOf(row: number): number {
    const activity = this.rows.activity(row);
    return activity === NONE ? this.transmission.begin(row) : activity;
  }

  /** Frees the activity of a connection if nothing is under way any more. */
  #settle(row: number): void {
    const { rows, activities } = this;
    const activity = rows.activity(row);
    if (activity === NONE) return;
    const state = rows.state(row);
    if (state !== TcpState.ESTABLISHED && state !== TcpState.CLOSE_WAIT) return;
    const busy = ~(ActivityFlag.MEASURING | ActivityFlag.TIMED | ActivityFlag.RECOVERING);
    if ((activities.get(activity, Activity.FLAGS) & busy) !== 0) return;
    if (activities.get(activity, Activity.OUT_BYTES) > 0 || activities.get(activity, Activity.EARLY_FIRST) !== NONE)
      return;
    if (this.transmission.inFlight(row, activity) === 0) this.transmission.end(activity);
  }

  /** Whether a segment comes from the address and port to which its connection was made. */
  #isFromPeer(row: number): boolean {
    const segment = this.#segment;
    const remote = this.rows.remote(row);
    return (
      this.rows.state(row) !== TcpState.CLOSED &&
      segment.sourcePort === this.#addresses.remotePort(row, remote) &&
      segment.sourceAddress === this.#addresses.remoteAddress(row, remote)
    );
  }
}
