/** How tests make both ends of this transport, in one thread with one descriptor table. */
import { SOCKET_COUNTERS, SocketCounter } from '../socket-counters.ts';
import type { TransportEnds } from '../transport-pair.test-suite.ts';
import type { TcpParts, TcpSettings } from './connections/tcp-settings.ts';
import { hasSocketRings } from './sockets/socket-ring.ts';
import { Linux, loadSystemCalls, type SystemCalls, whyNoSystemCalls } from './system/system-calls.ts';
import { type TcpConnectSettings, TcpPhoneTransport } from './tcp-phone-transport.ts';
import { TcpSwitchTransport } from './tcp-switch-transport.ts';

export const LOOPBACK = '127.0.0.1';
/** Longer than a switch waits for a peer to answer its close. */
export const CLOSE_MICROS = 2.1e6;

export const SETTINGS: TcpSettings = {
  rows: 4096,
  ringPlaces: null,
  noDelay: true,
  sendBufferBytes: 8192, // so that the kernel takes only part of what is sent
  receiveBufferBytes: 32_768,
  outputLimitBytes: 65_536,
  outputTimeoutMicros: 10e6,
  outputPoolBytes: 2 ** 20,
  eventBatch: 64,
  receiveBytes: 16_384,
};
const CONNECT: TcpConnectSettings = {
  connectingMax: 64,
  timeoutMicros: 5e6,
  sources: [],
  rowsPerSource: 1000,
};

export class TestClock {
  micros = 0;
  nowMicros(): number {
    return this.micros;
  }

  tell(into: Float64Array): void {
    into[0] = this.micros;
  }
}

/** A way to hold sockets. */
export interface Hold {
  readonly name: string;
  readonly ringPlaces: number | null;
}

/** Both ways, if this machine supports both; tables are so small that a test fills several. */
export function holds(): Hold[] {
  const hasRings = whyNoSystemCalls() === null && hasSocketRings(loadSystemCalls());
  return [{ name: 'descriptors', ringPlaces: null }, ...(hasRings ? [{ name: 'rings', ringPlaces: 16 }] : [])];
}

export interface TcpEnds extends TransportEnds {
  readonly phones: TcpPhoneTransport;
  readonly shard: TcpSwitchTransport;
  readonly clock: TestClock;
  readonly port: number;
  readonly switchCounters: Float64Array;
  readonly phoneCounters: Float64Array;
}

export interface TcpEndsSettings {
  readonly hold: Hold;
  readonly host?: string;
  readonly shard?: Partial<TcpSettings>;
  readonly phones?: Partial<TcpSettings>;
  readonly connect?: Partial<TcpConnectSettings>;
  /** Connections that fit the switch's table; as many as its rows by default. */
  readonly slots?: number;
  /** The system calls of one end, in place of the real ones. */
  readonly switchCalls?: SystemCalls;
  readonly phoneCalls?: SystemCalls;
}

/** The numbers that the next descriptors will have, in order. */
export function nextDescriptors(count: number): number[] {
  const calls = loadSystemCalls();
  const descriptors = Array.from({ length: count }, () => calls.open('/dev/null', Linux.O_RDONLY | Linux.O_CLOEXEC));
  for (const descriptor of descriptors) calls.close(descriptor);
  return descriptors;
}

export function tcpEnds(given: TcpEndsSettings): TcpEnds {
  const clock = new TestClock();
  const parts = (calls = loadSystemCalls()): TcpParts => ({
    calls,
    clock,
    counters: new Float64Array(SOCKET_COUNTERS.length),
    bellDescriptor: null,
  });
  const { ringPlaces } = given.hold;
  const shared = { ...SETTINGS, ringPlaces };
  const phoneParts = parts(given.phoneCalls);
  const phones = new TcpPhoneTransport({ ...shared, ...given.phones }, { ...CONNECT, ...given.connect }, phoneParts);
  const switchParts = parts(given.switchCalls);
  const rows = given.slots === undefined ? SETTINGS.rows : ringPlaces === null ? rowsFor(given.slots) : given.slots;
  const shard = new TcpSwitchTransport(
    { ...shared, rows, ...given.shard },
    { backlog: 128, acceptBatch: 16 },
    switchParts,
  );
  const host = given.host ?? LOOPBACK;
  const port = shard.listen(host, 0, false);
  phones.setTargets([{ host, port }]);
  const settle = (): void => {
    shard.wait(100);
    phones.wait(100);
  };
  const close = (): void => {
    phones.shutdown();
    shard.shutdown();
  };
  const counters = { switchCounters: switchParts.counters, phoneCounters: phoneParts.counters };
  const readers = {
    clock,
    timeoutMicros: given.shard?.outputTimeoutMicros ?? SETTINGS.outputTimeoutMicros,
    waitingBytes: () => switchParts.counters[SocketCounter.outputWaitingBytes] as number, // a counter of the row
  };
  return { phones, shard, clock, port, settle, close, readers, ...counters };
}

/**
 * Rows for so many connections, held by descriptors. Both ends draw from one table here: phones take every other
 * descriptor, after the epoll instance, the listener and the reserve of the switch.
 */
function rowsFor(slots: number): number {
  const own = 3;
  const last = nextDescriptors(own + 2 * slots).at(-1);
  return (last ?? 0) + 1;
}
