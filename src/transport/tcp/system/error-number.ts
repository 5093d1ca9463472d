/** Error numbers of Linux system calls, and the CloseReason that each one means for a connection. */
import { CloseReason } from '../../../wire/transport.ts';

/** From asm-generic/errno-base.h and errno.h. */
export const ErrorNumber = {
  EPERM: 1,
  ENOENT: 2,
  EINTR: 4,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EBUSY: 16,
  ENODEV: 19,
  ENFILE: 23,
  EMFILE: 24,
  EFBIG: 27,
  ENOSPC: 28,
  EPIPE: 32,
  ENOSYS: 38,
  EOPNOTSUPP: 95,
  EADDRINUSE: 98,
  EADDRNOTAVAIL: 99,
  ENETUNREACH: 101,
  ECONNABORTED: 103,
  ECONNRESET: 104,
  ENOBUFS: 105,
  ETIMEDOUT: 110,
  ECONNREFUSED: 111,
  EHOSTUNREACH: 113,
  EINPROGRESS: 115,
} as const;

/** The reasons of errors that say more than that a connection broke. */
const CLOSE_REASONS: ReadonlyMap<number, number> = new Map([
  [ErrorNumber.ECONNREFUSED, CloseReason.CONNECT_REFUSED],
  [ErrorNumber.ETIMEDOUT, CloseReason.CONNECT_TIMED_OUT],
  [ErrorNumber.ENETUNREACH, CloseReason.UNREACHABLE],
  [ErrorNumber.EHOSTUNREACH, CloseReason.UNREACHABLE],
  // connect: a rule of the firewall on this machine, such as iptables with REJECT or DROP for what goes out, or
  // SELinux.
  [ErrorNumber.EPERM, CloseReason.FORBIDDEN],
  [ErrorNumber.EACCES, CloseReason.FORBIDDEN],
  [ErrorNumber.EADDRNOTAVAIL, CloseReason.PORTS_EXHAUSTED],
  [ErrorNumber.EADDRINUSE, CloseReason.PORTS_EXHAUSTED],
  [ErrorNumber.EMFILE, CloseReason.DESCRIPTORS_EXHAUSTED],
  [ErrorNumber.ENFILE, CloseReason.DESCRIPTORS_EXHAUSTED],
  // epoll_ctl: this user watches as many sockets as fs.epoll.max_user_watches allows.
  [ErrorNumber.ENOSPC, CloseReason.DESCRIPTORS_EXHAUSTED],
  [ErrorNumber.ENOMEM, CloseReason.MEMORY_EXHAUSTED],
  [ErrorNumber.ENOBUFS, CloseReason.MEMORY_EXHAUSTED],
]);

/** The reason why a connection failed, or could not be opened, by the error of the system call. */
export function closeReasonOf(errno: number): number {
  return CLOSE_REASONS.get(errno) ?? CloseReason.BROKEN;
}

/** `EMFILE (24)`, for messages. */
export function errorName(errno: number): string {
  const known = Object.entries(ErrorNumber).find(([, number]) => number === errno);
  return known === undefined ? `errno ${errno}` : `${known[0]} (${errno})`;
}
