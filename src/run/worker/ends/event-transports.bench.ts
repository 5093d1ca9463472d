/**
 * Processor time per echoed message of a switch over Node's own sockets, memory per idle connection, and processor time
 * of an idle reactor. The switch is a separate process, so its figures contain nothing else. Phones send one message
 * and wait for its echo.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { copyBytes } from '../../../base/copy-bytes.ts';
import { collectGarbage } from '../../../measure/collect-garbage.ts';
import { Doorbell } from '../../../ring/doorbell.ts';
import { nodeTcpPhoneTransport, nodeTcpSwitchTransport } from '../../../transport/node-tcp/node-tcp-transport.ts';
import { wsPhoneTransport, wsSwitchTransport } from '../../../transport/ws/ws-transport.ts';
import type { ConnectionEvents, Transport } from '../../../wire/transport.ts';
import { EventSleeper } from '../reactors/event-sleeper.ts';
import { runEventReactor } from '../reactors/run-event-reactor.ts';

const CONNECTIONS = 4000;
const TALKERS = 200;
const MESSAGES = 100_000;
const MESSAGE_BYTES = 64;
const IDLE_MILLIS = 2000;
const HOST = '127.0.0.1';
const SETTINGS = {
  connectionsMax: CONNECTIONS,
  connectingMax: 256,
  connectTimeoutMicros: 10e6,
  handshakeTimeoutMicros: 10e6,
  outputPoolBytes: 2 ** 20,
  outputLimitBytes: 65_536,
  outputTimeoutMicros: 10e6,
  noDelay: true,
  backlog: 4096,
  perMessageDeflate: false,
  payloadBytesMax: 65_536,
  tls: null,
};
const IDLE = { spins: 4, napMicros: 0, parkMicros: 100_000 };

interface Usage {
  readonly cpuMicros: number;
  readonly rssBytes: number;
  readonly heapBytes: number;
}

const nowMicros = (): number => performance.now() * 1000;
const makeSleeper = (): EventSleeper => new EventSleeper(new Doorbell(new Int32Array(new SharedArrayBuffer(4)), 0));

function loop(
  transport: Transport,
  events: ConnectionEvents,
  sleeper: EventSleeper,
  stopped: () => boolean,
): Promise<void> {
  const reactor = {
    doWork: (): number => {
      const done = transport.poll(events, 512);
      transport.flush();
      return done;
    },
    hasInput: (): boolean => transport.hasInput(),
    untilDueMicros: (microsMax: number): number => microsMax,
  };
  return runEventReactor(reactor, sleeper, IDLE, () => {}, stopped);
}

/** Sends back what arrives. */
function echo(transport: Transport): (connection: number, view: DataView, start: number, end: number) => number {
  return (connection, view, start, end) => {
    const at = transport.claim(connection, end - start, 0);
    if (at < 0) return 0;
    copyBytes(view, start, transport.output, at, end - start);
    transport.commit();
    return end - start;
  };
}

async function serve(kind: string): Promise<void> {
  const sleeper = makeSleeper();
  const make = kind === 'ws' ? wsSwitchTransport : nodeTcpSwitchTransport;
  const transport = make(SETTINGS, nowMicros, sleeper.wake);
  const answer = echo(transport);
  const events: ConnectionEvents = {
    opened: () => {},
    refused: () => {},
    bytes: (_token, connection, view, start, end) => answer(connection, view, start, end),
    closed: (_token, connection) => transport.release(connection),
  };
  const { port } = await transport.listen({ host: HOST, port: 0 });
  let stopped = false;
  process.on('message', (message) => {
    if (message === 'stop') {
      stopped = true;
      process.disconnect();
      return;
    }
    if (message === 'collect') collectGarbage();
    const { user, system } = process.cpuUsage();
    const { rss, heapUsed, external } = process.memoryUsage();
    process.send?.({ cpuMicros: user + system, rssBytes: rss, heapBytes: heapUsed + external } satisfies Usage);
  });
  process.send?.({ port });
  await loop(transport, events, sleeper, () => stopped);
  await transport.shutdown();
}

async function usageOf(child: ChildProcess, how: 'look' | 'collect'): Promise<Usage> {
  child.send(how);
  const [usage] = (await once(child, 'message')) as [Usage]; // the message that the child sends
  return usage;
}

async function measure(kind: string): Promise<Record<string, number>> {
  const child = fork(fileURLToPath(import.meta.url), [kind]);
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]; // the message that the child sends
  const sleeper = makeSleeper();
  const make = kind === 'ws' ? wsPhoneTransport : nodeTcpPhoneTransport;
  const transport = make(SETTINGS, () => null, nowMicros, sleeper.wake);
  transport.setTargets([{ host: HOST, port }]);
  const connections: number[] = [];
  let echoed = 0;
  const answer = echo(transport);
  const events: ConnectionEvents = {
    opened: (_token, connection) => {
      connections.push(connection);
    },
    refused: (token, reason) => {
      throw new Error(`phone ${token} was refused: ${reason}`);
    },
    bytes: (_token, connection, view, start, end) => {
      echoed++;
      return echoed < MESSAGES ? answer(connection, view, start, end) : end - start;
    },
    closed: () => {},
  };
  const empty = await usageOf(child, 'collect');
  let started = 0;
  await loop(transport, events, sleeper, () => {
    while (started < CONNECTIONS && transport.connect(0, started)) started++;
    return connections.length === CONNECTIONS;
  });
  await new Promise((resolve) => setTimeout(resolve, 500)); // until the switch is idle
  const full = await usageOf(child, 'collect');
  const rested = await usageOf(child, 'look');
  await new Promise((resolve) => setTimeout(resolve, IDLE_MILLIS));
  const idle = await usageOf(child, 'look');
  for (const connection of connections.slice(0, TALKERS)) {
    transport.claim(connection, MESSAGE_BYTES, 0);
    transport.commit();
  }
  transport.flush();
  const before = process.cpuUsage();
  await loop(transport, events, sleeper, () => echoed >= MESSAGES);
  const own = process.cpuUsage(before);
  const busy = await usageOf(child, 'look');
  child.send('stop');
  await Promise.all([transport.shutdown(), once(child, 'exit')]);
  return {
    switchMicrosPerEcho: (busy.cpuMicros - idle.cpuMicros) / echoed,
    driverMicrosPerEcho: (own.user + own.system) / echoed,
    switchRssBytesPerConnection: (full.rssBytes - empty.rssBytes) / CONNECTIONS,
    switchHeapBytesPerConnection: (full.heapBytes - empty.heapBytes) / CONNECTIONS,
    idleCpuPercent: ((idle.cpuMicros - rested.cpuMicros) / (IDLE_MILLIS * 1000)) * 100,
  };
}

const [asked] = process.argv.slice(2);
if (asked !== undefined) {
  await serve(asked);
} else {
  const figures: Record<string, number> = {};
  for (const kind of ['node-tcp', 'ws']) {
    for (const [name, value] of Object.entries(await measure(kind))) figures[`${kind} ${name}`] = value;
  }
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}
