/**
 * TCP in user space: bytes of packets in, bytes of packets out (RFC 9293, with the answers of RFC 5961 to segments that
 * try to break a connection). It owns the connections and hands each segment to the part that it concerns.
 *
 * It is pure: the port, the clock's time and the seed are passed in, so two stacks run against each other in virtual
 * time. It allocates nothing while it runs, and everything that it keeps has a limit. Nothing that a packet contains
 * reaches an assertion: what is malformed, forged or out of place is counted and answered as the standards say.
 */
import { count } from '../../../base/counters.ts';
import type { TableMemory } from '../../../base/table-memory.ts';
import { CloseReason, type ConnectionEvents } from '../../../wire/transport.ts';
import type { PacketPort } from '../packets/packet-port.ts';
import { Segment, SegmentFault, TcpFlag } from '../packets/segment.ts';
import { Activity, ActivityFlag, ActivityTable } from './activity-table.ts';
import type { Addresses } from './addresses.ts';
import { Arrival } from './arrival.ts';
import { ByteStore } from './byte-store.ts';
import { type ConnectionTable, NONE, RowFlag, TcpState } from './connection-table.ts';
import { Deadlines } from './deadlines.ts';
import { Lifetimes } from './lifetimes.ts';
import { SegmentChecks } from './segment-checks.ts';
import { SegmentOutput } from './segment-output.ts';
import { sequenceDistance } from './sequence-distance.ts';
import type { StackParts, StackSettings } from './stack-parts.ts';
import { TcpCounter } from './tcp-counters.ts';
import { TimerWheel } from './timer-wheel.ts';
import { Transmission } from './transmission.ts';

const TICK_MILLIS = 4;
/** One turn of the wheel is longer than the longest time-out. */
const WHEEL_BUCKETS = 16_384;
const WORD_BYTES = 4;
/** Rows between two signs of progress. */
const PROGRESS_ROWS = 4096;

/** The counter of each fault of a packet. */
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
  /** Memory of the store. */
  readonly memory?: TableMemory | undefined;
}

export class TcpStack {
  readonly rows: ConnectionTable;
  readonly store: ByteStore;
  readonly activities: ActivityTable;
  protected readonly lifetimes: Lifetimes;
  readonly #parts: StackParts;
  readonly #addresses: Addresses;
  readonly #transmission: Transmission;
  readonly #arrival: Arrival;
  readonly #checks: SegmentChecks;
  readonly #deadlines: Deadlines;
  readonly #segment = new Segment();
  /** The connection whose owner did not take all of the current segment. */
  #stalled = NONE;

  constructor(settings: StackSettings, { port, rows, addresses, counters, memory }: TcpStackParts) {
    this.rows = rows;
    this.#addresses = addresses;
    this.store = new ByteStore(settings.storeBytesMax, memory);
    this.activities = new ActivityTable(settings.activitiesMax);
    this.#parts = {
      settings,
      port,
      rows,
      activities: this.activities,
      store: this.store,
      wheel: new TimerWheel(settings.activitiesMax, WHEEL_BUCKETS, TICK_MILLIS),
      segments: new SegmentOutput(port, rows, addresses, counters),
      counters,
      time: { millis: 0 },
    };
    this.#transmission = new Transmission(this.#parts);
    this.#arrival = new Arrival(this.#parts, this.#transmission);
    this.lifetimes = new Lifetimes(this.#parts, this.#transmission, this.#arrival);
    this.#checks = new SegmentChecks(this.#parts, this.#transmission, this.lifetimes);
    this.#deadlines = new Deadlines(this.#parts, this.#transmission, this.lifetimes);
  }

  /** Bytes that all connections share. */
  get bytes(): number {
    const activityBytes = ActivityTable.ENTRY_BYTES + TimerWheel.ENTRY_BYTES + WORD_BYTES; // and a place in a list
    return this.store.bytes + this.activities.size * activityBytes + WHEEL_BUCKETS * WORD_BYTES;
  }

  /** Whether the owner must take the rest of a segment before others are handled. */
  get isStalled(): boolean {
    return this.#stalled !== NONE;
  }

  /** Sets the time at which packets are handled from now on. */
  setTime(nowMillis: number): void {
    this.#parts.time.millis = nowMillis;
  }

  /**
   * Does what is due, at most `limit` timers.
   * @param isBehind whether packets wait to be handled, so that nothing is sent again.
   * @returns how many there were.
   */
  advance(events: ConnectionEvents, limit: number, isBehind = false): number {
    return this.#deadlines.advance(events, limit, isBehind);
  }

  /** Milliseconds until a timer is due, at most `millisMax`. */
  untilDueMillis(nowMillis: number, millisMax: number): number {
    return this.#parts.wheel.untilDueMillis(nowMillis, millisMax);
  }

  /**
   * Opens a connection.
   * @param remote the number of the peer's address. @param token the owner's number for the connection.
   * @returns its number, or NONE if there is no room now.
   */
  open(remote: number, token: number): number {
    if (this.lifetimes.opening >= this.#parts.settings.connectingMax || this.activities.isFull) return NONE;
    const row = this.rows.take();
    if (row === NONE) return NONE;
    this.rows.setToken(row, token);
    this.rows.setRemote(row, remote);
    this.lifetimes.begin(row, TcpState.SYN_SENT);
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
    if (!this.activities.has(activity, ActivityFlag.FAILED)) this.lifetimes.finish(row, activity); // else its timer ends it
    return true;
  }

  /** The owner hears no more of the connection, which stays open until the peer closes it. */
  abandon(row: number): boolean {
    if (this.rows.state(row) !== TcpState.ESTABLISHED) return this.close(row);
    this.rows.setFlag(row, RowFlag.ABANDONED);
    return true;
  }

  /** Whether output to the connection is taken. */
  isWritable(row: number): boolean {
    if (this.rows.state(row) !== TcpState.ESTABLISHED || this.rows.has(row, RowFlag.ABANDONED)) return false;
    const activity = this.rows.activity(row);
    return activity === NONE || !this.activities.has(activity, ActivityFlag.FAILED);
  }

  /**
   * Claims contiguous room for output to a connection that is writable. A connection whose peer has not acknowledged
   * too much is given up.
   * @returns an offset in the store's view; NONE if there is no room now, or if the connection was given up.
   */
  claim(row: number, bytes: number, reserveBytes: number): number {
    const activity = this.#activityOf(row);
    if (activity === NONE) return NONE;
    if (this.activities.get(activity, Activity.OUT_BYTES) + bytes > this.#parts.settings.outputBytesMax) {
      this.lifetimes.fail(activity, CloseReason.SLOW_READER);
      return NONE;
    }
    return this.#transmission.queue.claim(activity, bytes, reserveBytes);
  }

  /** Completes the output that was claimed. It is sent by the next {@link send}. */
  commit(): void {
    this.#transmission.list(this.#transmission.queue.commit());
  }

  /** Writes what is to be sent into the port. */
  send(): void {
    const transmission = this.#transmission;
    for (let activity = transmission.nextListed(); activity !== NONE; activity = transmission.nextListed()) {
      const row = this.activities.get(activity, Activity.ROW);
      transmission.transmit(row, activity);
      if (this.activities.has(activity, ActivityFlag.LISTED)) return; // the port takes nothing now
      this.lifetimes.settle(row);
    }
  }

  /**
   * Handles the packet in the port's `input[start, start + bytes)`.
   * @returns false if the owner did not take all of it: {@link resume} before another packet is handled.
   */
  handle(events: ConnectionEvents, start: number, bytes: number): boolean {
    const { port, counters } = this.#parts;
    const segment = this.#segment;
    const fault = segment.read(port.input, start, bytes, port.needsChecksums);
    count(counters, FAULT_COUNTERS[fault] as number); // one per fault
    if (fault !== SegmentFault.NONE) return true;
    const row = this.#addresses.rowOf(segment);
    const state = row === NONE || !this.#isFromPeer(row, segment) ? TcpState.CLOSED : this.rows.state(row);
    if (state === TcpState.CLOSED || state === TcpState.ENDED) {
      this.handleUnknown(segment);
      return true;
    }
    if (state === TcpState.SYN_SENT) {
      this.#handleOpening(events, row, segment);
      return true;
    }
    if (!this.#checks.isAcceptable(row, segment)) return true;
    return !this.#checks.takeAcknowledgement(events, row, segment) || this.#receive(events, row, segment);
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
      if (row % PROGRESS_ROWS === 0) onProgress();
      const state = this.rows.state(row);
      const isOver = state === TcpState.CLOSED || state === TcpState.ENDED || state === TcpState.TIME_WAIT;
      if (!isOver) this.lifetimes.reset(row);
    }
    this.#parts.port.flush();
  }

  /** Handles a segment for which there is no connection. */
  protected handleUnknown(segment: Segment): void {
    count(this.#parts.counters, TcpCounter.packetsForNobody);
    this.#parts.segments.reject(segment);
  }

  /** SYN_SENT (RFC 9293, 3.10.7.3). */
  #handleOpening(events: ConnectionEvents, row: number, segment: Segment): void {
    const { rows, segments, counters, activities } = this.#parts;
    const isAcknowledged = (segment.flags & TcpFlag.ACK) !== 0;
    if (isAcknowledged && segment.acknowledgement !== rows.sendNext(row)) {
      segments.reject(segment);
      return;
    }
    if ((segment.flags & TcpFlag.RST) !== 0) {
      if (!isAcknowledged) return; // it does not prove that it knows our SYN
      count(counters, TcpCounter.resetsIn);
      this.lifetimes.end(events, row, CloseReason.CONNECT_REFUSED);
      return;
    }
    if ((segment.flags & TcpFlag.SYN) === 0) return;
    this.lifetimes.takeSyn(row, segment);
    const activity = rows.activity(row);
    activities.set(activity, Activity.WINDOW_SEQUENCE, segment.sequence);
    if (!isAcknowledged) {
      rows.setState(row, TcpState.SYN_RECEIVED); // both opened at the same time
      this.#transmission.sendSyn(row, activity);
      return;
    }
    this.lifetimes.establish(events, row, activity);
    this.#transmission.acknowledge(row); // data or a FIN that came with it are sent again by the peer
    this.lifetimes.settle(row);
  }

  /** Takes the payload and the FIN of an acceptable segment. @returns false if its owner did not take all of it. */
  #receive(events: ConnectionEvents, row: number, segment: Segment): boolean {
    const isFin = (segment.flags & TcpFlag.FIN) !== 0;
    const bytes = segment.end - segment.start;
    if (bytes === 0 && !isFin) {
      this.lifetimes.settle(row);
      return true;
    }
    if (!this.#mayReceive(row)) {
      this.#transmission.acknowledge(row); // after the peer's FIN nothing can follow
      return true;
    }
    if (isFin && this.#activityOf(row) === NONE) return true; // it comes again
    if (sequenceDistance(segment.sequence, this.rows.receiveNext(row)) > 0) {
      this.#arrival.keepEarly(row, segment);
      return true;
    }
    const isAll = this.#arrival.take(events, row, segment);
    if (!this.#mayReceive(row)) return true; // its owner has ended it
    if (!isAll) {
      this.#stalled = row;
      return false;
    }
    if (this.#arrival.isAtFin(row)) this.lifetimes.takeFin(events, row);
    else this.#arrival.acknowledge(row, bytes);
    return true;
  }

  #mayReceive(row: number): boolean {
    const state = this.rows.state(row);
    return state === TcpState.ESTABLISHED || state === TcpState.FIN_WAIT_1 || state === TcpState.FIN_WAIT_2;
  }

  #activityOf(row: number): number {
    const activity = this.rows.activity(row);
    return activity === NONE ? this.#transmission.begin(row) : activity;
  }

  /** Whether a segment comes from the address and port to which its connection was made. */
  #isFromPeer(row: number, segment: Segment): boolean {
    if (this.rows.state(row) === TcpState.CLOSED) return false;
    const remote = this.rows.remote(row);
    return (
      segment.sourcePort === this.#addresses.remotePort(row, remote) &&
      segment.sourceAddress === this.#addresses.remoteAddress(row, remote)
    );
  }
}
