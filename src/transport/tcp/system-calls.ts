/**
 * The Linux system calls that a loop over sockets needs, called from JavaScript through koffi.
 *
 * Each is declared with plain integers and one buffer, so that a call makes no object. koffi adds
 * some 30 ns to a call; what a call costs is the kernel's. A result below 0 means an error whose
 * number {@link SystemCalls.errno} gives until the next call.
 */
import { createRequire } from 'node:module';
import { TrunklineError } from '../../base/errors.ts';

export interface SystemCalls {
  socket(domain: number, type: number, protocol: number): number;
  bind(descriptor: number, address: Uint8Array, bytes: number): number;
  listen(descriptor: number, backlog: number): number;
  accept4(descriptor: number, address: null, bytes: null, flags: number): number;
  connect(descriptor: number, address: Uint8Array, bytes: number): number;
  recv(descriptor: number, into: Uint8Array, bytes: number, flags: number): number;
  send(descriptor: number, from: Uint8Array, bytes: number, flags: number): number;
  shutdown(descriptor: number, how: number): number;
  close(descriptor: number): number;
  epollCreate(flags: number): number;
  epollControl(epoll: number, operation: number, descriptor: number, event: Uint8Array): number;
  /** @param timeout a timespec, 16 bytes. */
  epollWait(epoll: number, events: Uint8Array, eventsMax: number, timeout: Uint8Array): number;
  setOption(descriptor: number, level: number, option: number, value: Uint8Array, bytes: number): number;
  getOption(descriptor: number, level: number, option: number, value: Uint8Array, bytes: Uint8Array): number;
  getName(descriptor: number, address: Uint8Array, bytes: Uint8Array): number;
  eventDescriptor(initial: number, flags: number): number;
  write(descriptor: number, from: Uint8Array, bytes: number): number;
  unshare(flags: number): number;
  /** Opens a file: the reserve that accept falls back on when descriptors run out. */
  open(path: string, flags: number): number;
  /** The number of the last call's error. */
  errno(): number;
}

/** Constants of Linux on x86-64 and arm64 (asm-generic), from its headers. */
export const Linux = {
  AF_INET: 2,
  AF_INET6: 10,
  SOCK_STREAM: 1,
  SOCK_NONBLOCK: 0o4000,
  SOCK_CLOEXEC: 0o2000000,
  SOL_SOCKET: 1,
  SO_REUSEADDR: 2,
  SO_ERROR: 4,
  SO_SNDBUF: 7,
  SO_RCVBUF: 8,
  SO_LINGER: 13,
  SO_REUSEPORT: 15,
  IPPROTO_IP: 0,
  IPPROTO_TCP: 6,
  TCP_NODELAY: 1,
  IP_BIND_ADDRESS_NO_PORT: 24,
  MSG_NOSIGNAL: 0x4000,
  SHUT_WR: 1,
  SHUT_RDWR: 2,
  EPOLL_CLOEXEC: 0o2000000,
  EPOLL_CTL_ADD: 1,
  EPOLL_CTL_DEL: 2,
  EPOLL_CTL_MOD: 3,
  EPOLLIN: 0x1,
  EPOLLOUT: 0x4,
  EPOLLERR: 0x8,
  EPOLLHUP: 0x10,
  EPOLLRDHUP: 0x2000,
  EPOLLET: 2 ** 31,
  EFD_NONBLOCK: 0o4000,
  EFD_CLOEXEC: 0o2000000,
  CLONE_FILES: 0x400,
  O_RDONLY: 0,
  O_CLOEXEC: 0o2000000,
} as const;

let loaded: SystemCalls | undefined;

/**
 * Binds the calls, once for each thread.
 * @throws TRANSPORT_UNAVAILABLE where this is no Linux or koffi is not there.
 */
export function loadSystemCalls(): SystemCalls {
  loaded ??= bindSystemCalls();
  return loaded;
}

/** Why `tcp` cannot work here, or null if it can. */
export function whyNoSystemCalls(): string | null {
  try {
    loadSystemCalls();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function unavailable(why: string): TrunklineError {
  return new TrunklineError(
    'TRANSPORT_UNAVAILABLE',
    `The transport tcp ${why}. Use --transport node-tcp, which works everywhere.`,
  );
}

interface Library {
  func(declaration: string): (...parameters: never[]) => number;
}
interface Koffi {
  load(name: string): Library;
  errno(): number;
}

function loadKoffi(): Koffi {
  try {
    return createRequire(import.meta.url)('koffi') as Koffi; // the part of its interface used here
  } catch (error) {
    const cause = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw unavailable(`needs the optional package koffi, which cannot be loaded (${cause}); npm install brings it`);
  }
}

function bindSystemCalls(): SystemCalls {
  if (process.platform !== 'linux') throw unavailable(`needs Linux, and this is ${process.platform}`);
  const koffi = loadKoffi();
  const libc = loadLibc(koffi);
  const call = <F>(declaration: string): F => libc.func(declaration) as unknown as F; // as declared
  return {
    socket: call('int socket(int, int, int)'),
    bind: call('int bind(int, void*, int)'),
    listen: call('int listen(int, int)'),
    accept4: call('int accept4(int, void*, void*, int)'),
    connect: call('int connect(int, void*, int)'),
    // The kernel's results are longer than an int, ours are not: buffers are far below 2 GiB.
    recv: call('int recv(int, void*, uint32_t, int)'),
    send: call('int send(int, void*, uint32_t, int)'),
    shutdown: call('int shutdown(int, int)'),
    close: call('int close(int)'),
    epollCreate: call('int epoll_create1(int)'),
    epollControl: call('int epoll_ctl(int, int, int, void*)'),
    epollWait: bindEpollWait(call),
    setOption: call('int setsockopt(int, int, int, void*, int)'),
    getOption: call('int getsockopt(int, int, int, void*, void*)'),
    getName: call('int getsockname(int, void*, void*)'),
    eventDescriptor: call('int eventfd(int, int)'),
    write: call('int write(int, void*, uint32_t)'),
    unshare: call('int unshare(int)'),
    open: call('int open(const char*, int)'),
    errno: () => koffi.errno(),
  };
}

function loadLibc(koffi: Koffi): Library {
  for (const name of ['libc.so.6', `libc.musl-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}.so.1`]) {
    try {
      return koffi.load(name);
    } catch {
      // the other C library, then
    }
  }
  throw unavailable('needs the C library, which was not found');
}

const NANOS_PER_MILLI = 1e6;

/** epoll_pwait2 sleeps for microseconds; without it (glibc before 2.35) sleeps are whole milliseconds. */
function bindEpollWait(call: <F>(declaration: string) => F): SystemCalls['epollWait'] {
  type Precise = (epoll: number, events: Uint8Array, most: number, timeout: Uint8Array, mask: null) => number;
  type Coarse = (epoll: number, events: Uint8Array, most: number, timeoutMillis: number) => number;
  try {
    const wait = call<Precise>('int epoll_pwait2(int, void*, int, void*, void*)');
    return (epoll, events, most, timeout) => wait(epoll, events, most, timeout, null);
  } catch {
    const wait = call<Coarse>('int epoll_wait(int, void*, int, int)');
    return (epoll, events, most, timeout) => {
      const view = new DataView(timeout.buffer, timeout.byteOffset);
      const millis = view.getInt32(0, true) * 1000 + view.getInt32(8, true) / NANOS_PER_MILLI;
      return wait(epoll, events, most, Math.ceil(millis));
    };
  }
}
