/** A peer that does exactly what a test says: it builds segments by hand and keeps those that the phones' end sends. */
import assert from 'node:assert/strict';
import { VirtualClock } from '../../simulate/world/virtual-clock.ts';
import { SOCKET_COUNTERS } from '../socket-counters.ts';
import { Journal } from '../transport-pair.test-suite.ts';
import { LinkEnd, NO_FAULTS } from './faulty-link.test-suite.ts';
import { internetSum, pseudoHeaderSum } from './packets/internet-sum.ts';
import { Segment, TcpFlag } from './packets/segment.ts';
import { addressBits } from './phone-addresses.ts';
import type { StackSettings } from './tcp/stack-parts.ts';
import { TCP_COUNTERS, TcpCounter } from './tcp/tcp-counters.ts';
import { PHONES_BLOCK, SERVER, SETTINGS } from './tun-ends.test-suite.ts';
import { TunPhoneTransport } from './tun-phone-transport.ts';

/** The first sequence number of the peer. */
const PEER_FIRST = 0x7fff_fff0;
export const { FIN, SYN, RST, PSH, ACK } = TcpFlag;

/** What a segment says; sequence numbers count from the first of their sender. */
export interface Seen {
  readonly flags: number;
  readonly sequence: number;
  readonly acknowledgement: number;
  readonly window: number;
  readonly payload: readonly number[];
  readonly mss: number;
  readonly atMillis: number;
}

export interface Say {
  readonly flags: number;
  readonly sequence: number;
  readonly acknowledgement?: number;
  readonly window?: number;
  readonly payload?: readonly number[];
  readonly options?: readonly number[];
  readonly fromPort?: number;
  readonly toPort?: number;
}

/** Bytes of an IPv4 packet with a TCP segment, with right checksums. */
function packetOf(say: Say, phoneFirst: number): Uint8Array {
  const options = say.options ?? [];
  const payload = say.payload ?? [];
  const total = 40 + options.length + payload.length;
  const bytes = new Uint8Array(total);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x4500_0000 | total);
  view.setUint32(4, 0x4000);
  view.setUint16(8, 0x4006);
  view.setInt32(12, addressBits(SERVER.host));
  view.setInt32(16, PHONES_BLOCK.firstAddress);
  view.setUint16(10, ~internetSum(view, 0, 20, 0));
  view.setUint16(20, say.fromPort ?? SERVER.port);
  view.setUint16(22, say.toPort ?? PHONES_BLOCK.firstPort);
  view.setInt32(24, (PEER_FIRST + say.sequence) | 0);
  view.setInt32(28, (phoneFirst + (say.acknowledgement ?? 0)) | 0);
  view.setUint8(32, (20 + options.length) << 2);
  view.setUint8(33, say.flags);
  view.setUint16(34, say.window ?? 65_535);
  bytes.set(options, 40);
  bytes.set(payload, 40 + options.length);
  view.setUint16(36, ~internetSum(view, 20, total, pseudoHeaderSum(view, 0, total - 20)));
  return bytes;
}

/** One phone's connection, in row 0, and its scripted peer. */
export class Script {
  readonly clock = new VirtualClock();
  readonly journal = new Journal();
  readonly phones: TunPhoneTransport;
  readonly tcpCounters = new Float64Array(TCP_COUNTERS.length);
  readonly peer: LinkEnd;
  phoneFirst = 0;
  readonly #segment = new Segment();

  constructor(settings: Partial<StackSettings> = {}, packetBytesMax = 1500) {
    this.clock.advance(1e6);
    const link = { faults: NO_FAULTS, seed: 1, packetBytesMax, needsChecksums: true };
    const [port, peer] = LinkEnd.pair(link, this.clock);
    this.peer = peer;
    this.phones = new TunPhoneTransport({ ...SETTINGS, ...settings }, PHONES_BLOCK, {
      port,
      clock: this.clock,
      counters: new Float64Array(SOCKET_COUNTERS.length),
      tcpCounters: this.tcpCounters,
    });
    this.phones.setTargets([SERVER]);
    this.phones.poll(this.journal, 1); // it learns the time
  }

  /** A connection that is open; MSS of the peer 1000, no shift of windows. */
  static open(settings: Partial<StackSettings> = {}): Script {
    const script = new Script(settings);
    assert.ok(script.phones.connect(0, 7));
    const [syn] = script.turn();
    assert.equal(syn?.flags, SYN);
    script.say({ flags: SYN | ACK, sequence: 0, acknowledgement: 1, options: [2, 4, 1000 >> 8, 1000 & 255] });
    const [ack] = script.turn();
    assert.equal(ack?.flags, ACK);
    assert.equal(script.phone, 0);
    return script;
  }

  get phone(): number {
    return this.journal.connections.get(7) ?? -1;
  }

  counter(name: keyof typeof TcpCounter): number {
    return this.tcpCounters[TcpCounter[name]] as number; // a counter of the row
  }

  /** The peer sends a segment, which the phones' end receives with its next turn. */
  say(say: Say): void {
    this.peer.send(packetOf(say, this.phoneFirst));
  }

  /** A turn of the phones' end. @returns what it sent. */
  turn(): Seen[] {
    const seen: Seen[] = [];
    this.phones.flush();
    this.phones.poll(this.journal, 64);
    this.phones.flush();
    for (let count = this.peer.exchange(), n = 0; n < count; n++) {
      const start = this.peer.start(n);
      assert.equal(this.#segment.read(this.peer.input, start, this.peer.bytes(n), true), 0, 'it sends good packets');
      seen.push(this.#see());
    }
    return seen;
  }

  /** Lets time pass in small steps. @returns what was sent meanwhile. */
  pass(millis: number): Seen[] {
    const seen: Seen[] = [];
    for (let n = 0; n < millis; n += 2) {
      this.clock.advance(2000);
      seen.push(...this.turn());
    }
    return seen;
  }

  #see(): Seen {
    const { flags, start, end, window, mss } = this.#segment;
    if ((flags & SYN) !== 0) this.phoneFirst = this.#segment.sequence;
    const payload = [];
    for (let at = start; at < end; at++) payload.push(this.peer.input.getUint8(at));
    return {
      flags,
      sequence: (this.#segment.sequence - this.phoneFirst) | 0,
      acknowledgement: (this.#segment.acknowledgement - PEER_FIRST) | 0,
      window,
      payload,
      mss,
      atMillis: this.clock.nowMicros() / 1000,
    };
  }
}
