/**
 * The Linux system calls that a loop over sockets needs, called from JavaScript through koffi.
 *
 * Each is declared with plain integers and one buffer, so that a call allocates nothing. koffi adds about 30 ns to the
 * time of a call. A negative result means an error; {@link SystemCalls.errno} returns its number until the next call.
 */
import { createRequire } from 'node:module';
import { causeOf } from '../../../base/cause-of.ts';
import { TrunklineError } from '../../../base/errors.ts';

export interface SystemCalls {
  socket(domain: number, type: number, protocol: number): number;
  bind(descriptor: number, address: Uint8Array, bytes: number): number;
  listen(descriptor: number, backlog: number): number;
  accept4(descriptor: number, address: null, bytes: null, flags: number): number;
  connect(descriptor: number, address: Uint8Array, bytes: number): number;
  /** @param into an address from {@link addressOf}; likewise for send. */
  recv(descriptor: number, into: number, bytes: number, flags: number): number;
  send(descriptor: number, from: number, bytes: number, flags: number): number;
  shutdown(descriptor: number, how: number): number;
  close(descriptor: number): number;
  epollCreate(flags: number): number;
  epollControl(epoll: number, operation: number, descriptor: number, event: Uint8Array): number;
  /** @param events an address. @param timeout a timespec, 16 bytes. */
  epollWait(epoll: number, events: number, eventsMax: number, timeout: Uint8Array): number;
  setOption(descriptor: number, level: number, option: number, value: Uint8Array, bytes: number): number;
  getOption(descriptor: number, level: number, option: number, value: Uint8Array, bytes: Uint8Array): number;
  getName(descriptor: number, address: Uint8Array, bytes: Uint8Array): number;
  eventDescriptor(initial: number, flags: number): number;
  write(descriptor: number, from: Uint8Array, bytes: number): number;
  unshare(flags: number): number;
  /** @param time receives a timespec, 16 bytes. */
  clockGetTime(clock: number, time: Uint8Array): number;
  /** Opens a file. Its descriptor is the reserve for `accept` when descriptors run out. */
  open(path: string, flags: number): number;
  /** io_uring_setup. @param parameters a struct io_uring_params, 120 bytes, which the kernel fills in. */
  ringSetup(entries: number, parameters: Uint8Array): number;
  /** io_uring_enter. @returns the number of operations that were accepted. */
  ringEnter(ring: number, submit: number, complete: number, flags: number): number;
  ringRegister(ring: number, operation: number, argument: Uint8Array, count: number): number;
  /** @param argument what the request reads and fills in. */
  control(descriptor: number, request: number, argument: Uint8Array): number;
  /** The same for a request that takes a number. */
  controlNumber(descriptor: number, request: number, argument: number): number;
  /** Maps memory that the kernel shares through a descriptor; null if that fails. */
  mapShared(descriptor: number, bytes: number, offset: number): ArrayBuffer | null;
  unmap(memory: ArrayBuffer): void;
  /**
   * Maps memory that is anonymous in its first bytes, and a file behind them, from the start of the file.
   * @returns null if the kernel refuses.
   */
  mapBehind(anonymousBytes: number, bytes: number, descriptor: number): ArrayBuffer | null;
  /** Reserves room for a part of a file. @returns 0, or the number of an error. */
  allocateFile(descriptor: number, offset: number, bytes: number): number;
  /** Advises the kernel about pages. @param at an address, a multiple of the page size. */
  adviseMemory(at: number, bytes: number, advice: number): number;
  /** The address of an array's bytes. It does not change during the array's life. */
  addressOf(array: Uint8Array): number;
  /** The error number of the last call. */
  errno(): number;
}

/** Constants of Linux on x86-64 and arm64 (asm-generic), from its headers. */
export const Linux = {
  AF_INET: 2,
  AF_INET6: 10,
  AF_NETLINK: 16,
  SOCK_STREAM: 1,
  SOCK_RAW: 3,
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
  CLONE_NEWNET: 0x40000000,
  CLOCK_MONOTONIC: 1,
  O_RDONLY: 0,
  O_RDWR: 2,
  O_NONBLOCK: 0o4000,
  O_CLOEXEC: 0o2000000,
  PROT_READ: 1,
  PROT_WRITE: 2,
  MAP_SHARED: 1,
  MAP_PRIVATE: 2,
  MAP_FIXED: 0x10,
  MAP_ANONYMOUS: 0x20,
  MAP_POPULATE: 0x8000,
  MADV_HUGEPAGE: 14,
  MADV_NOHUGEPAGE: 15,
  MSG_DONTWAIT: 0x40,
  /**
   * Numbers of system calls without a function in the C library. Those added since 2018 are the same on all
   * architectures.
   */
  SYS_io_uring_setup: 425,
  SYS_io_uring_enter: 426,
  SYS_io_uring_register: 427,
} as const;

let loaded: SystemCalls | undefined;
const names = new Set<string>();

/**
 * Names by which V8 may know a system call: those of the functions of the C library that the calls are bound to, and
 * koffi's own, since all of them share their code. Empty where calls cannot be bound.
 */
export function systemCallNames(): ReadonlySet<string> {
  whyNoSystemCalls();
  return names;
}

/**
 * Binds the system calls, once per thread.
 * @throws TRANSPORT_UNAVAILABLE if this is not Linux or koffi is missing.
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
    return causeOf(error);
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
  address(value: unknown): bigint;
  view(pointer: unknown, bytes: number): ArrayBuffer;
  errno(): number;
}

function loadKoffi(): Koffi {
  try {
    return createRequire(import.meta.url)('koffi') as Koffi; // the interface has only the part that is used here
  } catch (error) {
    const cause = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw unavailable(`needs the optional package koffi, which cannot be loaded (${cause}); npm install brings it`);
  }
}

/** Adds the names of an object's functions, and of those that its members have, such as `decode.uint64`, `node.poll`. */
function nameFunctions(owner: object, levels: number): void {
  for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(owner))) {
    if (name === 'constructor') continue;
    if (typeof value === 'function') names.add(name);
    else if (typeof value !== 'object' || value === null) continue;
    if (levels > 1) nameFunctions(value as object, levels - 1);
  }
}

function bindSystemCalls(): SystemCalls {
  if (process.platform !== 'linux') throw unavailable(`needs Linux, and this is ${process.platform}`);
  const koffi = loadKoffi();
  const libc = loadLibc(koffi);
  nameFunctions(koffi, 2);
  nameFunctions(Object.getPrototypeOf(libc) as object, 1);
  const call = <F>(declaration: string): F => {
    names.add(/\w+(?=\()/.exec(declaration)?.[0] ?? '');
    return libc.func(declaration) as unknown as F; // as declared
  };
  return {
    socket: call('int socket(int, int, int)'),
    bind: call('int bind(int, void*, int)'),
    listen: call('int listen(int, int)'),
    accept4: call('int accept4(int, void*, void*, int)'),
    connect: call('int connect(int, void*, int)'),
    // The kernel's results are longer than an int, but buffers are far below 2 GiB, so an int is enough.
    recv: call('int recv(int, size_t, uint32_t, int)'),
    send: call('int send(int, size_t, uint32_t, int)'),
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
    allocateFile: call('int posix_fallocate(int, int64_t, int64_t)'),
    adviseMemory: call('int madvise(size_t, size_t, int)'),
    clockGetTime: call('int clock_gettime(int, void*)'),
    open: call('int open(const char*, int)'),
    control: call('int ioctl(int, unsigned long, void*)'),
    controlNumber: call('int ioctl(int, unsigned long, size_t)'),
    ...bindRingCalls(koffi, call),
    addressOf: (array) => Number(koffi.address(array)), // addresses have 47 bits, which a double represents exactly
    errno: () => koffi.errno(),
  };
}

function bindRingCalls(
  koffi: Koffi,
  call: <F>(declaration: string) => F,
): Pick<SystemCalls, 'ringSetup' | 'ringEnter' | 'ringRegister' | 'mapShared' | 'mapBehind' | 'unmap'> {
  type Setup = (number: number, entries: number, parameters: Uint8Array) => number;
  type Enter = (
    number: number,
    ring: number,
    submit: number,
    complete: number,
    flags: number,
    sig: null,
    size: number,
  ) => number;
  type Register = (number: number, ring: number, operation: number, argument: Uint8Array, count: number) => number;
  type Map<At, Place> = (
    at: At,
    bytes: number,
    protection: number,
    flags: number,
    descriptor: number,
    offset: number,
  ) => Place;
  const setup = call<Setup>('int syscall(long, uint32_t, void*)');
  const enter = call<Enter>('int syscall(long, uint32_t, uint32_t, uint32_t, uint32_t, void*, size_t)');
  const register = call<Register>('int syscall(long, uint32_t, uint32_t, void*, uint32_t)');
  const map = call<Map<null, unknown>>('void* mmap(void*, size_t, int, int, int, size_t)');
  const unmap = call<(memory: unknown, bytes: number) => number>('int munmap(void*, size_t)');
  const mapAt = call<Map<number, number>>('size_t mmap(size_t, size_t, int, int, int, size_t)');
  const { PROT_READ, PROT_WRITE, MAP_SHARED, MAP_POPULATE, MAP_PRIVATE, MAP_FIXED, MAP_ANONYMOUS } = Linux;
  const pointers = new WeakMap<ArrayBuffer, unknown>();
  return {
    ringSetup: (entries, parameters) => setup(Linux.SYS_io_uring_setup, entries, parameters),
    ringEnter: (ring, submit, complete, flags) =>
      enter(Linux.SYS_io_uring_enter, ring, submit, complete, flags, null, 0),
    ringRegister: (ring, operation, argument, count) =>
      register(Linux.SYS_io_uring_register, ring, operation, argument, count),
    mapShared: (descriptor, bytes, offset) => {
      const pointer = map(null, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, descriptor, offset);
      if (koffi.address(pointer) === MAP_FAILED) return null;
      const memory = koffi.view(pointer, bytes);
      pointers.set(memory, pointer);
      return memory;
    },
    mapBehind: (anonymousBytes, bytes, descriptor) => {
      const pointer = map(null, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      if (koffi.address(pointer) === MAP_FAILED) return null;
      const behind = Number(koffi.address(pointer)) + anonymousBytes;
      const flags = MAP_SHARED | MAP_FIXED;
      const found = mapAt(behind, bytes - anonymousBytes, PROT_READ | PROT_WRITE, flags, descriptor, 0);
      if (found !== behind) {
        unmap(pointer, bytes); // does not change the error number when it succeeds
        return null;
      }
      const memory = koffi.view(pointer, bytes);
      pointers.set(memory, pointer);
      return memory;
    },
    unmap: (memory) => {
      unmap(pointers.get(memory), memory.byteLength);
    },
  };
}

/** The result of mmap for an error, (void *) -1. */
const MAP_FAILED = 2n ** 64n - 1n;

function loadLibc(koffi: Koffi): Library {
  for (const name of ['libc.so.6', `libc.musl-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}.so.1`]) {
    try {
      return koffi.load(name);
    } catch {
      // the system has the other C library
    }
  }
  throw unavailable('needs the C library, which was not found');
}

const NANOS_PER_MILLI = 1e6;

/** epoll_pwait2 sleeps for microseconds; without it (glibc before 2.35) sleeps are whole milliseconds. */
function bindEpollWait(call: <F>(declaration: string) => F): SystemCalls['epollWait'] {
  type Precise = (epoll: number, events: number, eventsMax: number, timeout: Uint8Array, mask: null) => number;
  type Coarse = (epoll: number, events: number, eventsMax: number, timeoutMillis: number) => number;
  try {
    const wait = call<Precise>('int epoll_pwait2(int, size_t, int, void*, void*)');
    const epollWait: SystemCalls['epollWait'] = (epoll, events, eventsMax, timeout) =>
      wait(epoll, events, eventsMax, timeout, null);
    return epollWait; // a function with a name, which profiles show
  } catch {
    const wait = call<Coarse>('int epoll_wait(int, size_t, int, int)');
    return (epoll, events, eventsMax, timeout) => {
      const view = new DataView(timeout.buffer, timeout.byteOffset);
      const millis = view.getInt32(0, true) * 1000 + view.getInt32(8, true) / NANOS_PER_MILLI;
      return wait(epoll, events, eventsMax, Math.ceil(millis));
    };
  }
}
