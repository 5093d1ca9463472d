/**
 * A lane's end of the tun transport: phones whose TCP is in this thread, over packets of a port. The switch's end is an
 * ordinary socket.
 *
 * Output is written where it stays until it is acknowledged, and copied from there into packets. Each flush hands the
 * port all packets of the turn, in one exchange that also receives what has arrived; the next poll handles it. A lane
 * that is behind begins nothing new (see #isBehind), and one whose thread was late sends nothing again for a while
 * (see #isHeld): either would only get further behind.
 */
import type { Clock } from '../../base/clock.ts';
import { count } from '../../base/counters.ts';
import type { LedgerEntry } from '../../base/ledger-entry.ts';
import { PLAIN_MEMORY, type TableMemory } from '../../base/table-memory.ts';
import {
  CLAIM_FULL,
  CLAIM_GONE,
  CloseReason,
  type ConnectionEvents,
  type PhoneTransport,
} from '../../wire/transport.ts';
import { countRefusal, SocketCounter } from '../socket-counters.ts';
import type { SocketAddresses } from './device/socket-diagnosis.ts';
import type { PacketPort } from './packets/packet-port.ts';
import { PhoneAddresses, type PhoneBlock, type PhoneTarget } from './phone-addresses.ts';
import { ConnectionTable, TcpState } from './tcp/connection-table.ts';
import type { StackSettings } from './tcp/stack-parts.ts';
import { TcpStack } from './tcp/tcp-stack.ts';

export interface TunPhoneParts {
  readonly port: PacketPort;
  readonly clock: Clock;
  /** A row of SOCKET_COUNTERS. */
  readonly counters: Float64Array;
  /** A row of TCP_COUNTERS. */
  readonly tcpCounters: Float64Array;
  readonly memory?: TableMemory | undefined;
}

const MICROS_PER_MILLI = 1000;
const NONE = -1;
/** Turns in a row that may leave packets unread before segments are sent again all the same. */
const TURNS_BEHIND_MAX = 16;
/** A thread that polls later than it meant to by this is late. Shorter delays are in the margin of every time-out. */
const LATE_MILLIS_MIN = 50;
/** Whoever is late by more has other troubles than a segment too many. */
const LATE_MILLIS_MAX = 2000;
/**
 * Timers of a poll for each packet that it may handle. Each packet may start two, and they must not fall behind: an
 * acknowledgement that is late by more than a second makes the kernel send again.
 */
const TIMERS_PER_EVENT = 4;

export class TunPhoneTransport implements PhoneTransport {
  readonly output: DataView;
  readonly #port: PacketPort;
  readonly #clock: Clock;
  readonly #nowMicros = new Float64Array(1);
  readonly #rows: ConnectionTable;
  readonly #addresses: PhoneAddresses;
  readonly #stack: TcpStack;
  readonly #events: CountedEvents;
  /** Packets of the last exchange, and how many of them were handled. */
  #arrived = 0;
  #handled = 0;
  /**
   * Whether the last poll left packets. What has arrived goes before what is new: until it is handled, output that may
   * wait finds no room, and nobody connects. A lane that is behind would otherwise send faster than it reads the
   * answers, which then wait in the device until the kernel sends them again, or until the device has no more room.
   */
  #isBehind = false;
  #turnsBehind = 0;
  /** When the next poll is due at the latest, as far as is known. */
  #pollDueMillis = Number.NaN;
  /** Until when nothing is sent again, since the thread was late; 0 for no such time. */
  #heldUntilMillis = 0;

  constructor(settings: StackSettings, block: PhoneBlock, parts: TunPhoneParts) {
    this.#port = parts.port;
    this.#clock = parts.clock;
    this.#rows = new ConnectionTable(settings.rowsMax, parts.memory ?? PLAIN_MEMORY);
    this.#addresses = new PhoneAddresses(block, settings.rowsMax);
    this.#stack = new TcpStack(settings, {
      port: parts.port,
      rows: this.#rows,
      addresses: this.#addresses,
      counters: parts.tcpCounters,
      memory: parts.memory,
    });
    this.output = this.#stack.store.view;
    this.#events = new CountedEvents(parts.counters);
  }

  /** Sets the addresses of the shards: one for all, or one per shard. */
  setTargets(targets: readonly PhoneTarget[]): void {
    this.#addresses.setTargets(targets);
  }

  /** Memory per connection, and memory that all connections share. */
  ledger(): LedgerEntry[] {
    const { ROW_BYTES } = ConnectionTable;
    const { rows, used } = this.#rows;
    return [
      { owner: 'driver', name: 'sockets', bytes: rows * ROW_BYTES, rowBytes: ROW_BYTES, rowsUsed: used },
      { owner: 'transport', name: 'TCP of a thread', bytes: this.#stack.bytes, rowBytes: 0, rowsUsed: 0 },
    ];
  }

  poll(events: ConnectionEvents, limit: number): number {
    this.#events.owner = events;
    const nowMillis = this.#nowMillis();
    this.#stack.setTime(nowMillis);
    const isHeld = this.#isHeld(nowMillis);
    const done = this.#takePackets(limit);
    this.#isBehind = this.#handled < this.#arrived || this.#port.hasInput();
    return done + this.#stack.advance(this.#events, TIMERS_PER_EVENT * limit, isHeld || !this.#maySendAgain());
  }

  hasInput(): boolean {
    return this.#handled < this.#arrived || this.#port.hasInput();
  }

  /** Microseconds until a timer of TCP is due, at most `microsMax`: how long a thread may sleep. */
  untilDueMicros(microsMax: number): number {
    const nowMillis = this.#nowMillis();
    const millis = this.#stack.untilDueMillis(nowMillis, Math.ceil(microsMax / MICROS_PER_MILLI));
    this.#pollDueMillis = nowMillis + millis;
    return Math.min(microsMax, millis * MICROS_PER_MILLI);
  }

  /** The owner's number for the connection with this address and port of a phone; below 0 if there is none. */
  phoneOf(address: number, port: number): number {
    const row = this.#addresses.rowAt(address, port);
    return row < 0 ? NONE : this.#rows.token(row);
  }

  /**
   * Connections that are open, evenly over the table, at most `limit`.
   * @returns of each its owner's number, and its addresses as the switch's socket has them.
   */
  sample(limit: number): { readonly token: number; readonly socket: SocketAddresses }[] {
    const { rows } = this.#rows;
    const step = Math.max(1, Math.floor(this.#rows.used / limit));
    const found = [];
    for (let row = 0; row < rows && found.length < limit; row += step) {
      if (this.#rows.state(row) !== TcpState.ESTABLISHED) continue;
      const remote = this.#rows.remote(row);
      const socket = {
        address: this.#addresses.remoteAddress(row, remote),
        port: this.#addresses.remotePort(row, remote),
        otherAddress: this.#addresses.localAddress(row),
        otherPort: this.#addresses.localPort(row),
      };
      found.push({ token: this.#rows.token(row), socket });
    }
    return found;
  }

  connect(shard: number, token: number): boolean {
    return !this.#isBehind && this.#stack.open(this.#addresses.targetOf(shard), token) !== NONE;
  }

  claim(connection: number, bytes: number, reserveBytes: number): number {
    if (!this.#stack.isWritable(connection)) return CLAIM_GONE;
    if (reserveBytes > 0 && this.#isBehind) return CLAIM_FULL;
    const at = this.#stack.claim(connection, bytes, reserveBytes);
    if (at !== NONE) return at;
    return this.#stack.isWritable(connection) ? CLAIM_FULL : CLAIM_GONE;
  }

  commit(): void {
    this.#stack.commit();
  }

  roomBytes(): number {
    return this.#stack.activities.isFull ? 0 : this.#stack.store.freeBytes;
  }

  flush(): void {
    this.#stack.send();
    if (this.#handled === this.#arrived) this.#exchange();
    else this.#port.flush(); // an exchange would overwrite what was not handled
  }

  close(connection: number): boolean {
    return this.#stack.close(connection);
  }

  release(connection: number): boolean {
    return this.#stack.close(connection);
  }

  /**
   * Only the program of the phone is gone: its TCP still acknowledges, as over sockets. A network that is gone is
   * simulated by the network in front of the port.
   */
  vanish(connection: number): boolean {
    return this.#stack.abandon(connection);
  }

  /** Breaks off all connections with a reset, which leaves the other side nothing to wait for. */
  shutdown(onProgress: () => void = () => {}): void {
    this.#stack.resetAll(onProgress);
  }

  /** Handles at most `limit` packets. @returns how many. */
  #takePackets(limit: number): number {
    let done = 0;
    if (this.#stack.isStalled) {
      if (!this.#stack.resume(this.#events)) return done;
      this.#handled++;
      done++;
    }
    if (this.#handled === this.#arrived) this.#exchange();
    for (; done < limit && this.#handled < this.#arrived; this.#handled++, done++) {
      const start = this.#port.start(this.#handled);
      if (!this.#stack.handle(this.#events, start, this.#port.bytes(this.#handled))) break;
    }
    return done;
  }

  /**
   * Whether what seems to be lost may be sent again in this turn. A segment is not sent again while its acknowledgement
   * may wait to be read: a lane that is behind would only get further behind. Yet it happens now and then, however much
   * arrives.
   */
  #maySendAgain(): boolean {
    this.#turnsBehind = this.#isBehind ? this.#turnsBehind + 1 : 0;
    if (this.#isBehind && this.#turnsBehind < TURNS_BEHIND_MAX) return false;
    this.#turnsBehind = 0;
    return true;
  }

  /**
   * Whether the thread is late, or was so a short time ago: for as long as it was late, nothing is sent again. A thread
   * that gets no processor for a while finds its timers due together with packets that came meanwhile, and over a
   * simulated network these have their way still before them. The first turn afterwards is free, however late it is, so
   * that a thread that is always late still sends again.
   */
  #isHeld(nowMillis: number): boolean {
    const lateMillis = nowMillis - this.#pollDueMillis; // not a number at first
    this.#pollDueMillis = nowMillis;
    if (this.#heldUntilMillis === 0) {
      if (lateMillis >= LATE_MILLIS_MIN) this.#heldUntilMillis = nowMillis + Math.min(lateMillis, LATE_MILLIS_MAX);
    } else if (nowMillis >= this.#heldUntilMillis) {
      this.#heldUntilMillis = 0;
    }
    return this.#heldUntilMillis !== 0;
  }

  #exchange(): void {
    this.#arrived = this.#port.exchange();
    this.#handled = 0;
  }

  #nowMillis(): number {
    this.#clock.tell(this.#nowMicros);
    return ((this.#nowMicros[0] as number) / MICROS_PER_MILLI) | 0; // its only element
  }
}

/** Counts what the owner is told. */
class CountedEvents implements ConnectionEvents {
  /** The owner of the current poll. */
  owner: ConnectionEvents | null = null;
  readonly #counters: Float64Array;

  constructor(counters: Float64Array) {
    this.#counters = counters;
  }

  opened(token: number, connection: number): void {
    this.owner?.opened(token, connection);
  }

  refused(token: number, reason: number): void {
    countRefusal(this.#counters, reason);
    this.owner?.refused(token, reason);
  }

  bytes(token: number, connection: number, view: DataView, start: number, end: number): number {
    const taken = this.owner?.bytes(token, connection, view, start, end) ?? end - start;
    this.#counters[SocketCounter.bytesReceived] = (this.#counters[SocketCounter.bytesReceived] as number) + taken;
    return taken;
  }

  closed(token: number, connection: number, reason: number): void {
    if (reason === CloseReason.BROKEN) count(this.#counters, SocketCounter.connectionsBroken);
    if (reason === CloseReason.SLOW_READER) count(this.#counters, SocketCounter.slowReadersClosed);
    this.owner?.closed(token, connection, reason);
  }
}
