/**
 * What both ends of the tcp transport share: a thread's sockets, one row for each, read and written
 * through one epoll instance.
 *
 * A connection's number is its descriptor. The thread's table of descriptors is private, so the
 * numbers are dense and a row's place needs no search; a descriptor stays open until its owner has
 * released the number, so no number is used twice at once.
 *
 *     row, 16 bits    state 0..2 · reason 3..7 · generation 8..15        row, 32 bits   see OutputStage
 *
 *     FREE ─▶ CONNECTING ─▶ OPEN ─▶ CLOSING (said so, waits for the peer's end) ─▶ CLOSED ─▶ FREE
 *                             └──▶ FAILING (ended by this side, waits for its event) ─▶ ┘
 *
 * Edge-triggered: an event comes when something changes, so a socket is read until it gives less
 * than was asked for. Descriptors are closed only between two batches of events, because a batch
 * may still speak of them.
 */
import { assert } from '../../base/assert.ts';
import type { LedgerEntry } from '../../base/ledger.ts';
import { CLAIM_GONE, CloseReason, type ConnectionEvents, type Transport } from '../../wire/transport.ts';
import { countSockets, SocketCounter } from '../socket-counters.ts';
import { EpollSet } from './epoll-set.ts';
import { closeReasonOf, ErrorNumber } from './error-number.ts';
import { OutputBacklog } from './output-backlog.ts';
import { OutputStage, STAGE_BYTES_LEAST } from './output-stage.ts';
import { Linux, type SystemCalls } from './system-calls.ts';

export interface TcpSettings {
  /** Rows of the table: one more than the highest descriptor that will be used. */
  readonly rows: number;
  readonly noDelay: boolean;
  /** SO_SNDBUF and SO_RCVBUF in bytes; null leaves them to the kernel. */
  readonly sendBufferBytes: number | null;
  readonly receiveBufferBytes: number | null;
  readonly outputLimitBytes: number;
  readonly outputTimeoutMicros: number;
  readonly outputPoolBytes: number;
  readonly eventBatch: number;
  readonly receiveBytes: number;
}

export interface TcpParts {
  readonly calls: SystemCalls;
  readonly clock: { nowMicros(): number };
  /** A row of SOCKET_COUNTERS. */
  readonly counters: Float64Array;
  /** Wakes this thread when others have work for it; null where none do. */
  readonly bellDescriptor: number | null;
}

export const ConnectionState = {
  FREE: 0,
  CONNECTING: 1,
  OPEN: 2,
  /** This end has said its last word and waits for the peer's. */
  CLOSING: 3,
  /** This end broke it off; the kernel's event about that is on its way. */
  FAILING: 4,
  /** The owner knows of the end. */
  CLOSED: 5,
  /** The phone's end is silent for good. */
  VANISHED: 6,
} as const;

const STATE_MASK = 7;
const REASON_SHIFT = 3;
const REASON_MASK = 31;
const GENERATION_SHIFT = 8;
const GENERATION_MASK = 255;
const ROW_BYTES = 2 + 4;
const NONE = -1;
/** Room that is always there: what does not fit the stage is sent at once to make room. */
const ROOM_BYTES = 2 ** 30;
const STAGE_BYTES = 8 * STAGE_BYTES_LEAST;
const SEND_BYTES = 64 * 1024;
/** How often slow readers and other deadlines are looked for. */
const LOOK_MICROS = 50_000;
const ENDED = Linux.EPOLLRDHUP | Linux.EPOLLHUP | Linux.EPOLLERR;
const NO_DESCRIPTOR_EVENT = 2 ** 31 - 1;

export abstract class TcpConnections implements Transport {
  readonly output: DataView;
  protected readonly calls: SystemCalls;
  protected readonly settings: TcpSettings;
  protected readonly counters: Float64Array;
  protected readonly epoll: EpollSet;
  protected readonly clock: { nowMicros(): number };
  protected nowMicros = 0;
  /** Connections in use, ended ones that were not released included. */
  protected used = 0;
  readonly #rows: Uint16Array;
  readonly #stage: OutputStage;
  readonly #backlog: OutputBacklog;
  readonly #sendBuffer = new Uint8Array(SEND_BYTES);
  readonly #sendView = new DataView(this.#sendBuffer.buffer);
  readonly #received: Uint8Array;
  readonly #receivedView: DataView;
  /** Descriptors to close once no event can speak of them any more. */
  readonly #dead: Int32Array;
  #deadCount = 0;
  #wasFetched = false;
  #lookMicros = 0;
  /** A chunk that the owner did not take whole: where its rest lies, and whose it is. */
  #stalledDescriptor = NONE;
  #stalledToken = 0;
  #stalledAt = 0;
  #stalledEnd = 0;

  constructor(settings: TcpSettings, parts: TcpParts) {
    this.settings = settings;
    this.calls = parts.calls;
    this.clock = parts.clock;
    this.counters = parts.counters;
    this.epoll = new EpollSet(parts.calls, settings.eventBatch);
    this.#rows = new Uint16Array(settings.rows);
    this.#stage = new OutputStage(STAGE_BYTES, settings.rows);
    this.output = this.#stage.view;
    this.#backlog = new OutputBacklog({
      limitBytes: settings.outputLimitBytes,
      timeoutMicros: settings.outputTimeoutMicros,
      poolBytes: settings.outputPoolBytes,
    });
    this.#received = new Uint8Array(settings.receiveBytes);
    this.#receivedView = new DataView(this.#received.buffer);
    this.#dead = new Int32Array(settings.rows);
    // Edge-triggered and never read: every ring is a new edge.
    if (parts.bellDescriptor !== null) {
      this.epoll.add(parts.bellDescriptor, NO_DESCRIPTOR_EVENT, Linux.EPOLLIN | Linux.EPOLLET);
    }
  }

  /** What a connection costs in tables, and what all share. @param owner whose side this is. */
  protected ledgerOf(owner: 'switch' | 'driver'): LedgerEntry[] {
    const shared =
      this.#stage.bytes + this.#backlog.bytes + this.#sendBuffer.length + this.#received.length + this.epoll.bytes;
    const bytes = this.settings.rows * ROW_BYTES;
    return [
      { owner, name: 'sockets', bytes, rowBytes: ROW_BYTES, rowsUsed: this.used },
      { owner: 'transport', name: 'socket buffers of a thread', bytes: shared, rowBytes: 0, rowsUsed: 0 },
    ];
  }

  poll(events: ConnectionEvents, limit: number): number {
    this.nowMicros = this.clock.nowMicros();
    if (this.nowMicros >= this.#lookMicros) this.#look(events);
    let done = this.pollOwn(events);
    if (this.#stalledDescriptor !== NONE && !this.#offerStalled(events)) return done;
    if (!this.epoll.hasNext) {
      if (!this.#wasFetched) this.#fetch(0);
      this.#wasFetched = false;
    }
    while (done < limit && this.epoll.next()) {
      done++;
      this.#handle(events);
      if (this.#stalledDescriptor !== NONE) break;
    }
    return done;
  }

  hasInput(): boolean {
    return this.#stalledDescriptor !== NONE || this.epoll.hasNext;
  }

  /** Sleeps until a socket or the bell has something, at most so long. */
  wait(micros: number): void {
    if (this.hasInput()) return;
    this.#fetch(micros);
    this.#wasFetched = true;
  }

  claim(connection: number, bytes: number): number {
    const state = this.state(connection);
    if (state !== ConnectionState.OPEN) return CLAIM_GONE;
    const at = this.#stage.claim(connection, bytes);
    if (at >= 0) return at;
    this.flush();
    return this.#stage.claim(connection, bytes);
  }

  commit(): void {
    this.#stage.commit();
  }

  roomBytes(): number {
    return ROOM_BYTES;
  }

  flush(): void {
    for (let n = 0; n < this.#stage.count; n++) {
      const descriptor = this.#stage.descriptorAt(n);
      if (descriptor >= 0) this.flushOne(descriptor);
    }
    this.#stage.clear();
  }

  abstract close(connection: number, reason: number): boolean;
  abstract release(connection: number): boolean;

  /** What only one of the ends has to do at each poll. @returns how much it did. */
  protected abstract pollOwn(events: ConnectionEvents): number;
  /** A socket that is neither open nor ending: the listener, or one that connects. */
  protected abstract handleOther(events: ConnectionEvents, descriptor: number, mask: number): void;
  /** Looks at deadlines, now and then. */
  protected abstract lookAtDeadlines(events: ConnectionEvents): void;
  /** Frees the row of a connection that has ended, or keeps it until its owner releases it. */
  protected abstract ended(events: ConnectionEvents, descriptor: number, token: number, reason: number): void;

  protected state(descriptor: number): number {
    return (this.#rows[descriptor] as number) & STATE_MASK; // descriptors are inside the table, here and below
  }

  protected setState(descriptor: number, state: number): void {
    this.#rows[descriptor] = ((this.#rows[descriptor] as number) & ~STATE_MASK) | state;
  }

  protected reason(descriptor: number): number {
    return ((this.#rows[descriptor] as number) >> REASON_SHIFT) & REASON_MASK;
  }

  protected setReason(descriptor: number, reason: number): void {
    const rest = (this.#rows[descriptor] as number) & ~(REASON_MASK << REASON_SHIFT);
    this.#rows[descriptor] = rest | (reason << REASON_SHIFT);
  }

  /** Tells uses of one descriptor apart, to those that looked at it before. */
  protected generation(descriptor: number): number {
    return (this.#rows[descriptor] as number) >> GENERATION_SHIFT;
  }

  /** Whether a descriptor is still in the use that had this generation, and in a state. */
  protected isStill(descriptor: number, generation: number, state: number): boolean {
    return this.generation(descriptor) === generation && this.state(descriptor) === state;
  }

  /** A new socket takes its row. */
  protected take(descriptor: number, state: number): void {
    assert(this.state(descriptor) === ConnectionState.FREE, 'a new descriptor has a free row');
    const generation = (this.generation(descriptor) + 1) & GENERATION_MASK;
    this.#rows[descriptor] = (generation << GENERATION_SHIFT) | state;
    this.used++;
  }

  /** Gives a row back; its descriptor is closed before the next batch of events. */
  protected give(descriptor: number): void {
    this.forgetOutput(descriptor);
    this.setState(descriptor, ConnectionState.CLOSED);
    this.#dead[this.#deadCount] = descriptor;
    this.#deadCount++;
    this.used--;
  }

  /** Sends what this turn has for one connection. */
  protected flushOne(descriptor: number): void {
    let record = this.#stage.firstRecord(descriptor);
    if (record === 0) return;
    if (this.state(descriptor) !== ConnectionState.OPEN) record = 0;
    while (record !== 0) {
      record = this.#stage.gather(record, this.#sendView);
      if (!this.#send(descriptor, this.#stage.copied)) break;
    }
    this.#stage.drop(descriptor);
  }

  /** Throws away what waits to be sent. */
  protected forgetOutput(descriptor: number): void {
    this.#stage.drop(descriptor);
    this.#backlog.drop(descriptor);
  }

  /** This side breaks a connection off; its end is told when the kernel's event comes. */
  protected fail(descriptor: number, reason: number): void {
    this.forgetOutput(descriptor);
    this.setState(descriptor, ConnectionState.FAILING);
    this.setReason(descriptor, reason);
    this.calls.shutdown(descriptor, Linux.SHUT_RDWR);
  }

  /** The options that a new socket of either end gets. */
  protected setOptions(descriptor: number): void {
    const { noDelay, sendBufferBytes, receiveBufferBytes } = this.settings;
    if (noDelay) this.setOption(descriptor, Linux.IPPROTO_TCP, Linux.TCP_NODELAY, 1);
    if (sendBufferBytes !== null) this.setOption(descriptor, Linux.SOL_SOCKET, Linux.SO_SNDBUF, sendBufferBytes);
    if (receiveBufferBytes !== null) this.setOption(descriptor, Linux.SOL_SOCKET, Linux.SO_RCVBUF, receiveBufferBytes);
  }

  protected setOption(descriptor: number, level: number, option: number, value: number): number {
    this.#optionView.setInt32(0, value, true);
    return this.calls.setOption(descriptor, level, option, this.#option, 4);
  }

  /** The error that a socket has met, 0 for none. */
  protected socketError(descriptor: number): number {
    this.#optionLengthView.setInt32(0, 4, true);
    const said = this.calls.getOption(descriptor, Linux.SOL_SOCKET, Linux.SO_ERROR, this.#option, this.#optionLength);
    return said < 0 ? this.calls.errno() : this.#optionView.getInt32(0, true);
  }
  readonly #option = new Uint8Array(4);
  readonly #optionView = new DataView(this.#option.buffer);
  readonly #optionLength = new Uint8Array(4);
  readonly #optionLengthView = new DataView(this.#optionLength.buffer);

  /** Ends everything at once. */
  shutdown(): void {
    for (let descriptor = 0; descriptor < this.settings.rows; descriptor++) {
      const state = this.state(descriptor);
      if (state !== ConnectionState.FREE && state !== ConnectionState.CLOSED) this.calls.close(descriptor);
    }
    this.#closeDead();
    this.epoll.close();
  }

  #fetch(micros: number): void {
    this.#closeDead();
    countSockets(this.counters, SocketCounter.waits, 1);
    this.epoll.wait(micros);
  }

  #closeDead(): void {
    for (let n = 0; n < this.#deadCount; n++) {
      const descriptor = this.#dead[n] as number; // n < count
      this.setState(descriptor, ConnectionState.FREE);
      this.calls.close(descriptor);
    }
    this.#deadCount = 0;
  }

  #handle(events: ConnectionEvents): void {
    const { descriptor, token, mask } = this.epoll;
    if (token === NO_DESCRIPTOR_EVENT) return; // the bell
    switch (this.state(descriptor)) {
      case ConnectionState.OPEN:
        if ((mask & Linux.EPOLLOUT) !== 0 && this.#backlog.has(descriptor)) this.#sendWaiting(descriptor);
        if ((mask & (Linux.EPOLLIN | ENDED)) !== 0) this.#receive(events, descriptor, token);
        break;
      case ConnectionState.FAILING:
        this.ended(events, descriptor, token, this.reason(descriptor));
        break;
      case ConnectionState.CLOSING:
        this.#discard(events, descriptor, token);
        break;
      case ConnectionState.CLOSED:
        break; // its descriptor is closed with this batch
      default:
        this.handleOther(events, descriptor, mask);
    }
  }

  #receive(events: ConnectionEvents, descriptor: number, token: number): void {
    const size = this.#received.length;
    for (;;) {
      const got = this.calls.recv(descriptor, this.#received, size, 0);
      countSockets(this.counters, SocketCounter.receives, 1);
      if (got > 0) {
        countSockets(this.counters, SocketCounter.bytesReceived, got);
        const taken = events.bytes(token, descriptor, this.#receivedView, 0, got);
        if (taken < got) {
          this.#stall(descriptor, token, taken, got);
          return;
        }
        if (this.state(descriptor) !== ConnectionState.OPEN) return; // closed meanwhile
        if (got === size) {
          this.rearm(descriptor, token); // others first
          return;
        }
        if ((this.epoll.mask & ENDED) === 0) return;
        continue;
      }
      const errno = got === 0 ? 0 : this.calls.errno();
      if (errno === ErrorNumber.EAGAIN || errno === ErrorNumber.EINTR) return;
      if (errno !== 0) countSockets(this.counters, SocketCounter.connectionsBroken, 1);
      this.ended(events, descriptor, token, errno === 0 ? CloseReason.PEER_CLOSED : CloseReason.BROKEN);
      return;
    }
  }

  /** Asks for the events of a socket again, whatever is true of it already included. */
  protected rearm(descriptor: number, token: number): void {
    this.epoll.modify(descriptor, token, Linux.EPOLLIN | Linux.EPOLLOUT | Linux.EPOLLRDHUP | Linux.EPOLLET);
  }

  #stall(descriptor: number, token: number, at: number, end: number): void {
    this.#stalledDescriptor = descriptor;
    this.#stalledToken = token;
    this.#stalledAt = at;
    this.#stalledEnd = end;
  }

  /** Offers the rest of a chunk again. @returns whether it is done with. */
  #offerStalled(events: ConnectionEvents): boolean {
    const descriptor = this.#stalledDescriptor;
    const token = this.#stalledToken;
    if (this.state(descriptor) === ConnectionState.OPEN) {
      const wanted = this.#stalledEnd - this.#stalledAt;
      const taken = events.bytes(token, descriptor, this.#receivedView, this.#stalledAt, this.#stalledEnd);
      if (taken < wanted) {
        this.#stalledAt += taken;
        return false;
      }
    }
    this.#stalledDescriptor = NONE;
    const state = this.state(descriptor);
    if (state !== ConnectionState.FREE && state !== ConnectionState.CLOSED) this.rearm(descriptor, token);
    return true;
  }

  /** Reads and throws away until the peer's end comes. */
  #discard(events: ConnectionEvents, descriptor: number, token: number): void {
    const got = this.calls.recv(descriptor, this.#received, this.#received.length, 0);
    if (got > 0) {
      this.rearm(descriptor, token);
      return;
    }
    const errno = got === 0 ? 0 : this.calls.errno();
    if (errno === ErrorNumber.EAGAIN || errno === ErrorNumber.EINTR) return;
    this.ended(events, descriptor, token, this.reason(descriptor));
  }

  /** Sends the first `bytes` of the send buffer. @returns whether the connection is as before. */
  #send(descriptor: number, bytes: number): boolean {
    let sent = 0;
    if (!this.#backlog.has(descriptor)) {
      sent = this.calls.send(descriptor, this.#sendBuffer, bytes, Linux.MSG_NOSIGNAL);
      countSockets(this.counters, SocketCounter.sends, 1);
      if (sent === bytes) {
        countSockets(this.counters, SocketCounter.bytesSent, sent);
        return true;
      }
      if (sent < 0 && !this.#mayTryLater(descriptor)) return false;
      sent = Math.max(0, sent);
      countSockets(this.counters, SocketCounter.bytesSent, sent);
      countSockets(this.counters, SocketCounter.sendsPartial, 1);
      this.waitForRoom(descriptor);
    }
    const reason = this.#backlog.keep(descriptor, this.#sendBuffer, sent, bytes, this.nowMicros);
    this.counters[SocketCounter.outputWaitingBytes] = this.#backlog.waitingBytes;
    if (reason === 0) return true;
    this.#countSlow(reason);
    this.fail(descriptor, reason);
    return false;
  }

  /** Has an event come when the kernel takes more of a connection's output. */
  protected abstract waitForRoom(descriptor: number): void;

  /** Whether a send failed only for now. A connection that is gone has its event on the way. */
  #mayTryLater(descriptor: number): boolean {
    const errno = this.calls.errno();
    if (errno === ErrorNumber.EAGAIN || errno === ErrorNumber.EINTR) return true;
    const reason = closeReasonOf(errno);
    // Without memory for a packet the connection is as good as slow; a peer that is gone is not.
    if (reason === CloseReason.MEMORY_EXHAUSTED) return true;
    this.fail(descriptor, CloseReason.BROKEN);
    countSockets(this.counters, SocketCounter.connectionsBroken, 1);
    return false;
  }

  #sendWaiting(descriptor: number): void {
    for (;;) {
      const bytes = this.#backlog.peek(descriptor, this.#sendBuffer);
      if (bytes === 0) return;
      const sent = this.calls.send(descriptor, this.#sendBuffer, bytes, Linux.MSG_NOSIGNAL);
      countSockets(this.counters, SocketCounter.sends, 1);
      if (sent < 0) {
        this.#mayTryLater(descriptor);
        return;
      }
      countSockets(this.counters, SocketCounter.bytesSent, sent);
      const waits = this.#backlog.taken(descriptor, sent);
      this.counters[SocketCounter.outputWaitingBytes] = this.#backlog.waitingBytes;
      if (!waits || sent < bytes) return;
    }
  }

  #look(events: ConnectionEvents): void {
    this.#lookMicros = this.nowMicros + LOOK_MICROS;
    this.lookAtDeadlines(events);
    if (this.#backlog.waitingBytes === 0) return;
    this.#backlog.forEachOverdue(this.nowMicros, (descriptor) => {
      this.#countSlow(CloseReason.SLOW_READER);
      this.fail(descriptor, CloseReason.SLOW_READER);
    });
  }

  #countSlow(reason: number): void {
    const isSlow = reason === CloseReason.SLOW_READER;
    countSockets(this.counters, isSlow ? SocketCounter.slowReadersClosed : SocketCounter.outputPoolFullClosed, 1);
  }
}
