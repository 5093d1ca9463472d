/**
 * A shard's end of the tcp transport: it listens, accepts, and closes connections after a final frame.
 *
 * Several shards may listen on one port (SO_REUSEPORT); the kernel distributes connections by a hash of the addresses.
 * A listener continues whatever errors `accept` returns, and counts them.
 *
 * When the switch closes a connection, the error frame before the close must arrive. A socket that is closed while it
 * has unread input sends a reset, which can overtake the frame. So this end only shuts down its direction, reads what
 * still arrives, and closes the socket when the peer closes, or after a time limit.
 */

import { assert } from '../../base/assert.ts';
import { count } from '../../base/counters.ts';
import { TrunklineError } from '../../base/errors.ts';
import type { LedgerEntry } from '../../base/ledger-entry.ts';
import { CloseReason, type ConnectionEvents } from '../../wire/transport.ts';
import { SocketCounter } from '../socket-counters.ts';
import { ConnectionState } from './connections/connection-rows.ts';
import { DeadlineQueue } from './connections/deadline-queue.ts';
import { ALL_EVENTS, LISTENER_TOKEN, TcpConnections } from './connections/tcp-connections.ts';
import type { TcpParts, TcpSettings } from './connections/tcp-settings.ts';
import { NO_PLACE } from './sockets/held-sockets.ts';
import { closeReasonOf, ErrorNumber, errorName } from './system/error-number.ts';
import { addressFamily, encodeAddress, portOf } from './system/socket-address.ts';
import { Linux } from './system/system-calls.ts';

export interface TcpListenSettings {
  readonly backlog: number;
  readonly acceptBatch: number;
}

/** Time that a peer has to close its direction before the socket is closed anyway. */
const CLOSE_MILLIS = 2000;
/** Maximum of closes that wait for their peer; with more, a socket is closed without waiting. */
const CLOSES_MAX = 4096;
/** Pause of a listener when there are no descriptors or no memory. */
const REST_MILLIS = 100;
const NONE = -1;

export class TcpSwitchTransport extends TcpConnections {
  readonly #listening: TcpListenSettings;
  readonly #closing = new DeadlineQueue(CLOSES_MAX, CLOSE_MILLIS);
  readonly #isClosing = (place: number, generation: number): boolean =>
    this.rows.isStill(place, generation, ConnectionState.CLOSING);
  #listener = NONE;
  /** A reserve descriptor. It is closed when descriptors run out, so that a connection can be accepted and refused. */
  #spare = NONE;
  #rests = false;
  #restUntilMillis = 0;

  constructor(settings: TcpSettings, listening: TcpListenSettings, parts: TcpParts) {
    super(settings, parts);
    this.#listening = listening;
  }

  ledger(): LedgerEntry[] {
    return this.ledgerOf('switch');
  }

  /**
   * Starts to listen.
   * @param isShared whether other shards listen on the same port (SO_REUSEPORT).
   * @returns the port, which the kernel chooses if 0 was requested.
   * @throws LISTEN_FAILED
   */
  listen(host: string, port: number, isShared: boolean): number {
    const address = encodeAddress(host, port);
    const { SOCK_STREAM, SOCK_NONBLOCK, SOCK_CLOEXEC, SOL_SOCKET } = Linux;
    const listener = this.calls.socket(addressFamily(address), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const failed = (what: string): TrunklineError => {
      const errno = this.calls.errno();
      const inUse =
        errno === ErrorNumber.EADDRINUSE
          ? ' Something listens there already: choose another sockets.port, or 0 for a free one.'
          : '';
      return new TrunklineError('LISTEN_FAILED', `Cannot ${what} ${host} port ${port}: ${errorName(errno)}.${inUse}`);
    };
    if (listener < 0) throw failed('make a socket for');
    this.options.set(listener, SOL_SOCKET, Linux.SO_REUSEADDR, 1);
    if (isShared) this.options.set(listener, SOL_SOCKET, Linux.SO_REUSEPORT, 1);
    this.options.setAll(listener, this.settings); // accepted sockets inherit them, which spares a call for each
    const bound = this.calls.bind(listener, address, address.length) === 0;
    if (!bound || this.calls.listen(listener, this.#listening.backlog) < 0) {
      const error = failed('listen on');
      this.calls.close(listener);
      throw error;
    }
    this.#listener = listener;
    this.epoll.add(listener, 0, LISTENER_TOKEN, Linux.EPOLLIN);
    this.#spare = this.#openSpare();
    const name = new Uint8Array(28);
    const length = new Uint8Array(4);
    new DataView(length.buffer).setInt32(0, name.length, true);
    this.calls.getName(listener, name, length);
    return portOf(name);
  }

  /** Accepts no more connections; existing ones stay. */
  stopListening(): void {
    if (this.#listener === NONE) return;
    this.epoll.remove(this.#listener);
    this.calls.close(this.#listener);
    if (this.#spare >= 0) this.calls.close(this.#spare);
    this.#listener = NONE;
    this.#spare = NONE;
  }

  override shutdown(onProgress?: () => void): void {
    this.stopListening();
    super.shutdown(onProgress);
  }

  close(connection: number, reason: number): boolean {
    if (this.rows.state(connection) !== ConnectionState.OPEN) return true; // the event of its end will follow
    this.flushOne(connection);
    if (this.rows.state(connection) !== ConnectionState.OPEN) return true; // the flush has just found its end
    this.forgetOutput(connection);
    this.rows.setReason(connection, reason);
    if (this.#closing.isFull) this.#closing.trim(this.#isClosing);
    if (!this.#closing.push(connection, this.rows.generation(connection), this.nowMillis)) {
      this.fail(connection, reason);
      return true;
    }
    this.rows.setState(connection, ConnectionState.CLOSING);
    this.shutdownSocket(connection, Linux.SHUT_WR);
    this.again(connection, connection, Linux.EPOLLIN); // the peer may have ended before
    return true;
  }

  release(connection: number): boolean {
    assert(this.rows.state(connection) === ConnectionState.CLOSED, 'a connection is released after it closed');
    this.give(connection);
    return true;
  }

  protected pollOwn(): number {
    return 0;
  }

  protected handleListener(events: ConnectionEvents): void {
    if (this.#listener !== NONE) this.#accept(events);
  }

  protected handleOther(): void {
    // a socket of the switch is always open or ending
  }

  protected lookAtDeadlines(events: ConnectionEvents): void {
    const closing = this.#closing;
    while (closing.isDue(this.nowMillis)) {
      const descriptor = closing.descriptor();
      if (this.#isClosing(descriptor, closing.number())) {
        count(this.counters, SocketCounter.closesUnanswered);
        this.ended(events, descriptor, descriptor, this.rows.reason(descriptor));
      }
      closing.shift();
    }
    const hasRested = this.#rests && ((this.nowMillis - this.#restUntilMillis) | 0) >= 0;
    if (hasRested && this.#listener !== NONE) {
      this.#rests = false;
      if (this.#spare < 0) this.#spare = this.#openSpare();
      this.epoll.modify(this.#listener, 0, LISTENER_TOKEN, Linux.EPOLLIN);
    }
  }

  protected ended(events: ConnectionEvents, descriptor: number, _token: number, reason: number): void {
    this.forgetOutput(descriptor);
    this.rows.setState(descriptor, ConnectionState.CLOSED);
    events.closed(descriptor, descriptor, reason);
  }

  #accept(events: ConnectionEvents): void {
    const { SOCK_NONBLOCK, SOCK_CLOEXEC } = Linux;
    for (let n = 0; n < this.#listening.acceptBatch; n++) {
      const accepted = this.calls.accept4(this.#listener, null, null, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (accepted < 0) {
        if (!this.#acceptFailed(this.calls.errno())) return;
        continue;
      }
      const place = this.sockets.hold(accepted);
      if (place === NO_PLACE) {
        count(this.counters, SocketCounter.acceptsRefusedTableFull);
        this.calls.close(accepted);
        continue;
      }
      if (this.epoll.add(accepted, place, place, ALL_EVENTS) < 0) {
        const isLimit = closeReasonOf(this.calls.errno()) === CloseReason.DESCRIPTORS_EXHAUSTED;
        count(this.counters, isLimit ? SocketCounter.acceptsFailedDescriptors : SocketCounter.acceptsFailedMemory);
        this.sockets.close(place);
        this.sockets.settle();
        continue;
      }
      this.rows.take(place, ConnectionState.OPEN);
      count(this.counters, SocketCounter.connectionsAccepted);
      events.opened(place, place);
    }
  }

  /** Counts an error of `accept`. @returns whether to continue accepting now. */
  #acceptFailed(errno: number): boolean {
    if (errno === ErrorNumber.EAGAIN) return false;
    if (errno === ErrorNumber.EINTR || errno === ErrorNumber.ECONNABORTED) return true;
    const reason = closeReasonOf(errno);
    if (reason === CloseReason.DESCRIPTORS_EXHAUSTED) {
      count(this.counters, SocketCounter.acceptsFailedDescriptors);
      if (this.#refuseWithSpare()) return true;
    } else if (reason === CloseReason.MEMORY_EXHAUSTED) {
      count(this.counters, SocketCounter.acceptsFailedMemory);
    } else {
      count(this.counters, SocketCounter.acceptsFailedOther);
    }
    // Connections in the backlog would cause an event again at once and without end, so the listener pauses.
    this.#rests = true;
    this.#restUntilMillis = (this.nowMillis + REST_MILLIS) | 0;
    this.epoll.modify(this.#listener, 0, LISTENER_TOKEN, 0);
    return false;
  }

  /** Accepts one connection with the reserve descriptor and closes it, so that its peer is told. */
  #refuseWithSpare(): boolean {
    if (this.#spare < 0) return false;
    this.calls.close(this.#spare);
    const accepted = this.calls.accept4(this.#listener, null, null, Linux.SOCK_CLOEXEC);
    if (accepted >= 0) this.calls.close(accepted);
    this.#spare = this.#openSpare();
    return accepted >= 0;
  }

  #openSpare(): number {
    return this.calls.open('/dev/null', Linux.O_RDONLY | Linux.O_CLOEXEC);
  }
}
