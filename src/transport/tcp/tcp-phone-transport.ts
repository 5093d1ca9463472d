/**
 * A lane's end of the tcp transport: it connects, from many source addresses, and closes connections.
 *
 * Many source addresses are used because the kernel searches for a free port one by one: 19,000 connections from one
 * address to one destination made connecting twelve times slower. A connect that fails at once is reported at the next
 * poll, like one that fails later.
 */
import { assert } from '../../base/assert.ts';
import type { LedgerEntry } from '../../base/ledger-entry.ts';
import { CloseReason, type ConnectionEvents, type PhoneTransport } from '../../wire/transport.ts';
import { countRefusal } from '../socket-counters.ts';
import { ConnectionState } from './connections/connection-rows.ts';
import { DeadlineQueue } from './connections/deadline-queue.ts';
import { ALL_EVENTS, MICROS_PER_MILLI, TcpConnections } from './connections/tcp-connections.ts';
import type { TcpParts, TcpSettings } from './connections/tcp-settings.ts';
import { NO_PLACE } from './sockets/held-sockets.ts';
import { closeReasonOf, ErrorNumber } from './system/error-number.ts';
import { addressFamily, encodeAddress } from './system/socket-address.ts';
import { Linux } from './system/system-calls.ts';

export interface TcpConnectSettings {
  /** Maximum of connections that are being opened at the same time. */
  readonly connectingMax: number;
  readonly timeoutMicros: number;
  /** The source addresses of this lane, used one after another; if there are none, the kernel chooses. */
  readonly sources: readonly string[];
  /** Number of phones per source address. */
  readonly rowsPerSource: number;
}

export interface Target {
  readonly host: string;
  readonly port: number;
}

/** Room for connects that have finished behind an older one that has not. */
const OPENINGS_PER_CONNECTING = 64;
/** Failed connects that have not been reported yet. */
const REFUSALS_MAX = 1024;

export class TcpPhoneTransport extends TcpConnections implements PhoneTransport {
  readonly #connect: TcpConnectSettings;
  readonly #sources: readonly Uint8Array[];
  readonly #opening: DeadlineQueue;
  readonly #refusedTokens = new Int32Array(REFUSALS_MAX);
  readonly #refusedReasons = new Int32Array(REFUSALS_MAX);
  readonly #isOpening = (descriptor: number, generation: number): boolean =>
    this.rows.isStill(descriptor, generation, ConnectionState.CONNECTING);
  #refusals = 0;
  #connecting = 0;
  #targets: readonly Uint8Array[] = [];
  #targetFamilies: readonly number[] = [];

  constructor(settings: TcpSettings, connect: TcpConnectSettings, parts: TcpParts) {
    super(settings, parts);
    this.#connect = connect;
    this.#sources = connect.sources.map((source) => encodeAddress(source, 0));
    const openings = 2 ** Math.ceil(Math.log2(OPENINGS_PER_CONNECTING * connect.connectingMax));
    this.#opening = new DeadlineQueue(openings, connect.timeoutMicros / MICROS_PER_MILLI);
  }

  ledger(): LedgerEntry[] {
    return this.ledgerOf('driver');
  }

  /** Sets the addresses of the shards: one for all, or one per shard. */
  setTargets(targets: readonly Target[]): void {
    assert(targets.length > 0, 'there is somewhere to connect to');
    this.#targets = targets.map(({ host, port }) => encodeAddress(host, port));
    this.#targetFamilies = this.#targets.map(addressFamily);
  }

  connect(shard: number, token: number): boolean {
    if (this.#connecting >= this.#connect.connectingMax || this.#refusals === REFUSALS_MAX) return false;
    if (this.#opening.isFull) this.#opening.trim(this.#isOpening);
    if (this.#opening.isFull) return false; // until the oldest connect ends, which frees the places behind it
    const listener = shard % this.#targets.length;
    const target = this.#targets[listener] as Uint8Array; // there is at least one
    const family = this.#targetFamilies[listener] as number;
    const { SOCK_STREAM, SOCK_NONBLOCK, SOCK_CLOEXEC } = Linux;
    const descriptor = this.calls.socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) {
      this.#refuse(token, closeReasonOf(this.calls.errno()));
      return true;
    }
    const errno = this.#begin(descriptor, token, target);
    if (errno !== 0) {
      this.calls.close(descriptor);
      this.#refuse(token, closeReasonOf(errno));
      return true;
    }
    const place = this.sockets.hold(descriptor);
    if (place === NO_PLACE || this.epoll.add(descriptor, place, token, ALL_EVENTS) < 0) {
      const reason = place === NO_PLACE ? CloseReason.DESCRIPTORS_EXHAUSTED : closeReasonOf(this.calls.errno());
      if (place === NO_PLACE) this.calls.close(descriptor);
      else this.sockets.close(place);
      this.sockets.settle();
      this.#refuse(token, reason);
      return true;
    }
    this.rows.take(place, ConnectionState.CONNECTING);
    this.#connecting++;
    this.#opening.push(place, this.rows.generation(place), this.nowMillis);
    return true;
  }

  override hasInput(): boolean {
    return this.#refusals > 0 || super.hasInput();
  }

  /** Closes a connection after its output has been sent. If its end was reported already, it is only released. */
  close(connection: number): boolean {
    this.flushOne(connection);
    this.give(connection);
    return true;
  }

  release(connection: number): boolean {
    return this.close(connection);
  }

  /**
   * From now on the phone is silent. Its kernel still acknowledges packets, as if only the program hung; the socket is
   * closed when the switch closes the connection. Output that the kernel has not taken is never sent, so the switch may
   * have received half a frame.
   */
  vanish(connection: number): boolean {
    this.flushOne(connection);
    if (this.rows.state(connection) !== ConnectionState.OPEN) return this.close(connection);
    this.forgetOutput(connection);
    this.rows.setState(connection, ConnectionState.VANISHED);
    return true;
  }

  protected pollOwn(events: ConnectionEvents): number {
    const told = this.#refusals;
    for (let n = 0; n < told; n++) {
      events.refused(this.#refusedTokens[n] as number, this.#refusedReasons[n] as number); // n < told
    }
    // A phone that was told of it may have tried again during the call, and failed again.
    this.#refusedTokens.copyWithin(0, told, this.#refusals);
    this.#refusedReasons.copyWithin(0, told, this.#refusals);
    this.#refusals -= told;
    return told;
  }

  protected handleOther(events: ConnectionEvents, descriptor: number, mask: number): void {
    const state = this.rows.state(descriptor);
    if (state === ConnectionState.CONNECTING) this.#connected(events, descriptor, mask);
    else if (state === ConnectionState.VANISHED) this.#endVanished(descriptor, mask);
  }

  protected lookAtDeadlines(): void {
    while (this.#opening.isDue(this.nowMillis)) {
      const descriptor = this.#opening.descriptor();
      if (this.#isOpening(descriptor, this.#opening.number())) this.#timeOut(descriptor);
      this.#opening.shift();
    }
  }

  protected ended(events: ConnectionEvents, descriptor: number, token: number, reason: number): void {
    this.forgetOutput(descriptor);
    this.rows.setState(descriptor, ConnectionState.CLOSED);
    events.closed(token, descriptor, reason);
  }

  protected handleListener(): void {
    // nobody connects to phones
  }

  /** Binds to the source address and starts to connect. @returns an error number, 0 for none. */
  #begin(descriptor: number, token: number, target: Uint8Array): number {
    this.options.setAll(descriptor, this.settings);
    if (this.#sources.length > 0) {
      const place = Math.floor(token / this.#connect.rowsPerSource) % this.#sources.length;
      const source = this.#sources[place] as Uint8Array; // inside the list
      // Without this option the kernel would look for a port that is free for all destinations.
      this.options.set(descriptor, Linux.IPPROTO_IP, Linux.IP_BIND_ADDRESS_NO_PORT, 1);
      if (this.calls.bind(descriptor, source, source.length) < 0) return this.calls.errno();
    }
    if (this.calls.connect(descriptor, target, target.length) < 0) {
      const errno = this.calls.errno();
      if (errno !== ErrorNumber.EINPROGRESS && errno !== ErrorNumber.EINTR) return errno; // after these two, the kernel continues
    }
    return 0;
  }

  #connected(events: ConnectionEvents, descriptor: number, mask: number): void {
    const { token } = this.epoll;
    const given = this.rows.reason(descriptor); // why it was given up, if it was; the event may be older
    if (given !== 0 || (mask & (Linux.EPOLLERR | Linux.EPOLLHUP)) !== 0) {
      const reason = given || closeReasonOf(this.#errorOf(descriptor));
      this.#connecting--;
      this.give(descriptor);
      countRefusal(this.counters, reason);
      events.refused(token, reason);
      return;
    }
    if ((mask & Linux.EPOLLOUT) === 0) return;
    this.#connecting--;
    this.rows.setState(descriptor, ConnectionState.OPEN);
    events.opened(token, descriptor);
    // An event that came together with this one is not reported again.
    const isEarly = (mask & (Linux.EPOLLIN | Linux.EPOLLRDHUP)) !== 0;
    if (isEarly && this.rows.state(descriptor) !== ConnectionState.DEAD) this.again(descriptor, token, mask);
  }

  #errorOf(place: number): number {
    const borrowed = this.sockets.borrow(place);
    const errno = this.options.error(borrowed);
    this.sockets.giveBack(borrowed);
    return errno;
  }

  /** Ends an attempt. The kernel's event about it contains the token of its phone. */
  #timeOut(descriptor: number): void {
    this.rows.setReason(descriptor, CloseReason.CONNECT_TIMED_OUT);
    this.shutdownSocket(descriptor, Linux.SHUT_RDWR);
  }

  #endVanished(descriptor: number, mask: number): void {
    const { EPOLLRDHUP, EPOLLHUP, EPOLLERR } = Linux;
    if ((mask & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) !== 0) this.give(descriptor);
  }

  #refuse(token: number, reason: number): void {
    countRefusal(this.counters, reason);
    this.#refusedTokens[this.#refusals] = token;
    this.#refusedReasons[this.#refusals] = reason;
    this.#refusals++;
  }
}
