/**
 * The networks of a lane's phones, as a port in front of a port: what the stack sends and what the device receives goes
 * through here, and some of it is lost, late, out of order or doubled.
 *
 * Packets on their way are copied into a store of a fixed size; one that finds it full is dropped and counted. Time
 * comes from the clock that is passed in, all else from the seed, so the same packets at the same times have the same
 * fates. The thread that owns the port asks when its next packet is due before it sleeps. All that is read of a packet
 * is whose it is:
 *
 *     IPv4   byte 0    words of the header 0..3         byte 9    protocol, 6 for TCP
 *            byte 12   source address, 32 bits          byte 16   destination address, 32 bits
 *     TCP    byte 0    source port, 16 bits             byte 2    destination port, 16 bits
 */
import type { Clock } from '../../../base/clock.ts';
import type { LedgerEntry } from '../../../base/ledger-entry.ts';
import type { Outages } from '../../../wire/outages.ts';
import { NO_BUFFER, type PacketPort } from '../packets/packet-port.ts';
import { NetworkCounter, type NetworkLink } from './network-link.ts';
import { PacketCalendar } from './packet-calendar.ts';
import { PacketFates, Way } from './packet-fates.ts';
import { NO_PACKET, PacketStore } from './packet-store.ts';

export interface NetworkSettings {
  readonly links: readonly NetworkLink[];
  /** The number of the link of each phone of the lane. */
  readonly linkOf: Uint8Array;
  readonly outages: Outages;
  /** Most packets in transit, if none is longer than 128 bytes. */
  readonly packetsHeldMax: number;
  readonly seed: number;
  readonly lane: number;
}

export interface NetworkParts {
  readonly port: PacketPort;
  readonly clock: Clock;
  /** The row of the phone with this address and port in its lane; below 0 if there is none. */
  readonly phoneOf: (address: number, port: number) => number;
  /** The number of the phone in a row, by which outages hit it. */
  readonly phoneAt: (row: number) => number;
}

/** Most packets that one exchange delivers. */
const DELIVERED_MAX = 256;
const NO_PHONE = -1;
const PROTOCOL_AT = 9;
const TCP = 6;
const SOURCE_AT = 12;
const DESTINATION_AT = 16;
const HEADER_BYTES_MIN = 20;
const PORTS_BYTES = 4;

export class NetworkPort implements PacketPort {
  readonly output: DataView;
  readonly input: DataView;
  readonly packetBytesMax: number;
  readonly needsChecksums: boolean;
  readonly counters: Float64Array;
  readonly #port: PacketPort;
  readonly #clock: Clock;
  readonly #phoneOf: NetworkParts['phoneOf'];
  readonly #phoneAt: NetworkParts['phoneAt'];
  readonly #outages: Outages;
  readonly #fates: PacketFates;
  readonly #store: PacketStore;
  readonly #up: PacketCalendar;
  readonly #down: PacketCalendar;
  readonly #nowMicros = new Float64Array(1);
  readonly #lengths = new Int32Array(DELIVERED_MAX);
  /** Infinity before traffic starts; in an array, since it is a double. */
  readonly #trafficStartMicros = new Float64Array([Number.POSITIVE_INFINITY]);
  #isFull = false;

  constructor(settings: NetworkSettings, { port, clock, phoneOf, phoneAt }: NetworkParts) {
    this.packetBytesMax = port.packetBytesMax;
    this.needsChecksums = port.needsChecksums;
    this.counters = port.counters;
    this.output = new DataView(new ArrayBuffer(port.packetBytesMax));
    this.input = new DataView(new ArrayBuffer(DELIVERED_MAX * port.packetBytesMax));
    this.#port = port;
    this.#clock = clock;
    this.#phoneOf = phoneOf;
    this.#phoneAt = phoneAt;
    this.#outages = settings.outages;
    this.#fates = new PacketFates(settings.links, settings.linkOf, settings.seed, settings.lane);
    this.#store = new PacketStore(settings.packetsHeldMax);
    this.#up = new PacketCalendar(settings.packetsHeldMax);
    this.#down = new PacketCalendar(settings.packetsHeldMax);
  }

  /** A row of NETWORK_COUNTERS per link, which only grows. */
  get linkCounters(): readonly Float64Array[] {
    return this.#fates.counters;
  }

  ledger(): LedgerEntry[] {
    const views = this.output.byteLength + this.input.byteLength;
    const bytes = views + this.#fates.bytes + this.#store.bytes + this.#up.bytes + this.#down.bytes;
    return [{ owner: 'transport', name: 'networks of phones', bytes, rowBytes: 0, rowsUsed: 0 }];
  }

  /** Outages count from this time on. */
  startTraffic(startMicros: number): void {
    this.#trafficStartMicros[0] = startMicros;
  }

  /** Microseconds until a packet has to be handed on, at most `microsMax`. */
  untilDueMicros(microsMax: number): number {
    this.#clock.tell(this.#nowMicros);
    return this.#down.untilDueMicros(this.#nowMicros, this.#up.untilDueMicros(this.#nowMicros, microsMax));
  }

  claim(): number {
    return 0;
  }

  commit(bytes: number): void {
    this.#clock.tell(this.#nowMicros);
    this.#take(this.output, 0, bytes, Way.UP);
  }

  flush(): void {
    this.#clock.tell(this.#nowMicros);
    this.#handOn();
    this.#port.flush();
  }

  exchange(): number {
    this.#clock.tell(this.#nowMicros);
    this.#handOn();
    const arrived = this.#port.exchange();
    for (let n = 0; n < arrived; n++) this.#take(this.#port.input, this.#port.start(n), this.#port.bytes(n), Way.DOWN);
    return this.#deliver();
  }

  start(packet: number): number {
    return packet * this.packetBytesMax;
  }

  bytes(packet: number): number {
    return this.#lengths[packet] as number; // below the last exchange's result
  }

  hasInput(): boolean {
    return this.#isFull || this.#port.hasInput();
  }

  /** Takes a packet that is sent now. */
  #take(view: DataView, start: number, bytes: number, way: number): void {
    const phone = this.#phoneIn(view, start, bytes, way === Way.UP ? SOURCE_AT : DESTINATION_AT);
    this.#fates.dueMicros[0] = this.#nowMicros[0] as number; // its only element
    const copies = phone < 0 ? 1 : this.#fates.decide(phone, way, bytes, this.#isOut(phone), this.#nowMicros);
    for (let n = 0; n < copies; n++) {
      const packet = this.#store.put(view, start, bytes);
      if (packet !== NO_PACKET)
        (way === Way.UP ? this.#up : this.#down).add(packet, this.#fates.dueMicros, this.#nowMicros);
      else if (phone >= 0) this.#fates.count(phone, NetworkCounter.droppedForRoom);
    }
  }

  /** The phone that a packet is from or for; below 0 if the packet names none. */
  #phoneIn(view: DataView, start: number, bytes: number, addressAt: number): number {
    if (bytes < HEADER_BYTES_MIN || view.getUint8(start + PROTOCOL_AT) !== TCP) return NO_PHONE;
    const header = 4 * (view.getUint8(start) & 0x0f);
    if (bytes < header + PORTS_BYTES) return NO_PHONE;
    const port = view.getUint16(start + header + (addressAt === SOURCE_AT ? 0 : 2));
    return this.#phoneOf(view.getInt32(start + addressAt), port);
  }

  #isOut(phone: number): boolean {
    const { list } = this.#outages;
    for (let n = 0; n < list.length; n++) {
      const outage = list[n];
      if (outage === undefined) continue;
      const sinceMicros = (this.#nowMicros[0] as number) - (this.#trafficStartMicros[0] as number) - outage.atMicros; // their only elements
      if (sinceMicros >= 0 && sinceMicros < outage.durationMicros && this.#outages.hits(n, this.#phoneAt(phone)))
        return true;
    }
    return false;
  }

  /** Sends what has reached the other end of its link. */
  #handOn(): void {
    for (let packet = this.#up.take(this.#nowMicros); packet !== NO_PACKET; packet = this.#up.take(this.#nowMicros)) {
      let at = this.#port.claim();
      if (at === NO_BUFFER) {
        this.#port.flush();
        at = this.#port.claim();
      }
      this.#port.commit(this.#store.take(packet, this.#port.output, at));
    }
  }

  /** Receives what has reached the phones. @returns how many packets. */
  #deliver(): number {
    let delivered = 0;
    while (delivered < DELIVERED_MAX) {
      const packet = this.#down.take(this.#nowMicros);
      if (packet === NO_PACKET) break;
      this.#lengths[delivered] = this.#store.take(packet, this.input, delivered * this.packetBytesMax);
      delivered++;
    }
    this.#isFull = delivered === DELIVERED_MAX;
    return delivered;
  }
}
