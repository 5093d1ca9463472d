/**
 * What the kernel does for the switch while a lane writes packets to its device: processor time of writing messages to
 * sockets of the switch, less that of writing as many packets of the same length that the kernel drops at once, because
 * they are for an address that nobody has. The rest is the way from IP to a socket that is ready to be read.
 *
 * Times are those of this process, which has one busy thread, so a busy machine changes little of them.
 */
import { currentEpochNanos } from '../../measure/monotonic-clock.ts';
import type { ConnectionEvents } from '../../wire/transport.ts';
import { SOCKET_COUNTERS } from '../socket-counters.ts';
import type { TcpSettings } from '../tcp/connections/tcp-settings.ts';
import { KernelClock } from '../tcp/system/kernel-clock.ts';
import { loadSystemCalls } from '../tcp/system/system-calls.ts';
import { TcpSwitchTransport } from '../tcp/tcp-switch-transport.ts';
import { firstSource, kernelAddress, SWITCH_HOST } from './device/device-addresses.ts';
import { enterRunNamespace } from './device/run-namespace.ts';
import { TUN_BUFFERS, TunDevice } from './device/tun-device.ts';
import { PacketCounter, type PacketPort } from './packets/packet-port.ts';
import { addressBits } from './phone-addresses.ts';
import { TCP_COUNTERS } from './tcp/tcp-counters.ts';
import { TunPhoneTransport } from './tun-phone-transport.ts';

const CONNECTIONS = 2048;
const MESSAGES = 400_000;
const WARM_UP_MESSAGES = 100_000;
const MESSAGE_BYTES = 64;
const PACKET_BYTES = 40 + MESSAGE_BYTES;
/** Inside no block, and no route leads there. */
const NOWHERE = addressBits('192.0.2.1');
const POLL_LIMIT = 1024;

const SOCKETS: TcpSettings = {
  rows: CONNECTIONS,
  ringPlaces: 2 ** 12,
  noDelay: true,
  sendBufferBytes: null,
  receiveBufferBytes: null,
  outputLimitBytes: 65_536,
  outputTimeoutMicros: 30e6,
  outputPoolBytes: 2 ** 20,
  eventBatch: 1024,
  receiveBytes: 16_384,
};

const cpuMicros = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

/** A port that measures its writes: they come apart from the reads. */
class MeasuredPort implements PacketPort {
  writeMicros = 0;
  readonly #port: PacketPort;

  constructor(port: PacketPort) {
    this.#port = port;
  }

  get output(): DataView {
    return this.#port.output;
  }
  get input(): DataView {
    return this.#port.input;
  }
  get packetBytesMax(): number {
    return this.#port.packetBytesMax;
  }
  get needsChecksums(): boolean {
    return this.#port.needsChecksums;
  }
  get counters(): Float64Array {
    return this.#port.counters;
  }

  claim(): number {
    return this.#port.claim();
  }

  commit(bytes: number): void {
    this.#port.commit(bytes);
  }

  flush(): void {
    const before = cpuMicros();
    this.#port.flush();
    this.writeMicros += cpuMicros() - before;
  }

  exchange(): number {
    this.flush();
    return this.#port.exchange();
  }

  start(packet: number): number {
    return this.#port.start(packet);
  }

  bytes(packet: number): number {
    return this.#port.bytes(packet);
  }

  hasInput(): boolean {
    return this.#port.hasInput();
  }
}

const calls = loadSystemCalls();
const clock = new KernelClock(calls, currentEpochNanos());
const counters = (): Float64Array => new Float64Array(SOCKET_COUNTERS.length);
enterRunNamespace(calls, CONNECTIONS, false);
const device = new TunDevice(
  calls,
  { name: 'phones0', kernelAddress: kernelAddress(0), queuePackets: 65_536, hasChecksums: false },
  null,
);
const port = new MeasuredPort(device);
const phones = new TunPhoneTransport(
  {
    rowsMax: CONNECTIONS,
    activitiesMax: CONNECTIONS,
    storeBytesMax: 2 ** 24,
    outputBytesMax: 65_536,
    ackDelayMillis: 200,
    connectTimeoutMillis: 30_000,
    connectingMax: TUN_BUFFERS,
    seed: 1,
  },
  { firstAddress: firstSource(0), firstPort: 1024, portsPerSource: CONNECTIONS },
  { port, clock, counters: counters(), tcpCounters: new Float64Array(TCP_COUNTERS.length) },
);
const parts = { calls, clock, counters: counters(), bellDescriptor: null };
const shard = new TcpSwitchTransport(SOCKETS, { backlog: 4096, acceptBatch: 256 }, parts);
phones.setTargets([{ host: SWITCH_HOST, port: shard.listen(SWITCH_HOST, 0, false) }]);

const connections: number[] = [];
const ended = (): never => {
  throw new Error('a connection ended');
};
const ofPhones: ConnectionEvents = {
  opened: (_token, connection) => connections.push(connection),
  refused: ended,
  bytes: (_token, _connection, _view, start, end) => end - start,
  closed: ended,
};
let received = 0;
const ofShard: ConnectionEvents = {
  ...ofPhones,
  opened: () => {},
  bytes: (_token, _connection, _view, start, end) => {
    received += end - start;
    return end - start;
  },
};

function turn(): void {
  phones.poll(ofPhones, POLL_LIMIT);
  phones.flush();
  shard.poll(ofShard, POLL_LIMIT);
  shard.flush();
}

/** Sends messages to sockets, each phone in its turn, half a device's slots at a time. */
function send(messages: number): void {
  const until = received + messages * MESSAGE_BYTES;
  for (let sent = 0; received < until; turn()) {
    for (let n = 0; n < TUN_BUFFERS / 2 && sent < messages; n++, sent++) {
      const at = phones.claim(connections[sent % CONNECTIONS] as number, MESSAGE_BYTES, 1); // all are open
      if (at < 0) break;
      phones.commit();
    }
  }
}

/** Sends packets to nobody. */
function waste(packets: number): void {
  for (let sent = 0; sent < packets; port.flush()) {
    for (let n = 0; n < TUN_BUFFERS / 2; n++, sent++) {
      const at = port.claim();
      port.output.setInt32(at, 0x4500_0000 | PACKET_BYTES);
      port.output.setInt32(at + 4, 0x4000);
      port.output.setInt32(at + 8, 0x4006_0000);
      port.output.setInt32(at + 12, firstSource(0));
      port.output.setInt32(at + 16, NOWHERE);
      port.output.setUint16(at + 10, headerChecksum(at));
      port.commit(PACKET_BYTES);
    }
  }
}

function headerChecksum(at: number): number {
  let sum = 0;
  for (let n = 0; n < 20; n += 2) sum += n === 10 ? 0 : port.output.getUint16(at + n);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** Processor time of writes per packet, while something is done. */
function microsPerWrite(work: () => void): number {
  const before = [port.writeMicros, device.counters[PacketCounter.packetsOut] as number] as const; // a counter of the row
  work();
  return (port.writeMicros - before[0]) / ((device.counters[PacketCounter.packetsOut] as number) - before[1]);
}

for (let token = 0; connections.length < CONNECTIONS; turn()) {
  while (token < CONNECTIONS && phones.connect(0, token)) token++;
}
send(WARM_UP_MESSAGES);
waste(WARM_UP_MESSAGES);
const toSocketMicros = microsPerWrite(() => send(MESSAGES));
const toNobodyMicros = microsPerWrite(() => waste(MESSAGES));
phones.shutdown();
shard.shutdown();
device.shutdown();
process.stdout.write(
  `${JSON.stringify({ toSocketMicros, toNobodyMicros, receivePathMicros: toSocketMicros - toNobodyMicros })}\n`,
);
