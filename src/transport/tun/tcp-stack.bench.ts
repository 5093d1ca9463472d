/**
 * What TCP in user space costs: a phone writes 64 bytes, and the peer's answer of 64 bytes acknowledges them, which
 * makes one segment built and one handled. The peer is a port that answers each packet in place. Prints nanoseconds per
 * segment and bytes per connection.
 */
import { SOCKET_COUNTERS } from '../socket-counters.ts';
import { NO_BUFFER, PACKET_COUNTERS, type PacketPort } from './packets/packet-port.ts';
import { TcpFlag } from './packets/segment.ts';
import { addressBits } from './phone-addresses.ts';
import { ActivityTable } from './tcp/activity-table.ts';
import { ConnectionTable } from './tcp/connection-table.ts';
import { TCP_COUNTERS } from './tcp/tcp-counters.ts';
import { TimerWheel } from './tcp/timer-wheel.ts';
import { TunPhoneTransport } from './tun-phone-transport.ts';

const CONNECTIONS = 100_000;
const ROUNDS = 2_000_000;
const MESSAGE_BYTES = 64;
const SLOTS = 512;
const SLOT_BYTES = 2048;
const PACKET_BYTES_MAX = 1500;
const HEADERS_BYTES = 40;
const FLAGS_AT = 33;

/** Answers SYNs, and data with as much data; nothing else. */
class EchoPort implements PacketPort {
  readonly output = new DataView(new ArrayBuffer(SLOTS * SLOT_BYTES));
  readonly input = new DataView(new ArrayBuffer(SLOTS * SLOT_BYTES));
  readonly packetBytesMax = PACKET_BYTES_MAX;
  readonly needsChecksums = false;
  readonly counters = new Float64Array(PACKET_COUNTERS.length);
  readonly #lengths = new Int32Array(SLOTS);
  #committed = 0;
  #answers = 0;

  claim(): number {
    return this.#committed < SLOTS ? this.#committed * SLOT_BYTES : NO_BUFFER;
  }

  commit(bytes: number): void {
    this.#lengths[this.#committed++] = bytes;
  }

  flush(): void {
    this.#committed = 0;
  }

  exchange(): number {
    this.#answers = 0;
    for (let n = 0; n < this.#committed; n++) this.#answer(n * SLOT_BYTES, this.#lengths[n] as number); // committed
    this.#committed = 0;
    return this.#answers;
  }

  start(packet: number): number {
    return packet * SLOT_BYTES;
  }

  bytes(packet: number): number {
    return this.input.getUint16(packet * SLOT_BYTES + 2);
  }

  hasInput(): boolean {
    return false;
  }

  #answer(from: number, bytes: number): void {
    const { input, output } = this;
    const isSyn = (output.getUint8(from + FLAGS_AT) & TcpFlag.SYN) !== 0;
    if (!isSyn && bytes === HEADERS_BYTES) return;
    const to = this.#answers++ * SLOT_BYTES;
    const payloadBytes = isSyn ? 0 : bytes - HEADERS_BYTES;
    input.setInt32(to, 0x4500_0000 | (HEADERS_BYTES + payloadBytes));
    input.setInt32(to + 4, 0x4000);
    input.setInt32(to + 8, 0x4006_0000);
    input.setInt32(to + 12, output.getInt32(from + 16));
    input.setInt32(to + 16, output.getInt32(from + 12));
    input.setUint16(to + 20, output.getUint16(from + 22));
    input.setUint16(to + 22, output.getUint16(from + 20));
    input.setInt32(to + 24, output.getInt32(from + 28));
    input.setInt32(to + 28, output.getInt32(from + 24) + (isSyn ? 1 : payloadBytes));
    input.setInt32(to + 32, 0x5000_ffff | ((isSyn ? TcpFlag.SYN | TcpFlag.ACK : TcpFlag.ACK) << 16));
  }
}

const clock = { micros: 1e6, nowMicros: () => clock.micros, tell: (into: Float64Array) => into.fill(clock.micros) };
const events = {
  opened: () => {},
  refused: () => {},
  closed: () => {},
  bytes: (_token: number, _connection: number, _view: DataView, start: number, end: number) => end - start,
};
const transport = new TunPhoneTransport(
  {
    rowsMax: CONNECTIONS,
    activitiesMax: CONNECTIONS,
    storeBytesMax: 2 ** 26,
    outputBytesMax: 65_536,
    ackDelayMillis: 200,
    connectTimeoutMillis: 5000,
    connectingMax: SLOTS,
    seed: 1,
  },
  { firstAddress: addressBits('10.1.0.0'), firstPort: 1024, portsPerSource: 32_768 },
  {
    port: new EchoPort(),
    clock,
    counters: new Float64Array(SOCKET_COUNTERS.length),
    tcpCounters: new Float64Array(TCP_COUNTERS.length),
  },
);
transport.setTargets([{ host: '10.255.0.1', port: 10_000 }]);

function nanosPer(count: number, work: () => void): number {
  const start = performance.now();
  work();
  return Math.round(((performance.now() - start) * 1e6) / count);
}

function open(): void {
  transport.poll(events, SLOTS);
  for (let row = 0; row < CONNECTIONS; ) {
    while (row < CONNECTIONS && transport.connect(0, row)) row++;
    transport.flush();
    transport.poll(events, 2 * SLOTS);
  }
  transport.flush();
  transport.poll(events, 2 * SLOTS);
}

/** Another connection each time, in strides, so that rows come from memory and not from a cache. */
function exchange(rounds: number): void {
  for (let done = 0, row = 0; done < rounds; ) {
    for (let n = 0; n < SLOTS / 2; n++, done++) {
      row = (row + 7919) % CONNECTIONS;
      const at = transport.claim(row, MESSAGE_BYTES, 0);
      if (at < 0) throw new Error(`no room for a message to ${row}: ${at}`);
      transport.output.setInt32(at, done);
      transport.commit();
    }
    transport.flush();
    transport.poll(events, 2 * SLOTS);
    clock.micros += 250;
  }
}

const openNanos = nanosPer(CONNECTIONS, open);
exchange(ROUNDS / 10);
const figures = {
  openNanos,
  segmentNanos: Math.round(nanosPer(ROUNDS, () => exchange(ROUNDS)) / 2),
  idleConnectionBytes: ConnectionTable.ROW_BYTES,
  busyConnectionBytes: ConnectionTable.ROW_BYTES + ActivityTable.ENTRY_BYTES + TimerWheel.ENTRY_BYTES + 4,
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
