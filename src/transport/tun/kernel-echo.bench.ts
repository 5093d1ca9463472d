/**
 * Processor time of both ends per echoed message: phones over a TUN device, and phones with sockets, each against the
 * switch's end over sockets of the kernel. Both ends share one thread, so that the sum is what the process used, and a
 * busy machine changes little of it. Some phones at a time wait for an answer; the next to send is the one that has
 * waited longest.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../../base/clock.ts';
import { copyBytes } from '../../base/copy-bytes.ts';
import { currentEpochNanos } from '../../measure/monotonic-clock.ts';
import type { ConnectionEvents, Transport } from '../../wire/transport.ts';
import { SOCKET_COUNTERS } from '../socket-counters.ts';
import type { TcpParts, TcpSettings } from '../tcp/connections/tcp-settings.ts';
import { KernelClock } from '../tcp/system/kernel-clock.ts';
import { loadSystemCalls } from '../tcp/system/system-calls.ts';
import { TcpPhoneTransport } from '../tcp/tcp-phone-transport.ts';
import { TcpSwitchTransport } from '../tcp/tcp-switch-transport.ts';
import { firstSource, kernelAddress, SWITCH_HOST } from './device/device-addresses.ts';
import { enterRunNamespace } from './device/run-namespace.ts';
import { TunDevice } from './device/tun-device.ts';
import { PacketCounter } from './packets/packet-port.ts';
import { TCP_COUNTERS, TcpCounter } from './tcp/tcp-counters.ts';
import { TunPhoneTransport } from './tun-phone-transport.ts';

const CONNECTIONS = 10_000;
const BUSY = 1024;
const MESSAGES = 400_000;
const WARM_UP_MESSAGES = 100_000;
const MESSAGE_BYTES = 64;
const POLL_LIMIT = 256;
const PORTS_PER_SOURCE = 2000;

const SOCKETS: TcpSettings = {
  rows: CONNECTIONS,
  ringPlaces: 2 ** 14,
  noDelay: true,
  sendBufferBytes: null,
  receiveBufferBytes: null,
  outputLimitBytes: 65_536,
  outputTimeoutMicros: 30e6,
  outputPoolBytes: 2 ** 20,
  eventBatch: 256,
  receiveBytes: 16_384,
};

const calls = loadSystemCalls();
const clock: Clock = new KernelClock(calls, currentEpochNanos());
const parts = (): TcpParts => ({
  calls,
  clock,
  counters: new Float64Array(SOCKET_COUNTERS.length),
  bellDescriptor: null,
});
const tcpCounters = new Float64Array(TCP_COUNTERS.length);

interface Phones {
  readonly phones: TcpPhoneTransport | TunPhoneTransport;
  /** Counters of packets; none for sockets. */
  readonly packets: () => Record<string, number>;
}

function makePhones(kind: string): Phones {
  if (kind === 'tcp') {
    const sources = Array.from({ length: CONNECTIONS / PORTS_PER_SOURCE }, (_, n) => `127.0.0.${n + 2}`);
    const connect = { connectingMax: BUSY, timeoutMicros: 30e6, sources, rowsPerSource: PORTS_PER_SOURCE };
    return { phones: new TcpPhoneTransport(SOCKETS, connect, parts()), packets: () => ({}) };
  }
  const device = new TunDevice(
    calls,
    { name: 'phones0', kernelAddress: kernelAddress(0), queuePackets: 65_536, hasChecksums: false },
    null,
  );
  const phones = new TunPhoneTransport(
    {
      rowsMax: CONNECTIONS,
      activitiesMax: CONNECTIONS,
      storeBytesMax: 2 ** 24,
      outputBytesMax: 65_536,
      ackDelayMillis: 200,
      connectTimeoutMillis: 30_000,
      connectingMax: BUSY,
      seed: 1,
    },
    { firstAddress: firstSource(0), firstPort: 1024, portsPerSource: PORTS_PER_SOURCE },
    { port: device, clock, counters: new Float64Array(SOCKET_COUNTERS.length), tcpCounters },
  );
  const packets = (): Record<string, number> => ({
    PacketsOut: device.counters[PacketCounter.packetsOut] as number, // counters of a row, here and below
    PacketsIn: device.counters[PacketCounter.packetsIn] as number,
    AcknowledgementsAlone: tcpCounters[TcpCounter.acknowledgementsAlone] as number,
  });
  return { phones, packets };
}

const READY_MASK = 2 ** 14 - 1;

/** Both ends, the phones that may send next in their order, and how many answers came. */
class Echo {
  answered = 0;
  readonly #phones: Phones['phones'];
  readonly #shard: TcpSwitchTransport;
  readonly #ready = new Int32Array(READY_MASK + 1);
  #head = 0;
  #tail = 0;
  #sent = 0;
  readonly #phoneEvents: ConnectionEvents = {
    opened: (_token, connection) => this.#push(connection),
    refused: (_token, reason) => {
      throw new Error(`a connection was refused: ${reason}`);
    },
    bytes: (_token, connection, _view, start, end) => {
      this.#push(connection);
      this.answered++;
      return end - start;
    },
    closed: (_token, _connection, reason) => {
      throw new Error(`a connection was closed: ${reason}`);
    },
  };
  readonly #shardEvents: ConnectionEvents = {
    opened: () => {},
    refused: () => {},
    bytes: (_token, connection, view, start, end) => {
      const shard: Transport = this.#shard;
      const at = shard.claim(connection, end - start, 0);
      if (at < 0) return 0;
      copyBytes(view, start, shard.output, at, end - start);
      shard.commit();
      return end - start;
    },
    closed: (_token, connection) => this.#shard.release(connection),
  };

  constructor(phones: Phones['phones'], shard: TcpSwitchTransport) {
    this.#phones = phones;
    this.#shard = shard;
  }

  open(): void {
    for (let begun = 0; this.#tail < CONNECTIONS; this.#turn()) {
      while (begun < CONNECTIONS && this.#phones.connect(0, begun)) begun++;
    }
  }

  /** Sends messages until so many more are answered, and then waits for the rest. */
  exchange(messages: number): void {
    const until = this.answered + messages;
    while (this.answered < until) {
      while (this.#sent - this.answered < BUSY && this.#send(this.#ready[this.#head & READY_MASK] as number)) {
        this.#head++;
        this.#sent++;
      }
      this.#turn();
    }
    while (this.answered < this.#sent) this.#turn();
  }

  #push(connection: number): void {
    this.#ready[this.#tail++ & READY_MASK] = connection;
  }

  #send(connection: number): boolean {
    const at = this.#phones.claim(connection, MESSAGE_BYTES, 0);
    if (at < 0) return false;
    for (let n = 0; n < MESSAGE_BYTES; n += 8) this.#phones.output.setFloat64(at + n, connection);
    this.#phones.commit();
    return true;
  }

  #turn(): void {
    this.#phones.poll(this.#phoneEvents, POLL_LIMIT);
    this.#phones.flush();
    this.#shard.poll(this.#shardEvents, POLL_LIMIT);
    this.#shard.flush();
  }
}

function measure(kind: string): Record<string, number> {
  if (kind === 'tun') enterRunNamespace(calls, CONNECTIONS, false);
  const { phones, packets } = makePhones(kind);
  const shard = new TcpSwitchTransport(SOCKETS, { backlog: 4096, acceptBatch: 256 }, parts());
  const host = kind === 'tun' ? SWITCH_HOST : '127.0.0.1';
  phones.setTargets([{ host, port: shard.listen(host, 0, false) }]);
  const echo = new Echo(phones, shard);
  const began = process.cpuUsage();
  echo.open();
  const opened = process.cpuUsage(began);
  echo.exchange(WARM_UP_MESSAGES);
  const [before, cpu, from] = [packets(), process.cpuUsage(), echo.answered];
  echo.exchange(MESSAGES);
  const { user, system } = process.cpuUsage(cpu);
  const messages = echo.answered - from;
  const each = Object.entries(packets()).map(([name, value]) => [
    `${kind}${name}PerMessage`,
    (value - (before[name] ?? 0)) / messages,
  ]);
  phones.shutdown();
  shard.shutdown();
  return {
    [`${kind}MicrosPerMessage`]: (user + system) / messages,
    [`${kind}UserMicrosPerMessage`]: user / messages,
    [`${kind}MicrosPerConnect`]: (opened.user + opened.system) / CONNECTIONS,
    ...Object.fromEntries(each),
  };
}

/** In a process of its own, since a process that has entered a network stays in it. */
function measureApart(kind: string): Record<string, number> {
  const { stdout, stderr } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), kind], { encoding: 'utf8' });
  if (stdout === '') throw new Error(`the echo over ${kind} failed: ${stderr}`);
  return JSON.parse(stdout);
}

const [, , kind] = process.argv;
const figures = kind === undefined ? { ...measureApart('tcp'), ...measureApart('tun') } : measure(kind);
process.stdout.write(`${JSON.stringify(figures)}\n`);
