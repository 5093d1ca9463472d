/** Packets that nobody should send: random bytes, and real ones with bytes changed, cut or joined. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { nextBelow, RANDOM_STATE_WORDS, seedRandom } from '../../base/pseudo-random.ts';
import { Journal, send } from '../transport-pair.test-suite.ts';
import { internetSum, pseudoHeaderSum } from './packets/internet-sum.ts';
import { TcpCounter } from './tcp/tcp-counters.ts';
import { SETTINGS, type TunEnds, tunEnds } from './tun-ends.test-suite.ts';

/** FUZZED_PACKETS sets another number, for longer runs. */
const PACKETS = Number(process.env['FUZZED_PACKETS'] ?? 100_000);
const PACKETS_PER_TURN = 20;
const KEPT = 64;
/** What fuzzed packets must bring about, or they test nothing. */
const REACHED = [
  'packetsCut',
  'packetsOfOtherProtocols',
  'packetsFragmented',
  'packetsWithBadHeaders',
  'packetsWithBadChecksums',
  'packetsForNobody',
  'packetsWithBadFlags',
  'challenges',
  'resetsIn',
  'arrivedEarly',
] as const;

class Fuzzer {
  readonly #random = new Int32Array(RANDOM_STATE_WORDS);
  /** Packets that were really sent, to change them. */
  readonly #real: Uint8Array[] = [];

  constructor(seed: number) {
    seedRandom(this.#random, 0, seed, 0);
  }

  below(bound: number): number {
    return nextBelow(this.#random, 0, bound);
  }

  learn(packet: Uint8Array): void {
    if (this.#real.length < KEPT) this.#real.push(packet.slice());
    else this.#real[this.below(KEPT)] = packet.slice();
  }

  packet(): Uint8Array {
    const real = this.#real[this.below(Math.max(1, this.#real.length))];
    if (real === undefined || this.below(8) === 0) return this.#noise(this.below(120));
    const packet = real.slice();
    for (let n = this.below(4); n >= 0; n--) {
      // Addresses and ports stay, so that most of it reaches a connection; flags and numbers change most.
      const near = [26, 27, 27, 30, 31, 33]; // low bytes of the sequence numbers, and flags
      const at =
        [this.below(packet.length), 24 + this.below(16), near[this.below(near.length)] ?? 0][this.below(3)] ?? 0;
      if (at < packet.length) packet[at] = this.below(256);
    }
    const cut = this.below(10) === 0 ? packet.slice(0, this.below(packet.length)) : packet;
    if (cut.length >= 40 && this.below(10) > 0) mend(cut);
    return cut;
  }

  #noise(bytes: number): Uint8Array {
    return Uint8Array.from({ length: bytes }, () => this.below(256));
  }
}

/** Makes length and checksums right, so that the packet is read as far as possible. */
function mend(packet: Uint8Array): void {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  view.setUint8(0, 0x45);
  view.setUint16(2, packet.length);
  view.setUint16(10, 0);
  view.setUint16(10, ~internetSum(view, 0, 20, 0));
  view.setUint16(36, 0);
  view.setUint16(36, ~internetSum(view, 20, packet.length, pseudoHeaderSum(view, 0, packet.length - 20)));
}

/** Whether a packet is for, or from, the connection that must stay unharmed. */
function isOfFirst(packet: Uint8Array, firstPort: number): boolean {
  if (packet.length < 24) return false;
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  const ip = (packet[0] ?? 0) & 15;
  const at = Math.min(packet.length - 4, ip * 4);
  return [20, at].some((tcp) => view.getUint16(tcp) === firstPort || view.getUint16(tcp + 2) === firstPort);
}

function talk(ends: TunEnds, phoneSide: Journal, shardSide: Journal): void {
  ends.phones.poll(phoneSide, 256);
  ends.shard.poll(shardSide, 256);
  ends.phones.flush();
  ends.shard.flush();
  ends.clock.advance(1000);
}

for (const direction of ['phones', 'server'] as const) {
  it(`takes ${PACKETS} fuzzed packets to the ${direction}, and other connections go on`, () => {
    const ends = tunEnds();
    const phoneSide = new Journal();
    const shardSide = new Journal();
    const fuzzer = new Fuzzer(direction === 'phones' ? 11 : 12);
    const firstPort = 1024;
    for (const end of [ends.phonePort, ends.shard.port]) {
      end.onSend = (packet) => {
        if (!isOfFirst(packet, firstPort)) fuzzer.learn(packet);
      };
    }
    talk(ends, phoneSide, shardSide);
    ends.phones.connect(0, 0);
    for (let n = 0; n < 10; n++) talk(ends, phoneSide, shardSide);
    const first = phoneSide.connections.get(0) ?? -1;
    const [firstSlot] = shardSide.openings;
    assert.ok(first >= 0 && firstSlot !== undefined);
    let sent = 0;
    for (let done = 0, token = 1; done < PACKETS; done += PACKETS_PER_TURN) {
      if (fuzzer.below(4) === 0) ends.phones.connect(0, token++);
      for (const [other, connection] of phoneSide.connections) {
        if (other === 0) continue;
        if (phoneSide.hasClosed(other) || fuzzer.below(30) === 0) {
          ends.phones.close(connection);
          phoneSide.connections.delete(other);
          phoneSide.lines.length = 0;
        } else send(ends.phones, connection, [1, 2, 3]);
      }
      for (let n = 0; n < PACKETS_PER_TURN; n++) {
        const packet = fuzzer.packet();
        // Sent by the end that is not fuzzed, as if by its peer.
        if (!isOfFirst(packet, firstPort)) (direction === 'phones' ? ends.shard.port : ends.phonePort).send(packet);
      }
      for (const slot of shardSide.connections.keys()) if (slot !== firstSlot) send(ends.shard, slot, [4, 5, 6, 7]);
      if (send(ends.phones, first, [sent & 255])) sent++;
      for (let n = 0; n < 3; n++) talk(ends, phoneSide, shardSide);
    }
    for (let n = 0; n < 2000; n++) talk(ends, phoneSide, shardSide);
    const received = shardSide.received.get(firstSlot) ?? [];
    assert.equal(received.length, sent);
    assert.ok(
      received.every((byte, i) => byte === (i & 255)),
      'in order',
    );
    // All that fuzzed connections took can be given back.
    for (const connection of phoneSide.connections.values()) ends.phones.close(connection);
    ends.phonePort.isDown = true;
    for (let n = 0; n < 2000; n++) {
      ends.clock.advance(1e6);
      ends.phones.poll(phoneSide, 256);
      ends.phones.flush();
    }
    assert.equal(ends.phones.roomBytes(), SETTINGS.storeBytesMax, 'no block is left');
    assert.equal(ends.phones.ledger()[0]?.rowsUsed, 0, 'no row is left');
    if (direction === 'server') return;
    for (const name of REACHED) assert.ok((ends.tcpCounters[TcpCounter[name]] as number) > 0, `some packets: ${name}`);
  });
}
