/**
 * The common part of both ends of the tcp transport: a thread's sockets with a row each. One epoll instance watches
 * them; they are read and written in batches.
 *
 * A connection's number is its socket's place. Places are dense, so a row is found without a search. A socket
 * stays open until its owner has released the number, so no number names two connections at once.
 *
 * epoll is edge-triggered: an event comes only when something changes, so a socket is read until it gives less
 * than was asked for. If a socket is left before that, its event is requested again.
 *
 * What is written, and what waits because the kernel does not take it: see ConnectionOutput.
 */
import type { Clock } from '../../../base/clock.ts';
import { count, countBy } from '../../../base/counters.ts';
import type { LedgerEntry } from '../../../base/ledger-entry.ts';
import { CloseReason, type ConnectionEvents, type Transport } from '../../../wire/transport.ts';
import { SocketCounter } from '../../socket-counters.ts';
import { DescriptorSockets } from '../sockets/descriptor-sockets.ts';
import type { HeldSockets } from '../sockets/held-sockets.ts';
import { RingSockets } from '../sockets/ring-sockets.ts';
import { EpollSet } from '../system/epoll-set.ts';
import { ErrorNumber } from '../system/error-number.ts';
import { SocketOptions } from '../system/socket-options.ts';
import { Linux, type SystemCalls } from '../system/system-calls.ts';
import { ConnectionOutput } from './connection-output.ts';
import { ConnectionRows, ConnectionState } from './connection-rows.ts';
import type { TcpParts, TcpSettings } from './tcp-settings.ts';

/** Bytes of a row, and of the number of the connection's first record in the stage. */
const ROW_BYTES = ConnectionRows.BYTES + 4;
const NONE = -1;
/** The room that is reported. It is always there, because output that does not fit into the stage is sent at once. */
const ROOM_BYTES = 2 ** 30;
/** Interval of the checks for slow readers and other deadlines. */
const LOOK_MILLIS = 50;
export const MICROS_PER_MILLI = 1000;
const ENDED = Linux.EPOLLRDHUP | Linux.EPOLLHUP | Linux.EPOLLERR;
/** Events for which the socket of every connection is watched. */
export const ALL_EVENTS = Linux.EPOLLIN | Linux.EPOLLOUT | Linux.EPOLLRDHUP | Linux.EPOLLET;
/** Tokens of watched descriptors that are not connections. */
const BELL_TOKEN = 2 ** 31 - 1;
export const LISTENER_TOKEN = 2 ** 31 - 2;

/** The counter of a connection whose output could not be sent, by reason. */
const GIVEN_UP_COUNTERS: Readonly<Record<number, number>> = {
  [CloseReason.BROKEN]: SocketCounter.connectionsBroken,
  [CloseReason.SLOW_READER]: SocketCounter.slowReadersClosed,
};

export abstract class TcpConnections implements Transport {
  readonly output: DataView;
  protected readonly calls: SystemCalls;
  protected readonly settings: TcpSettings;
  protected readonly counters: Float64Array;
  protected readonly epoll: EpollSet;
  protected readonly sockets: HeldSockets;
  protected readonly rows: ConnectionRows;
  protected readonly options: SocketOptions;
  /**
   * Time of the last poll in whole milliseconds modulo 2^32: exact enough for deadlines of seconds, and never an
   * object.
   */
  protected nowMillis = 0;
  readonly #clock: Clock;
  readonly #nowMicros = new Float64Array(1);
  readonly #out: ConnectionOutput;
  readonly #isStill = (place: number, generation: number): boolean => this.rows.takeAgain(place, generation);
  #wasFetched = false;
  #lookMillis = 0;
  /** A chunk of which the owner took only a part: its connection, and the position of the rest. */
  #stalledPlace = NONE;
  #stalledToken = 0;
  #stalledAt = 0;
  #stalledEnd = 0;

  constructor(settings: TcpSettings, parts: TcpParts) {
    this.settings = settings;
    this.calls = parts.calls;
    this.#clock = parts.clock;
    this.counters = parts.counters;
    this.epoll = new EpollSet(parts.calls, settings.eventBatch, settings.rows);
    this.rows = new ConnectionRows(settings.rows);
    this.options = new SocketOptions(parts.calls);
    this.sockets =
      settings.ringPlaces === null
        ? new DescriptorSockets(parts.calls, settings.rows, settings.receiveBytes)
        : new RingSockets(parts.calls, settings.rows, settings.ringPlaces, settings.eventBatch);
    const limits = {
      limitBytes: settings.outputLimitBytes,
      timeoutMillis: Math.ceil(settings.outputTimeoutMicros / MICROS_PER_MILLI),
      poolBytes: settings.outputPoolBytes,
    };
    this.#out = new ConnectionOutput(settings.rows, limits, {
      sockets: this.sockets,
      rows: this.rows,
      counters: this.counters,
      giveUp: (place, reason) => this.#giveUp(place, reason),
    });
    this.output = this.#out.view;
    // The eventfd is edge-triggered and never read, so each ring of the bell is a new event.
    if (parts.bellDescriptor !== null) {
      this.epoll.add(parts.bellDescriptor, 0, BELL_TOKEN, Linux.EPOLLIN | Linux.EPOLLET);
    }
  }

  /**
   * Memory per connection, and memory that all connections share.
   * @param owner the side to which this thread belongs.
   */
  protected ledgerOf(owner: 'switch' | 'driver'): LedgerEntry[] {
    const buffers = this.#out.bytes + this.sockets.bytes;
    const shared = buffers + this.epoll.bytes + this.rows.listBytes;
    const bytes = this.settings.rows * ROW_BYTES;
    return [
      { owner, name: 'sockets', bytes, rowBytes: ROW_BYTES, rowsUsed: this.rows.used },
      { owner: 'transport', name: 'socket buffers of a thread', bytes: shared, rowBytes: 0, rowsUsed: 0 },
    ];
  }

  poll(events: ConnectionEvents, limit: number): number {
    this.#clock.tell(this.#nowMicros);
    this.nowMillis = ((this.#nowMicros[0] as number) / MICROS_PER_MILLI) | 0; // its only element
    this.#out.nowMillis = this.nowMillis;
    if (((this.nowMillis - this.#lookMillis) | 0) >= 0) this.#look(events);
    let done = this.pollOwn(events);
    if (this.#stalledPlace !== NONE && !this.#offerStalled(events)) return done;
    if (!this.epoll.hasNext && !this.#wasFetched) this.#fetch(0);
    this.#wasFetched = false;
    while (done < limit && this.epoll.next()) {
      done++;
      this.#handle(events);
      if (this.#stalledPlace !== NONE) break;
    }
    return done;
  }

  hasInput(): boolean {
    return this.#stalledPlace !== NONE || this.epoll.hasNext || this.epoll.hasAgain;
  }

  /** Sleeps until there is an event of a socket or of the bell, for at most `micros`. */
  wait(micros: number): void {
    if (this.hasInput()) return;
    this.#fetch(micros);
    this.#wasFetched = true;
  }

  claim(connection: number, bytes: number): number {
    return this.#out.claim(connection, bytes);
  }

  commit(): void {
    this.#out.commit();
  }

  roomBytes(): number {
    return ROOM_BYTES;
  }

  flush(): void {
    this.#out.flush();
  }

  abstract close(connection: number, reason: number): boolean;
  abstract release(connection: number): boolean;

  /** Work at each poll that only this end has. @returns the amount of work done. */
  protected abstract pollOwn(events: ConnectionEvents): number;
  /** Handles an event of the listening socket. */
  protected abstract handleListener(events: ConnectionEvents): void;
  /** Handles an event of a socket that is neither open nor ending. */
  protected abstract handleOther(events: ConnectionEvents, place: number, mask: number): void;
  /** Checks deadlines of this end. Called every {@link LOOK_MILLIS}. */
  protected abstract lookAtDeadlines(events: ConnectionEvents): void;
  /** Frees the row of a connection that has ended, or keeps it until its owner releases it. */
  protected abstract ended(events: ConnectionEvents, place: number, token: number, reason: number): void;

  /** Releases a row; its socket is closed before the next batch of events is fetched. */
  protected give(place: number): void {
    this.forgetOutput(place);
    this.rows.give(place);
  }

  /** Sends this turn's output of one connection. */
  protected flushOne(place: number): void {
    this.#out.flushOne(place);
  }

  /** Discards all output of a connection that has not been sent. */
  protected forgetOutput(place: number): void {
    this.#out.forget(place);
  }

  /** Breaks a connection off; its owner is told of the end when the kernel's event arrives. */
  protected fail(place: number, reason: number): void {
    this.forgetOutput(place);
    this.rows.setState(place, ConnectionState.FAILING);
    this.rows.setReason(place, reason);
    this.shutdownSocket(place, Linux.SHUT_RDWR); // causes an event in any state of the socket
  }

  protected shutdownSocket(place: number, how: number): void {
    const borrowed = this.sockets.borrow(place);
    this.calls.shutdown(borrowed, how);
    this.sockets.giveBack(borrowed);
  }

  /** Closes all sockets at once. @param onProgress called at intervals while this goes on. */
  shutdown(onProgress: () => void = () => {}): void {
    this.rows.closeAll(this.sockets, onProgress);
    this.sockets.shutdown();
    this.epoll.close();
  }

  #fetch(micros: number): void {
    this.rows.closeDead(this.sockets);
    count(this.counters, SocketCounter.waits);
    this.epoll.fetch(micros, this.#isStill);
    this.sockets.beginReceives();
    for (let n = 0; n < this.epoll.ready; n++) {
      const place = this.epoll.placeAt(n);
      if ((this.epoll.maskAt(n) & (Linux.EPOLLIN | ENDED)) === 0 || this.epoll.tokenAt(n) >= LISTENER_TOKEN) continue;
      if (this.rows.state(place) === ConnectionState.OPEN) this.sockets.askReceive(n, place);
    }
    this.sockets.runReceives();
  }

  #handle(events: ConnectionEvents): void {
    const { place, token, mask } = this.epoll;
    if (token === BELL_TOKEN) return;
    if (token === LISTENER_TOKEN) {
      this.handleListener(events);
      return;
    }
    switch (this.rows.state(place)) {
      case ConnectionState.OPEN:
        if ((mask & Linux.EPOLLOUT) !== 0 && this.#out.isWaiting(place)) this.#out.sendWaiting(place);
        if ((mask & (Linux.EPOLLIN | ENDED)) === 0 || this.rows.state(place) !== ConnectionState.OPEN) break;
        this.#receive(events, place, token);
        break;
      case ConnectionState.FAILING:
        this.ended(events, place, token, this.rows.reason(place));
        break;
      case ConnectionState.CLOSING:
        this.#discard(events, place, token);
        break;
      case ConnectionState.CLOSED:
      case ConnectionState.DEAD:
        break; // its owner has been told of the end
      default:
        this.handleOther(events, place, mask);
    }
  }

  #receive(events: ConnectionEvents, place: number, token: number): void {
    const n = this.epoll.index;
    const start = this.sockets.receivedAt(n);
    const size = this.sockets.receiveBytes;
    for (let got = this.sockets.takeReceive(n, place); ; got = this.sockets.receive(n, place)) {
      count(this.counters, SocketCounter.receives);
      if (got > 0) {
        countBy(this.counters, SocketCounter.bytesReceived, got);
        const taken = events.bytes(token, place, this.sockets.received, start, start + got);
        if (taken < got) {
          this.#stall(place, token, start + taken, start + got);
          return;
        }
        if (this.rows.state(place) !== ConnectionState.OPEN) {
          // The owner closed it during the call. If the peer's end came with these bytes, its event is still needed.
          if ((this.epoll.mask & ENDED) !== 0) this.again(place, token, this.epoll.mask);
          return;
        }
        if (got === size) {
          this.again(place, token, this.epoll.mask); // other sockets get their turn first
          return;
        }
        if ((this.epoll.mask & ENDED) === 0) return;
        continue;
      }
      const errno = -got;
      if (errno === ErrorNumber.EAGAIN) return;
      if (errno === ErrorNumber.EINTR) continue;
      if (errno !== 0) count(this.counters, SocketCounter.connectionsBroken);
      this.ended(events, place, token, errno === 0 ? CloseReason.PEER_CLOSED : CloseReason.BROKEN);
      return;
    }
  }

  /**
   * Repeats a socket's event in the next batch. An event is repeated only once, unless it reports the peer's end: the
   * kernel reports an end only once, so such an event is always kept.
   */
  protected again(place: number, token: number, mask: number): void {
    if (!this.rows.markAgain(place) && (mask & ENDED) === 0) return;
    this.epoll.again(place, token, mask | Linux.EPOLLIN, this.rows.generation(place));
  }

  #stall(place: number, token: number, at: number, end: number): void {
    this.#stalledPlace = place;
    this.#stalledToken = token;
    this.#stalledAt = at;
    this.#stalledEnd = end;
  }

  /** Offers the rest of a chunk again. @returns whether nothing of it is left. */
  #offerStalled(events: ConnectionEvents): boolean {
    const place = this.#stalledPlace;
    const token = this.#stalledToken;
    if (this.rows.state(place) === ConnectionState.OPEN) {
      const wanted = this.#stalledEnd - this.#stalledAt;
      const taken = events.bytes(token, place, this.sockets.received, this.#stalledAt, this.#stalledEnd);
      if (taken < wanted) {
        this.#stalledAt += taken;
        return false;
      }
    }
    this.#stalledPlace = NONE;
    // No batch was fetched in between, so the place still belongs to the same connection.
    if (this.rows.state(place) !== ConnectionState.DEAD) this.again(place, token, this.epoll.mask);
    return true;
  }

  /** Reads and discards input until the peer's end arrives. */
  #discard(events: ConnectionEvents, place: number, token: number): void {
    const got = this.sockets.receive(this.epoll.index, place);
    if (got === -ErrorNumber.EAGAIN) return;
    if (got > 0 || got === -ErrorNumber.EINTR) this.again(place, token, this.epoll.mask);
    else this.ended(events, place, token, this.rows.reason(place));
  }

  #look(events: ConnectionEvents): void {
    this.#lookMillis = (this.nowMillis + LOOK_MILLIS) | 0;
    this.lookAtDeadlines(events);
    this.#out.look();
  }

  /** Ends a connection whose output cannot be sent: its peer has gone, or does not read. */
  #giveUp(place: number, reason: number): void {
    count(this.counters, GIVEN_UP_COUNTERS[reason] ?? SocketCounter.outputPoolFullClosed);
    if (reason !== CloseReason.BROKEN) this.#resetOnClose(place);
    this.fail(place, reason);
  }

  #resetOnClose(place: number): void {
    const borrowed = this.sockets.borrow(place);
    this.options.resetOnClose(borrowed);
    this.sockets.giveBack(borrowed);
  }
}
