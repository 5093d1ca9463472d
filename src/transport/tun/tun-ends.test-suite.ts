/**
 * Both ends of connections in virtual time: phones over the transport, and a server over the same stack with a passive
 * open, which the transport has no use for.
 */

import { VirtualClock } from '../../simulate/world/virtual-clock.ts';
import { CLAIM_FULL, CLAIM_GONE, type ConnectionEvents, type Transport } from '../../wire/transport.ts';
import { SOCKET_COUNTERS } from '../socket-counters.ts';
import type { TransportEnds } from '../transport-pair.test-suite.ts';
import { LinkEnd, type LinkSettings, NO_FAULTS } from './faulty-link.test-suite.ts';
import { NetworkPort, type NetworkSettings } from './network/network-port.ts';
import type { PacketPort } from './packets/packet-port.ts';
import { type Segment, TcpFlag } from './packets/segment.ts';
import { addressBits } from './phone-addresses.ts';
import { Activity } from './tcp/activity-table.ts';
import type { Addresses } from './tcp/addresses.ts';
import { ConnectionTable, NONE, TcpState } from './tcp/connection-table.ts';
import type { StackSettings } from './tcp/stack-parts.ts';
import { TCP_COUNTERS } from './tcp/tcp-counters.ts';
import { TcpStack } from './tcp/tcp-stack.ts';
import { TunPhoneTransport } from './tun-phone-transport.ts';

export const SERVER = { host: '10.255.0.1', port: 10_000 };
export const PHONES_BLOCK = { firstAddress: addressBits('10.1.0.0'), firstPort: 1024, portsPerSource: 4 };

export const SETTINGS: StackSettings = {
  rowsMax: 64,
  activitiesMax: 64,
  storeBytesMax: 2 ** 20,
  outputBytesMax: 2 ** 20,
  ackDelayMillis: 40,
  connectTimeoutMillis: 20_000,
  connectingMax: 32,
  seed: 1,
};

/** Addresses of a server: the peer of each row is what its SYN said. */
class ServerAddresses implements Addresses {
  readonly #rows = new Map<string, number>();
  readonly #peers: { address: number; port: number }[] = [];

  localAddress(): number {
    return addressBits(SERVER.host);
  }

  localPort(): number {
    return SERVER.port;
  }

  remoteAddress(row: number): number {
    return this.#peers[row]?.address ?? 0;
  }

  remotePort(row: number): number {
    return this.#peers[row]?.port ?? 0;
  }

  rowOf(segment: Segment): number {
    if (segment.destinationPort !== SERVER.port || segment.destinationAddress !== this.localAddress()) return NONE;
    return this.#rows.get(`${segment.sourceAddress}:${segment.sourcePort}`) ?? NONE;
  }

  set(row: number, segment: Segment): void {
    const before = this.#peers[row];
    if (before !== undefined) this.#rows.delete(`${before.address}:${before.port}`);
    this.#peers[row] = { address: segment.sourceAddress, port: segment.sourcePort };
    this.#rows.set(`${segment.sourceAddress}:${segment.sourcePort}`, row);
  }
}

/** A stack that takes connections. */
class ListeningStack extends TcpStack {
  readonly #server: ServerAddresses;
  readonly #port: PacketPort;
  isListening = true;

  constructor(settings: StackSettings, port: PacketPort, addresses: ServerAddresses, counters: Float64Array) {
    super(settings, { port, rows: new ConnectionTable(settings.rowsMax), addresses, counters });
    this.#server = addresses;
    this.#port = port;
  }

  protected override handleUnknown(segment: Segment): void {
    const isHere =
      segment.destinationPort === SERVER.port && segment.destinationAddress === this.#server.localAddress();
    if (!isHere || !this.isListening || (segment.flags & 0x1f) !== TcpFlag.SYN || this.activities.isFull) {
      super.handleUnknown(segment);
      return;
    }
    const row = this.rows.take();
    if (row === NONE) return;
    this.#server.set(row, segment);
    this.rows.setToken(row, row);
    this.lifetimes.takeSyn(row, segment);
    const activity = this.lifetimes.begin(row, TcpState.SYN_RECEIVED);
    this.activities.set(activity, Activity.WINDOW_SEQUENCE, segment.sequence);
    this.#port.flush();
  }
}

/** The switch's end: like a socket of a kernel that listens. Each connection's token is its number. */
export class ListeningTransport implements Transport, ConnectionEvents {
  readonly stack: ListeningStack;
  readonly output: DataView;
  readonly port: LinkEnd;
  readonly tcpCounters = new Float64Array(TCP_COUNTERS.length);
  readonly #clock: VirtualClock;
  readonly #slots: number;
  #open = 0;
  #events: ConnectionEvents | null = null;
  #arrived = 0;
  #handled = 0;
  /** Slots of connections, and their reasons while they end; a slot is used again when it is released. */
  readonly #slotOf = new Map<number, number>();
  readonly #rowOf = new Map<number, number>();
  readonly #closing = new Map<number, number>();
  readonly #told = new Set<number>();

  constructor(settings: StackSettings, port: LinkEnd, clock: VirtualClock, slots: number) {
    this.stack = new ListeningStack(settings, port, new ServerAddresses(), this.tcpCounters);
    this.output = this.stack.store.view;
    this.port = port;
    this.#clock = clock;
    this.#slots = slots;
  }

  poll(events: ConnectionEvents, limit: number): number {
    this.#events = events;
    this.stack.setTime(Math.floor(this.#clock.nowMicros() / 1000));
    let done = this.stack.advance(this, limit);
    if (this.stack.isStalled) {
      if (!this.stack.resume(this)) return done;
      this.#handled++;
    }
    if (this.#handled === this.#arrived) {
      this.#arrived = this.port.exchange();
      this.#handled = 0;
    }
    for (; done < limit && this.#handled < this.#arrived; this.#handled++, done++) {
      if (!this.stack.handle(this, this.port.start(this.#handled), this.port.bytes(this.#handled))) break;
    }
    for (const [slot, reason] of [...this.#closing]) {
      this.#closing.delete(slot);
      this.#tell(slot, reason);
    }
    return done;
  }

  hasInput(): boolean {
    return this.#handled < this.#arrived || this.port.hasInput();
  }

  untilDueMicros(microsMax: number): number {
    const millis = this.stack.untilDueMillis(Math.floor(this.#clock.nowMicros() / 1000), Math.ceil(microsMax / 1000));
    return Math.min(microsMax, millis * 1000);
  }

  claim(slot: number, bytes: number, reserveBytes: number): number {
    const row = this.#rowOf.get(slot);
    if (row === undefined || !this.stack.isWritable(row)) return CLAIM_GONE;
    const at = this.stack.claim(row, bytes, reserveBytes);
    return at >= 0 ? at : CLAIM_FULL;
  }

  commit(): void {
    this.stack.commit();
  }

  roomBytes(): number {
    return this.stack.store.freeBytes;
  }

  flush(): void {
    this.stack.send();
    this.port.flush();
  }

  close(slot: number, reason: number): boolean {
    const row = this.#rowOf.get(slot);
    if (row === undefined || this.#told.has(slot)) return true;
    this.stack.close(row);
    this.#forget(slot, row);
    this.#closing.set(slot, reason);
    return true;
  }

  release(slot: number): boolean {
    const row = this.#rowOf.get(slot);
    if (row !== undefined) {
      this.stack.close(row);
      this.#forget(slot, row);
    }
    this.#told.delete(slot);
    this.#open--;
    return true;
  }

  opened(_token: number, row: number): void {
    if (this.#open === this.#slots) {
      this.stack.close(row);
      return;
    }
    this.#open++;
    let slot = 0;
    while (this.#rowOf.has(slot) || this.#told.has(slot) || this.#closing.has(slot)) slot++;
    this.#rowOf.set(slot, row);
    this.#slotOf.set(row, slot);
    this.#events?.opened(slot, slot);
  }

  refused(): void {}

  bytes(_token: number, row: number, view: DataView, start: number, end: number): number {
    const slot = this.#slotOf.get(row);
    return slot === undefined ? end - start : (this.#events?.bytes(slot, slot, view, start, end) ?? 0);
  }

  closed(_token: number, row: number, reason: number): void {
    const slot = this.#slotOf.get(row);
    if (slot !== undefined) this.#tell(slot, reason);
    else this.stack.close(row);
  }

  #forget(slot: number, row: number): void {
    this.#rowOf.delete(slot);
    this.#slotOf.delete(row);
  }

  #tell(slot: number, reason: number): void {
    this.#told.add(slot);
    this.#events?.closed(slot, slot, reason);
  }
}

export interface TunEndsSettings {
  readonly link?: Partial<LinkSettings>;
  readonly phones?: Partial<StackSettings>;
  readonly shard?: Partial<StackSettings>;
  /** Connections that fit the server's table. */
  readonly slots?: number;
  readonly startMicros?: number;
  /** The network that phones are on, in front of their end of the link. */
  readonly network?: NetworkSettings;
}

export interface TunEnds extends TransportEnds {
  readonly phones: TunPhoneTransport;
  readonly shard: ListeningTransport;
  readonly clock: VirtualClock;
  readonly phonePort: LinkEnd;
  readonly network: NetworkPort | null;
  readonly tcpCounters: Float64Array;
  readonly socketCounters: Float64Array;
}

/** Virtual time that passes with each step. */
const STEP_MICROS = 1000;

export function tunEnds(given: TunEndsSettings = {}): TunEnds {
  const clock = new VirtualClock();
  clock.advance(given.startMicros ?? 0);
  const link: LinkSettings = { faults: NO_FAULTS, seed: 1, packetBytesMax: 1500, needsChecksums: true, ...given.link };
  const [phonePort, shardPort] = LinkEnd.pair(link, clock);
  const tcpCounters = new Float64Array(TCP_COUNTERS.length);
  const socketCounters = new Float64Array(SOCKET_COUNTERS.length);
  const phoneOf = (address: number, port: number): number => phones.phoneOf(address, port);
  const parts = { port: phonePort, clock, phoneOf, phoneAt: (row: number) => row };
  const network = given.network === undefined ? null : new NetworkPort(given.network, parts);
  const phones: TunPhoneTransport = new TunPhoneTransport({ ...SETTINGS, ...given.phones }, PHONES_BLOCK, {
    port: network ?? phonePort,
    clock,
    counters: socketCounters,
    tcpCounters,
  });
  phones.setTargets([SERVER]);
  const shard = new ListeningTransport({ ...SETTINGS, seed: 2, ...given.shard }, shardPort, clock, given.slots ?? 64);
  const settle = (): void => clock.advance(STEP_MICROS);
  return { phones, shard, clock, phonePort, network, tcpCounters, socketCounters, settle, readers: null };
}
