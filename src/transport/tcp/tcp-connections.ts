/**
 * What both ends of the tcp transport share: a thread's sockets, one row for each, read and written
 * through one epoll instance.
 *
 * A connection's number is its descriptor. The thread's table of descriptors is private, so the
 * numbers are dense and a row's place needs no search; a descriptor stays open until its owner has
 * released the number, so no number is used twice at once.
 *
 * Edge-triggered: an event comes when something changes, so a socket is read until it gives less
 * than was asked for. Whoever leaves a socket with something in it asks for its events again.
 */
import type { LedgerEntry } from '../../base/ledger.ts';
import { CLAIM_GONE, CloseReason, type ConnectionEvents, type Transport } from '../../wire/transport.ts';
import { countSockets, SocketCounter } from '../socket-counters.ts';
import { ConnectionRows, ConnectionState } from './connection-rows.ts';
import { EpollSet } from './epoll-set.ts';
import { closeReasonOf, ErrorNumber } from './error-number.ts';
import { OutputBacklog } from './output-backlog.ts';
import { OutputStage, STAGE_BYTES_LEAST } from './output-stage.ts';
import { type SocketOptionSettings, SocketOptions } from './socket-options.ts';
import { Linux, type SystemCalls } from './system-calls.ts';

export interface TcpSettings extends SocketOptionSettings {
  /** Rows of the table: one more than the highest descriptor that will be used. */
  readonly rows: number;
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

/** A row, and the place of the connection's first record in the stage. */
const ROW_BYTES = ConnectionRows.BYTES + 4;
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
  protected readonly rows: ConnectionRows;
  protected readonly options: SocketOptions;
  protected nowMicros = 0;
  readonly #stage: OutputStage;
  readonly #backlog: OutputBacklog;
  readonly #sendBuffer = new Uint8Array(SEND_BYTES);
  readonly #sendView = new DataView(this.#sendBuffer.buffer);
  readonly #received: Uint8Array;
  readonly #receivedView: DataView;
  #wasFetched = false;
  #lookMicros = 0;
  /** Some send failed for a reason that no event tells the end of. */
  #mustTryAgain = false;
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
    this.rows = new ConnectionRows(settings.rows);
    this.options = new SocketOptions(parts.calls);
    this.#stage = new OutputStage(STAGE_BYTES, settings.rows);
    this.output = this.#stage.view;
    this.#backlog = new OutputBacklog({
      limitBytes: settings.outputLimitBytes,
      timeoutMicros: settings.outputTimeoutMicros,
      poolBytes: settings.outputPoolBytes,
    });
    this.#received = new Uint8Array(settings.receiveBytes);
    this.#receivedView = new DataView(this.#received.buffer);
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
      { owner, name: 'sockets', bytes, rowBytes: ROW_BYTES, rowsUsed: this.rows.used },
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
    if (this.rows.state(connection) !== ConnectionState.OPEN) return CLAIM_GONE;
    const at = this.#stage.claim(connection, bytes);
    if (at >= 0) return at;
    this.flush();
    // It may have turned out just now that the peer is gone, or does not read.
    return this.rows.state(connection) === ConnectionState.OPEN ? this.#stage.claim(connection, bytes) : CLAIM_GONE;
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

  /** Gives a row back; its descriptor is closed before the next batch of events. */
  protected give(descriptor: number): void {
    this.forgetOutput(descriptor);
    this.rows.give(descriptor);
  }

  /** Sends what this turn has for one connection. */
  protected flushOne(descriptor: number): void {
    let record = this.#stage.firstRecord(descriptor);
    if (record === 0) return;
    if (this.rows.state(descriptor) !== ConnectionState.OPEN) record = 0;
    while (record !== 0) {
      record = this.#stage.gather(record, this.#sendView);
      if (!this.#send(descriptor, this.#stage.copied)) break;
    }
    this.#stage.drop(descriptor);
  }

  /** Throws away what waits to be sent. */
  protected forgetOutput(descriptor: number): void {
    this.#stage.drop(descriptor);
    if (!this.#backlog.has(descriptor)) return;
    this.#backlog.drop(descriptor);
    this.counters[SocketCounter.outputWaitingBytes] = this.#backlog.waitingBytes;
  }

  /** This side breaks a connection off; its end is told when the kernel's event comes. */
  protected fail(descriptor: number, reason: number): void {
    this.forgetOutput(descriptor);
    this.rows.setState(descriptor, ConnectionState.FAILING);
    this.rows.setReason(descriptor, reason);
    this.calls.shutdown(descriptor, Linux.SHUT_RDWR); // an event, whatever state the socket is in
  }

  /** Ends everything at once. */
  shutdown(): void {
    this.rows.closeAll(this.calls);
    this.epoll.close();
  }

  #fetch(micros: number): void {
    this.rows.closeDead(this.calls);
    countSockets(this.counters, SocketCounter.waits, 1);
    this.epoll.wait(micros);
  }

  #handle(events: ConnectionEvents): void {
    const { descriptor, token, mask } = this.epoll;
    if (token === NO_DESCRIPTOR_EVENT) return; // the bell
    switch (this.rows.state(descriptor)) {
      case ConnectionState.OPEN:
        if ((mask & Linux.EPOLLOUT) !== 0 && this.#backlog.has(descriptor)) this.#sendWaiting(descriptor);
        if ((mask & (Linux.EPOLLIN | ENDED)) === 0 || this.rows.state(descriptor) !== ConnectionState.OPEN) break;
        this.#receive(events, descriptor, token);
        break;
      case ConnectionState.FAILING:
        this.ended(events, descriptor, token, this.rows.reason(descriptor));
        break;
      case ConnectionState.CLOSING:
        this.#discard(events, descriptor, token);
        break;
      case ConnectionState.CLOSED:
      case ConnectionState.DEAD:
        break; // its owner knows
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
        if (this.rows.state(descriptor) !== ConnectionState.OPEN) return; // closed meanwhile
        if (got === size) {
          this.rearm(descriptor, token); // others first
          return;
        }
        if ((this.epoll.mask & ENDED) === 0) return;
        continue;
      }
      const errno = got === 0 ? 0 : this.calls.errno();
      if (errno === ErrorNumber.EAGAIN) return;
      if (errno === ErrorNumber.EINTR) continue;
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
    if (this.rows.state(descriptor) === ConnectionState.OPEN) {
      const wanted = this.#stalledEnd - this.#stalledAt;
      const taken = events.bytes(token, descriptor, this.#receivedView, this.#stalledAt, this.#stalledEnd);
      if (taken < wanted) {
        this.#stalledAt += taken;
        return false;
      }
    }
    this.#stalledDescriptor = NONE;
    // No batch was fetched meanwhile, so the descriptor is still the same connection's.
    if (this.rows.state(descriptor) !== ConnectionState.DEAD) this.rearm(descriptor, token);
    return true;
  }

  /** Reads and throws away until the peer's end comes. */
  #discard(events: ConnectionEvents, descriptor: number, token: number): void {
    const got = this.calls.recv(descriptor, this.#received, this.#received.length, 0);
    const errno = got >= 0 ? 0 : this.calls.errno();
    if (errno === ErrorNumber.EAGAIN) return;
    if (got > 0 || errno === ErrorNumber.EINTR) this.rearm(descriptor, token);
    else this.ended(events, descriptor, token, this.rows.reason(descriptor));
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
    this.#giveUp(descriptor, reason);
    return false;
  }

  /** Has an event come when the kernel takes more of a connection's output. */
  protected abstract waitForRoom(descriptor: number): void;

  /** Whether a send failed only for now. A connection that is gone has its event on the way. */
  #mayTryLater(descriptor: number): boolean {
    const errno = this.calls.errno();
    if (errno === ErrorNumber.EAGAIN) return true;
    // Without memory for a packet the connection is as good as slow; a peer that is gone is not.
    if (errno === ErrorNumber.EINTR || closeReasonOf(errno) === CloseReason.MEMORY_EXHAUSTED) {
      this.#mustTryAgain = true;
      return true;
    }
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
    this.#backlog.forEachOverdue(this.nowMicros, (descriptor) => this.#giveUp(descriptor, CloseReason.SLOW_READER));
    if (!this.#mustTryAgain) return;
    this.#mustTryAgain = false;
    this.#backlog.forEachWaiting((descriptor) => this.#sendWaiting(descriptor));
  }

  /** Ends the connection of a peer that does not read. */
  #giveUp(descriptor: number, reason: number): void {
    const isSlow = reason === CloseReason.SLOW_READER;
    countSockets(this.counters, isSlow ? SocketCounter.slowReadersClosed : SocketCounter.outputPoolFullClosed, 1);
    this.options.resetOnClose(descriptor);
    this.fail(descriptor, reason);
  }
}
