/**
 * A link between two ports, in virtual time, that loses, delays, reorders, duplicates and damages packets as a seed
 * says.
 */
import { nextBelow, RANDOM_STATE_WORDS, seedRandom } from '../../base/pseudo-random.ts';
import type { VirtualClock } from '../../simulate/world/virtual-clock.ts';
import { NO_BUFFER, PACKET_COUNTERS, PacketCounter, type PacketPort } from './packets/packet-port.ts';

export interface LinkFaults {
  /** Of a thousand packets. */
  readonly lossPerMille: number;
  readonly duplicatesPerMille: number;
  /** Packets that are late by up to `lateMicros`. */
  readonly latePerMille: number;
  readonly lateMicros: number;
  /** Of a thousand packets, those with one byte changed. */
  readonly damagedPerMille: number;
  readonly delayMicros: number;
}

export const NO_FAULTS: LinkFaults = {
  lossPerMille: 0,
  duplicatesPerMille: 0,
  latePerMille: 0,
  lateMicros: 0,
  damagedPerMille: 0,
  delayMicros: 0,
};

export interface LinkSettings {
  readonly faults: LinkFaults;
  readonly seed: number;
  readonly packetBytesMax: number;
  readonly needsChecksums: boolean;
}

interface Travelling {
  readonly dueMicros: number;
  readonly bytes: Uint8Array;
}

const SLOTS = 64;

export class LinkEnd implements PacketPort {
  readonly output: DataView;
  readonly input: DataView;
  readonly packetBytesMax: number;
  readonly needsChecksums: boolean;
  readonly counters = new Float64Array(PACKET_COUNTERS.length);
  /** Whether packets are thrown away. */
  isDown = false;
  /** Packets that were lost, of those that this end sent. */
  lost = 0;
  /** Sees each packet that this end sends, before it meets any fault. */
  onSend: ((packet: Uint8Array) => void) | null = null;
  readonly #settings: LinkSettings;
  readonly #clock: VirtualClock;
  readonly #random = new Int32Array(RANDOM_STATE_WORDS);
  readonly #coming: Travelling[] = [];
  readonly #lengths: number[] = [];
  readonly #received: number[] = [];
  #peer: LinkEnd | null = null;

  constructor(settings: LinkSettings, clock: VirtualClock, stream: number) {
    this.#settings = settings;
    this.#clock = clock;
    this.packetBytesMax = settings.packetBytesMax;
    this.needsChecksums = settings.needsChecksums;
    this.output = new DataView(new ArrayBuffer(SLOTS * settings.packetBytesMax));
    this.input = new DataView(new ArrayBuffer(SLOTS * settings.packetBytesMax));
    seedRandom(this.#random, 0, settings.seed, stream);
  }

  static pair(settings: LinkSettings, clock: VirtualClock): [LinkEnd, LinkEnd] {
    const one = new LinkEnd(settings, clock, 1);
    const other = new LinkEnd(settings, clock, 2);
    one.#peer = other;
    other.#peer = one;
    return [one, other];
  }

  claim(): number {
    return this.#lengths.length < SLOTS ? this.#lengths.length * this.packetBytesMax : NO_BUFFER;
  }

  commit(bytes: number): void {
    this.#lengths.push(bytes);
  }

  flush(): void {
    this.#lengths.forEach((length, n) => {
      const at = n * this.packetBytesMax;
      this.send(new Uint8Array(this.output.buffer.slice(at, at + length)));
    });
    this.#lengths.length = 0;
  }

  /** Sends a packet that may be anything. */
  send(packet: Uint8Array): void {
    this.onSend?.(packet);
    const { faults } = this.#settings;
    this.counters[PacketCounter.packetsOut] = (this.counters[PacketCounter.packetsOut] as number) + 1;
    if (this.isDown || this.#happens(faults.lossPerMille)) {
      this.lost++;
      return;
    }
    const copies = this.#happens(faults.duplicatesPerMille) ? 2 : 1;
    for (let n = 0; n < copies; n++) {
      const bytes = packet.slice();
      if (bytes.length > 0 && this.#happens(faults.damagedPerMille)) {
        const at = nextBelow(this.#random, 0, bytes.length);
        bytes[at] = (bytes[at] as number) ^ (1 + nextBelow(this.#random, 0, 255)); // inside the packet
      }
      const isLate = this.#happens(faults.latePerMille);
      const late = isLate ? nextBelow(this.#random, 0, faults.lateMicros) : 0;
      this.#peer?.arrive(bytes, this.#clock.nowMicros() + faults.delayMicros + late);
    }
  }

  exchange(): number {
    this.flush();
    this.#received.length = 0;
    const now = this.#clock.nowMicros();
    while (this.#received.length < SLOTS) {
      const first = this.#coming[0];
      if (first === undefined || first.dueMicros > now) break;
      this.#coming.shift();
      new Uint8Array(this.input.buffer).set(first.bytes, this.#received.length * this.packetBytesMax);
      this.#received.push(first.bytes.length);
    }
    return this.#received.length;
  }

  start(packet: number): number {
    return packet * this.packetBytesMax;
  }

  bytes(packet: number): number {
    return this.#received[packet] ?? 0;
  }

  hasInput(): boolean {
    const first = this.#coming[0];
    return first !== undefined && first.dueMicros <= this.#clock.nowMicros();
  }

  /** Microseconds until the next packet arrives here, at most `microsMax`. */
  untilArrivalMicros(microsMax: number): number {
    const first = this.#coming[0];
    return first === undefined
      ? microsMax
      : Math.max(0, Math.min(microsMax, first.dueMicros - this.#clock.nowMicros()));
  }

  private arrive(bytes: Uint8Array, dueMicros: number): void {
    let at = this.#coming.length;
    while (at > 0 && (this.#coming[at - 1] as Travelling).dueMicros > dueMicros) at--;
    this.#coming.splice(at, 0, { dueMicros, bytes });
  }

  #happens(perMille: number): boolean {
    return perMille > 0 && nextBelow(this.#random, 0, 1000) < perMille;
  }
}
